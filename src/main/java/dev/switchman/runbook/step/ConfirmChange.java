package dev.switchman.runbook.step;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;

/**
 * Judges the proposed files beside those in force, notes what they would change, and puts the question to a person who did
 * not propose them. Changes nothing else; may be repeated.
 */
@Component
@LooksOnly
@Raises(RunbookError.PREFLIGHT_BLOCKED)
final class ConfirmChange extends Step {

    private static final int SHOWN = 6;

    private final Deployments deployments;
    private final Approvals approvals;

    ConfirmChange(@Lazy Deployments deployments, @Lazy Approvals approvals) {
        this.deployments = deployments;
        this.approvals = approvals;
    }

    @Override
    public Outcome run(Run run) {
        Map<String, byte[]> files = deployments.proposed(run.id());
        if (files.isEmpty()) {
            return blocked("no file is proposed: start this with switchman deploy FILE");
        }
        return switch (deployments.look(files)) {
            case Deployments.Outlook.Same() -> blocked("in force as it is: " + String.join(", ", files.keySet()));
            case Deployments.Outlook.Unfit(List<String> problems) -> blocked(String.join("; ", problems));
            case Deployments.Outlook.Fit(List<Deployments.Change> changes) -> {
                ask(run, changes);
                yield new Outcome.Done(names(changes) + ": " + count(changes) + " differences; one person other than "
                        + run.startedBy() + " must agree");
            }
        };
    }

    private void ask(Run run, List<Deployments.Change> changes) {
        String all = changes.stream().map(Deployments.Change::toString).collect(Collectors.joining("\n"));
        run.note(Remark.CHANGES, all);
        run.asks("", all);
        List<String> lines = changes.stream().flatMap(change -> change.lines().stream()).toList();
        run.question(run.startedBy() + " wants to put " + names(changes) + " into force: "
                + lines.stream().limit(SHOWN).collect(Collectors.joining("; "))
                + (lines.size() > SHOWN ? "; and " + (lines.size() - SHOWN) + " more" : "") + ". Agree?");
        run.policy("approve");
        approvals.ask(run.id(), run.question(),
                new Approvals.Terms(1, Set.of(run.startedBy()), run.limits().approval(), false));
    }

    private static String names(List<Deployments.Change> changes) {
        return changes.stream().map(Deployments.Change::file).collect(Collectors.joining(", "));
    }

    private static int count(List<Deployments.Change> changes) {
        return changes.stream().mapToInt(change -> change.lines().size()).sum();
    }

    private static Outcome blocked(String why) {
        return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, why);
    }
}
