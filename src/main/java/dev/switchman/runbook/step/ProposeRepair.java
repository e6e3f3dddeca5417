package dev.switchman.runbook.step;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Decides;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

/** Puts the question to a person: what the transactions are, and what is to become of them. Changes nothing; may be repeated. */
@Component
@LooksOnly
@Decides
@Follows(ConfirmRepair.class)
final class ProposeRepair extends Step {

    private final Journal journal;

    ProposeRepair(Journal journal) {
        this.journal = journal;
    }

    /** @return the transactions that the run is about, as they were when it began */
    static GtidSet asked(Journal journal, Run run) {
        String prefix = run.oldPrimary() + " ";
        return Notebook.of(journal, run)
                .last(Remark.REPAIRS)
                .filter(text -> text.startsWith(prefix))
                .map(text -> GtidSet.parse(text.substring(prefix.length())))
                .orElseThrow(() -> new IllegalStateException("the journal of run " + run.id()
                        + " does not tell which transactions are to be repaired"));
    }

    @Override
    public Outcome run(Run run) {
        Node node = run.oldPrimary();
        GtidSet errant = asked(journal, run);
        String meaning = switch (run.choice()) {
            case INJECT_EMPTY ->
                "Commit an empty transaction under each of their GTIDs on the primary, so that every other"
                        + " server takes them for done? What they changed stays on " + node + " alone.";
            case ACCEPT -> "Leave them, and show them no more? " + node + " stays different, and is not promoted.";
        };
        run.policy("approve");
        run.question("Cluster " + run.cluster().name() + ": " + node + " holds " + errant.count()
                + " transactions that the primary does not: " + errant + ". " + meaning + Notebook.of(journal, run)
                        .last(Remark.SAVED)
                        .map(saved -> " " + saved.replace('\n', ' '))
                        .orElse(" Their events could not be copied."));
        return new Outcome.Done(run.choice().word() + ": " + errant.count() + " transactions of " + node);
    }
}
