# Puts standard input into a file, whole or not at all. As root. Arguments: the file, its mode, and how many bytes come.
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
file=$1 mode=$2 bytes=$3
umask 077
put() {
    mkdir -p "${file%/*}" && chmod 755 "${file%/*}" && cat >"$file.new" || return 1
    came=$(wc -c <"$file.new") || return 1
    if [ "$came" -ne "$bytes" ]; then
        echo "of $bytes bytes $came came" >&2
        return 1
    fi
    chmod "$mode" "$file.new" && mv "$file.new" "$file"
}
put || {
    rm -f "$file.new"
    exit 1
}
