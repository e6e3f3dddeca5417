# Looks at one node's host; changes nothing. After host.sh, with three more arguments: pid file, data directory as last
# seen or "", and whether the pid file was seen to hold the pid.
known_pid_file=$7 known_data=$8

# Sets data and what the options say of the pid file of process $1.
read_options() {
    data=$(option_of "$1" datadir)
    pid_file=$(option_of "$1" pid-file)
    [ -n "$data" ] || data=$($sudo readlink "/proc/$1/cwd" 2>/dev/null)
    if { [ -z "$data" ] || [ -z "$pid_file" ]; } && has my_print_defaults; then
        file=$(option_of "$1" defaults-file)
        for line in $(my_print_defaults ${file:+"--defaults-file=$file"} mysqld 2>/dev/null); do
            case $line in
                --datadir=*) [ -n "$data" ] || data=${line#*=} ;;
                --pid-file=* | --pid_file=*) [ -n "$pid_file" ] || pid_file=${line#*=} ;;
            esac
        done
    fi
    [ -n "$data" ] || data=/var/lib/mysql
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
data=$known_data pid_file=$known_pid_file left=''
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
else
    read_pid_file
fi
tell
echo "life=$life"
echo "left=$left"
if has ip; then
    ip -o addr show | while read -r _ _ family address _; do
        case $family in inet | inet6) echo "address=${address%/*}" ;; esac
    done
else
    for address in $(hostname -I 2>/dev/null); do echo "address=$address"; done
fi
echo looked=yes
# Last, because a file system may hang.
if [ -n "$data" ] && [ -e "$data" ]; then disk=$data; else disk=/var/lib/mysql; fi
df -P "$disk" 2>/dev/null | while read -r _ _ _ _ used _; do
    case $used in [0-9]*%) echo "disk=${used%\%}" ;; esac
done
