package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/** Reads who answered what, from where it was given, and notes it in the journal. No answer is a no. While another person must agree, the question stays open. */
@Component
@LooksOnly
@Follows(AskPerson.class)
final class ReadAnswer extends Step {

    private final Approvals approvals;

    ReadAnswer(@Lazy Approvals approvals) {
        this.approvals = approvals;
    }

    @Override
    public Outcome run(Run run) {
        boolean anotherNeeded = approvals.waiting().stream().anyMatch(open -> open.run().equals(run.id()));
        if (anotherNeeded) {
            run.approved("more");
            return new Outcome.Done("one more person must agree");
        }
        Optional<Approvals.Answer> given = approvals.given(run.id());
        boolean yes = given.filter(Approvals.Answer::yes).isPresent();
        String words = given.map(answer -> answer.by() + " answered " + (answer.yes() ? "yes" : "no")
                + (answer.comment().isEmpty() ? "" : ": " + answer.comment()))
                .orElse("nobody answered within " + run.approvalTime().toMinutes() + " minutes");
        run.note(Remark.ANSWER, run.question() + " " + words);
        run.approved(yes ? "yes" : "no");
        run.question("");
        // Whether to try again is no policy's question: a no leaves the run with the ending of what stopped it.
        if (!yes && run.policy().equals("ask")) {
            run.ending(run.candidateIfChosen().isPresent() ? Ending.PROMOTION_DECLINED : Ending.STOOD_DOWN);
        }
        if (!yes && run.policy().equals("approve")) {
            run.ending(Ending.STOOD_DOWN);
        }
        run.policy("");
        run.asks("", "");
        run.approvalTime(run.limits().approval());
        return new Outcome.Done(words);
    }
}
