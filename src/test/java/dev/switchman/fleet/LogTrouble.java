package dev.switchman.fleet;

/** What is the matter with a server's binary logs. */
public enum LogTrouble {
    NONE, MISSING, ENCRYPTED,
    /** Whole and readable, of {@code binlog_transaction_compression}. */
    COMPRESSED,
    /** The last transaction was never written to its end. */
    TORN,
    /** A byte in the middle is another one. */
    DAMAGED,
    /** Their host is so slow that they do not come in time. */
    LATE,
    /** They are another server's. */
    FOREIGN
}
