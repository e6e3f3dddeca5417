package dev.switchman.monitor;

import java.time.Duration;
import java.util.List;
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

    /** @return how many ticks have begun since the start, over all clusters, and how late; none from a watch that does not count */
    default Ticks ticks() {
        return new Ticks(0, List.of());
    }

    @Override
    void close();

    /** @param within by how many of all at most so late, smallest bound first */
    record Ticks(long all, List<Within> within) {

        public Ticks {
            within = List.copyOf(within);
        }

        /** So many ticks began no later than that after they were due. */
        public record Within(Duration late, long count) {}
    }

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
