package dev.switchman.topology;

import java.util.regex.Pattern;

/** A host as the configuration names it: a DNS name or an IPv4/IPv6 address. */
public record Host(String name) {

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,252})|[0-9a-fA-F:.]{2,45}");

    public Host {
        if (!VALID.matcher(name).matches()) {
            throw new IllegalArgumentException("not a host name or address: \"" + name + "\"");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
