# what announces the virtual IP by gratuitous ARP
address=$1 device=$2
PATH=$PATH:/usr/sbin:/sbin
export address device
has() {
    command -v "$1" >/dev/null 2>&1
}
holds() {
    shown=$(ip -o -4 addr show dev "$device" to "$address" 2>/dev/null)
    case $shown in
        *" $address/"*) return 0 ;;
    esac
    return 1
}
# Both forms, since neighbours differ in which of them they take: a request (-U) and a reply (-A), at the same time.
by_arping() {
    arping -q -c 1 -w 1 -U -I "$device" -s "$address" "$address" 2>&1 &
    arping -q -c 1 -w 1 -A -I "$device" -s "$address" "$address" 2>&1
    status=$?
    wait $! && return $status
}
by_python() {
    python3 -c '
import os, socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((os.environ["device"], 0x0806))
mac = s.getsockname()[4]
ip = socket.inet_aton(os.environ["address"])
for operation in (1, 2):
    s.send(b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, operation) + mac + ip + b"\xff" * 6 + ip)' 2>&1
}
by_perl() {
    perl -e '
my $dir = "/sys/class/net/$ENV{device}";
sub value { open my $in, "<", $_[0] or die "$_[0]: $!\n"; my $text = <$in>; chomp $text; $text }
my $mac = pack "H12", value("$dir/address") =~ tr/://dr;
my $ip = pack "C4", split /\./, $ENV{address};
my $all = "\xff" x 6;
socket my $socket, 17, 3, unpack("S", pack "n", 0x0806) or die "raw socket: $!\n";
my $to = pack "S n i S C C a8", 17, 0x0806, value("$dir/ifindex"), 1, 0, 6, $all;
for my $operation (1, 2) {
    my $frame = $all . $mac . pack("n n n C C n", 0x0806, 1, 0x0800, 6, 4, $operation) . $mac . $ip . $all . $ip;
    send $socket, $frame, 0, $to or die "send: $!\n";
}' 2>&1
}
# Sets by. Thomas Habets' arping has other options and waits for an answer: there the packet is made by hand.
choose() {
    by=
    if has arping; then
        case $(arping -V 2>&1) in *iputils*) by=arping ;; esac
    fi
    [ -n "$by" ] || { has python3 && by=python; } || { has perl && by=perl; }
}
# A frame may be lost: repeated in the background, and never for an address that has moved on.
repeat() {
    for pause in 0.2 0.8 1; do
        sleep "$pause"
        holds || exit
        "by_$by"
    done
}
holds || { echo "error=$device does not hold $address"; exit; }
cidr=${shown#* inet }
echo "held=$device ${cidr%% *}"
