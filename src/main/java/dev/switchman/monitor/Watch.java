package dev.switchman.monitor;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Histogram;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Verdict;

/** Watches every configured cluster, one loop each on virtual threads, and tells the {@link VerdictListener}. */
public interface Watch extends AutoCloseable {

    /** Starts watching. Returns at once. */
    void start();

    /** @return what was seen last; empty before the first tick has ended, or for a cluster that is not configured */
    Optional<Sight> sight(ClusterName cluster);

    /**
     * Looks at everything now, in parallel, whatever the loop does: a fresh ping, reconnect, host look and every replica's
     * own view; what the loop gathered about a loss less than half an interval ago is handed back as it is. Silence is asked
     * as often as {@code detection.failures} demands, so this takes no longer than that many timeouts, and for the default
     * of two no longer than one timeout and a little. May be repeated; changes nothing.
     *
     * @throws IllegalArgumentException for a cluster that is not configured
     */
    Snapshot confirm(ClusterName cluster);

    /** @return how late ticks have begun since the start, over all clusters; none from a watch that does not count */
    default Histogram lateness() {
        return Histogram.NONE;
    }

    /** @return what looks at servers have taken since the start, one for each server and kind that was looked at */
    default List<Probes> probes() {
        return List.of();
    }

    @Override
    void close();

    /** A way of looking at a server. */
    enum Probe {
        /** Whether the primary answers, over a connection that is open. Once a tick. */
        PING,
        /** All that is read of a server: variables, sets, threads. */
        LOOK
    }

    /**
     * What looks at one server have taken.
     *
     * @param answered those that brought an answer @param failed how many did not: these may have taken until their deadline
     */
    record Probes(ClusterName cluster, NodeId server, Probe probe, Histogram answered, long failed) {}

    /**
     * The last look and what it meant.
     *
     * @param errant transactions that servers hold and the primary does not, as two looks in a row have met them
     */
    record Sight(Snapshot snapshot, Verdict verdict, Map<NodeId, GtidSet> errant) {

        public Sight {
            errant = Map.copyOf(errant);
        }

        /** Without errant transactions. */
        public Sight(Snapshot snapshot, Verdict verdict) {
            this(snapshot, verdict, Map.of());
        }
    }
}
