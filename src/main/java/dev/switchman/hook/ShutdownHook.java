package dev.switchman.hook;

import java.time.Duration;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;

/**
 * The operator's own way to shut down a server's host, or to prove by other means that it accepts no write: power switch,
 * hypervisor, cloud. Used by runbook steps alone.
 */
public interface ShutdownHook {

    /**
     * Runs the cluster's program and waits for its end. Called as
     * {@code PROGRAM --cluster=NAME --host=HOST --port=PORT --ssh=answers|silent|unknown}, without a shell, with an empty
     * standard input and an environment of {@code PATH}, {@code HOME}, {@code LANG}, {@code LC_ALL} and {@code TZ}. Its
     * output, both streams as they came, is kept up to 8 KiB. At the deadline it is ended by SIGKILL with all that it has
     * started. May be called again for a server that is shut down already.
     *
     * @param cluster one that has a program
     */
    Shutdown shutDown(Cluster cluster, Node node, Ssh ssh, Duration deadline);

    /** What is known of the host's sshd when the program is run. */
    enum Ssh {
        ANSWERS, SILENT,
        /** It stopped answering in the middle. */
        UNKNOWN
    }
}
