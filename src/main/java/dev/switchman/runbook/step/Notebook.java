package dev.switchman.runbook.step;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Journal.Entry;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/**
 * What earlier steps of a run have noted: sets and lists, which are too long for variables.
 *
 * @param entries of the journal, as they were when this was read
 */
record Notebook(List<Entry> entries) {

    Notebook {
        entries = List.copyOf(entries);
    }

    static Notebook of(Journal journal, Run run) {
        return new Notebook(journal.entries(run.id().value()));
    }

    Stream<String> all(String label) {
        return entries.stream()
                .filter(Entry.Noted.class::isInstance)
                .map(Entry.Noted.class::cast)
                .filter(note -> note.label().equals(label))
                .map(Entry.Noted::text);
    }

    Optional<String> last(String label) {
        return all(label).reduce((before, after) -> after);
    }

    /** @return what was noted since the last note of another label; all, if there is none of that */
    Stream<String> since(String mark, String label) {
        List<String> since = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Noted note && note.label().equals(mark)) {
                since.clear();
            } else if (entry instanceof Entry.Noted note && note.label().equals(label)) {
                since.add(note.text());
            }
        }
        return since.stream();
    }

    /** @return when the run was last heard of before the step that now begins */
    Optional<Instant> beforeThisStep() {
        int last = entries.size() - 1;
        while (last >= 0 && !(entries.get(last) instanceof Entry.StepBegan)) {
            last--;
        }
        return last <= 0 ? Optional.empty() : Optional.of(entries.get(last - 1).at());
    }

    /**
     * Whether this step has begun before and never ended, as when its manager died in it. What it noted last may be missing
     * then: only its beginning is waited for.
     */
    boolean brokeOff(Class<? extends Step> step) {
        boolean underWay = false;
        for (Entry entry : entries) {
            if (entry instanceof Entry.StepBegan began && began.step().equalsIgnoreCase(step.getSimpleName())) {
                if (underWay) {
                    return true;
                }
                underWay = true;
            } else if (entry instanceof Entry.StepEnded ended && ended.step().equalsIgnoreCase(step.getSimpleName())) {
                underWay = false;
            }
        }
        return false;
    }
}
