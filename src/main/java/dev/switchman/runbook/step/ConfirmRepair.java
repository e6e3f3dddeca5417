package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

/**
 * Compares the server with the primary, several times, and notes which transactions it holds that the primary does not. Changes
 * nothing; may be repeated.
 */
@Component
@LooksOnly
@Raises({RunbookError.PREFLIGHT_BLOCKED, RunbookError.SERVER_UNREACHABLE, RunbookError.PRIMARY_LOST})
final class ConfirmRepair extends Step {

    private final RejoinCheck check;
    private final ClusterMemory memory;

    ConfirmRepair(RejoinCheck check, ClusterMemory memory) {
        this.check = check;
        this.memory = memory;
    }

    @Override
    public Outcome run(Run run) {
        Node node = run.oldPrimary();
        if (check.both(run) instanceof RejoinCheck.Answer.No(Outcome.Refused refused)) {
            return refused;
        }
        Optional<GtidSet> held = check.errant(run);
        if (held.isEmpty()) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED,
                    node + " and the primary cannot be compared now");
        }
        GtidSet accepted = memory.acceptedErrant(run.cluster().name()).getOrDefault(node.id(), GtidSet.empty());
        GtidSet errant = run.choice() == Run.Choice.ACCEPT ? held.get().minus(accepted) : held.get();
        if (errant.isEmpty()) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, node + " holds no errant transactions"
                    + (held.get().isEmpty() ? "" : " that were not accepted before"));
        }
        if (run.choice() == Run.Choice.INJECT_EMPTY && errant.count() > NodeOperator.MOST_INJECTED) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, node + " holds " + errant.count()
                    + " errant transactions, and at most " + NodeOperator.MOST_INJECTED
                    + " empty ones are injected: rebuild it (switchman rejoin)");
        }
        run.note(Remark.REPAIRS, node + " " + errant);
        return new Outcome.Done(check.held(run, errant));
    }
}
