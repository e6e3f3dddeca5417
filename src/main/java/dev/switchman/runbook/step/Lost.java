package dev.switchman.runbook.step;

import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;

/** What a run does when the server that it is promoting goes away. */
final class Lost {

    private Lost() {}

    /** Before it was opened: it is not chosen again in this run. */
    static Outcome candidate(Run run, String why) {
        Node candidate = run.candidate();
        run.exclude(candidate.id());
        return new Outcome.Refused(RunbookError.CANDIDATE_LOST, candidate + " is not opened: " + why);
    }

    /** After it was opened: it is the new old primary, and is fenced like one. */
    static Outcome newPrimary(Run run, String why) {
        Node lost = run.candidate();
        run.oldPrimaryIfKnown().ifPresent(old -> run.note(Remark.REPLACED, old.toString()));
        run.exclude(lost.id());
        run.oldPrimary(lost.id());
        run.fence(Run.Fence.UNPROVEN);
        return new Outcome.Refused(RunbookError.NEW_PRIMARY_LOST, lost + " was lost after it was opened: " + why);
    }
}
