package dev.switchman.ssh;

import java.time.Duration;
import java.util.List;

import dev.switchman.topology.Node;

/** Acts on database hosts over SSH. Used by runbook steps and the virtual IP alone. */
public interface RemoteShell {

    /**
     * Runs one command on the node's host and waits for its end.
     *
     * @param command program and arguments; each is quoted, no shell syntax passes
     */
    Ran run(Node node, List<String> command, Duration deadline);

    /**
     * Makes sure that mysqld does not run and is not started again: stops and masks the unit where there is one (first, so
     * that a supervisor cannot race it), ends the process if one is left, looks again.
     */
    Stopping stopServer(Node node, Duration deadline);

    /** What came of a command. */
    sealed interface Ran {

        record Ended(int status, String output) implements Ran {}

        record Unreachable(String why) implements Ran {}

        /** Started, and no end was seen in time. */
        record Unknown(String why) implements Ran {}
    }

    /** What came of stopping mysqld on its host. */
    sealed interface Stopping {

        /** No process, and the unit is stopped and masked: it cannot come back by itself. */
        record Masked(String detail) implements Stopping {}

        /** No process now; no unit is known that could be masked. Proves a fence only if the server boots read-only. */
        record Gone(String detail) implements Stopping {}

        /** The host answers, and a process is still there. */
        record Refused(String why) implements Stopping {}

        record Unreachable(String why) implements Stopping {}

        record Unknown(String why) implements Stopping {}
    }
}
