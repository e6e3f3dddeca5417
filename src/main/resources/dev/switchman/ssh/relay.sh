# Puts standard input into a relay log and lists it in its index. As root. Arguments: the log, the index, a file or directory
# whose owner it gets, "first" where what is left of earlier ones is to go, and the index of the server's own relay logs.
LC_ALL=C
export LC_ALL
log=$1 index=$2 like=$3 own=$5
umask 027
if [ "$4" = first ]; then rm -f "${index%.index}".[0-9]* "$index"; fi
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
owner=$(stat -c %u:%g "$like") || exit 1
cat >"$log" && echo "$listed" >>"$index" && chown "$owner" "$log" "$index"
