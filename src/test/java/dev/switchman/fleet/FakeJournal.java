package dev.switchman.fleet;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.audit.Counts;
import dev.switchman.audit.Journal;
import dev.switchman.audit.Purged;
import dev.switchman.audit.Verification;
import dev.switchman.topology.Action;
import dev.switchman.topology.ClusterName;

/** Keeps everything in lists. */
public final class FakeJournal implements Journal {

    private final Clock clock;
    private final Map<String, RunRecord> runs = new LinkedHashMap<>();
    private final Map<String, List<Entry>> entries = new LinkedHashMap<>();
    private String currentRun = "";
    private String currentStep = "";

    public FakeJournal(Clock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void runStarted(String run, ClusterName cluster, String runbook, String startedBy, String cause,
            Instant at) {
        runs.put(run, new RunRecord(run, cluster, runbook, startedBy, cause, at, Optional.empty(), Optional.empty(),
                Optional.empty()));
    }

    @Override
    public synchronized void runEnded(String run, String ending, String report, Instant at) {
        runs.computeIfPresent(run, (id, record) -> new RunRecord(id, record.cluster(), record.runbook(),
                record.startedBy(), record.cause(), record.startedAt(), Optional.of(at), Optional.of(ending),
                Optional.of(report)));
        notifyAll();
    }

    @Override
    public synchronized StepEntry stepBegins(String run, String step, String sentence, Instant at) {
        add(run, new Entry.StepBegan(at, step, sentence));
        currentRun = run;
        currentStep = step;
        return (outcome, detail, took) -> ended(run, step, outcome, detail, took);
    }

    private synchronized void ended(String run, String step, String outcome, String detail, Duration took) {
        add(run, new Entry.StepEnded(clock.instant(), step, outcome, detail, took));
        currentRun = "";
        currentStep = "";
    }

    @Override
    public synchronized void acted(Action action) {
        add(currentRun, new Entry.Acted(clock.instant(), currentStep, action));
    }

    @Override
    public synchronized void note(String run, String label, String text) {
        add(run, new Entry.Noted(clock.instant(), currentStep, label, text));
    }

    private void add(String run, Entry entry) {
        entries.computeIfAbsent(run, id -> new ArrayList<>()).add(entry);
    }

    @Override
    public synchronized Optional<RunRecord> run(String run) {
        return Optional.ofNullable(runs.get(run));
    }

    @Override
    public synchronized List<RunRecord> runs(Wanted wanted, int limit) {
        return new ArrayList<>(runs.values()).reversed()
                .stream()
                .filter(record -> wanted.cluster().map(record.cluster()::equals).orElse(true))
                .filter(record -> wanted.runbook().map(record.runbook()::equals).orElse(true))
                .filter(record -> wanted.startedBy().map(record.startedBy()::equals).orElse(true))
                .filter(record -> wanted.ending().isEmpty() || wanted.ending().equals(record.ending()))
                .filter(record -> !wanted.open() || record.endedAt().isEmpty())
                .filter(record -> wanted.from().map(from -> !record.startedAt().isBefore(from)).orElse(true))
                .filter(record -> wanted.before().map(record.startedAt()::isBefore).orElse(true))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized List<Entry> entries(String run) {
        return List.copyOf(entries.getOrDefault(run, List.of()));
    }

    @Override
    public String head() {
        return "0".repeat(64);
    }

    @Override
    public Verification verify(Optional<String> sent) {
        return new Verification(0, 0, head(), Optional.empty(), Optional.empty(), List.of());
    }

    @Override
    public Optional<Purged> purge(String policy, Instant before, int most) {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized Counts counts() {
        return new Counts(List.of(), List.of());
    }

    /** Waits until the run has ended. */
    public synchronized RunRecord ended(String run) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (run(run).flatMap(RunRecord::endedAt).isEmpty()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("run " + run + " has not ended after 10 s: " + entries(run));
            }
            wait(left);
        }
        return run(run).orElseThrow();
    }

    /** Step and outcome of all steps that ended, in order: {@code act DONE}. */
    public List<String> outcomes(String run) {
        return entries(run).stream()
                .filter(Entry.StepEnded.class::isInstance)
                .map(Entry.StepEnded.class::cast)
                .map(entry -> entry.step() + " " + entry.outcome())
                .toList();
    }

    /** All remarks of a run with this label, in order. */
    public List<String> notes(String run, String label) {
        return entries(run).stream()
                .filter(Entry.Noted.class::isInstance)
                .map(Entry.Noted.class::cast)
                .filter(note -> note.label().equals(label))
                .map(Entry.Noted::text)
                .toList();
    }
}
