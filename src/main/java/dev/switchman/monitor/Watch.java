package dev.switchman.monitor;

import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
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

    @Override
    void close();

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
