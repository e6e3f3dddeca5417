package dev.switchman.verdict;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.WriteMode;

/** Turns a snapshot into a verdict. */
public final class Diagnosis {

    private Diagnosis() {}

    /** @return the gravest verdict that the snapshot supports; the same snapshot always gives the same verdict */
    public static Verdict of(Snapshot snapshot) {
        Optional<Suspicion> suspicion = snapshot.suspicion();
        if (suspicion.isPresent()) {
            return new Inquest(snapshot, suspicion.get()).verdict();
        }
        return snapshot.knownPrimary().map(primary -> known(snapshot, primary)).orElseGet(() -> coldStart(snapshot));
    }

    // ---- first start ----

    private static Verdict coldStart(Snapshot snapshot) {
        Set<NodeId> writable = writable(snapshot);
        Set<NodeId> candidates = writable.stream()
                .filter(node -> snapshot.server(node).flatMap(ServerState::replication).isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        if (candidates.size() == 1 && writable.size() == 1) {
            NodeId candidate = candidates.iterator().next();
            if (followedByAllThatAnswer(snapshot, candidate)) {
                return new Verdict.Healthy(candidate);
            }
        }
        return new Verdict.NoKnownPrimary(seen(snapshot));
    }

    private static boolean followedByAllThatAnswer(Snapshot snapshot, NodeId candidate) {
        Lineage lineage = Lineage.of(snapshot);
        int followers = 0;
        for (Node other : snapshot.cluster().others(candidate)) {
            Optional<ServerState> server = snapshot.server(other.id());
            if (server.isPresent()) {
                if (lineage.broken(other.id(), candidate).isPresent()) {
                    return false;
                }
                followers++;
            }
        }
        return followers > 0 || snapshot.cluster().nodes().size() == 1;
    }

    private static String seen(Snapshot snapshot) {
        return snapshot.cluster()
                .nodes()
                .stream()
                .map(node -> node.id() + " " + seen(snapshot, node.id()))
                .collect(Collectors.joining("; "));
    }

    private static String seen(Snapshot snapshot, NodeId node) {
        Observation observation = snapshot.servers().get(node);
        if (observation == null) {
            return "has not been looked at";
        }
        return switch (observation) {
            case Observation.Unseen unseen -> unseen.failure().sentence();
            case Observation.Seen seen ->
                (seen.server().writeMode() == WriteMode.WRITABLE ? "is writable" : "is read-only")
                        + seen.server()
                                .replication()
                                .map(state -> " and follows " + state.source())
                                .orElse(" and follows nobody");
        };
    }

    // ---- the primary answers ----

    private static Verdict known(Snapshot snapshot, NodeId primary) {
        if (snapshot.cluster().find(primary).isEmpty()) {
            return new Verdict.NoKnownPrimary(
                    "the remembered primary " + primary + " is not configured; " + seen(snapshot));
        }
        Observation observation = snapshot.servers().get(primary);
        if (observation == null) {
            return new Verdict.Suspected(primary, "it has not been looked at yet");
        }
        return switch (observation) {
            case Observation.Unseen unseen -> unseenButAnswering(primary, unseen);
            case Observation.Seen seen -> answering(snapshot, primary, seen.server());
        };
    }

    private static Verdict unseenButAnswering(NodeId primary, Observation.Unseen unseen) {
        return new Verdict.Busy(primary, "it answers pings, and the look at its state failed: it "
                + unseen.failure().sentence());
    }

    private static Verdict answering(Snapshot snapshot, NodeId primary, ServerState server) {
        Set<NodeId> others = writable(snapshot);
        others.remove(primary);
        boolean open = server.writeMode() == WriteMode.WRITABLE;
        if (open && !others.isEmpty()) {
            return new Verdict.TwoWritable(primary, others);
        }
        Optional<Verdict> returned = quarantinedReturned(snapshot, primary);
        if (returned.isPresent()) {
            return returned.get();
        }
        if (!open) {
            return others.isEmpty()
                    ? new Verdict.PrimaryReadOnly(primary)
                    : new Verdict.Unclear(primary,
                            "it is remembered as the primary and is read-only, while " + others + " accept writes");
        }
        return DiskTrouble.of(snapshot, primary)
                .or(() -> misplacedAddress(snapshot, primary))
                .or(() -> brokenReplication(snapshot, primary))
                .or(() -> lostReplicas(snapshot, primary))
                .orElseGet(() -> new Verdict.Healthy(primary));
    }

    private static Optional<Verdict> quarantinedReturned(Snapshot snapshot, NodeId primary) {
        return new TreeSet<>(snapshot.quarantined()).stream()
                .filter(node -> !node.equals(primary))
                .flatMap(node -> snapshot.server(node)
                        .map(server -> (Verdict) new Verdict.QuarantinedReturned(primary, node,
                                returned(snapshot, node, server)))
                        .stream())
                .findFirst();
    }

    private static String returned(Snapshot snapshot, NodeId node, ServerState server) {
        if (server.writeMode() == WriteMode.WRITABLE) {
            return "it accepts writes";
        }
        return carries(snapshot, node) ? "it carries the virtual IP" : "its fence was never proven";
    }

    private static Optional<Verdict> misplacedAddress(Snapshot snapshot, NodeId primary) {
        if (snapshot.cluster().virtualIp().isEmpty()) {
            return Optional.empty();
        }
        Set<NodeId> holders = snapshot.hosts()
                .keySet()
                .stream()
                .filter(node -> carries(snapshot, node))
                .collect(Collectors.toSet());
        // Without a look at the primary's own host, its lack of the address is not known.
        Set<NodeId> expected = snapshot.hosts().get(primary) instanceof HostView.Seen || holders.contains(primary)
                ? Set.of(primary)
                : Set.of();
        return holders.equals(expected)
                ? Optional.empty()
                : Optional.of(new Verdict.VirtualIpMisplaced(primary, holders));
    }

    private static boolean carries(Snapshot snapshot, NodeId node) {
        return snapshot.hosts().get(node) instanceof HostView.Seen host && snapshot.cluster()
                .virtualIp()
                .filter(address -> host.addresses().contains(address.address().name()))
                .isPresent();
    }

    private static Optional<Verdict> brokenReplication(Snapshot snapshot, NodeId primary) {
        Map<NodeId, String> broken = new TreeMap<>();
        Lineage lineage = Lineage.of(snapshot);
        for (Node other : snapshot.cluster().others(primary)) {
            snapshot.server(other.id())
                    .flatMap(server -> ailment(lineage, other.id(), server, primary))
                    .ifPresent(why -> broken.put(other.id(), why));
        }
        return broken.isEmpty() ? Optional.empty() : Optional.of(new Verdict.ReplicationBroken(primary, broken));
    }

    private static Optional<String> ailment(Lineage lineage, NodeId node, ServerState server, NodeId primary) {
        if (server.replication().isEmpty()) {
            return Optional.of("follows nobody");
        }
        ReplicaState state = server.replication().get();
        if (state.channels() > 1) {
            return Optional.of("has " + state.channels() + " channels; one is supported");
        }
        Optional<String> above = lineage.broken(node, primary);
        if (above.isPresent()) {
            return above;
        }
        Optional<String> receiver = switch (state.receiver()) {
            case RUNNING -> Optional.empty();
            case CONNECTING -> Optional.of("cannot connect" + error(state.receiverErrno(), state.receiverError()));
            case STOPPED ->
                Optional.of("its receiver is stopped" + error(state.receiverErrno(), state.receiverError()));
        };
        return receiver.isPresent() || state.applierRunning()
                ? receiver
                : Optional.of("its applier is stopped" + error(state.applierErrno(), state.applierError()));
    }

    private static String error(int errno, String message) {
        return errno == 0 ? "" : " (" + errno + ": " + message + ")";
    }

    private static Optional<Verdict> lostReplicas(Snapshot snapshot, NodeId primary) {
        Set<NodeId> lost = snapshot.cluster()
                .others(primary)
                .stream()
                .map(Node::id)
                .filter(node -> snapshot.servers().get(node) instanceof Observation.Unseen)
                .collect(Collectors.toSet());
        return lost.isEmpty() ? Optional.empty() : Optional.of(new Verdict.ReplicasLost(primary, lost));
    }

    // ---- shared ----

    private static Set<NodeId> writable(Snapshot snapshot) {
        return snapshot.cluster()
                .nodes()
                .stream()
                .map(Node::id)
                .filter(node -> snapshot.server(node)
                        .filter(server -> server.writeMode() == WriteMode.WRITABLE)
                        .isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A channel may name its source by another name or address than the configuration does: then the UUID decides. */
    static boolean follows(Snapshot snapshot, ReplicaState state, NodeId source) {
        if (state.source().equals(source)) {
            return true;
        }
        Cluster cluster = snapshot.cluster();
        return cluster.find(state.source()).isEmpty() && snapshot.server(source)
                .filter(server -> state.sourceUuid().filter(server.serverUuid()::equals).isPresent())
                .isPresent();
    }
}
