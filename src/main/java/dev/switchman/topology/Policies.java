package dev.switchman.topology;

/** What a cluster's owner has decided beforehand. */
public record Policies(UnprovenFence unprovenFence, SemiSyncDegraded semiSyncDegraded) {

    /** What follows when a lost primary could not be proven closed. */
    public enum UnprovenFence {
        /** Go on when every witness that answers has lost it too; ask when the evidence is mixed. */
        ACT,
        /** Always ask a person. */
        ASK
    }

    /** What follows when fewer replicas reach the new primary than semi-sync waits for. */
    public enum SemiSyncDegraded {
        /** Wait for as many as there are. */
        LOWER,
        /** Open without semi-sync. */
        OFF,
        /** Ask a person. */
        ASK
    }
}
