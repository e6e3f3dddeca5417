package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.notify.Notifier;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/** Tells the people of the cluster once more of a question that nobody has answered. Harmless to repeat. */
@Component
final class RemindPeople extends Step {

    private final Approvals approvals;
    private final Notifier notifier;

    RemindPeople(@Lazy Approvals approvals, Notifier notifier) {
        this.approvals = approvals;
        this.notifier = notifier;
    }

    @Override
    public Outcome run(Run run) {
        Optional<Approvals.Question> open = approvals.waiting()
                .stream()
                .filter(question -> question.run().equals(run.id()))
                .findFirst();
        if (open.isEmpty()) {
            return new Outcome.Done("it was answered meanwhile");
        }
        Notifier.Sent sent = notifier.send(run.cluster(),
                "[Switchman] " + run.cluster().name() + ": your decision is still needed",
                open.get().text() + "\n\nAnswer with: switchman approve " + run.id() + "  or  switchman reject "
                        + run.id() + open.get().until().map(at -> "\nuntil " + at).orElse("") + "\n");
        return new Outcome.Done("reminded: " + sent);
    }
}
