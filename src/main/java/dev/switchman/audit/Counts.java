package dev.switchman.audit;

import java.time.Duration;
import java.util.List;

import dev.switchman.topology.ClusterName;

/**
 * What the journal has counted.
 *
 * @param runs all that have ended, purged ones and those of earlier processes among them
 * @param steps those that have ended since the start of the process
 */
public record Counts(List<Runs> runs, List<Steps> steps) {

    public Counts {
        runs = List.copyOf(runs);
        steps = List.copyOf(steps);
    }

    /** So many runs of this runbook ended so. */
    public record Runs(ClusterName cluster, String runbook, String ending, long count) {}

    /** So many steps of this kind ended so, and took that long together. @param outcome as in the journal: {@code DONE} … */
    public record Steps(String runbook, String step, String outcome, long count, Duration took) {}
}
