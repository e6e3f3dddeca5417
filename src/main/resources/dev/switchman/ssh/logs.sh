# Copies the end of a server's binary logs to standard output; changes nothing. After host.sh, as root, with these arguments:
# index file, base name and data directory as the server told while it lived, each or "";
# first log and position wanted there, or ""; how many logs from the last one on, where the first is not known;
# how much of the first log's beginning is wanted in any case; "dead" if no mysqld may run meanwhile.
index=$7 base=$8 data=$9
shift 9
first=$1 position=$2 back=$3 head=$4 dead=$5

# What the options say where the server's own words are not known. $1 is a pattern: dashes and underscores mean the same in names.
option() {
    has my_print_defaults || return 0
    my_print_defaults mysqld 2>/dev/null | sed -n "s/^--$1=//p" | tail -n 1
}

find_index() {
    [ -n "$data" ] || data=$(option datadir)
    [ -n "$data" ] || data=/var/lib/mysql
    data=${data%/}
    for one in "$index" "${base:+$base.index}"; do
        case $one in '' | /*) ;; *) one=$data/${one#./} ;; esac
        if [ -f "$one" ]; then index=$one; return 0; fi
    done
    # What lies elsewhere is another server's.
    [ -z "$index$base" ] || return 1
    named=$(option 'log[-_]bin')
    for one in "${named:+$named.index}" "${named:+$data/$named.index}" "$data"/*.index /var/log/mysql/*.index /var/lib/mysql/*.index; do
        case ${one##*/} in *relay*) continue ;; esac
        if [ -f "$one" ]; then index=$one; return 0; fi
    done
    return 1
}

life_of_host
echo "life=$life"
if [ "$dead" = dead ]; then
    look_at_unit
    look_at_port
    look_at_processes
    if [ -n "$mine$unsure" ]; then
        echo "none=mysqld runs again, process $mine$unsure"
        echo
        exit 0
    fi
fi
if ! find_index; then
    if [ -n "$index$base" ]; then
        echo "none=no index of binary logs: ${index:-$base.index}, which it told of, is not there"
    else
        echo "none=no index of binary logs, neither in $data nor in the usual places"
    fi
    echo
    exit 0
fi
echo "index=$index"
set --
while IFS= read -r line || [ -n "$line" ]; do
    case $line in '') continue ;; /*) path=$line ;; *) path=$data/${line#./} ;; esac
    [ -f "$path" ] || path=${index%/*}/${line##*/}
    if [ -f "$path" ]; then set -- "$@" "$path"; else echo "gone=$path"; fi
done <"$index"
if [ $# = 0 ]; then
    echo "none=$index lists no log that is there"
    echo
    exit 0
fi
echo "logs=$#"
skip=
number=0
for path in "$@"; do
    if [ -n "$first" ] && [ "${path##*/}" = "$first" ]; then skip=$number; fi
    number=$((number + 1))
done
if [ -z "$skip" ]; then
    position=0
    skip=$(($# - back))
    [ "$skip" -ge 0 ] || skip=0
fi
echo "skipped=$skip"
shift "$skip"
size=$(wc -c <"$1")
if [ "$position" -le "$head" ] || [ "$position" -gt "$size" ]; then position=0; fi
if [ "$position" -gt 0 ]; then echo "piece=${1##*/} $size 0 $head"; fi
echo "piece=${1##*/} $size $position $((size - position))"
number=1
for path in "$@"; do
    [ "$number" = 1 ] || { size=$(wc -c <"$path"); echo "piece=${path##*/} $size 0 $size"; }
    number=$((number + 1))
done
echo
if [ "$position" -gt 0 ]; then head -c "$head" "$1"; fi
tail -c "+$((position + 1))" "$1"
shift
[ $# = 0 ] || cat "$@"
