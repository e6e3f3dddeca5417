package dev.switchman.runbook.step;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Election;
import dev.switchman.verdict.Lineage;

/**
 * Lets the other replicas follow the new primary, all at once; it forgets a source that it still has. Safe to repeat. One that cannot be reached or holds what
 * the new primary lacks is left as it is and named; that does not stop the run.
 */
@Component
@Raises(RunbookError.NEW_PRIMARY_LOST)
@Follows(value = {OpenPrimary.class, OpenCandidate.class}, orCaught = RunbookError.CANDIDATE_OPEN)
final class RepointReplicas extends ChangingStep {

    /** Long enough to see whether a started applier stumbles at once. */
    private static final Duration APPLIER = Duration.ofMillis(500);

    private final Servers servers;
    private final NodeOperator mysql;
    private final ClusterMemory memory;

    RepointReplicas(Hold hold, Servers servers, NodeOperator mysql, ClusterMemory memory) {
        super(hold);
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
    }

    @Override
    Outcome change(Run run) {
        Node primary = run.candidate();
        Map<Node, Observation> looks = servers.observe(servers.others(run), run.limits());
        Map<Node, ServerState> seen = Servers.seen(looks);
        if (!seen.containsKey(primary)) {
            return Lost.newPrimary(run, Servers.unseen(looks));
        }
        Map<NodeId, ServerState> byId = Servers.byId(seen);
        Election election = ChoosePrimary.election(run, memory, byId);
        Map<Node, ServerState> replicas = new LinkedHashMap<>(seen);
        replicas.remove(primary);
        Map<Node, Change> changes = PerNode.beside(List.of(() -> forget(run, primary)), () -> follow(run, primary,
                replicas, election, Lineage.of(run.cluster(), byId), servers.gone(run)));
        List<Node> done = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        changes.forEach((node, change) -> {
            if (change instanceof Change.Done) {
                done.add(node);
            } else {
                problems.add(node + " " + change.sentence());
            }
        });
        String unseen = Servers.unseen(looks);
        if (!unseen.isEmpty()) {
            problems.add(unseen);
        }
        problems.forEach(problem -> run.note(Remark.WARNING, "Does not follow " + primary + ": " + problem + "."));
        return new Outcome.Done("following " + primary + ": " + Servers.names(done)
                + (problems.isEmpty() ? "" : "; not: " + String.join("; ", problems)));
    }

    /** Its threads stand since before it was opened; a restart would start them again. Tried twice. */
    private void forget(Run run, Node primary) {
        Change forgot = mysql.forgetSource(primary, run.limits().statement());
        if (!(forgot instanceof Change.Done)) {
            forgot = mysql.forgetSource(primary, run.limits().statement());
        }
        if (!(forgot instanceof Change.Done)) {
            run.note(Remark.TO_DO, "RESET REPLICA ALL on " + primary + ", which is to follow nobody: "
                    + forgot.sentence() + ".");
        }
    }

    private Map<Node, Change> follow(Run run, Node primary, Map<Node, ServerState> replicas, Election election,
            Lineage lineage, Set<NodeId> gone) {
        // A chained replica whose source must be rebuilt does not stay there.
        Set<NodeId> left = new HashSet<>(gone);
        replicas.keySet()
                .stream()
                .map(Node::id)
                .filter(id -> !election.surplus(id, primary.id()).isEmpty())
                .forEach(left::add);
        return PerNode.all(replicas.keySet(), node -> {
            if (lineage.follows(node.id(), primary.id())) {
                return new Change.Done("follows already");
            }
            Optional<NodeId> above = lineage.staysBelow(node.id(), primary.id(), left);
            if (above.isPresent() && !left.contains(node.id())) {
                Change started = mysql.startReplication(node, run.limits().repoint());
                return started instanceof Change.Done ? new Change.Done("below " + above.get()) : started;
            }
            GtidSet surplus = election.surplus(node.id(), primary.id());
            if (!surplus.isEmpty()) {
                return new Change.Rejected(
                        "it holds " + surplus + ", which " + primary + " lacks, and must be rebuilt");
            }
            return apply(node, replicas.get(node))
                    .orElseGet(() -> mysql.repoint(node, primary, run.cluster().replication(), run.limits().repoint()));
        });
    }

    /** One whose applier somebody has stopped has received what it must apply first, or it would stay with the old primary. */
    private Optional<Change> apply(Node node, @Nullable ServerState server) {
        boolean stands = server != null && server.replication()
                .filter(state -> !state.applierRunning() && state.applierErrno() == 0)
                .isPresent();
        if (server == null || !stands || server.executed().contains(server.reachable())) {
            return Optional.empty();
        }
        // It goes on behind this: with a running applier nothing is deleted.
        return mysql.catchUp(node, server.reachable(), APPLIER) instanceof CatchUp.Stopped(int errno, String message)
                ? Optional.of(new Change.Rejected("its applier stands: error " + errno + " " + message))
                : Optional.empty();
    }
}
