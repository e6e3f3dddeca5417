package dev.switchman.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.audit.Journal;
import dev.switchman.topology.Action;
import dev.switchman.topology.ClusterName;

/** A journal in memory: like the store's, it commits on its own. */
final class MemoryJournal implements Journal {

    private final Map<String, RunRecord> runs = new LinkedHashMap<>();
    private final Map<String, List<Entry>> entries = new LinkedHashMap<>();

    @Override
    public synchronized void runStarted(String run, ClusterName cluster, String runbook, String startedBy, String cause,
            Instant at) {
        runs.put(run, new RunRecord(run, cluster, runbook, startedBy, cause, at, Optional.empty(), Optional.empty(),
                Optional.empty()));
    }

    @Override
    public synchronized void runEnded(String run, String ending, String report, Instant at) {
        RunRecord old = runs.get(run);
        if (old == null) {
            throw new IllegalStateException("no run " + run);
        }
        runs.put(run,
                new RunRecord(run, old.cluster(), old.runbook(), old.startedBy(), old.cause(), old.startedAt(),
                        Optional.of(at),
                        Optional.of(ending), Optional.of(report)));
        notifyAll();
    }

    @Override
    public synchronized StepEntry stepBegins(String run, String step, String sentence, Instant at) {
        add(run, new Entry.StepBegan(at, step, sentence));
        return (outcome, detail, took) -> add(run, new Entry.StepEnded(at.plus(took), step, outcome, detail, took));
    }

    @Override
    public synchronized void note(String run, String label, String text) {
        add(run, new Entry.Noted(Instant.EPOCH, "", label, text));
    }

    @Override
    public void acted(Action action) {
        throw new UnsupportedOperationException("no probe step acts: " + action);
    }

    @Override
    public synchronized Optional<RunRecord> run(String run) {
        return Optional.ofNullable(runs.get(run));
    }

    @Override
    public synchronized List<RunRecord> runs(Optional<ClusterName> cluster, int limit) {
        return List.copyOf(runs.values());
    }

    @Override
    public synchronized List<Entry> entries(String run) {
        return List.copyOf(entries.getOrDefault(run, List.of()));
    }

    /** Waits until the run has ended. */
    synchronized RunRecord ended(String run) throws InterruptedException {
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
    List<String> outcomes(String run) {
        return entries(run).stream()
                .filter(Entry.StepEnded.class::isInstance)
                .map(Entry.StepEnded.class::cast)
                .map(entry -> entry.step() + " " + entry.outcome())
                .toList();
    }

    private synchronized void add(String run, Entry entry) {
        entries.computeIfAbsent(run, key -> new ArrayList<>()).add(entry);
        notifyAll();
    }
}
