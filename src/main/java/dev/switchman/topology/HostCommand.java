package dev.switchman.topology;

import java.time.Duration;

/**
 * A command of the operator's own that a runbook may run, and only as it stands in the configuration.
 *
 * @param name by which a box names it
 * @param words program and arguments; no shell cuts or expands them
 * @param on where it is run
 * @param deadline of it on each host
 */
public record HostCommand(String name, CommandWords words, On on, Duration deadline) {

    /** Where a command is run. */
    public enum On {
        /** The server that is replaced. */
        OLD_PRIMARY,
        /** The server that the run has chosen; without one, the old primary. */
        NEW_PRIMARY,
        /** Every other server, all at once. */
        REPLICAS,
        /** This machine. */
        MANAGER
    }
}
