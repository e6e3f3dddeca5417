# Logs in to another host from here, as MHA's manager does through each server. Arguments: host, port, user, seconds.
# Prints one line: login=ok, or refused=what ssh said. Keeps no host key.
LC_ALL=C
PATH=$PATH:/usr/bin:/bin
export LC_ALL PATH
if ! command -v ssh >/dev/null 2>&1; then
    echo 'refused=no program "ssh"'
    exit 0
fi
told=$(ssh -o BatchMode=yes -o PasswordAuthentication=no -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o LogLevel=ERROR -o ConnectTimeout="$4" -p "$2" -l "$3" -- "$1" exit 0 2>&1 </dev/null)
status=$?
if [ "$status" = 0 ]; then
    echo login=ok
else
    # shellcheck disable=SC2086
    set -- $told
    echo "refused=ssh ended with status $status: $*"
fi
