package dev.switchman.mysql;

/** What came of letting a server delete the relay logs that it has applied. Sizes are bytes of all its relay logs together. */
public sealed interface RelayLogPurge {

    /** Its appliers have moved on to new files, and those before are deleted. It keeps its relay logs again. */
    record Purged(long before, long after) implements RelayLogPurge {}

    /** An applier has not come to the end of its file in time: what it still reads, and what comes after, is there. */
    record Behind(long before, long after) implements RelayLogPurge {}

    /** Nothing was to be done: it deletes them by itself, or has no source. */
    record Unneeded(String why) implements RelayLogPurge {}

    /** An applier stands, and so needs all that is there. */
    record Stopped(String why) implements RelayLogPurge {}

    /** It was not reached, or refused; it keeps its relay logs as before. */
    record Failed(String why) implements RelayLogPurge {}

    /** It may delete its relay logs by itself now: {@code relay_log_purge} could not be read back as 0. */
    record Unrestored(String why) implements RelayLogPurge {}
}
