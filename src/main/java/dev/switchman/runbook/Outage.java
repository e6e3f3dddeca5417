package dev.switchman.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import dev.switchman.audit.Journal.Entry;
import dev.switchman.audit.Journal.RunRecord;

/**
 * How long no server accepted writes, as a run itself can tell. Clients may have noticed something before the watch did, and
 * reach the new primary a moment after it was opened.
 *
 * @param since what it is counted from @param until what it is counted to
 */
public record Outage(Instant from, Instant to, String since, String until) {

    /**
     * Reads it from the journal. Of a failover, from the first failed look at the old primary to the opening of the new one; where
     * nobody had looked before, from the beginning of the run. Of a switchover, from the first order to close the old primary to the opening
     * of either. Of a reopening, from the beginning of the run.
     *
     * @return empty of a run that closed and opened nothing, or after which writes still stand still
     */
    public static Optional<Outage> of(RunRecord run, List<Entry> entries) {
        Optional<Mark> from = Optional.empty();
        Optional<Mark> to = Optional.empty();
        if (run.runbook().equals(Runbook.SWITCHOVER.id())) {
            from = entries.stream()
                    .filter(entry -> entry instanceof Entry.StepBegan step
                            && step.step().equalsIgnoreCase("closeOldPrimary"))
                    .findFirst()
                    .map(entry -> new Mark(entry.at(), "the order to close the old primary"));
            to = opened(entries).or(() -> entries.stream()
                    .filter(entry -> entry instanceof Entry.StepEnded step
                            && step.step().equalsIgnoreCase("restoreOldPrimary") && step.outcome().equals("DONE"))
                    .reduce((before, after) -> after)
                    .map(entry -> new Mark(entry.at(), "the reopening of the old primary")));
        } else if (run.runbook().equals(Runbook.FAILOVER.id()) || run.runbook().equals(Runbook.REOPEN.id())) {
            from = noted(entries, Remark.FIRST_SIGN).findFirst()
                    .map(note -> new Mark(Instant.parse(note.text()), "the first failed look"))
                    .or(() -> Optional.of(new Mark(run.startedAt(), "the beginning of the run")));
            to = opened(entries);
        }
        return from.isEmpty() || to.isEmpty() || to.get().at.isBefore(from.get().at)
                ? Optional.empty()
                : Optional.of(new Outage(from.get().at, to.get().at, from.get().what, to.get().what));
    }

    private record Mark(Instant at, String what) {}

    private static Optional<Mark> opened(List<Entry> entries) {
        return noted(entries, Remark.OPENED).reduce((before, after) -> after)
                .map(note -> new Mark(note.at(), "the opening of " + note.text()));
    }

    private static Stream<Entry.Noted> noted(List<Entry> entries, String label) {
        return entries.stream()
                .filter(Entry.Noted.class::isInstance)
                .map(Entry.Noted.class::cast)
                .filter(note -> note.label().equals(label));
    }

    public Duration took() {
        return Duration.between(from, to);
    }

    public String sentence() {
        return String.format(Locale.ROOT, "Writes stood still for %.3f s, from %s (%s) to %s (%s).",
                took().toMillis() / 1000.0, since, from, until, to);
    }
}
