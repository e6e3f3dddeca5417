# add the virtual IP
address=$1 prefix=$2 device=$3
PATH=$PATH:/usr/sbin:/sbin
command -v ip >/dev/null || { echo 'error=no program "ip": install iproute2'; exit; }
# Clients wait for this: what holds it now is read with the announcement, and here only where nothing is added.
shown=$(ip -o -4 addr show to "$address")
case $shown in
    *" $address/"*)
        echo "$shown" | while read -r _ name _ cidr _; do
            echo "held=$name $cidr"
        done
        ;;
    *) told=$(ip addr add "$address/$prefix" dev "$device" 2>&1) || echo "error=$told" ;;
esac
