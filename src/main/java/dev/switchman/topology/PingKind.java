package dev.switchman.topology;

/** What the watch does to learn that a primary lives. */
public enum PingKind {
    /** {@code SELECT 1} on a connection kept open. */
    SELECT,
    /** A new connection each time. */
    CONNECT,
    /** An upsert of one row of Switchman's own schema: proves that commits work. */
    INSERT
}
