# What acting on this host would need. Arguments: unit or "", virtual IP or "", its interface, sudo command or "".
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
unit=$1 address=$2 device=$3 sudo=$4

has() {
    command -v "$1" >/dev/null 2>&1
}

for program in ip ss pgrep timeout df bash python3 perl arping systemctl; do
    if has "$program"; then echo "has_$program=yes"; fi
done
echo "user=$(id -un)"
if refused=$($sudo id -u 2>&1) && [ "$refused" = 0 ]; then
    echo rights=yes
else
    echo "rights_refused=$(echo "$refused" | tr '\n' ' ')"
fi
if [ -d /run/systemd/system ]; then
    echo systemd=yes
    if [ -n "$unit" ]; then
        for line in $(systemctl show -p LoadState,FragmentPath,Restart "$unit" 2>/dev/null); do echo "unit_$line"; done
    fi
fi
if [ -n "$address" ] && has ip; then
    if ip link show dev "$device" >/dev/null 2>&1; then echo device=yes; fi
    ip -o -4 addr show | while read -r _ name _ cidr _; do echo "network_$name/$cidr=yes"; done
    ip -o link show | while read -r _ name _; do echo "device_${name%:}=yes"; done
fi
echo looked=yes
