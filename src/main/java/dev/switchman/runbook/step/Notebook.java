package dev.switchman.runbook.step;

import java.util.List;
import java.util.Optional;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Run;

/** Reads back what earlier steps of a run have noted: sets and lists, which are too long for variables. */
final class Notebook {

    private Notebook() {}

    static Optional<String> last(Journal journal, Run run, String label) {
        return all(journal, run, label).reduce((before, after) -> after);
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
