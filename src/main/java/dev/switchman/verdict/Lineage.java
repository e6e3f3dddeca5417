package dev.switchman.verdict;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;

/** Who follows whom, as far as it was seen: the tree below a primary, with intermediate sources and chained replicas. */
public final class Lineage {

    private final Cluster cluster;
    private final Map<NodeId, ServerState> seen;

    private Lineage(Cluster cluster, Map<NodeId, ServerState> seen) {
        this.cluster = cluster;
        this.seen = Map.copyOf(seen);
    }

    /** @param seen servers that answered */
    public static Lineage of(Cluster cluster, Map<NodeId, ServerState> seen) {
        return new Lineage(cluster, seen);
    }

    public static Lineage of(Snapshot snapshot) {
        Map<NodeId, ServerState> seen = new LinkedHashMap<>();
        for (Node node : snapshot.cluster().nodes()) {
            snapshot.server(node.id()).ifPresent(server -> seen.put(node.id(), server));
        }
        return of(snapshot.cluster(), seen);
    }

    /**
     * @return the server that this one follows, under the name that it has in the configuration; a channel may name it by
     *         another name or address: then its UUID decides. Empty when it follows nobody, or was not seen
     */
    public Optional<NodeId> source(NodeId node) {
        return channel(node).map(state -> source(cluster, seen, state));
    }

    /** The same for a channel. */
    static NodeId source(Cluster cluster, Map<NodeId, ServerState> seen, ReplicaState state) {
        if (cluster.find(state.source()).isPresent()) {
            return state.source();
        }
        return seen.entrySet()
                .stream()
                .filter(entry -> state.sourceUuid().filter(entry.getValue().serverUuid()::equals).isPresent())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(state.source());
    }

    private Optional<ReplicaState> channel(NodeId node) {
        return Optional.ofNullable(seen.get(node)).flatMap(ServerState::replication);
    }

    /**
     * @return why what the primary writes cannot reach this server, as the rest of a sentence about it; empty when it follows
     *         the primary, or a server below the primary that passes on what it gets. Whether threads run does not count
     */
    public Optional<String> broken(NodeId node, NodeId primary) {
        return broken(node, primary, new HashSet<>());
    }

    private Optional<String> broken(NodeId node, NodeId primary, Set<NodeId> passed) {
        Optional<NodeId> source = source(node);
        if (source.isEmpty()) {
            return Optional.of("follows nobody");
        }
        NodeId from = source.get();
        if (from.equals(primary)) {
            return Optional.empty();
        }
        String follows = "follows " + from;
        if (!passed.add(node)) {
            return Optional.of(follows + ", in a circle");
        }
        if (cluster.find(from).isEmpty()) {
            return Optional.of(follows);
        }
        ServerState server = seen.get(from);
        if (server == null) {
            return Optional.of(follows + ", which does not answer");
        }
        if (!passesOn(server)) {
            return Optional.of(follows + ", which does not log what it replicates");
        }
        return broken(from, primary, passed).map(why -> follows + ", which " + why);
    }

    private static boolean passesOn(ServerState server) {
        return server.logBin() && server.logReplicaUpdates();
    }

    /** @return whether it follows the primary through other servers, all of which were seen */
    public boolean chained(NodeId node, NodeId primary) {
        return source(node).filter(from -> !from.equals(primary)).isPresent() && broken(node, primary).isEmpty();
    }

    /** @return whether it replicates from the primary, or below it, with both threads running there and on every server between */
    public boolean follows(NodeId node, NodeId primary) {
        if (broken(node, primary).isPresent()) {
            return false;
        }
        for (NodeId at = node; !at.equals(primary); at = source(at).orElse(primary)) {
            boolean runs = channel(at)
                    .filter(state -> state.applierRunning() && state.receiver() == ReplicaState.Receiver.RUNNING)
                    .isPresent();
            if (!runs) {
                return false;
            }
        }
        return true;
    }

    /** @return whether what this server holds may have come from that one, directly or through others */
    boolean below(NodeId node, NodeId other) {
        Set<NodeId> passed = new HashSet<>();
        Optional<NodeId> at = source(node);
        while (at.isPresent() && passed.add(at.get())) {
            if (at.get().equals(other)) {
                return true;
            }
            at = source(at.get());
        }
        return false;
    }

    /**
     * @param primary server that all are to follow from now on
     * @param gone servers that nobody may follow any more: the old primary, and who is in quarantine
     * @return the intermediate source below which this server stays, as that one will follow the new primary: it was seen,
     *         passes on what it gets, has all that this server has, and has not purged what this one lacks. Empty for who
     *         is to follow the new primary itself
     */
    public Optional<NodeId> staysBelow(NodeId node, NodeId primary, Set<NodeId> gone) {
        Optional<NodeId> source = source(node).filter(from -> !from.equals(primary) && !gone.contains(from));
        ServerState server = seen.get(node);
        ServerState above = source.map(seen::get).orElse(null);
        if (server == null || above == null || !passesOn(above) || inCircle(node, primary, gone)) {
            return Optional.empty();
        }
        GtidSet held = server.reachable();
        return above.reachable().contains(held) && held.contains(above.purged()) ? source : Optional.empty();
    }

    /** Two servers that follow each other have no primary above them. */
    private boolean inCircle(NodeId node, NodeId primary, Set<NodeId> gone) {
        Set<NodeId> passed = new HashSet<>();
        Optional<NodeId> at = Optional.of(node);
        while (at.isPresent() && !at.get().equals(primary) && !gone.contains(at.get())) {
            if (!passed.add(at.get())) {
                return true;
            }
            at = source(at.get());
        }
        return false;
    }
}
