package dev.switchman.verdict;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.SemiSync;

/** What is known of acknowledged writes that the candidate lacks. */
public sealed interface Loss {

    /** No acknowledged write can be lost. */
    record None(String why) implements Loss {}

    /** Some may be. */
    record Possible(String why) implements Loss {}

    /** These were seen on the old primary, or stand in its binary logs, and are on no reached server. */
    record Known(GtidSet missing) implements Loss {}

    /** Replicas that are delayed on purpose have received these and not applied them, and no other server has them. */
    record Withheld(Map<NodeId, GtidSet> by) implements Loss {

        public Withheld {
            by = Map.copyOf(by);
        }
    }

    /** Replication was asynchronous: nobody can tell. */
    record Async(String why) implements Loss {}

    /**
     * The lost primary as it was at its last healthy moment.
     *
     * @param semiSync its waiting side
     * @param possibleAckers replicas that could acknowledge
     */
    record Before(Instant at, GtidSet executed, SemiSync.SourceSide semiSync, Set<NodeId> possibleAckers) {

        public Before {
            possibleAckers = Set.copyOf(possibleAckers);
        }
    }

    /**
     * What is known of the old primary's binary logs.
     *
     * @param held what stands in them
     * @param toTheEnd whether that is all: they were read to an end that can be trusted
     */
    record Logged(GtidSet held, boolean toTheEnd) {

        public static final Logged NOT_READ = new Logged(GtidSet.empty(), false);
    }

    /**
     * Judges by what was remembered and what the candidate has executed.
     *
     * @param before empty when the primary was never seen healthy
     * @param largest the largest set ever seen on each server
     * @param reached replicas whose receivers were read back stopped and whose sets took part in the election
     * @param executed what the candidate has executed after catching up
     * @param stoppedAt when the receivers had stopped
     * @param withheld what delayed replicas have received and not applied, and no other server has; such a one counts as reached
     *            for what the candidate has only
     */
    static Loss of(NodeId oldPrimary, Optional<Before> before, Map<NodeId, GtidSet> largest, Set<NodeId> reached,
            GtidSet executed, Instant stoppedAt, Logged logged, Map<NodeId, GtidSet> withheld) {
        Map<NodeId, GtidSet> waiting = new TreeMap<>();
        withheld.forEach((node, set) -> {
            if (!executed.contains(set)) {
                waiting.put(node, set.minus(executed));
            }
        });
        Set<NodeId> counted = reached.stream()
                .filter(node -> !waiting.containsKey(node))
                .collect(Collectors.toUnmodifiableSet());
        Loss loss = of(oldPrimary, before, largest, counted, executed, stoppedAt, logged);
        // Where it is proven that every acknowledged write is there, these were acknowledged to nobody.
        return waiting.isEmpty() || loss instanceof None || loss instanceof Known ? loss : new Withheld(waiting);
    }

    /** Judges where no replica is delayed. */
    static Loss of(NodeId oldPrimary, Optional<Before> before, Map<NodeId, GtidSet> largest, Set<NodeId> reached,
            GtidSet executed, Instant stoppedAt, Logged logged) {
        GtidSet onPrimary = before.map(Before::executed)
                .orElse(GtidSet.empty())
                .union(largest.getOrDefault(oldPrimary, GtidSet.empty()))
                .union(logged.held());
        GtidSet lost = onPrimary.minus(executed);
        if (!lost.isEmpty()) {
            return new Known(lost);
        }
        if (logged.toTheEnd()) {
            return new None("the old primary's binary logs were read to their end, and all that they hold is there");
        }
        if (before.isEmpty()) {
            return new Async("the primary was never seen healthy, so nothing is known of its replication");
        }
        return before.get().semiSync() instanceof SemiSync.SourceSide.Present source && source.enabled()
                && source.operating()
                        ? semiSynchronous(before.get(), source, largest, reached, executed, stoppedAt)
                        : new Async("semi-synchronous replication was not in use when the primary was last healthy");
    }

    private static Loss semiSynchronous(Before before, SemiSync.SourceSide.Present source, Map<NodeId, GtidSet> largest,
            Set<NodeId> reached, GtidSet executed, Instant stoppedAt) {
        for (Map.Entry<NodeId, GtidSet> entry : largest.entrySet()) {
            GtidSet gone = entry.getValue().minus(executed);
            if (before.possibleAckers().contains(entry.getKey()) && !gone.isEmpty()) {
                return new Possible(entry.getKey() + " once held " + gone + ", which no reached server holds now");
            }
        }
        long unreached = before.possibleAckers().stream().filter(acker -> !reached.contains(acker)).count();
        if (unreached >= source.waitCount()) {
            return new Possible(unreached + " of " + before.possibleAckers().size()
                    + " replicas that could acknowledge were not reached, and " + source.waitCount()
                    + " acknowledgement was enough");
        }
        if (!source.afterSync()) {
            return new Possible("the wait point was not AFTER_SYNC");
        }
        if (!source.waitNoReplica()) {
            return new Possible("the primary did not wait when no replica was connected (wait_no_replica=OFF)");
        }
        Duration since = Duration.between(before.at(), stoppedAt);
        if (source.timeout().compareTo(since) <= 0) {
            return new Possible("semi-sync may have fallen back to asynchronous: its timeout of "
                    + source.timeout().toMillis() + " ms is not longer than the " + since.toMillis()
                    + " ms since the primary was last healthy");
        }
        return new None("every write was acknowledged by a replica, and "
                + (unreached == 0 ? "all that could acknowledge" : "enough of them") + " were reached");
    }

    /** @return {@code none, possible, known} or {@code async}, for the tables */
    default String word() {
        return switch (this) {
            case None none -> "none";
            case Possible possible -> "possible";
            case Known known -> "known";
            case Withheld withheld -> "known";
            case Async async -> "async";
        };
    }

    /** @return one line for people */
    default String sentence() {
        return switch (this) {
            case None(String why) -> "No acknowledged write is lost: " + why + ".";
            case Possible(String why) -> "Acknowledged writes may be lost: " + why + ".";
            case Known(GtidSet missing) ->
                missing.count() + " transactions that the old primary is known to have had are lost: "
                        + missing + ".";
            case Withheld(Map<NodeId, GtidSet> by) -> new TreeMap<>(by).entrySet()
                    .stream()
                    .map(entry -> entry.getKey() + ", delayed on purpose, has received and not applied "
                            + entry.getValue().count() + " transactions that no other server has: " + entry.getValue()
                            + ".")
                    .collect(Collectors.joining(" "))
                    + " They are lost unless its delay is lifted (SOURCE_DELAY=0) and it applies them first.";
            case Async(String why) -> "Whether acknowledged writes are lost cannot be told: " + why + ".";
        };
    }
}
