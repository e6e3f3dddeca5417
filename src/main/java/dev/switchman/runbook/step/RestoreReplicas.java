package dev.switchman.runbook.step;

import java.util.List;
import java.util.Map;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;

/** Lets every replica follow the old primary again after a switchover was rolled back. Safe to repeat; names who does not. */
@Component
final class RestoreReplicas extends ChangingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final ClusterMemory memory;

    RestoreReplicas(Hold hold, Servers servers, NodeOperator mysql, ClusterMemory memory) {
        super(hold);
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
    }

    @Override
    Outcome change(Run run) {
        Node primary = run.oldPrimary();
        List<Node> replicas = servers.others(run);
        Map<Node, Observation> looks = servers.observe(replicas, run.limits());
        Map<Node, ServerState> seen = Servers.seen(looks);
        Map<Node, String> problems = Replicas.follow(run, primary, replicas, seen, mysql,
                PrepareSemiSync.wanted(run, memory).isPresent(), Replicas.notToFollow(run, memory));
        replicas.stream()
                .filter(node -> !seen.containsKey(node))
                .forEach(node -> problems.put(node, "it does not answer"));
        problems.forEach((node, why) -> run.note(Remark.TO_DO,
                "Let " + node + " follow " + primary + " again: " + why + "."));
        return new Outcome.Done(problems.isEmpty()
                ? "all replicas follow " + primary
                : "not following " + primary + ": " + problems);
    }
}
