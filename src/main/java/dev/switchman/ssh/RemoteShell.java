package dev.switchman.ssh;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.LogPiece;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.LogPosition;
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

    /**
     * Copies the end of a server's binary logs into a file here. Reads only; the server must be down or closed, or the copy has
     * a ragged end. The logs are found by what the server told while it lived, and only if it told nothing by the host's option files
     * and the usual directories. May be repeated. At the deadline the copy is not whole: {@link LogCopy.Failed}.
     *
     * @param copy file to write; what it held is lost
     */
    LogCopy copyLogs(Node node, Wanted wanted, Path copy, Duration deadline);

    /** The same, and says how many bytes have come. @param coming returns at once */
    default LogCopy copyLogs(Node node, Wanted wanted, Path copy, Duration deadline, Coming coming) {
        return copyLogs(node, wanted, copy, deadline);
    }

    /** Hears how much of a copy has come. */
    @FunctionalInterface
    interface Coming {

        /** @param bytes so far @param all that are to come */
        void come(long bytes, long all);
    }

    /**
     * Which logs are wanted.
     *
     * @param from where to begin; a log that is not there any more is as good as none
     * @param back without {@code from}, so many logs from the last one on
     * @param dead only while no mysqld runs that may be the node's
     */
    record Wanted(LogPlaces places, Optional<LogPosition> from, int back, boolean dead) {}

    /**
     * Puts files beside a server's relay logs, as those of a channel that it does not have yet, with an index that lists them.
     * They belong to whom the data directory belongs to. What was left there under the channel's name is removed first; so it may
     * be repeated. Of what could not be put there whole nothing is left.
     *
     * @param places where that server keeps its own
     * @param files oldest first; each keeps its name, behind the channel's
     */
    Ran putRelayLogs(Node node, LogPlaces places, String channel, List<Path> files, Duration deadline);

    /**
     * Puts the node guard on a host, in place of what may be there, and starts it: its program, its unit, its settings, and the
     * login of this node's account, which root alone can read there. May be repeated. At the deadline some of it may be done.
     *
     * @throws IllegalArgumentException when the cluster has no guard configured
     */
    Guarding installGuard(Cluster cluster, Node node, Duration deadline);

    /** What came of installing the node guard. */
    sealed interface Guarding {

        /** It runs, and is started with the host. */
        record Runs(String detail) implements Guarding {}

        /** It is there and could work; the host has no service manager that starts it. */
        record NotStarted(String command) implements Guarding {}

        /** The host answers, and it does not run. */
        record Refused(String why) implements Guarding {}

        record Unreachable(String why) implements Guarding {}
    }

    /** What came of copying binary logs. */
    sealed interface LogCopy {

        /**
         * @param pieces oldest log first; of the first log two where it was not copied from its beginning
         * @param oldest whether there is no older log than the first of these
         * @param life of the host: what was written and not synchronized does not outlive it
         */
        record Copied(List<LogPiece> pieces, boolean oldest, Life life) implements LogCopy {

            public Copied {
                pieces = List.copyOf(pieces);
            }
        }

        /** The host's own life, held against the one in which mysqld was last seen there. */
        enum Life {
            SAME,
            /** It has restarted since. */
            LATER,
            /** Nobody has seen mysqld run there. */
            UNKNOWN
        }

        record NotFound(String why) implements LogCopy {}

        /** The command never left for the host. */
        record Unreachable(String why) implements LogCopy {}

        /** The host answers, and the copy is not whole. */
        record Failed(String why) implements LogCopy {}
    }

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

        /** @return whether no process is left, by what the host itself said */
        default boolean ended() {
            return this instanceof Masked || this instanceof Gone;
        }
    }
}
