package dev.switchman.mysql;

import java.util.Optional;

import dev.switchman.topology.LogPosition;

/** How far a replica has come in its source's binary logs. */
public sealed interface LogPoint {

    /**
     * @param received up to where its receiver has read; may be in the middle of a transaction. Empty before the first event
     * @param executed up to where all is applied: the end of a transaction
     */
    record Seen(Optional<LogPosition> received, Optional<LogPosition> executed) implements LogPoint {}

    record Unseen(String why) implements LogPoint {}
}
