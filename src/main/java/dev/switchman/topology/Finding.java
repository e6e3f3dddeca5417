package dev.switchman.topology;

/**
 * The result of one named check.
 *
 * @param check kebab-case name, stable over releases ({@code super-read-only-at-boot})
 * @param subject what was checked: a node, a host, the cluster
 * @param detail evidence in one line; says what to do when it did not pass
 */
public record Finding(String check, String subject, Grade grade, String detail) {

    /** Databases that a server keeps out of its binary log; the same on all servers, or a failover loses what one leaves out. */
    public static final String BINARY_LOG_FILTERS = "binary-log-filters";

    public enum Grade {
        PASSED,
        /** Works, with a risk that the detail names. */
        WARNING,
        /** A failover would not work, or would not be safe. */
        FAILED
    }
}
