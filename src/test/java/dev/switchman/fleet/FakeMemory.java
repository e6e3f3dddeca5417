package dev.switchman.fleet;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.NodeId;

/** Keeps everything in maps, and tells how often it was written to. */
public final class FakeMemory implements ClusterMemory {

    private final Map<ClusterName, NodeId> primaries = new HashMap<>();
    private final Map<ClusterName, List<LastHealthy>> healthy = new HashMap<>();
    private final Map<ClusterName, Map<NodeId, GtidSet>> sets = new HashMap<>();
    private int setsWritten;
    private final Map<ClusterName, Map<NodeId, LogPlaces>> places = new HashMap<>();
    private final Map<ClusterName, Map<NodeId, Quarantine>> quarantined = new HashMap<>();
    private final Map<ClusterName, Map<NodeId, GtidSet>> accepted = new HashMap<>();
    private final Map<ClusterName, Instant> failovers = new HashMap<>();
    private final Map<ClusterName, Pause> pauses = new HashMap<>();

    @Override
    public synchronized Optional<NodeId> knownPrimary(ClusterName cluster) {
        return Optional.ofNullable(primaries.get(cluster));
    }

    @Override
    public synchronized void rememberPrimary(ClusterName cluster, NodeId primary) {
        primaries.put(cluster, primary);
    }

    @Override
    public synchronized Optional<LastHealthy> lastHealthy(ClusterName cluster) {
        List<LastHealthy> moments = healthyMoments(cluster);
        return moments.isEmpty() ? Optional.empty() : Optional.of(moments.getLast());
    }

    @Override
    public synchronized void rememberHealthy(ClusterName cluster, LastHealthy moment) {
        healthy.computeIfAbsent(cluster, name -> new ArrayList<>()).add(moment);
    }

    /** All that were remembered, in order. */
    public synchronized List<LastHealthy> healthyMoments(ClusterName cluster) {
        return List.copyOf(healthy.getOrDefault(cluster, List.of()));
    }

    @Override
    public synchronized Map<NodeId, LogPlaces> logPlaces(ClusterName cluster) {
        return Map.copyOf(places.getOrDefault(cluster, Map.of()));
    }

    @Override
    public synchronized void rememberLogPlaces(ClusterName cluster, Map<NodeId, LogPlaces> told) {
        places.computeIfAbsent(cluster, name -> new HashMap<>()).putAll(told);
    }

    @Override
    public synchronized Map<NodeId, GtidSet> largestSets(ClusterName cluster) {
        return Map.copyOf(sets.getOrDefault(cluster, Map.of()));
    }

    @Override
    public synchronized void rememberSets(ClusterName cluster, Map<NodeId, GtidSet> seen) {
        sets.computeIfAbsent(cluster, name -> new HashMap<>()).putAll(seen);
        setsWritten++;
    }

    /** How often sets were remembered. */
    public synchronized int setsWritten() {
        return setsWritten;
    }

    @Override
    public synchronized Map<NodeId, Quarantine> quarantined(ClusterName cluster) {
        return Map.copyOf(quarantined.getOrDefault(cluster, Map.of()));
    }

    @Override
    public synchronized void quarantine(ClusterName cluster, NodeId node, Quarantine quarantine) {
        quarantined.computeIfAbsent(cluster, name -> new HashMap<>()).put(node, quarantine);
    }

    @Override
    public synchronized void release(ClusterName cluster, NodeId node) {
        quarantined.getOrDefault(cluster, new HashMap<>()).remove(node);
    }

    @Override
    public synchronized Map<NodeId, GtidSet> acceptedErrant(ClusterName cluster) {
        return Map.copyOf(accepted.getOrDefault(cluster, Map.of()));
    }

    @Override
    public synchronized void acceptErrant(ClusterName cluster, NodeId node, GtidSet gtids) {
        accepted.computeIfAbsent(cluster, name -> new HashMap<>()).merge(node, gtids, GtidSet::union);
    }

    @Override
    public synchronized Optional<Instant> lastFailover(ClusterName cluster) {
        return Optional.ofNullable(failovers.get(cluster));
    }

    @Override
    public synchronized void rememberFailover(ClusterName cluster, Instant at) {
        failovers.put(cluster, at);
    }

    @Override
    public synchronized Optional<Pause> pause(ClusterName cluster) {
        return Optional.ofNullable(pauses.get(cluster));
    }

    @Override
    public synchronized void pause(ClusterName cluster, Pause pause) {
        pauses.put(cluster, pause);
    }

    @Override
    public synchronized void resume(ClusterName cluster) {
        pauses.remove(cluster);
    }

    /** As before the first start. */
    public synchronized void forget() {
        primaries.clear();
        healthy.clear();
        sets.clear();
        setsWritten = 0;
        quarantined.clear();
        failovers.clear();
        accepted.clear();
        pauses.clear();
    }
}
