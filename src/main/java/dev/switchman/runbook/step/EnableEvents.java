package dev.switchman.runbook.step;

import java.util.List;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;

/**
 * Enables on the new primary exactly the events that were enabled on the old one; a promoted replica has them disabled
 * although its scheduler runs. Safe to repeat. What cannot be enabled is named and does not stop the run.
 */
@Component
@Raises(RunbookError.NEW_PRIMARY_LOST)
@Follows(value = {OpenPrimary.class, OpenCandidate.class}, orCaught = RunbookError.CANDIDATE_OPEN)
final class EnableEvents extends ChangingStep {

    private final NodeOperator mysql;
    private final Journal journal;

    EnableEvents(Hold hold, NodeOperator mysql, Journal journal) {
        super(hold);
        this.mysql = mysql;
        this.journal = journal;
    }

    @Override
    Outcome change(Run run) {
        List<String> events = Notebook.of(journal, run)
                .last(Remark.EVENTS)
                .stream()
                .flatMap(String::lines)
                .filter(line -> !line.isBlank())
                .toList();
        if (events.isEmpty()) {
            return new Outcome.Done("no event was enabled on the old primary");
        }
        Change change = mysql.enableEvents(run.candidate(), events, run.limits().statement());
        return switch (change) {
            case Change.Done(String detail) -> new Outcome.Done(detail);
            case Change.Unreachable(String why) -> Lost.newPrimary(run, why);
            case Change.Rejected(String why) -> named(run, events, why);
            case Change.Unknown(String why) -> named(run, events, why);
        };
    }

    private static Outcome named(Run run, List<String> events, String why) {
        run.note(Remark.WARNING, "Events were not enabled: " + why + ".");
        run.note(Remark.TO_DO, "Enable the events " + String.join(", ", events) + " on " + run.candidate() + ".");
        return new Outcome.Done("not enabled: " + why);
    }
}
