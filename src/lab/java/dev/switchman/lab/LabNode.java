package dev.switchman.lab;

import dev.switchman.topology.NodeId;

/**
 * One MySQL server of a lab on a host of its own, which is a container.
 *
 * @param name short name in this lab: {@code db1}
 * @param address IPv4 address; MySQL at port 3306, SSH at port 22
 */
public record LabNode(String name, String address, int serverId) {

    public static final int PORT = 3306;

    public NodeId id() {
        return NodeId.of(address, PORT);
    }

    @Override
    public String toString() {
        return name + " (" + address + ")";
    }
}
