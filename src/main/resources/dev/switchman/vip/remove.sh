# remove the virtual IP
address=$1
PATH=$PATH:/usr/sbin:/sbin
command -v ip >/dev/null || { echo 'error=no program "ip": install iproute2'; exit; }
ip -o -4 addr show to "$address" | while read -r _ name _ cidr _; do
    told=$(ip addr del "$cidr" dev "$name" 2>&1) || echo "error=$told"
done
ip -o -4 addr show to "$address" | while read -r _ name _ cidr _; do
    echo "held=$name $cidr"
done
