# Opens a server's port from here and waits for its greeting. Arguments: host, port, seconds.
# Prints one line: open|refused|timeout|unresolved|unable, and for open the first seven bytes in hex.
LC_ALL=C
PATH=$PATH:/usr/bin:/bin
export LC_ALL PATH
host=$1 port=$2 seconds=$3

has() {
    command -v "$1" >/dev/null 2>&1
}

if ! has timeout; then
    echo 'unable=no program "timeout"'
    exit 0
fi
# Names first, and apart: a name server that is silent says nothing about the server.
case $host in
    *:*) address=$host ;;
    *[!0-9.]*)
        address=$(timeout "$seconds" getent ahosts "$host" 2>/dev/null | { read -r first _; echo "$first"; })
        if [ -z "$address" ]; then
            echo "unresolved=$host"
            exit 0
        fi
        ;;
    *) address=$host ;;
esac
if has bash; then
    told=$(timeout "$seconds" bash -c '
        exec 3<>"/dev/tcp/$1/$2" || exit 3
        echo open
        head -c 7 <&3 | od -An -tx1' probe "$address" "$port" 2>&1)
elif has python3; then
    told=$(timeout "$seconds" python3 -c '
import socket, sys
try:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
except OSError as e:
    print(e.strerror)
    sys.exit(3)
print("open", flush=True)
print(s.recv(7, socket.MSG_WAITALL).hex(" "))' "$address" "$port" 2>&1)
elif has perl; then
    told=$(timeout "$seconds" perl -MIO::Socket::IP -e '
$| = 1;
my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1]) or do { print "$!\n"; exit 3 };
print "open\n";
sysread $s, my $b, 7;
print join(" ", map { sprintf "%02x", ord } split //, $b), "\n";' "$address" "$port" 2>&1)
else
    echo 'unable=neither bash, python3 nor perl'
    exit 0
fi
status=$?
# shellcheck disable=SC2086
set -- $told
case $status/$told in
    0/open*) shift; echo "open=$*" ;;
    124/open*) echo mute=yes ;;
    124/*) echo timeout=yes ;;
    *refused*) echo refused=yes ;;
    *'No route to host'* | *'timed out'*) echo timeout=yes ;;
    *) echo "unable=$*" ;;
esac
