package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

/**
 * Does with exactly those errant transactions that a person was asked about what was chosen: empty transactions on the primary, or
 * nothing but a note. Notes which. Safe to repeat: what is executed there already is left out.
 */
@Component
@Follows(ConfirmRepair.class)
@Follows(ReadAnswer.class)
@Raises({RunbookError.PREFLIGHT_BLOCKED, RunbookError.SERVER_UNREACHABLE, RunbookError.PRIMARY_LOST,
        RunbookError.OUTCOME_UNKNOWN})
final class RepairErrant extends ChangingStep {

    private final RejoinCheck check;
    private final NodeOperator mysql;
    private final ClusterMemory memory;
    private final Journal journal;

    RepairErrant(Hold hold, RejoinCheck check, NodeOperator mysql, ClusterMemory memory, Journal journal) {
        super(hold);
        this.check = check;
        this.mysql = mysql;
        this.memory = memory;
        this.journal = journal;
    }

    @Override
    Outcome change(Run run) {
        return hold.notOurs(run).orElseGet(() -> switch (check.both(run)) {
            case RejoinCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RejoinCheck.Answer.Fit fit -> repair(run, fit, ProposeRepair.asked(journal, run));
        });
    }

    private Outcome repair(Run run, RejoinCheck.Answer.Fit fit, GtidSet asked) {
        Node node = run.oldPrimary();
        GtidSet gone = asked.minus(fit.server().reachable());
        if (!gone.isEmpty()) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, node + " does not hold " + gone
                    + " any more: it was rebuilt, or is another server");
        }
        return switch (run.choice()) {
            case ACCEPT -> accept(run, node, asked);
            case INJECT_EMPTY -> inject(run, node, fit.primary(), asked);
        };
    }

    private Outcome accept(Run run, Node node, GtidSet asked) {
        memory.acceptErrant(run.cluster().name(), node.id(), asked);
        run.note(Remark.REPAIRED, "Accepted on " + node + ", and not shown any more: " + asked + ".");
        run.ending(Ending.DONE);
        return new Outcome.Done(asked.count() + " transactions of " + node + " are accepted");
    }

    private Outcome inject(Run run, Node node, Node primary, GtidSet asked) {
        return switch (mysql.injectEmpty(primary, asked, run.limits().catchUp())) {
            case Change.Done(String detail) -> {
                run.note(Remark.REPAIRED, "Empty transactions on " + primary + ", for what only " + node + " holds: "
                        + asked + ".");
                if (memory.quarantined(run.cluster().name()).containsKey(node.id())) {
                    run.note(Remark.TO_DO, "Let " + node + " rejoin: it is in quarantine still.");
                }
                run.ending(Ending.DONE);
                yield new Outcome.Done(detail);
            }
            case Change.Unreachable(String why) -> new Outcome.Refused(RunbookError.PRIMARY_LOST, why);
            case Change.Rejected(String why) -> throw new IllegalStateException(why);
            case Change.Unknown(String why) -> readBack(run, node, primary, asked, why);
        };
    }

    private Outcome readBack(Run run, Node node, Node primary, GtidSet asked, String why) {
        Optional<GtidSet> left = check.both(run) instanceof RejoinCheck.Answer.Fit fit
                ? Optional.of(asked.minus(fit.source().executed()))
                : Optional.empty();
        if (left.filter(GtidSet::isEmpty).isPresent()) {
            run.note(Remark.REPAIRED, "Empty transactions on " + primary + ", for what only " + node + " holds: "
                    + asked + "; read back after a lost answer.");
            run.ending(Ending.DONE);
            return new Outcome.Done("read back after a lost answer: " + why);
        }
        run.note(Remark.TO_DO, "Start the repair again: " + left.map(set -> set + " are not on " + primary)
                .orElse("whether all is on " + primary + " is not known") + ".");
        return new Outcome.Unknown("whether all empty transactions are on " + primary + ": " + why);
    }
}
