package dev.switchman.verdict;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;

/**
 * From which server another one can be copied by CLONE: from 8.0.17 on, between equal versions, and from 8.0.37 on within a
 * release series (MySQL 8.4 manual, "Cloning Remote Data", prerequisites).
 */
public final class Donors {

    private static final String OLDEST = "8.0.17";

    private Donors() {}

    /** @param reasons why not these, in the order of the configuration, the primary last */
    public record Found(Optional<NodeId> donor, Map<NodeId, String> reasons) {

        /** @return one line for people */
        public String sentence() {
            return reasons.entrySet()
                    .stream()
                    .map(entry -> entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining("; "));
        }
    }

    /** @return why no server of this version can become a copy of another; empty when it can */
    public static Optional<String> unable(ServerVersion version) {
        return version.atLeast(8, 0, 17)
                ? Optional.empty()
                : Optional.of("MySQL " + version + " knows no CLONE (" + OLDEST + " and later do)");
    }

    /**
     * @param recipient the server that is to become a copy
     * @param seen servers that answered. The primary tells which of the others hold what it lacks: a copy of them could not follow
     *        it either. It is the donor only if no other server can be: its clients feel that
     */
    public static Found find(Cluster cluster, NodeId recipient, ServerVersion version, NodeId primary,
            Map<NodeId, ServerState> seen) {
        Map<NodeId, String> reasons = new LinkedHashMap<>();
        for (Node node : cluster.others(recipient)) {
            ServerState server = seen.get(node.id());
            if (node.id().equals(primary)) {
                continue;
            }
            Optional<String> against = server == null
                    ? Optional.of("does not answer")
                    : against(version, primary, server).or(() -> errant(server, primary, seen));
            if (against.isEmpty()) {
                return new Found(Optional.of(node.id()), Map.of());
            }
            reasons.put(node.id(), against.get());
        }
        ServerState source = seen.get(primary);
        Optional<String> against = source == null ? Optional.of("does not answer") : other(version, source);
        against.ifPresent(why -> reasons.put(primary, why));
        return new Found(against.isEmpty() ? Optional.of(primary) : Optional.empty(), reasons);
    }

    private static Optional<String> other(ServerVersion version, ServerState server) {
        ServerVersion other = server.version();
        boolean series = other.major() == version.major() && other.minor() == version.minor()
                && other.atLeast(8, 0, 37) && version.atLeast(8, 0, 37);
        if (!other.equals(version) && !series) {
            return Optional.of("is MySQL " + other + ", not " + version);
        }
        return Optional.empty();
    }

    private static Optional<String> against(ServerVersion version, NodeId primary, ServerState server) {
        Optional<String> other = other(version, server);
        if (other.isPresent()) {
            return other;
        }
        boolean follows = server.replication()
                .filter(state -> state.source().equals(primary) && state.receiver() == ReplicaState.Receiver.RUNNING
                        && state.applierRunning())
                .isPresent();
        boolean delayed = server.replication().filter(state -> !state.delay().isZero()).isPresent();
        return follows && delayed
                ? Optional.of("is delayed on purpose, and a copy of it would be")
                : follows ? Optional.empty() : Optional.of("does not replicate from " + primary);
    }

    private static Optional<String> errant(ServerState server, NodeId primary, Map<NodeId, ServerState> seen) {
        return Optional.ofNullable(seen.get(primary))
                .map(source -> Errant.foreign(server.reachable().minus(source.executed()), source.serverUuid()))
                .filter(set -> !set.isEmpty())
                .map(set -> "holds " + set + ", which " + primary + " lacks");
    }
}
