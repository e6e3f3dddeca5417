package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;

/**
 * Checks that another server is the known primary and accepts writes, and that the server which is to follow it answers and
 * is not being replaced by a copy. Changes nothing; may be repeated.
 */
@Component
@LooksOnly
@Raises({RunbookError.PREFLIGHT_BLOCKED, RunbookError.SERVER_UNREACHABLE})
final class ConfirmRejoin extends Step {

    private final RejoinCheck check;
    private final ClusterMemory memory;

    ConfirmRejoin(RejoinCheck check, ClusterMemory memory) {
        this.check = check;
        this.memory = memory;
    }

    @Override
    public Outcome run(Run run) {
        Node node = run.oldPrimary();
        run.note(Remark.REJOINS, node.toString());
        Optional<NodeId> known = memory.knownPrimary(run.cluster().name());
        if (known.equals(Optional.of(node.id()))) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, node + " is the primary: it follows nobody");
        }
        return switch (check.both(run)) {
            case RejoinCheck.Answer.Fit fit when receives(run, fit) -> new Outcome.Refused(
                    RunbookError.PREFLIGHT_BLOCKED, node + " receives from " + fit.primary() + " already"
                            + fit.server()
                                    .replication()
                                    .filter(state -> !state.applierRunning())
                                    .map(state -> ", and its applier stands (error " + state.applierErrno() + " "
                                            + state.applierError()
                                            + "): mend it, or STOP REPLICA there to have it rebuilt")
                                    .orElse(""));
            case RejoinCheck.Answer.Fit fit -> check.copying(run)
                    .filter(refused -> refused.error() == RunbookError.PREFLIGHT_BLOCKED)
                    .<Outcome>map(refused -> refused)
                    .orElseGet(() -> confirmed(run, fit));
            case RejoinCheck.Answer.No(Outcome.Refused(RunbookError error, String why)) -> {
                if (error == RunbookError.SERVER_UNREACHABLE) {
                    run.note(Remark.TO_DO, "Start mysqld on " + node + " (unmask its service first, if it was masked),"
                            + " then let it rejoin again.");
                    yield new Outcome.Refused(error, why);
                }
                yield new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, why);
            }
        };
    }

    private static Outcome confirmed(Run run, RejoinCheck.Answer.Fit fit) {
        String seen = run.oldPrimary() + " is " + Servers.words(fit.server().writeMode()) + ", "
                + fit.server()
                        .replication()
                        .map(state -> "follows " + state.source())
                        .orElse("follows nobody")
                + "; " + fit.primary() + " is the primary and accepts writes";
        run.note(Remark.EVIDENCE, seen + ".");
        return new Outcome.Done(seen);
    }

    /** A replica that may have acknowledged commits is not put into quarantine, where no election would ask it. */
    private boolean receives(Run run, RejoinCheck.Answer.Fit fit) {
        return !memory.quarantined(run.cluster().name()).containsKey(run.oldPrimary().id()) && fit.server()
                .replication()
                .filter(state -> state.source().equals(fit.primary().id())
                        && state.receiver() == ReplicaState.Receiver.RUNNING)
                .isPresent();
    }
}
