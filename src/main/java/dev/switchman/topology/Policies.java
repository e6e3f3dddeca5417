package dev.switchman.topology;

import java.time.Duration;

/**
 * What a cluster's owner has decided beforehand.
 *
 * @param purgeRelayLogs how often replicas that keep their relay logs ({@code relay_log_purge=0}) are rid of those that they
 *     have applied; zero: never
 */
public record Policies(UnprovenFence unprovenFence, SemiSyncDegraded semiSyncDegraded, ManagerLocks managerLocks,
        Rejoin rejoin, Unsalvaged unsalvaged, Duration purgeRelayLogs) {

    /** Where relay logs are left alone. */
    public Policies(UnprovenFence unprovenFence, SemiSyncDegraded semiSyncDegraded, ManagerLocks managerLocks,
            Rejoin rejoin, Unsalvaged unsalvaged) {
        this(unprovenFence, semiSyncDegraded, managerLocks, rejoin, unsalvaged, Duration.ZERO);
    }

    /** Where nobody has decided about rejoining, or about logs that cannot be read. */
    public Policies(UnprovenFence unprovenFence, SemiSyncDegraded semiSyncDegraded, ManagerLocks managerLocks) {
        this(unprovenFence, semiSyncDegraded, managerLocks, Rejoin.BY_HAND, Unsalvaged.ACT);
    }

    /** What follows when a lost primary could not be proven closed. */
    public enum UnprovenFence {
        /** Go on when every witness that answers has lost it too; ask when the evidence is mixed. */
        ACT,
        /** Always ask a person. */
        ASK
    }

    /** Who lets a former primary that is back, or a replica that was lost, follow the primary. */
    public enum Rejoin {
        /** A person, by command. */
        BY_HAND,
        /** The watch, when there is nothing to decide. */
        AUTOMATIC
    }

    /** What a manager needs in order to act, and not only to watch. */
    public enum ManagerLocks {
        /** The manager's lock on a majority of the servers. */
        MAJORITY,
        /** The manager's lock on one of them, and no other manager to be seen: for clusters that have one manager only. */
        UNOPPOSED
    }

    /**
     * What follows when writes may be lost, the dead primary's host answers, and its binary logs could not be read to their
     * end.
     */
    public enum Unsalvaged {
        /** Open the candidate without them. */
        ACT,
        /** Ask a person. */
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
