package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.stereotype.Component;

import dev.switchman.hook.Shutdown;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;

/**
 * Stops every replica from receiving more, so that what they hold can be compared, and so that the old primary has
 * nobody left to acknowledge its commits. A replica that accepts writes is closed too. Safe to repeat; all replicas at
 * once; one that does not answer is left out of the election. If the old primary's fence is not proven then, waits for
 * the shutdown hook that the fence has begun.
 */
@Component
@Raises({RunbookError.PRIMARY_ALIVE, RunbookError.OUTCOME_UNKNOWN})
@Follows(FenceOldPrimary.class)
final class StopReceivers extends PreparingStep {

    /** A semi-sync timeout below this may run out while the old primary is still unwatched. */
    static final Duration LONG = Duration.ofHours(1);

    private final Servers servers;
    private final NodeOperator mysql;
    private final HostShutdown hook;
    private final ClusterMemory memory;
    private final Clock clock;

    StopReceivers(Hold hold, Resumption resumption, Servers servers, NodeOperator mysql, HostShutdown hook,
            ClusterMemory memory, Clock clock) {
        super(hold, resumption);
        this.servers = servers;
        this.mysql = mysql;
        this.hook = hook;
        this.memory = memory;
        this.clock = clock;
    }

    @Override
    Outcome prepare(Run run) {
        Map<Node, Observation> looks = servers.observeBriefly(run, servers.others(run));
        Map<Node, ServerState> seen = Servers.seen(looks);
        List<Node> replicas = seen.entrySet()
                .stream()
                .filter(entry -> !openedByUs(run, entry.getKey(), entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        Map<Node, Change> stopped = PerNode.all(replicas, node -> stop(run, node, seen));

        List<Node> done = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        String unseen = Servers.unseen(looks);
        if (!unseen.isEmpty()) {
            problems.add(unseen);
        }
        stopped.forEach((node, change) -> {
            if (change instanceof Change.Done) {
                done.add(node);
            } else {
                problems.add(node + " " + change.sentence());
            }
        });
        problems.forEach(problem -> run.note(Remark.WARNING, "Not stopped: " + problem));
        run.note(Remark.RECEIVERS_STOPPED, clock.instant().toString());
        starve(run, done.stream().map(Node::id).collect(Collectors.toSet()));
        String shutDown = awaitHook(run);
        return new Outcome.Done("stopped on " + Servers.names(done)
                + (problems.isEmpty() ? "" : "; not on: " + String.join("; ", problems)) + shutDown);
    }

    /** Nothing else has proven the fence, so the shutdown hook's answer is worth the wait. */
    private String awaitHook(Run run) {
        if (run.fence() != Run.Fence.UNPROVEN) {
            return "";
        }
        return hook.await(run, run.oldPrimary()).map(shutdown -> {
            if (shutdown instanceof Shutdown.Proven) {
                run.fence(Run.Fence.CLOSED);
            }
            return "; the shutdown hook " + shutdown.sentence();
        }).orElse("");
    }

    private static boolean openedByUs(Run run, Node node, ServerState server) {
        return run.candidateIfChosen().equals(Optional.of(node.id())) && Servers.writable(server)
                && server.replication().filter(ReplicaState::replicates).isEmpty();
    }

    private Change stop(Run run, Node node, Map<Node, ServerState> seen) {
        ServerState server = seen.get(node);
        if (server != null && Servers.writable(server)) {
            Fencing fencing = mysql.refuseWrites(node, run.limits().fence());
            if (!(fencing instanceof Fencing.Closed)) {
                return new Change.Rejected("accepts writes and could not be closed: " + fencing);
            }
            run.note(Remark.WARNING, node + " accepted writes; it was made read-only.");
        }
        return mysql.stopReceiver(node, run.limits().statement());
    }

    /** Rule: it cannot acknowledge a commit when all who could confirm one have stopped listening. */
    private void starve(Run run, Set<NodeId> stopped) {
        Optional<ClusterMemory.LastHealthy> before = memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(run.oldPrimary().id()));
        if (run.fence() != Run.Fence.UNPROVEN || before.isEmpty()) {
            return;
        }
        boolean waits = before.get().semiSync() instanceof SemiSync.SourceSide.Present source && source.enabled()
                && source.operating() && source.waitNoReplica() && source.timeout().compareTo(LONG) >= 0;
        if (waits && stopped.containsAll(before.get().possibleAckers())) {
            run.fence(Run.Fence.STARVED);
            run.note(Remark.FENCE,
                    run.oldPrimary() + " cannot acknowledge a commit: semi-sync was on, and every replica"
                            + " that could acknowledge one has stopped listening.");
        }
    }
}
