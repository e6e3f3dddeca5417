# Starts the node guard whose files are there, and keeps it. As root. Argument: the server's port.
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
unit=switchman-guard@$1.service
if ! refused=$(/usr/local/sbin/switchman-guard check "$1" 2>&1); then
    echo "refused=$(echo "$refused" | tr '\n' ' ')"
elif ! [ -d /run/systemd/system ]; then
    echo systemd=no
elif ! refused=$(systemctl daemon-reload 2>&1 && systemctl enable "$unit" 2>&1 && systemctl restart "$unit" 2>&1); then
    echo "refused=$(echo "$refused" | tr '\n' ' ')"
else
    echo started=yes
fi
echo looked=yes
