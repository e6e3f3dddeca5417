package dev.switchman.runbook.step;

import java.time.Clock;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;

/**
 * Takes write access from the old primary of a switchover, after a script of MHA's kind has taken its address. Sessions that hold it up are given the limit {@code grace} and
 * then ended, idle ones at once. The first box of the section without save points: whatever interrupts that section, the run
 * resumes here. Safe to repeat.
 */
@Component
@Raises({RunbookError.INTERRUPTED, RunbookError.PRIMARY_LOST, RunbookError.FENCE_REFUSED,
        RunbookError.OUTCOME_UNKNOWN})
@Follows(ConfirmReadiness.class)
@Follows(AskApprovalPolicy.class)
@Follows(PrepareSwitchover.class)
final class CloseOldPrimary extends ChangingStep {

    private final Hold hold;
    private final Handover handover;
    private final Servers servers;
    private final NodeOperator mysql;
    private final MasterScripts scripts;
    private final Clock clock;

    CloseOldPrimary(Hold hold, Handover handover, Servers servers, NodeOperator mysql, MasterScripts scripts,
            Clock clock) {
        super(hold);
        this.hold = hold;
        this.handover = handover;
        this.servers = servers;
        this.mysql = mysql;
        this.scripts = scripts;
        this.clock = clock;
    }

    @Override
    Outcome change(Run run) {
        Node old = run.oldPrimary();
        if (handover.interrupted(run)) {
            return new Outcome.Refused(RunbookError.INTERRUPTED, "the run was interrupted while it handed over");
        }
        Optional<Outcome> notOurs = hold.notOurs(run);
        if (notOurs.isPresent()) {
            return notOurs.get();
        }
        handover.closing(run, clock.instant());
        if (scripts.leave(run, old, run.candidate()) instanceof MasterScripts.Called.Failed(String why)) {
            return new Outcome.Refused(RunbookError.FENCE_REFUSED, why);
        }
        return switch (mysql.refuseWrites(old, run.limits().grace(), run.limits().fence())) {
            case Fencing.Closed(int sessions) -> closed(run, old, sessions);
            case Fencing.Refused(String why) -> new Outcome.Refused(RunbookError.FENCE_REFUSED, why);
            case Fencing.Unreachable(String why) -> new Outcome.Refused(RunbookError.PRIMARY_LOST, why);
            case Fencing.Unknown(String why) -> readBack(run, old, why);
        };
    }

    private Outcome readBack(Run run, Node old, String why) {
        return servers.observe(old, Servers.look(run.limits())) instanceof Observation.Seen
                ? new Outcome.Refused(RunbookError.FENCE_REFUSED, why)
                : new Outcome.Unknown("whether " + old + " accepts writes is not known: " + why);
    }

    private static Outcome closed(Run run, Node old, int sessions) {
        run.fence(Run.Fence.CLOSED);
        run.note(Remark.FENCE, "super_read_only was read back on " + old + ", " + sessions + " sessions were ended.");
        return new Outcome.Done(old + " is closed, " + sessions + " sessions ended");
    }
}
