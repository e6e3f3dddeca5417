package dev.switchman.runbook.step;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

/** Reads what the closed old primary has executed, and waits until the candidate has executed it too. Safe to repeat. */
@Component
@Raises({RunbookError.PRIMARY_LOST, RunbookError.CATCH_UP_TIMED_OUT, RunbookError.CANDIDATE_LOST})
@Follows(CloseOldPrimary.class)
final class MatchOldPrimary extends ChangingStep {

    private final Handover handover;
    private final NodeOperator mysql;

    MatchOldPrimary(Hold hold, Handover handover, NodeOperator mysql) {
        super(hold);
        this.handover = handover;
        this.mysql = mysql;
    }

    @Override
    Outcome change(Run run) {
        Node old = run.oldPrimary();
        Node candidate = run.candidate();
        // All of nothing is executed at once: the answer is what it holds, in one round trip.
        if (!(mysql.catchUp(old, GtidSet.empty(),
                run.limits().statement()) instanceof CatchUp.Reached(GtidSet executed))) {
            return new Outcome.Refused(RunbookError.PRIMARY_LOST, old + " did not tell what it has executed");
        }
        handover.matched(run, executed);
        return switch (mysql.catchUp(candidate, executed, run.limits().fence())) {
            case CatchUp.Reached(GtidSet all) -> all.equals(executed)
                    ? reached(run, candidate, executed)
                    : new Outcome.Refused(RunbookError.CANDIDATE_LOST, candidate + " holds " + all.minus(executed)
                            + ", which " + old + " lacks");
            case CatchUp.Behind(GtidSet behind) -> new Outcome.Refused(RunbookError.CATCH_UP_TIMED_OUT, candidate
                    + " was " + behind.count() + " transactions behind after " + run.limits().fence().toMillis()
                    + " ms");
            case CatchUp.Stopped(int errno, String message) -> new Outcome.Refused(RunbookError.CATCH_UP_TIMED_OUT,
                    candidate + ": its applier stopped with error " + errno + ": " + message);
            case CatchUp.Unreachable(String why) -> new Outcome.Refused(RunbookError.CANDIDATE_LOST, why);
        };
    }

    private static Outcome reached(Run run, Node candidate, GtidSet executed) {
        run.loss(Run.Loss.NONE);
        run.note(Remark.CAUGHT_UP, candidate + " " + executed);
        return new Outcome.Done(candidate + " has executed all that the old primary has");
    }
}
