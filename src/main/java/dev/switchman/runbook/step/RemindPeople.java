package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.notify.Notifier;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Bulletins;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/** Tells the people of the cluster once more of a question that nobody has answered. Harmless to repeat. */
@Component
final class RemindPeople extends Step {

    private final Approvals approvals;
    private final Notifier notifier;
    private final Bulletins bulletins;
    private final Journal journal;

    RemindPeople(@Lazy Approvals approvals, Notifier notifier, Bulletins bulletins, Journal journal) {
        this.approvals = approvals;
        this.notifier = notifier;
        this.bulletins = bulletins;
        this.journal = journal;
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
        bulletins.asked(run.cluster(), run.id(), runbook(run), open.get().text(), true);
        Notifier.Sent sent = notifier.send(run.cluster(),
                "[Switchman] " + run.cluster().name() + ": your decision is still needed",
                open.get().text() + "\n\nAnswer with: switchman approve " + run.id() + "  or  switchman reject "
                        + run.id() + open.get().until().map(at -> "\nuntil " + at).orElse("") + "\n");
        return new Outcome.Done("reminded: " + sent);
    }

    private String runbook(Run run) {
        return journal.run(run.id().value()).map(Journal.RunRecord::runbook).orElse("");
    }
}
