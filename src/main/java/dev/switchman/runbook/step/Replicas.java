package dev.switchman.runbook.step;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Run;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Lineage;

/** Lets replicas follow a server, all at once. */
final class Replicas {

    private Replicas() {}

    /** @return servers that nobody follows after a rollback: who is in quarantine, and the candidate, to which some were moved */
    static Set<NodeId> notToFollow(Run run, ClusterMemory memory) {
        Set<NodeId> none = new HashSet<>(memory.quarantined(run.cluster().name()).keySet());
        run.candidateIfChosen().ifPresent(none::add);
        return none;
    }

    /**
     * @param seen what was seen of the replicas; those that were not seen, or follow already, directly or below another, are
     *            left out
     * @param semiSync whether they acknowledge
     * @param gone servers that nobody is to follow
     * @return those that do not follow, and why
     */
    static Map<Node, String> follow(Run run, Node primary, List<Node> replicas, Map<Node, ServerState> seen,
            NodeOperator mysql, boolean semiSync, Set<NodeId> gone) {
        Lineage lineage = Lineage.of(run.cluster(), Servers.byId(seen));
        List<Node> strayed = replicas.stream().filter(node -> !node.equals(primary)).filter(node -> {
            ServerState server = seen.get(node);
            boolean below = lineage.source(node.id()).filter(gone::contains).isPresent();
            return server != null && !Servers.writable(server)
                    && (below || !lineage.follows(node.id(), primary.id()));
        }).toList();
        Map<Node, Change> changes = PerNode.all(strayed, node -> {
            if (lineage.staysBelow(node.id(), primary.id(), gone).isPresent()) {
                return mysql.startReplication(node, run.limits().repoint());
            }
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
