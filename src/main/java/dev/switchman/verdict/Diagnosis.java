package dev.switchman.verdict;

import dev.switchman.topology.Snapshot;

/** Turns a snapshot into a verdict. */
public final class Diagnosis {

    private Diagnosis() {}

    /** @return the gravest verdict that the snapshot supports; the same snapshot always gives the same verdict */
    public static Verdict of(Snapshot snapshot) {
        throw new UnsupportedOperationException("diagnosis of " + snapshot);
    }
}
