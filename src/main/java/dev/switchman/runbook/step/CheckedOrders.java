package dev.switchman.runbook.step;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.runbook.Orders;
import dev.switchman.runbook.Run;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/** Checks what people write, and whether this manager holds the cluster's locks. */
@Component
final class CheckedOrders implements Orders {

    private static final int LONGEST = 500;
    private static final Pattern CHECK = Pattern.compile("[a-z][a-z0-9-]{0,60}");

    private final Claims claims;
    private final ClusterMemory memory;

    CheckedOrders(Claims claims, ClusterMemory memory) {
        this.claims = claims;
        this.memory = memory;
    }

    @Override
    public Order switchover(Cluster cluster, Optional<String> to, String reason, List<String> overrides) {
        Optional<Order> unfit = unfit(reason);
        if (unfit.isPresent()) {
            return unfit.get();
        }
        Map<String, String> inputs = new HashMap<>();
        Optional<String> wanted = to.map(String::strip).filter(text -> !text.isEmpty());
        if (wanted.isPresent()) {
            switch (named("to", cluster, wanted.get())) {
                case Named.Found(NodeId node) -> inputs.put(Run.TARGET, node.toString());
                case Named.NotFound(String why) -> {
                    return new Order.Unfit(why);
                }
            }
        }
        Optional<Order> unknown = unfit(overrides);
        if (unknown.isPresent()) {
            return unknown.get();
        }
        inputs.put(Run.OVERRIDES, String.join(",", overrides));
        return ours(cluster, reason, inputs);
    }

    private static Optional<Order> unfit(List<String> overrides) {
        for (@Nullable
        String name : overrides) {
            if (name == null || !CHECK.matcher(name).matches()) {
                return Optional.of(new Order.Unfit(
                        "override: not the name of a check, such as server-answers: \"" + name + "\""));
            }
        }
        String all = String.join(",", overrides);
        return all.length() <= LONGEST
                ? Optional.empty()
                : Optional.of(new Order.Unfit("override: " + overrides.size() + " names, " + all.length()
                        + " characters, at most " + LONGEST));
    }

    @Override
    public Order rejoin(Cluster cluster, String node, String reason, List<String> overrides) {
        Optional<Order> unfit = unfit(reason).or(() -> unfit(overrides));
        if (unfit.isPresent()) {
            return unfit.get();
        }
        Optional<NodeId> primary = memory.knownPrimary(cluster.name());
        return switch (named("node", cluster, node)) {
            case Named.NotFound(String why) -> new Order.Unfit(why);
            case Named.Found(NodeId id) when primary.isEmpty() -> new Order.Unfit("node: cluster " + cluster.name()
                    + " has no known primary that " + id + " could follow");
            case Named.Found(NodeId id) when primary.get().equals(id) -> new Order.Unfit(
                    "node: is the primary of cluster " + cluster.name() + ", and follows nobody: " + id);
            case Named.Found(NodeId id) -> ours(cluster, reason, overrides.isEmpty()
                    ? Map.of(Run.OLD_PRIMARY, id.toString())
                    : Map.of(Run.OLD_PRIMARY, id.toString(), Run.OVERRIDES, String.join(",", overrides)));
        };
    }

    @Override
    public Order repairErrant(Cluster cluster, String node, String choice, String reason) {
        Optional<Order> unfit = unfit(reason);
        if (unfit.isPresent()) {
            return unfit.get();
        }
        Optional<Run.Choice> wanted = Run.Choice.of(choice.strip());
        if (wanted.isEmpty()) {
            return new Order.Unfit("choice: must be one of " + Arrays.stream(Run.Choice.values())
                    .map(Run.Choice::word)
                    .toList() + " (a server is rebuilt by a rejoin): \"" + choice + "\"");
        }
        Optional<NodeId> primary = memory.knownPrimary(cluster.name());
        return switch (named("node", cluster, node)) {
            case Named.NotFound(String why) -> new Order.Unfit(why);
            case Named.Found(NodeId id) when primary.equals(Optional.of(id)) -> new Order.Unfit(
                    "node: is the primary of cluster " + cluster.name() + ", and holds no errant transactions: " + id);
            case Named.Found(NodeId id) -> ours(cluster, reason,
                    Map.of(Run.OLD_PRIMARY, id.toString(), Run.CHOICE, wanted.get().word()));
        };
    }

    @Override
    public Order purgeRelayLogs(Cluster cluster, String reason) {
        return unfit(reason).orElseGet(() -> ours(cluster, reason, Map.of()));
    }

    private static Optional<Order> unfit(String reason) {
        if (reason.isBlank()) {
            return Optional.of(new Order.Unfit(
                    "reason: missing; say why, for the journal and for whoever looks at the cluster meanwhile"));
        }
        return reason.length() <= LONGEST
                ? Optional.empty()
                : Optional.of(new Order.Unfit("reason: " + reason.length() + " characters, at most " + LONGEST + ": \""
                        + reason.substring(0, 40) + "…\""));
    }

    private Order ours(Cluster cluster, String reason, Map<String, String> inputs) {
        return claims.renewed(cluster.name()) instanceof Claims.Claim.NotHeld(String why)
                ? new Order.OnlyWatched("this manager only watches cluster " + cluster.name() + ": it " + why)
                : new Order.Fit(reason.strip(), inputs);
    }

    @Override
    public Named node(Cluster cluster, String text) {
        return named("to", cluster, text);
    }

    /** @param argument what the server was given as */
    private static Named named(String argument, Cluster cluster, String text) {
        List<NodeId> found = cluster.nodes()
                .stream()
                .map(Node::id)
                .filter(id -> id.toString().equals(text.strip()) || id.host().name().equals(text.strip()))
                .toList();
        if (found.size() != 1) {
            return new Named.NotFound(argument + ": cluster " + cluster.name() + (found.isEmpty()
                    ? " has no server \"" + text + "\""
                    : " has several servers \"" + text + "\", name the port")
                    + "; its servers are " + cluster.nodes().stream().map(Node::toString).toList());
        }
        return new Named.Found(found.getFirst());
    }
}
