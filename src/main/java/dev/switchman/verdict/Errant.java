package dev.switchman.verdict;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;

/** Transactions that a server has executed and that the primary does not have: written there by hand, or by a former primary alone. */
public final class Errant {

    private Errant() {}

    /**
     * @return the errant transactions of each server that was seen and has some. Those of the primary itself do not count: a
     *         server that was looked at later than the primary has more of them
     */
    public static Map<NodeId, GtidSet> of(Snapshot snapshot) {
        Map<NodeId, GtidSet> errant = new TreeMap<>();
        Optional<NodeId> primary = snapshot.knownPrimary();
        Optional<ServerState> source = primary.flatMap(snapshot::server);
        if (source.isEmpty()) {
            return errant;
        }
        for (Node node : snapshot.cluster().others(primary.get())) {
            snapshot.server(node.id())
                    .map(server -> foreign(server.executed().minus(source.get().executed()), source.get().serverUuid()))
                    .filter(set -> !set.isEmpty())
                    .ifPresent(set -> errant.put(node.id(), set));
        }
        return errant;
    }

    /** @return without the transactions of this server */
    static GtidSet foreign(GtidSet set, UUID server) {
        Set<UUID> others = new HashSet<>(set.sources());
        others.remove(server);
        return set.restrictedTo(others);
    }
}
