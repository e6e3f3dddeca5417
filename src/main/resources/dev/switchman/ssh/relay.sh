# Puts standard input into a relay log and lists it in its index. As root. Arguments: the log, the index, a file or directory
# whose owner it gets, "first" where what is left of earlier ones is to go, the index of the server's own relay logs, and how many
# bytes come: of what is not put there whole nothing stays.
LC_ALL=C
export LC_ALL
log=$1 index=$2 like=$3 own=$5 bytes=$6
umask 027
clear() {
    rm -f "${index%.index}".[0-9]* "$index"
}
if [ "$4" = first ]; then clear; fi
# Named as the server names its own: 5.7 finds no log under its absolute name where it lists relative ones (1380).
listed=$log
if [ -f "$own" ]; then
    IFS= read -r line <"$own"
    case $line in
        '') ;;
        */*) listed=${line%/*}/${log##*/} ;;
        *) listed=${log##*/} ;;
    esac
fi
put() {
    owner=$(stat -c %u:%g "$like") && cat >"$log" || return 1
    came=$(wc -c <"$log") || return 1
    if [ "$came" -ne "$bytes" ]; then
        echo "of $bytes bytes $came came" >&2
        return 1
    fi
    echo "$listed" >>"$index" && chown "$owner" "$log" "$index"
}
put || {
    clear
    exit 1
}
