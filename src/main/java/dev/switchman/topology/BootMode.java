package dev.switchman.topology;

/** How a server would come up after a restart. */
public enum BootMode {
    /** {@code super_read_only} is set in an option file or persisted: a restarted server accepts no write. */
    READ_ONLY, WRITABLE,
    /** The server does not tell (5.7 tells neither option file nor persisted values). */
    UNKNOWN
}
