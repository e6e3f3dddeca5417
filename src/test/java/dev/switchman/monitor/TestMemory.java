package dev.switchman.monitor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;

/** A memory of one cluster that forgets at the end of the test. */
final class TestMemory implements ClusterMemory {

    volatile Optional<NodeId> primary = Optional.empty();
    final List<LastHealthy> moments = new ArrayList<>();
    final List<Map<NodeId, GtidSet>> sets = new ArrayList<>();
    final Map<NodeId, Quarantine> quarantine = new ConcurrentHashMap<>();

    @Override
    public Optional<NodeId> knownPrimary(ClusterName cluster) {
        return primary;
    }

    @Override
    public void rememberPrimary(ClusterName cluster, NodeId node) {
        primary = Optional.of(node);
    }

    @Override
    public Optional<LastHealthy> lastHealthy(ClusterName cluster) {
        return moments.isEmpty() ? Optional.empty() : Optional.of(moments.getLast());
    }

    @Override
    public void rememberHealthy(ClusterName cluster, LastHealthy moment) {
        moments.add(moment);
    }

    @Override
    public Map<NodeId, GtidSet> largestSets(ClusterName cluster) {
        Map<NodeId, GtidSet> largest = new HashMap<>();
        sets.forEach(largest::putAll);
        return largest;
    }

    @Override
    public void rememberSets(ClusterName cluster, Map<NodeId, GtidSet> grown) {
        sets.add(Map.copyOf(grown));
    }

    @Override
    public Map<NodeId, Quarantine> quarantined(ClusterName cluster) {
        return Map.copyOf(quarantine);
    }

    @Override
    public void quarantine(ClusterName cluster, NodeId node, Quarantine entry) {
        quarantine.put(node, entry);
    }

    @Override
    public void release(ClusterName cluster, NodeId node) {
        quarantine.remove(node);
    }

    @Override
    public Optional<Instant> lastFailover(ClusterName cluster) {
        return Optional.empty();
    }

    @Override
    public void rememberFailover(ClusterName cluster, Instant at) {
        throw new UnsupportedOperationException("the watch fails nothing over");
    }

    @Override
    public Optional<Pause> pause(ClusterName cluster) {
        return Optional.empty();
    }

    @Override
    public void pause(ClusterName cluster, Pause pause) {
        throw new UnsupportedOperationException("the watch pauses nothing");
    }

    @Override
    public void resume(ClusterName cluster) {
        throw new UnsupportedOperationException("the watch resumes nothing");
    }
}
