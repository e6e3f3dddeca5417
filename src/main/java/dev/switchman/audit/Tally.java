package dev.switchman.audit;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import dev.switchman.topology.ClusterName;

/** Counts what the journal's writer has written. Whoever reads it holds up nobody. */
final class Tally {

    private final Map<Kind, LongAdder> runs = new ConcurrentHashMap<>();
    private final Map<StepKind, Times> steps = new ConcurrentHashMap<>();

    /** Runs that count as one. */
    record Kind(ClusterName cluster, String runbook, String ending) {}

    private record StepKind(String runbook, String step, String outcome) {}

    private record Times(LongAdder count, LongAdder nanos) {}

    void runs(Kind kind, long count) {
        runs.computeIfAbsent(kind, first -> new LongAdder()).add(count);
    }

    void step(String runbook, String step, String outcome, Duration took) {
        Times times = steps.computeIfAbsent(new StepKind(runbook, step, outcome),
                first -> new Times(new LongAdder(), new LongAdder()));
        times.count.increment();
        times.nanos.add(took.toNanos());
    }

    Counts read() {
        return new Counts(runs.entrySet()
                .stream()
                .map(entry -> new Counts.Runs(entry.getKey().cluster(), entry.getKey().runbook(),
                        entry.getKey().ending(), entry.getValue().sum()))
                .toList(),
                steps.entrySet()
                        .stream()
                        .map(entry -> new Counts.Steps(entry.getKey().runbook(), entry.getKey().step(),
                                entry.getKey().outcome(), entry.getValue().count().sum(),
                                Duration.ofNanos(entry.getValue().nanos().sum())))
                        .toList());
    }
}
