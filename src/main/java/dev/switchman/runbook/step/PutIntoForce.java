package dev.switchman.runbook.step;

import java.util.List;
import java.util.Optional;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.ChangesServers;
import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;

/**
 * Judges the proposed files once more and puts them into force, all or none. Asks the approvals themselves who agreed,
 * whatever way the diagram came here. Safe to repeat.
 */
@Component
@ChangesServers
@Follows(ConfirmChange.class)
@Follows(ReadAnswer.class)
@Raises(RunbookError.PREFLIGHT_BLOCKED)
final class PutIntoForce extends Step {

    private final Deployments deployments;
    private final Approvals approvals;

    PutIntoForce(@Lazy Deployments deployments, @Lazy Approvals approvals) {
        this.deployments = deployments;
        this.approvals = approvals;
    }

    @Override
    public Outcome run(Run run) {
        Optional<Approvals.Answer> yes = approvals.given(run.id())
                .filter(Approvals.Answer::yes)
                .filter(answer -> !answer.by().equalsIgnoreCase(run.startedBy()));
        if (yes.isEmpty()) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED,
                    "nobody other than " + run.startedBy() + " has agreed to this change");
        }
        return switch (deployments.putIntoForce(run.id(), run.startedBy(), yes.get().by())) {
            case Deployments.Put.Done(List<String> files) -> {
                run.note(Remark.IN_FORCE, String.join("\n", files));
                run.ending(Ending.DONE);
                yield new Outcome.Done("in force: " + String.join(", ", files) + "; agreed to by " + yes.get().by());
            }
            case Deployments.Put.Refused(List<String> problems) ->
                new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, String.join("; ", problems));
        };
    }
}
