package dev.switchman.runbook;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.NodeId;

/** What a person asks for when he starts a switchover, a rejoin, a repair or a purge: one set of rules for the command, the API and Tasklist's form. */
public interface Orders {

    /**
     * Reads an order, and looks whether this manager may act on the cluster. Changes nothing; may be repeated.
     *
     * @param to {@code host}, or {@code host:port}; empty: the best replica
     * @param reason why, for the people who are asked, the journal and the report
     * @param overrides names of checks that the person takes upon himself
     */
    Order switchover(Cluster cluster, Optional<String> to, String reason, List<String> overrides);

    /**
     * Reads the order to make a server a replica again, and looks whether this manager may act on the cluster. Changes nothing;
     * may be repeated.
     *
     * @param node {@code host}, or {@code host:port}; not the primary
     * @param reason why, for the journal and the report
     * @param overrides names of checks that the person takes upon himself: {@code version-order}
     */
    Order rejoin(Cluster cluster, String node, String reason, List<String> overrides);

    /**
     * Reads the order to repair a server's errant transactions, and looks whether this manager may act on the cluster. Changes
     * nothing; may be repeated.
     *
     * @param node {@code host}, or {@code host:port}; not the primary
     * @param choice {@code inject-empty} or {@code accept}
     * @param reason why, for the people who are asked, the journal and the report
     */
    Order repairErrant(Cluster cluster, String node, String choice, String reason);

    /**
     * Reads the order to purge relay logs, and looks whether this manager may act on the cluster. Changes nothing; may be
     * repeated.
     *
     * @param reason why, for the journal and the report
     */
    Order purgeRelayLogs(Cluster cluster, String reason);

    /** @return the server of the cluster that is meant */
    Named node(Cluster cluster, String text);

    /** What came of reading an order. */
    sealed interface Order {

        /** @param inputs first values of the run's variables */
        record Fit(String reason, Map<String, String> inputs) implements Order {

            public Fit {
                inputs = Map.copyOf(inputs);
            }
        }

        /** @param why begins with the argument that is no good, and ends with its value */
        record Unfit(String why) implements Order {}

        /** This manager may not act on the cluster now. */
        record OnlyWatched(String why) implements Order {}
    }

    /** What came of looking for a server. */
    sealed interface Named {

        record Found(NodeId node) implements Named {}

        record NotFound(String why) implements Named {}
    }
}
