package dev.switchman.runbook.step;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.notify.Notifier;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Bulletins;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/**
 * Notes the question and mails it to the people of the cluster. Safe to repeat. Without a policy's question it asks
 * whether to try again after a step that failed, or to go on where nothing did.
 */
@Component
final class AskPerson extends Step {

    private static final Logger LOG = LoggerFactory.getLogger(AskPerson.class);

    private final Approvals approvals;
    private final Notifier notifier;
    private final Bulletins bulletins;
    private final Journal journal;

    AskPerson(@Lazy Approvals approvals, Notifier notifier, Bulletins bulletins, Journal journal) {
        this.approvals = approvals;
        this.notifier = notifier;
        this.bulletins = bulletins;
        this.journal = journal;
    }

    @Override
    public Outcome run(Run run) {
        if (run.question().isEmpty()) {
            run.question("Cluster " + run.cluster().name() + (run.detail().isEmpty()
                    ? ": the runbook waits here for a person, as somebody drew it. Go on?"
                    : ": a step of this run failed (" + run.detail()
                            + "). Try again, beginning with a fresh look at all servers?"));
        }
        approvals.ask(run.id(), run.question());
        bulletins.asked(run.cluster(), run.id(), runbook(run), run.question(), false);
        Notifier.Sent sent = send(run, "[Switchman] " + run.cluster().name() + ": your decision is needed",
                run.question() + "\n\nAnswer with: switchman approve " + run.id() + "  or  switchman reject " + run.id()
                        + "\nWithout an answer within " + run.approvalTime().toMinutes() + " minutes it is no.\n");
        return new Outcome.Done(run.question() + " Mail: " + switch (sent) {
            case Notifier.Sent.Delivered(String to) -> "sent to " + to;
            case Notifier.Sent.NobodyToTell nobody -> "nobody to tell";
            case Notifier.Sent.Failed(String why) -> "not sent: " + why;
        });
    }

    /** The question is asked by now, and waits for its answer whether or not anybody can be told. */
    private Notifier.Sent send(Run run, String subject, String body) {
        try {
            return notifier.send(run.cluster(), subject, body);
        } catch (RuntimeException e) {
            LOG.error("the mail \"{}\" could not be sent", subject, e);
            return new Notifier.Sent.Failed(e.toString());
        }
    }

    private String runbook(Run run) {
        return journal.run(run.id().value()).map(Journal.RunRecord::runbook).orElse("");
    }
}
