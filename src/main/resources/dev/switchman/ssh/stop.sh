# Ends this node's mysqld and keeps its unit from starting it again. After host.sh, with one more argument: seconds for the
# end of what was killed. Run as root.
#
# By SIGKILL alone: a mysqld that shuts down in good order acknowledges the commits that wait for semi-sync, to clients, and
# nobody else has them.
hard=$7

# Whether process $1 was killed, and what is left of it waits in the kernel for a disk: it runs nothing of its own any more,
# acknowledges nothing, and ends when the disk answers. Bit 8 of the pending signals is SIGKILL.
doomed() {
    for task in "/proc/$1/task/"*; do
        state='' pending=''
        while read -r name value _; do
            case $name in State:) state=$value ;; SigPnd:) pending=$value ;; esac
        done 2>/dev/null <"$task/status"
        case $state/$pending in
            Z/* | X/* | D/*[13579bdf][0-9a-f][0-9a-f]) ;;
            *) return 1 ;;
        esac
    done
}

# Waits until process $1 is gone, or as good as that, at most $2 seconds.
await_end() {
    rounds=$(awk "BEGIN { print int($2 * 20) }")
    while [ "$rounds" -gt 0 ]; do
        if ended "$1" || doomed "$1"; then return 0; fi
        sleep 0.05
        rounds=$((rounds - 1))
    done
    return 1
}

look_at_unit
case $load in
    '' | not-found) ;;
    *)
        # Killed by its unit and stopped at once: a supervisor would start again what is killed under it.
        systemctl kill -s KILL "$unit" >/dev/null 2>&1
        timeout "$hard" systemctl stop "$unit" >/dev/null 2>&1
        if ! refused=$(systemctl mask "$unit" 2>&1 >/dev/null); then
            echo "mask_refused=$(echo "$refused" | tr '\n' ' ')"
        fi
        ;;
esac
look_at_unit
look_at_port
look_at_processes
for pid in $mine; do
    # mysqld_safe starts a killed server again.
    { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    case " $safe " in *" $2 "*) kill -KILL "$2" 2>/dev/null ;; esac
    kill -KILL "$pid" 2>/dev/null
    await_end "$pid" "$hard"
    echo "ended=$pid"
done
killed=$mine
look_at_unit
look_at_port
doomed='' left=''
for pid in $killed; do
    if ended "$pid"; then
        :
    elif doomed "$pid"; then
        doomed="$doomed $pid"
    else
        left="$left $pid"
    fi
done
[ -z "$left" ] || doomed=
# The kernel lets go of the port a moment after the process.
rounds=10
while [ -n "$killed" ] && [ -z "$doomed" ] && [ "$listening" = yes ] && [ "$rounds" -gt 0 ]; do
    sleep 0.05
    rounds=$((rounds - 1))
    look_at_port
done
look_at_processes
if [ -n "$doomed" ]; then
    echo "doomed=${doomed# }"
    # What the kernel keeps open for it answers nobody.
    mine='' listening=no
fi
tell
echo looked=yes
