package dev.switchman.topology;

import java.util.regex.Pattern;

/** Names a cluster: 1 to 63 of {@code a-z A-Z 0-9 . _ -}, starting with a letter or digit. */
public record ClusterName(String value) implements Comparable<ClusterName> {

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    public ClusterName {
        if (!VALID.matcher(value).matches()) {
            throw new IllegalArgumentException("not a cluster name (letters, digits, . _ -): \"" + value + "\"");
        }
    }

    @Override
    public int compareTo(ClusterName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
