package dev.switchman.topology;

/** How much something matters to people; the order is that of weight. */
public enum Severity {
    /** Good to know: a switchover began, all is well again. */
    INFO,
    /** A human should look soon. */
    WARNING,
    /** Now: writes stand still, or may be lost, or a failover is on. */
    CRITICAL;

    /** @return the heavier of both */
    public Severity or(Severity other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
