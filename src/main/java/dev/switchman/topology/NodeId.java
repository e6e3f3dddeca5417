package dev.switchman.topology;

/** Names one MySQL server: host and port, written {@code db1:3306}. Ordered by that text. */
public record NodeId(Host host, int port) implements Comparable<NodeId> {

    public NodeId {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("not a port (1 to 65535): " + port);
        }
    }

    public static NodeId of(String host, int port) {
        return new NodeId(new Host(host), port);
    }

    /** Reads {@code host:port} or {@code [v6]:port}. @throws IllegalArgumentException naming the text */
    public static NodeId parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("not host:port: \"" + text + "\"");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return of(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not host:port: \"" + text + "\"", e);
        }
    }

    @Override
    public int compareTo(NodeId other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return (host.name().indexOf(':') >= 0 ? "[" + host + "]" : host.toString()) + ":" + port;
    }
}
