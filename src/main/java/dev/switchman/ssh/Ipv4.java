package dev.switchman.ssh;

/** An IPv4 network. */
record Ipv4(int address, int prefix) {

    static Ipv4 of(String address, int prefix) {
        return new Ipv4(parse(address), prefix);
    }

    boolean contains(String other) {
        int mask = prefix == 0 ? 0 : -1 << (32 - prefix);
        return (address & mask) == (parse(other) & mask);
    }

    private static int parse(String text) {
        String[] parts = text.split("\\.");
        if (parts.length != 4) {
            throw new IllegalArgumentException("not an IPv4 address: \"" + text + "\"");
        }
        int address = 0;
        for (String part : parts) {
            address = address << 8 | Integer.parseInt(part);
        }
        return address;
    }
}
