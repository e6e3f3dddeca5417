package dev.switchman.runbook.step;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.Follows;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;

/**
 * Compares what the fenced server holds with what the primary has executed, and refuses when it holds more, when the primary
 * has purged what it lacks, or when its data may not be what it says. Changes nothing; may be repeated.
 */
@Component
@LooksOnly
@Follows(FenceReturnedServer.class)
@Raises({RunbookError.NEEDS_REBUILD, RunbookError.SERVER_UNREACHABLE, RunbookError.PRIMARY_LOST,
        RunbookError.PREFLIGHT_BLOCKED})
final class CompareWithPrimary extends Step {

    private final RejoinCheck check;

    CompareWithPrimary(RejoinCheck check) {
        this.check = check;
    }

    @Override
    public Outcome run(Run run) {
        return switch (check.compare(run)) {
            case RejoinCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RejoinCheck.Answer.Fit fit -> {
                run.note(Remark.SETS, run.oldPrimary() + " holds " + fit.server().reachable() + "\n" + fit.primary()
                        + " has executed " + fit.source().executed() + " and purged " + fit.source().purged());
                yield new Outcome.Done(run.oldPrimary() + " holds nothing that " + fit.primary() + " lacks, and lacks "
                        + fit.source().executed().minus(fit.server().reachable()).count() + " of its transactions");
            }
        };
    }
}
