package dev.switchman.runbook.step;

import java.util.Map;
import java.util.Optional;

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
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;

/**
 * Opens the known primary for writes again after it restarted. Checks in the same step that it was not replaced and that
 * nobody else accepts writes; starts receivers that a stopped failover has left standing, and semi-sync if it was on.
 * Safe to repeat.
 */
@Component
@Raises({RunbookError.PROMOTION_DECLINED, RunbookError.SERVER_UNREACHABLE, RunbookError.FENCE_BROKEN,
        RunbookError.OUTCOME_UNKNOWN})
@Follows(ConfirmRestart.class)
final class ReopenPrimary extends ChangingStep {

    private final RestartCheck check;
    private final Servers servers;
    private final NodeOperator mysql;
    private final ClusterMemory memory;

    ReopenPrimary(Hold hold, RestartCheck check, Servers servers, NodeOperator mysql, ClusterMemory memory) {
        super(hold);
        this.check = check;
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
    }

    @Override
    Outcome change(Run run) {
        return hold.notOurs(run).orElseGet(() -> reopen(run));
    }

    private Outcome reopen(Run run) {
        return switch (check.of(run)) {
            case RestartCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RestartCheck.Answer.Yes(Node primary, ServerState server, Map<Node, ServerState> replicas) -> {
                startReceivers(run, primary.id(), replicas);
                if (Servers.writable(server)) {
                    run.note(Remark.OPENED, primary.toString());
                    yield new Outcome.Done(primary + " was open already");
                }
                switchSemiSyncOn(run, primary, server);
                yield open(run, primary);
            }
        };
    }

    private void startReceivers(Run run, NodeId primary, Map<Node, ServerState> replicas) {
        var standing = replicas.entrySet()
                .stream()
                .filter(entry -> entry.getValue()
                        .replication()
                        .filter(state -> state.source().equals(primary)
                                && state.receiver() == ReplicaState.Receiver.STOPPED)
                        .isPresent())
                .map(Map.Entry::getKey)
                .toList();
        PerNode.all(standing, node -> mysql.startReplication(node, run.limits().repoint())).forEach((node, change) -> {
            if (!(change instanceof Change.Done)) {
                run.note(Remark.WARNING, node + " does not replicate again: " + change.sentence() + ".");
            }
        });
    }

    private void switchSemiSyncOn(Run run, Node primary, ServerState server) {
        Optional<SemiSync.SourceSide.Present> before = memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(primary.id()))
                .map(ClusterMemory.LastHealthy::semiSync)
                .filter(SemiSync.SourceSide.Present.class::isInstance)
                .map(SemiSync.SourceSide.Present.class::cast)
                .filter(SemiSync.SourceSide.Present::enabled);
        if (before.isEmpty() || !(server.semiSync().source() instanceof SemiSync.SourceSide.Present now)
                || now.enabled()) {
            return;
        }
        Change change = mysql.semiSyncSource(primary, true, Optional.of(before.get().waitCount()),
                run.limits().statement());
        if (!(change instanceof Change.Done)) {
            run.note(Remark.WARNING,
                    "Semi-sync was not switched on again at " + primary + ": " + change.sentence() + ".");
        }
    }

    private Outcome open(Run run, Node primary) {
        return switch (mysql.openWrites(primary, run.limits().statement())) {
            case Change.Done(String detail) -> opened(run, primary, detail);
            case Change.Unreachable(String why) -> new Outcome.Refused(RunbookError.SERVER_UNREACHABLE,
                    primary + ": " + why);
            case Change.Rejected(String why) ->
                throw new IllegalStateException(primary + " could not be opened: " + why);
            case Change.Unknown(String why) -> servers.observe(primary,
                    Servers.look(run.limits())) instanceof Observation.Seen seen && Servers.writable(seen.server())
                            ? opened(run, primary, "read back after a lost answer: " + why)
                            : new Outcome.Unknown("whether " + primary + " is open for writes is not known: " + why);
        };
    }

    private static Outcome opened(Run run, Node primary, String how) {
        run.note(Remark.OPENED, primary.toString());
        return new Outcome.Done(primary + " accepts writes again: " + how);
    }
}
