package dev.switchman.runbook.step;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Run;
import dev.switchman.topology.Node;
import dev.switchman.topology.ServerState;

/** Lets replicas follow a server, all at once. */
final class Replicas {

    private Replicas() {}

    /**
     * @param seen what was seen of the replicas; those that were not seen, or follow already, are left out
     * @param semiSync whether they acknowledge
     * @return those that do not follow, and why
     */
    static Map<Node, String> follow(Run run, Node primary, List<Node> replicas, Map<Node, ServerState> seen,
            NodeOperator mysql, boolean semiSync) {
        List<Node> strayed = replicas.stream().filter(node -> !node.equals(primary)).filter(node -> {
            ServerState server = seen.get(node);
            return server != null && !Servers.writable(server) && !Servers.follows(server, primary.id());
        }).toList();
        Map<Node, Change> changes = PerNode.all(strayed, node -> {
            // A server that waits for acknowledgements itself would hang its own applier.
            Change off = semiSync
                    ? mysql.semiSyncSource(node, false, Optional.empty(), run.limits().statement())
                    : new Change.Done("not in use");
            Change on = off instanceof Change.Done && semiSync
                    ? mysql.semiSyncReplica(node, true, run.limits().statement())
                    : off;
            return on instanceof Change.Done
                    ? mysql.repoint(node, primary, run.cluster().replication(), run.limits().repoint())
                    : on;
        });
        Map<Node, String> problems = new LinkedHashMap<>();
        changes.forEach((node, change) -> {
            if (!(change instanceof Change.Done)) {
                problems.put(node, change.sentence());
            }
        });
        return problems;
    }
}
