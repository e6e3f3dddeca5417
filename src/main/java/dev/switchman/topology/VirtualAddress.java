package dev.switchman.topology;

/**
 * The address that clients write to.
 *
 * @param address IPv4 address
 * @param prefix prefix length, 1 to 32
 * @param device network interface on the database hosts that carries it
 */
public record VirtualAddress(Host address, int prefix, String device) {

    /** @return {@code 10.0.0.9/32}, as {@code ip addr} writes it */
    public String cidr() {
        return address + "/" + prefix;
    }

    @Override
    public String toString() {
        return cidr() + " dev " + device;
    }
}
