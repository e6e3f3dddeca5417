package dev.switchman.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.WitnessHost;

/** What the command line cannot do over HTTP, and is handed by whoever wires the program. */
public interface Ports {

    /**
     * Runs the server until it is told to stop.
     *
     * @param config a file that was read without a problem a moment ago
     * @param data folder of the store; made if missing
     * @param port where it listens, whatever the file says; empty: where the file says
     * @return exit code of the program
     */
    int serve(Path config, Path data, Optional<Integer> port);

    /** Looks at all that a failover would need: configuration, SSH, MySQL, replication. Changes nothing. */
    List<Finding> check(Cluster cluster);

    /**
     * Whether every host can be logged in to. Changes nothing.
     *
     * @param allPairs from each host to each other one too
     */
    List<Finding> checkSsh(Cluster cluster, boolean allPairs);

    /** Asks a host whether it reaches a server's MySQL port. Changes nothing; returns within the deadline. */
    PortProbe probe(WitnessHost via, NodeId target, Duration deadline);

    /**
     * Makes the servers of a cluster ready to be looked after: they boot read-only from then on, Switchman's own schema
     * exists, and the node guard runs where one is configured. May be repeated.
     *
     * @param apply false: nothing is changed
     * @return one for each change that was made, would be made, or could not be made
     */
    List<Adjustment> adopt(Cluster cluster, boolean apply);

    /**
     * Judges edited diagrams, decision tables and forms beside those that the program brings.
     *
     * @param files contents by file name
     * @return every problem as {@code file: box: what}; empty when all is well
     */
    List<String> lint(Map<String, byte[]> files);

    /**
     * One change to one server.
     *
     * @param what it comes to, as the end of a sentence that begins with the server
     * @param detail what came of it, or what a person must do; empty where nothing was tried
     */
    record Adjustment(String node, String what, State state, String detail) {

        public enum State {
            PLANNED, DONE,
            /** The server cannot do it or did not: a person must. */
            BY_HAND
        }
    }
}
