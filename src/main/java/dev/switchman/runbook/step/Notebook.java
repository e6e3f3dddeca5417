package dev.switchman.runbook.step;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/** Reads back what earlier steps of a run have noted: sets and lists, which are too long for variables. */
final class Notebook {

    private Notebook() {}

    static Optional<String> last(Journal journal, Run run, String label) {
        return all(journal, run, label).reduce((before, after) -> after);
    }

    /** @return when the run was last heard of before the step that now begins */
    static Optional<Instant> beforeThisStep(Journal journal, Run run) {
        List<Journal.Entry> entries = journal.entries(run.id().value());
        int last = entries.size() - 1;
        while (last >= 0 && !(entries.get(last) instanceof Journal.Entry.StepBegan)) {
            last--;
        }
        return last <= 0 ? Optional.empty() : Optional.of(entries.get(last - 1).at());
    }

    /**
     * Whether this step has begun before and never ended, as when its manager died in it. What it noted last may be missing
     * then: only its beginning is waited for.
     */
    static boolean brokeOff(Journal journal, Run run, Class<? extends Step> step) {
        boolean underWay = false;
        for (Journal.Entry entry : journal.entries(run.id().value())) {
            if (entry instanceof Journal.Entry.StepBegan began && began.step().equalsIgnoreCase(step.getSimpleName())) {
                if (underWay) {
                    return true;
                }
                underWay = true;
            } else if (entry instanceof Journal.Entry.StepEnded ended
                    && ended.step().equalsIgnoreCase(step.getSimpleName())) {
                underWay = false;
            }
        }
        return false;
    }

    /** @return what was noted since the last note of another label; all, if there is none of that */
    static java.util.stream.Stream<String> since(Journal journal, Run run, String mark, String label) {
        List<String> since = new ArrayList<>();
        for (Journal.Entry entry : journal.entries(run.id().value())) {
            if (entry instanceof Journal.Entry.Noted note && note.label().equals(mark)) {
                since.clear();
            } else if (entry instanceof Journal.Entry.Noted note && note.label().equals(label)) {
                since.add(note.text());
            }
        }
        return since.stream();
    }

    static java.util.stream.Stream<String> all(Journal journal, Run run, String label) {
        List<Journal.Entry> entries = journal.entries(run.id().value());
        return entries.stream()
                .filter(Journal.Entry.Noted.class::isInstance)
                .map(Journal.Entry.Noted.class::cast)
                .filter(note -> note.label().equals(label))
                .map(Journal.Entry.Noted::text);
    }
}
