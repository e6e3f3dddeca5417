package dev.switchman.engine;

import dev.switchman.runbook.RunId;
import dev.switchman.topology.ClusterName;

/** Keeps an instance from starting: another run of the same or higher priority holds the cluster. */
final class ClusterHeld extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String by;
    private final String runbook;

    ClusterHeld(ClusterName cluster, RunId by, String runbook) {
        super("cluster " + cluster + " is held by run " + by + " of " + runbook);
        this.by = by.value();
        this.runbook = runbook;
    }

    RunId by() {
        return new RunId(by);
    }

    String runbook() {
        return runbook;
    }
}
