package dev.switchman.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.memory.ClusterMemory.LastHealthy;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.WriteMode;
import dev.switchman.verdict.Lineage;

/**
 * Keeps the memory up to date while the primary is well. Each write costs a commit: what matters at once is written at
 * once, mere progress every few seconds.
 */
final class Recollection {

    private static final Duration PROGRESS = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final ClusterMemory memory;
    private Optional<LastHealthy> last;
    private Instant setsWritten = Instant.MIN;
    private final Map<NodeId, GtidSet> largest;
    private final Map<NodeId, LogPlaces> places;

    Recollection(Cluster cluster, ClusterMemory memory) {
        this.cluster = cluster;
        this.memory = memory;
        this.last = memory.lastHealthy(cluster.name());
        this.largest = new HashMap<>(memory.largestSets(cluster.name()));
        this.places = new HashMap<>(memory.logPlaces(cluster.name()));
    }

    /** @param snapshot taken while this primary answered */
    void healthy(Snapshot snapshot, NodeId primary) {
        if (snapshot.servers().get(primary) instanceof Observation.Seen seen
                && seen.server().writeMode() == WriteMode.WRITABLE) {
            moment(snapshot, seen);
        }
        sets(snapshot);
        places(snapshot);
    }

    private void moment(Snapshot snapshot, Observation.Seen seen) {
        ServerState server = seen.server();
        LastHealthy moment = new LastHealthy(seen.node(), seen.at(), server.executed(), server.semiSync().source(),
                server.bootMode() == BootMode.READ_ONLY,
                server.syncBinlog() == 1 && server.flushLogAtCommit() == 1, server.enabledEvents(),
                ackers(snapshot, seen.node()));
        boolean due = last.map(before -> !alike(before, moment)
                || Duration.between(before.at(), moment.at()).compareTo(PROGRESS) >= 0).orElse(true);
        if (due) {
            memory.rememberHealthy(cluster.name(), moment);
            last = Optional.of(moment);
        }
    }

    /**
     * A replica that cannot be seen may still acknowledge: it stays what it was. A server without a source, such as a former
     * primary in quarantine, acknowledges nothing, whatever its settings.
     */
    private Set<NodeId> ackers(Snapshot snapshot, NodeId primary) {
        Set<NodeId> before = last.filter(moment -> moment.primary().equals(primary))
                .map(LastHealthy::possibleAckers)
                .orElse(Set.of());
        // A chained replica acknowledges to its own source, if at all.
        Lineage lineage = Lineage.of(snapshot);
        Set<NodeId> ackers = new TreeSet<>();
        for (Node node : cluster.others(primary)) {
            boolean acks = snapshot.server(node.id())
                    .map(server -> server.replication().isPresent() && !lineage.chained(node.id(), primary)
                            && server.semiSync().replica() instanceof SemiSync.ReplicaSide.Present side
                            && side.enabled())
                    .orElse(before.contains(node.id()));
            if (acks) {
                ackers.add(node.id());
            }
        }
        return ackers;
    }

    /** Whether the two differ in nothing but progress. */
    private static boolean alike(LastHealthy one, LastHealthy other) {
        return one.primary().equals(other.primary()) && one.bootsReadOnly() == other.bootsReadOnly()
                && one.durable() == other.durable() && one.enabledEvents().equals(other.enabledEvents())
                && one.possibleAckers().equals(other.possibleAckers())
                && settled(one.semiSync()).equals(settled(other.semiSync()));
    }

    /** How many sessions wait right now is not a setting. */
    private static SemiSync.SourceSide settled(SemiSync.SourceSide side) {
        return switch (side) {
            case SemiSync.SourceSide.Absent absent -> absent;
            case SemiSync.SourceSide.Present on -> new SemiSync.SourceSide.Present(on.enabled(), on.operating(),
                    on.waitCount(), on.clients(), on.timeout(), on.afterSync(), on.waitNoReplica(), 0);
        };
    }

    private void sets(Snapshot snapshot) {
        Map<NodeId, GtidSet> grown = new HashMap<>();
        for (Node node : cluster.nodes()) {
            snapshot.server(node.id()).ifPresent(server -> {
                GtidSet before = largest.getOrDefault(node.id(), GtidSet.empty());
                GtidSet now = server.reachable();
                if (!before.contains(now)) {
                    grown.put(node.id(), before.union(now));
                }
            });
        }
        if (!grown.isEmpty() && !snapshot.at().isBefore(next(setsWritten))) {
            // A rebuilt server begins anew: its set was made smaller by its run.
            Map<NodeId, GtidSet> stored = memory.largestSets(cluster.name());
            grown.replaceAll((node, any) -> stored.getOrDefault(node, GtidSet.empty())
                    .union(snapshot.server(node).map(ServerState::reachable).orElse(GtidSet.empty())));
            memory.rememberSets(cluster.name(), grown);
            largest.putAll(grown);
            setsWritten = snapshot.at();
        }
    }

    /** Configured once in years, and asked for when the server cannot tell any more. */
    private void places(Snapshot snapshot) {
        Map<NodeId, LogPlaces> told = new HashMap<>();
        for (Node node : cluster.nodes()) {
            snapshot.server(node.id())
                    .map(ServerState::logs)
                    .filter(now -> !now.equals(LogPlaces.UNKNOWN) && !now.equals(places.get(node.id())))
                    .ifPresent(now -> told.put(node.id(), now));
        }
        if (!told.isEmpty()) {
            memory.rememberLogPlaces(cluster.name(), told);
            places.putAll(told);
        }
    }

    private static Instant next(Instant written) {
        return written.equals(Instant.MIN) ? Instant.MIN : written.plus(PROGRESS);
    }
}
