# Looks at one node's host; changes nothing. After host.sh, with three more arguments: pid file, data directory and
# directory of the binary logs as last seen or "".
known_pid_file=$7 known_data=$8 known_logs=$9
newline='
'

# Sets data, logs and what the options say of the pid file of process $1.
read_options() {
    in_file=
    logs=$(option_of "$1" log-bin)
    data=$(option_of "$1" datadir)
    pid_file=$(option_of "$1" pid-file)
    [ -n "$data" ] || data=$($sudo readlink "/proc/$1/cwd" 2>/dev/null)
    if has my_print_defaults; then
        file=$(option_of "$1" defaults-file)
        for line in $(my_print_defaults ${file:+"--defaults-file=$file"} mysqld 2>/dev/null); do
            case $line in
                --datadir=*) [ -n "$data" ] || data=${line#*=} ;;
                --pid-file=* | --pid_file=*) [ -n "$pid_file" ] || pid_file=${line#*=} ;;
                # The last one counts.
                --log-bin=* | --log_bin=*) in_file=${line#*=} ;;
            esac
        done
    fi
    [ -n "$data" ] || data=/var/lib/mysql
    # Elsewhere than with the data only when a path is named.
    case ${logs:=$in_file} in /*) logs=${logs%/*} ;; *) logs= ;; esac
}

# Sets asleep: threads of process $1 that sleep uninterruptibly, each with how often it has slept so far. There may be
# thousands: a shell that reads their files itself takes a system call for every byte.
look_at_sleepers() {
    asleep=
    for stat in $(grep -s -l '^[0-9]* (.*) D ' "/proc/$1/task/"*/stat); do
        task=${stat%/stat} switches=
        while read -r name value; do
            [ "$name" = voluntary_ctxt_switches: ] && switches=$value
        done 2>/dev/null <"$task/status"
        asleep="$asleep ${task##*/}:$switches"
    done
}

# Tells of the file system of directory $2 under the key $1. One that hangs holds up everything after it.
tell_disk() {
    [ -n "$2" ] && [ -e "$2" ] || return 0
    key=$1 inodes=$(df -P -i "$2" 2>/dev/null) disk=$(df -P -k "$2" 2>/dev/null)
    # shellcheck disable=SC2086
    set -- ${inodes#*"$newline"}
    inodes=${5%\%}
    case ${inodes:--} in -|*[!0-9]*) inodes=- ;; esac
    # shellcheck disable=SC2086
    set -- ${disk#*"$newline"}
    [ $# -ge 6 ] || return 0
    available=$4 used=${5%\%}
    shift 5
    mount=$* mode=rw
    # The last one mounted there is the one that is seen.
    for options in $(grep -F " $mount " /proc/mounts | { while read -r _ point _ options _; do
        [ "$point" = "$mount" ] && echo "$options"
    done; }); do
        case $options in ro | ro,*) mode=ro ;; *) mode=rw ;; esac
    done
    echo "$key=$used $available $inodes $mode $mount"
}

# Sets pid_file of process $1; it is believed only when it holds this pid.
find_pid_file() {
    for file in "$pid_file" "$data/$pid_file" "$data/$pid_file.pid" /run/mysqld/*.pid /var/run/mysqld/*.pid "$data"/*.pid; do
        held=
        { [ -f "$file" ] && read -r held <"$file"; } 2>/dev/null || continue
        if [ "$held" = "$1" ]; then pid_file=$file; return; fi
    done
    pid_file=
}

# What the pid file of a mysqld that is gone tells: left, gone, stale (left, but never seen to be this node's) or nothing.
read_pid_file() {
    left=
    if [ -n "$known_pid_file" ] && [ "$known_life" = "$life" ]; then
        held=
        if [ -e "$known_pid_file" ]; then
            { read -r held <"$known_pid_file"; } 2>/dev/null || :
            [ "$held" = "$known_pid" ] && left=left
        elif [ -d "${known_pid_file%/*}" ]; then
            left=gone
        fi
        return
    fi
    [ "$others" = 0 ] && [ -z "$unsure" ] || return 0
    for file in /run/mysqld/mysqld.pid /var/run/mysqld/mysqld.pid /var/lib/mysql/*.pid; do
        held=
        { [ -f "$file" ] && read -r held <"$file"; } 2>/dev/null || continue
        if [ -n "$held" ] && [ ! -d "/proc/$held" ]; then left=stale; return; fi
    done
}

life_of_host
look_at_unit
look_at_port
look_at_processes
data=$known_data logs=$known_logs pid_file=$known_pid_file left=''
if [ -n "$mine" ]; then
    first=${mine%% *}
    start_of "$first"
    if [ "$first" != "$known_pid" ] || [ "$started" != "$known_start" ] || [ -z "$known_data" ]; then
        read_options "$first"
        find_pid_file "$first"
    elif [ -z "$known_pid_file" ]; then
        # It is written late in a server's start.
        find_pid_file "$first"
    fi
    echo "pid=$first"
    echo "start=$started"
    echo "pid_file=$pid_file"
    echo "data=$data"
    echo "binary_logs=$logs"
else
    read_pid_file
fi
tell
echo "life=$life"
echo "left=$left"
if has ip; then
    family=
    for word in $(ip -o addr show); do
        case $family in inet | inet6) echo "address=${word%/*}" ;; esac
        family=$word
    done
else
    for address in $(hostname -I 2>/dev/null); do echo "address=$address"; done
fi
echo looked=yes
# Last, because a file system may hang.
before=
if [ -n "$mine" ]; then
    look_at_sleepers "$first"
    before=$asleep
fi
if [ -n "$data" ] && [ -e "$data" ]; then disk=$data; else disk=/var/lib/mysql; fi
tell_disk disk_data "$disk"
tell_disk disk_logs "$logs"
if [ -n "$before" ]; then
    sleep 0.2
    look_at_sleepers "$first"
    stuck=0
    for thread in $asleep; do
        # The same sleep as before: one access that has not returned.
        case " $before " in *" $thread "*) stuck=$((stuck + 1)) ;; esac
    done
    [ "$stuck" = 0 ] || echo "stuck=$stuck"
fi
