package dev.switchman.runbook.step;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

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

    CheckedOrders(Claims claims) {
        this.claims = claims;
    }

    @Override
    public Order switchover(Cluster cluster, Optional<String> to, String reason, List<String> overrides) {
        if (reason.isBlank()) {
            return new Order.Unfit(
                    "reason: missing; say why, for the journal and for whoever looks at the cluster meanwhile");
        }
        if (reason.length() > LONGEST) {
            return new Order.Unfit("reason: " + reason.length() + " characters, at most " + LONGEST + ": \""
                    + reason.substring(0, 40) + "…\"");
        }
        Map<String, String> inputs = new HashMap<>();
        Optional<String> wanted = to.map(String::strip).filter(text -> !text.isEmpty());
        if (wanted.isPresent()) {
            switch (node(cluster, wanted.get())) {
                case Named.Found(NodeId node) -> inputs.put(Run.TARGET, node.toString());
                case Named.NotFound(String why) -> {
                    return new Order.Unfit(why);
                }
            }
        }
        for (@Nullable
        String name : overrides) {
            if (name == null || !CHECK.matcher(name).matches()) {
                return new Order.Unfit("override: not the name of a check, such as server-answers: \"" + name + "\"");
            }
        }
        String all = String.join(",", overrides);
        if (all.length() > LONGEST) {
            return new Order.Unfit("override: " + overrides.size() + " names, " + all.length()
                    + " characters, at most " + LONGEST);
        }
        inputs.put(Run.OVERRIDES, all);
        if (claims.renewed(cluster.name()) instanceof Claims.Claim.NotHeld(String why)) {
            return new Order.OnlyWatched("this manager only watches cluster " + cluster.name() + ": it " + why);
        }
        return new Order.Fit(reason.strip(), inputs);
    }

    @Override
    public Named node(Cluster cluster, String text) {
        List<NodeId> found = cluster.nodes()
                .stream()
                .map(Node::id)
                .filter(id -> id.toString().equals(text.strip()) || id.host().name().equals(text.strip()))
                .toList();
        if (found.size() != 1) {
            return new Named.NotFound("to: cluster " + cluster.name() + (found.isEmpty()
                    ? " has no server \"" + text + "\""
                    : " has several servers \"" + text + "\", name the port")
                    + "; its servers are " + cluster.nodes().stream().map(Node::toString).toList());
        }
        return new Named.Found(found.getFirst());
    }
}
