package dev.switchman.monitor;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Errant;

/** Believes in an errant transaction when two looks, at the server and at the primary, have met it. */
final class ErrantWatch {

    private final Map<NodeId, Met> met = new HashMap<>();
    private final Map<NodeId, GtidSet> confirmed = new TreeMap<>();

    /** @param server when the server was looked at @param primary when the primary was */
    private record Met(GtidSet set, Instant server, Instant primary) {

        boolean before(Met later) {
            return server.isBefore(later.server) && primary.isBefore(later.primary);
        }
    }

    /** @return what is believed after this snapshot */
    Map<NodeId, GtidSet> seen(Snapshot snapshot) {
        Map<NodeId, GtidSet> now = Errant.of(snapshot);
        met.keySet().retainAll(now.keySet());
        confirmed.keySet().retainAll(now.keySet());
        now.forEach((node, set) -> meet(node, new Met(set, at(snapshot, Optional.of(node)),
                at(snapshot, snapshot.knownPrimary()))));
        return Map.copyOf(confirmed);
    }

    private void meet(NodeId node, Met now) {
        Met before = met.putIfAbsent(node, now);
        if (before == null || !before.before(now)) {
            return;
        }
        met.put(node, now);
        GtidSet both = before.set().intersect(now.set());
        if (both.isEmpty()) {
            confirmed.remove(node);
        } else {
            confirmed.put(node, both);
        }
    }

    private static Instant at(Snapshot snapshot, Optional<NodeId> node) {
        return node.map(id -> snapshot.servers().get(id)).map(Observation::at).orElse(Instant.MIN);
    }
}
