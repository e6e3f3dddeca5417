package dev.switchman.monitor;

import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Verdict;

/** Is told what the watch sees. */
@FunctionalInterface
public interface VerdictListener {

    /**
     * Called after every tick and every confirmed change, on the thread of that cluster's watch: return soon.
     *
     * @param changed whether this verdict is of another kind than the one told before
     */
    void told(Verdict verdict, Snapshot snapshot, boolean changed);
}
