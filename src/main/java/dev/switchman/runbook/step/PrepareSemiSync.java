package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
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
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Election;
import dev.switchman.verdict.Lineage;

/**
 * Where semi-sync was in use: lets the other replicas follow the candidate and acknowledge, waits until as many are
 * connected as a commit waits for, and only then makes the candidate wait for them. Otherwise its first commit would
 * hang. Safe to repeat; keeps the limit {@code semi-sync}. With fewer replicas the policy {@code semi-sync-degraded}
 * says what follows.
 */
@Component
@Raises({RunbookError.CANDIDATE_LOST, RunbookError.PROMOTION_DECLINED, RunbookError.PRIMARY_ALIVE,
        RunbookError.OUTCOME_UNKNOWN})
@Follows(StopReplication.class)
final class PrepareSemiSync extends PreparingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final ClusterMemory memory;
    private final Pace pace;

    PrepareSemiSync(Hold hold, Resumption resumption, Servers servers, NodeOperator mysql, ClusterMemory memory,
            Pace pace) {
        super(hold, resumption);
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
        this.pace = pace;
    }

    /** @return how many acknowledgements the lost primary waited for; empty when semi-sync was not in use */
    static Optional<Integer> wanted(Run run, ClusterMemory memory) {
        return memory.lastHealthy(run.cluster().name())
                .map(ClusterMemory.LastHealthy::semiSync)
                .filter(SemiSync.SourceSide.Present.class::isInstance)
                .map(SemiSync.SourceSide.Present.class::cast)
                .filter(SemiSync.SourceSide.Present::enabled)
                .map(SemiSync.SourceSide.Present::waitCount);
    }

    @Override
    Outcome prepare(Run run) {
        Node candidate = run.candidate();
        Optional<Integer> wanted = wanted(run, memory);
        // Where nobody acknowledges, no replica is worth waiting for.
        Map<Node, Observation> looks = servers.observeBriefly(run,
                wanted.isEmpty() ? List.of(candidate) : servers.others(run));
        Map<Node, ServerState> seen = Servers.seen(looks);
        ServerState server = seen.get(candidate);
        if (server == null) {
            return Lost.candidate(run, Servers.unseen(looks));
        }
        if (wanted.isEmpty()) {
            return new Outcome.Done("semi-sync was not in use");
        }
        if (Servers.writable(server)) {
            return new Outcome.Done(candidate + " was opened by an earlier attempt of this run");
        }
        if (!(server.semiSync().source() instanceof SemiSync.SourceSide.Present)) {
            return degraded(run, candidate, wanted.get(), 0, "the semi-sync source plugin is not loaded there");
        }
        AtomicReference<Change> own = new AtomicReference<>(new Change.Done(""));
        List<Node> connected = PerNode.beside(
                List.of(() -> own.set(mysql.semiSyncReplica(candidate, false, run.limits().statement()))),
                () -> connect(run, candidate, seen, wanted.get()));
        if (own.get() instanceof Change.Unreachable(String why)) {
            return Lost.candidate(run, why);
        }
        int clients = Math.min(connected.size(),
                servers.awaitAcknowledgers(candidate, Math.min(wanted.get(), connected.size()), run.limits(), pace));
        if (clients < wanted.get()) {
            return degraded(run, candidate, wanted.get(), clients, "connected: " + Servers.names(connected));
        }
        return waits(run, candidate, wanted.get(), clients);
    }

    /** @return replicas that follow the candidate now and can acknowledge */
    private List<Node> connect(Run run, Node candidate, Map<Node, ServerState> seen, int wanted) {
        List<Node> all = seen.entrySet()
                .stream()
                .filter(entry -> !entry.getKey().equals(candidate))
                .filter(entry -> entry.getValue().semiSync().replica() instanceof SemiSync.ReplicaSide.Present)
                .map(Map.Entry::getKey)
                .toList();
        // A chained replica stays where it is, unless too few are left that can acknowledge.
        Lineage lineage = Lineage.of(run.cluster(), Servers.byId(seen));
        Set<NodeId> gone = servers.gone(run);
        List<Node> direct = all.stream()
                .filter(node -> lineage.staysBelow(node.id(), candidate.id(), gone).isEmpty())
                .toList();
        List<Node> able = direct.size() < wanted ? all : direct;
        Election election = ChoosePrimary.election(run, memory, Servers.byId(seen));
        Map<Node, Change> changes = PerNode.all(able, node -> {
            GtidSet surplus = election.surplus(node.id(), candidate.id());
            if (!surplus.isEmpty()) {
                return new Change.Rejected("it holds " + surplus + ", which " + candidate + " lacks");
            }
            Change on = mysql.semiSyncReplica(node, true, run.limits().semiSync());
            return on instanceof Change.Done
                    ? mysql.repoint(node, candidate, run.cluster().replication(), run.limits().semiSync())
                    : on;
        });
        List<Node> connected = new ArrayList<>();
        changes.forEach((node, change) -> {
            if (change instanceof Change.Done) {
                connected.add(node);
            } else {
                run.note(Remark.WARNING, node + " does not acknowledge for " + candidate + ": " + change.sentence());
            }
        });
        return connected;
    }

    private Outcome degraded(Run run, Node candidate, int wanted, int clients, String why) {
        String fewer = clients + " of " + wanted + " acknowledging replicas (" + why + ")";
        return switch (run.cluster().policies().semiSyncDegraded()) {
            case LOWER -> lower(run, candidate, wanted, clients, fewer);
            case OFF -> without(run, candidate, fewer);
            case ASK -> run.fewerAcknowledgersAsked()
                    ? lower(run, candidate, wanted, clients, fewer + "; a person agreed")
                    : new Outcome.Refused(RunbookError.PROMOTION_DECLINED,
                            fewer + ", and semi-sync-degraded is ask: nobody was asked about it");
        };
    }

    private Outcome lower(Run run, Node candidate, int wanted, int clients, String fewer) {
        if (clients == 0) {
            return without(run, candidate, fewer);
        }
        run.note(Remark.WARNING,
                "Semi-sync waits for " + clients + " acknowledgements instead of " + wanted + ": " + fewer
                        + ".");
        return waits(run, candidate, clients, clients);
    }

    private Outcome without(Run run, Node candidate, String fewer) {
        run.note(Remark.WARNING, candidate + " is opened without semi-sync: " + fewer + ".");
        run.note(Remark.TO_DO, "Bring an acknowledging replica back and switch semi-sync on at " + candidate + ".");
        return switch (mysql.semiSyncSource(candidate, false, Optional.empty(), run.limits().statement())) {
            case Change.Unreachable(String why) -> Lost.candidate(run, why);
            case Change.Done done -> new Outcome.Done("semi-sync is off: " + fewer);
            case Change.Rejected(String why) -> new Outcome.Done("no semi-sync: " + fewer + "; " + why);
            case Change.Unknown(String why) ->
                Lost.candidate(run, "whether it waits for acknowledgements is not known: "
                        + why);
        };
    }

    private Outcome waits(Run run, Node candidate, int count, int clients) {
        return switch (mysql.semiSyncSource(candidate, true, Optional.of(count), run.limits().statement())) {
            case Change.Done done -> new Outcome.Done(candidate + " waits for " + count + " of " + clients
                    + " acknowledging replicas");
            case Change.Unreachable(String why) -> Lost.candidate(run, why);
            case Change.Rejected(String why) -> without(run, candidate, "it cannot be switched on: " + why);
            case Change.Unknown(String why) -> unknown(run, candidate, count, why);
        };
    }

    private Outcome unknown(Run run, Node candidate, int count, String why) {
        boolean on = servers.observe(candidate, Servers.look(run.limits())) instanceof Observation.Seen seen
                && seen.server().semiSync().source() instanceof SemiSync.SourceSide.Present source && source.enabled()
                && source.waitCount() == count;
        return on
                ? new Outcome.Done(
                        candidate + " waits for " + count + " acknowledgements; read back after a lost answer")
                : Lost.candidate(run, why);
    }
}
