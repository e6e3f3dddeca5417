# Ends this node's mysqld and keeps its unit from starting it again. After host.sh, with two more arguments: seconds for a
# stop in good order, seconds for the kill after it. Run as root.
gently=$7 hard=$8

# Waits until process $1 is gone, at most $2 seconds.
await_end() {
    rounds=$(awk "BEGIN { print int($2 * 20) }")
    while [ "$rounds" -gt 0 ]; do
        if ended "$1"; then return 0; fi
        sleep 0.05
        rounds=$((rounds - 1))
    done
    return 1
}

look_at_unit
case $load in
    '' | not-found) ;;
    *)
        # The unit first: a supervisor would start again what is killed under it.
        if ! timeout "$gently" systemctl stop "$unit" >/dev/null 2>&1; then
            systemctl kill -s KILL "$unit" >/dev/null 2>&1
            timeout "$hard" systemctl stop "$unit" >/dev/null 2>&1
        fi
        if ! refused=$(systemctl mask "$unit" 2>&1 >/dev/null); then
            echo "mask_refused=$(echo "$refused" | tr '\n' ' ')"
        fi
        ;;
esac
look_at_unit
look_at_port
look_at_processes
for pid in $mine; do
    # mysqld_safe ignores SIGTERM, and starts a killed server again.
    { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    case " $safe " in *" $2 "*) kill -KILL "$2" 2>/dev/null ;; esac
    kill -TERM "$pid" 2>/dev/null
    if ! await_end "$pid" "$gently"; then
        kill -KILL "$pid" 2>/dev/null
        await_end "$pid" "$hard"
    fi
    echo "ended=$pid"
done
look_at_unit
look_at_port
look_at_processes
tell
echo looked=yes
