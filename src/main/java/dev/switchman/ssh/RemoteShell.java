package dev.switchman.ssh;

import java.time.Duration;
import java.util.List;

import dev.switchman.topology.Node;

/** Acts on database hosts over SSH. Used by runbook steps and the virtual IP alone. */
public interface RemoteShell {

    /**
     * Runs one command on the node's host, as root or through {@code sudo -n}, and waits for its end. At the deadline the
     * command is left to itself and may still run. Of its output, both streams as they came, 64 KiB are kept.
     *
     * @param command program and arguments; each is quoted, no shell syntax passes
     */
    Ran run(Node node, List<String> command, Duration deadline);

    /**
     * Makes sure that mysqld does not run and is not started again: stops and masks the unit where there is one (first, so
     * that a supervisor cannot race it), ends the process if one is left, looks again.
     *
     * <p>
     * By SIGKILL, never in good order: at a shutdown mysqld acknowledges commits that wait for semi-sync, and only it has
     * them. What is killed gets half of the deadline to be gone. The mask outlives a reboot;
     * {@code systemctl unmask} takes it away. A unit file in {@code /etc/systemd/system} cannot be masked: then the answer
     * is {@link Stopping.Gone}. Only this node's mysqld is ended where several run; where it cannot be told which one that
     * is, none is. May be repeated. A host that stops answering in the middle: {@link Stopping.Unknown}.
     */
    Stopping stopServer(Node node, Duration deadline);

    /** What came of a command. */
    sealed interface Ran {

        record Ended(int status, String output) implements Ran {}

        /** The command never left for the host. */
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
