# add the virtual IP
address=$1 prefix=$2 device=$3
PATH=$PATH:/usr/sbin:/sbin
command -v ip >/dev/null || { echo 'error=no program "ip": install iproute2'; exit; }
case $(ip -o -4 addr show to "$address") in
    *" $address/"*) ;;
    *) told=$(ip addr add "$address/$prefix" dev "$device" 2>&1) || echo "error=$told" ;;
esac
ip -o -4 addr show to "$address" | while read -r _ name _ cidr _; do
    echo "held=$name $cidr"
done
