# Puts standard input into a relay log and lists it in its index. As root. Arguments: the log, the index, a file or directory
# whose owner it gets, and "first" where what is left of earlier ones is to go.
LC_ALL=C
export LC_ALL
log=$1 index=$2 like=$3
umask 027
if [ "$4" = first ]; then rm -f "${index%.index}".[0-9]* "$index"; fi
owner=$(stat -c %u:%g "$like") || exit 1
cat >"$log" && echo "$log" >>"$index" && chown "$owner" "$log" "$index"
