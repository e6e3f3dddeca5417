# What look.sh and stop.sh share. POSIX sh; needs /proc, and no one tool but what any Linux has.
# Arguments: port, unit or "", pid, start time and life of this node's mysqld as last seen or "", sudo command or ""
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
port=$1 unit=$2 known_pid=$3 known_start=$4 known_life=$5 sudo=$6

has() {
    command -v "$1" >/dev/null 2>&1
}

# Start time of process $1 in clock ticks: a pid alone may have been given to another process.
start_of() {
    started=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    started=${20}
}

# This life of the host: the kernel's boot, and the first process's start, which is the container's.
life_of_host() {
    boot=
    { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || :
    start_of 1
    life=$boot/$started
}

# Sets load, active, sub, result, main_pid, once_started of the unit; load stays empty where there is no service manager.
look_at_unit() {
    load='' active='' sub='' result='' main_pid='' once_started=''
    [ -n "$unit" ] && [ -d /run/systemd/system ] && has systemctl || return 0
    for line in $(systemctl show -p LoadState,ActiveState,SubState,Result,MainPID,ExecMainStartTimestampMonotonic "$unit" 2>/dev/null); do
        case $line in
            LoadState=*) load=${line#*=} ;;
            ActiveState=*) active=${line#*=} ;;
            SubState=*) sub=${line#*=} ;;
            Result=*) result=${line#*=} ;;
            MainPID=*) main_pid=${line#*=} ;;
            ExecMainStartTimestampMonotonic=*) once_started=${line#*=} ;;
        esac
    done
}

look_at_port() {
    listening=no
    if has ss && sockets=$(ss -ltn "sport = :$port" 2>/dev/null); then
        case $sockets in *LISTEN*) listening=yes ;; esac
        return 0
    fi
    hex=$(printf '%04X' "$port")
    for table in /proc/net/tcp /proc/net/tcp6; do
        while read -r _ local _ state _; do
            case $local/$state in *:"$hex"/0A) listening=yes ;; esac
        done <"$table"
    done 2>/dev/null
}

# Value of option $2 on the command line of process $1; dashes and underscores mean the same to mysqld.
option_of() {
    tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | tr _ - | sed -n "s/^--$2=//p" | tail -n 1
}

# Whose process $1 is: mine, other or unsure.
judge() {
    if [ "$1" = "$main_pid" ]; then whose=mine; return; fi
    start_of "$1"
    if [ "$1" = "$known_pid" ] && [ "$started" = "$known_start" ]; then whose=mine; return; fi
    on_line=$(option_of "$1" port)
    if [ "$on_line" = "$port" ]; then whose=mine; return; fi
    if [ -n "$on_line" ]; then whose=other; return; fi
    if [ "$listening" = yes ] && [ "$count" = 1 ]; then whose=mine; return; fi
    whose=unsure
    # 33060 and 33062 are the X plugin's and the administrators' door of any mysqld: they tell nothing.
    for listened in $($sudo ss -ltnp 2>/dev/null | sed -n "s/^LISTEN  *[0-9]*  *[0-9]*  *[^ ]*:\([0-9]*\) .*pid=$1,.*/\1/p"); do
        case $listened in
            "$port") whose=mine; return ;;
            33060 | 33062) ;;
            *) whose=other ;;
        esac
    done
}

# A process that was killed has no command line any more, but is not gone before its last thread has let go of its port.
ended() {
    line=
    { read -r line <"/proc/$1/cmdline"; } 2>/dev/null || :
    [ -z "$line" ] || return 1
    ! [ -d "/proc/$1/task" ] || one_or_none "/proc/$1/task/"*
}

one_or_none() {
    [ $# -le 1 ]
}

# Sets mine, unsure (pids), others (how many) and safe (pids of mysqld_safe). Zombies count as ended.
look_at_processes() {
    mine='' unsure='' others=0 safe='' found='' count=0
    # One process for all of them: a shell's own read takes a system call for every byte.
    listed=$(grep -sx -e mysqld -e mysqld_safe /proc/[0-9]*/comm /dev/null)
    for entry in $listed; do
        pid=${entry#/proc/} pid=${pid%%/*}
        if ended "$pid"; then
            :
        elif [ "${entry##*:}" = mysqld ]; then
            found="$found $pid" count=$((count + 1))
        else
            safe="$safe $pid"
        fi
    done
    for pid in $found; do
        judge "$pid"
        case $whose in
            mine) mine="$mine $pid" ;;
            unsure) unsure="$unsure $pid" ;;
            other) others=$((others + 1)) ;;
        esac
    done
    # One that may be this node's is taken for it where no other is: to call a live server dead is the worse mistake.
    if [ -z "$mine" ] && [ "$count" = 1 ]; then mine=$unsure unsure=''; fi
    mine=${mine# } unsure=${unsure# } safe=${safe# }
}

tell() {
    echo "mine=$mine"
    echo "unsure=$unsure"
    echo "others=$others"
    echo "safe=$safe"
    echo "listening=$listening"
    echo "load=$load"
    echo "active=$active"
    echo "sub=$sub"
    echo "result=$result"
    echo "once_started=$once_started"
}
