package dev.switchman.runbook.step;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;

/**
 * Checks that the server is still the known primary, is up and was not replaced, that no other server accepts writes,
 * and that it holds all that its replicas hold. Changes nothing.
 */
@Component
@LooksOnly
@Raises({RunbookError.PROMOTION_DECLINED, RunbookError.SERVER_UNREACHABLE, RunbookError.FENCE_BROKEN})
final class ConfirmRestart extends Step {

    private final RestartCheck check;

    ConfirmRestart(RestartCheck check) {
        this.check = check;
    }

    @Override
    public Outcome run(Run run) {
        return switch (check.of(run)) {
            case RestartCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RestartCheck.Answer.Yes yes -> {
                run.candidate(yes.primary().id());
                yield new Outcome.Done(yes.primary() + " is the primary, is up and " + Servers.words(
                        yes.server().writeMode()) + "; nobody else accepts writes");
            }
        };
    }
}
