package dev.switchman.runbook.step;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Run;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Glance;
import dev.switchman.topology.Limits;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

/** Fresh looks at several servers at once. */
@Component
final class Servers {

    private final NodeReader reader;
    private final ClusterMemory memory;

    Servers(NodeReader reader, ClusterMemory memory) {
        this.reader = reader;
        this.memory = memory;
    }

    /** How long a look at a server that should answer may take: a dead one must not hold up the others for longer. */
    static Duration look(Limits limits) {
        Duration two = limits.connect().multipliedBy(2);
        return two.compareTo(limits.statement()) < 0 ? two : limits.statement();
    }

    /**
     * How long a look may take at a server that was silent a moment ago, while the application waits: one that is back
     * answers within milliseconds.
     */
    static Duration glance(Limits limits) {
        return limits.fenceSilent().dividedBy(4);
    }

    /**
     * How long a look may take, while the application waits, at a replica that has been silent for a full look of the same
     * run. Not what {@link #glance} is: its connection is new, and what it holds may be wanted.
     */
    private static Duration moment(Limits limits) {
        return limits.connect().dividedBy(4);
    }

    Map<Node, Observation> observe(Collection<Node> nodes, Limits limits) {
        return PerNode.all(nodes, node -> reader.observe(node, look(limits)));
    }

    /** Quick looks at both, in the moment before one is opened. */
    Map<Node, Glance> glances(Collection<Node> nodes, Limits limits) {
        return PerNode.all(nodes, node -> reader.glance(node, look(limits)));
    }

    /** @return replicas that acknowledge to this one and are connected now */
    int acknowledgers(Node node, Limits limits) {
        return reader.acknowledgers(node, look(limits));
    }

    /**
     * Waits for a server itself to count its replicas, at most {@link Limits#semiSync}: a receiver runs a moment before it is
     * counted.
     *
     * @return those it counted last, fewer than expected if the time ran out
     */
    int awaitAcknowledgers(Node node, int expected, Limits limits, Pace pace) {
        int[] counted = {0};
        pace.until(() -> {
            counted[0] = acknowledgers(node, limits);
            return counted[0] >= expected;
        }, limits.semiSync());
        return counted[0];
    }

    Observation observe(Node node, Duration deadline) {
        return reader.observe(node, deadline);
    }

    /** Like {@link #observe} of many, with no more than a glance at one of them. */
    Map<Node, Observation> observe(Collection<Node> nodes, Limits limits, Node silent) {
        return PerNode.all(nodes,
                node -> reader.observe(node, node.equals(silent) ? glance(limits) : look(limits)));
    }

    /** Like {@link #observe} of many; the run remembers who was silent. Never more than a glance at the old primary. */
    Map<Node, Observation> observePatiently(Run run, Collection<Node> nodes) {
        return observe(run, nodes, Set.of(), glance(run.limits()));
    }

    /**
     * Like {@link #observe} of many, where applications wait and an answer that comes late decides nothing: whoever the run
     * remembers as silent is given a moment only, until it answers.
     */
    Map<Node, Observation> observeBriefly(Run run, Collection<Node> nodes) {
        return observeBriefly(run, nodes, glance(run.limits()));
    }

    /** Like the other, with a deadline of its own for the old primary. */
    Map<Node, Observation> observeBriefly(Run run, Collection<Node> nodes, Duration forOld) {
        return observe(run, nodes, run.silent(), forOld);
    }

    private Map<Node, Observation> observe(Run run, Collection<Node> nodes, Set<NodeId> silent, Duration forOld) {
        Limits limits = run.limits();
        Node old = run.oldPrimary();
        Map<Node, Observation> looks = PerNode.all(nodes, node -> reader.observe(node,
                node.equals(old) ? forOld : silent.contains(node.id()) ? moment(limits) : look(limits)));
        Set<NodeId> now = run.silent();
        looks.forEach((node, look) -> {
            if (!node.equals(old) && look instanceof Observation.Unseen unseen
                    && unseen.failure() instanceof Failure.TimedOut) {
                now.add(node.id());
            } else {
                now.remove(node.id());
            }
        });
        run.silent(now);
        return looks;
    }

    /** @return nodes that may take part in a run: neither the old primary nor a quarantined server */
    List<Node> others(Run run) {
        Optional<NodeId> old = run.oldPrimaryIfKnown();
        var quarantined = memory.quarantined(run.cluster().name()).keySet();
        return run.cluster()
                .nodes()
                .stream()
                .filter(node -> !old.equals(Optional.of(node.id())) && !quarantined.contains(node.id()))
                .toList();
    }

    /** @return nodes that may follow the candidate */
    List<Node> followers(Run run) {
        NodeId candidate = run.candidate().id();
        return others(run).stream().filter(node -> !node.id().equals(candidate)).toList();
    }

    static Map<Node, ServerState> seen(Map<Node, Observation> looks) {
        Map<Node, ServerState> seen = new LinkedHashMap<>();
        looks.forEach((node, look) -> {
            if (look instanceof Observation.Seen(NodeId id, var at, ServerState server)) {
                seen.put(node, server);
            }
        });
        return seen;
    }

    static Map<NodeId, ServerState> byId(Map<Node, ServerState> seen) {
        Map<NodeId, ServerState> byId = new LinkedHashMap<>();
        seen.forEach((node, server) -> byId.put(node.id(), server));
        return byId;
    }

    static String unseen(Map<Node, Observation> looks) {
        return looks.values()
                .stream()
                .filter(Observation.Unseen.class::isInstance)
                .map(Observation.Unseen.class::cast)
                .map(look -> look.node() + " " + look.failure().sentence())
                .collect(Collectors.joining("; "));
    }

    static boolean writable(ServerState server) {
        return server.writeMode() == WriteMode.WRITABLE && !server.offline();
    }

    /** @return whether it replicates from this source, with both threads running */
    static boolean follows(ServerState server, NodeId source) {
        return server.replication()
                .filter(state -> state.source().equals(source) && state.applierRunning()
                        && state.receiver() == ReplicaState.Receiver.RUNNING)
                .isPresent();
    }

    /**
     * @return servers that nobody is to follow any more: the old primary, and who is in quarantine
     */
    Set<NodeId> gone(Run run) {
        Set<NodeId> gone = new HashSet<>(memory.quarantined(run.cluster().name()).keySet());
        run.oldPrimaryIfKnown().ifPresent(gone::add);
        return gone;
    }

    static String words(WriteMode mode) {
        return switch (mode) {
            case WRITABLE -> "writable";
            case READ_ONLY -> "read_only (accounts with SUPER still write)";
            case SUPER_READ_ONLY -> "super_read_only";
        };
    }

    static String names(Collection<Node> nodes) {
        return nodes.isEmpty() ? "none" : nodes.stream().map(Node::toString).collect(Collectors.joining(", "));
    }
}
