package dev.switchman.topology;

import java.time.Duration;

/** Both sides of semi-synchronous replication on one server. */
public record SemiSync(SourceSide source, ReplicaSide replica) {

    /** The side that waits for acknowledgements. */
    public sealed interface SourceSide {

        /** The plugin is not loaded. */
        record Absent() implements SourceSide {}

        /**
         * @param enabled {@code rpl_semi_sync_source_enabled}
         * @param operating {@code Rpl_semi_sync_source_status}: OFF while enabled means it fell back to asynchronous
         * @param waitCount {@code rpl_semi_sync_source_wait_for_replica_count}
         * @param clients {@code Rpl_semi_sync_source_clients}
         * @param timeout after which it falls back to asynchronous
         * @param afterSync {@code wait_point=AFTER_SYNC}, the only one that shows nothing before its acknowledgement
         * @param waitNoReplica {@code rpl_semi_sync_source_wait_no_replica}
         * @param waitingSessions commits that wait for an acknowledgement right now
         */
        record Present(
                boolean enabled,
                boolean operating,
                int waitCount,
                int clients,
                Duration timeout,
                boolean afterSync,
                boolean waitNoReplica,
                int waitingSessions) implements SourceSide {}
    }

    /** The side that acknowledges. */
    public sealed interface ReplicaSide {

        record Absent() implements ReplicaSide {}

        /** @param operating {@code Rpl_semi_sync_replica_status}: it acknowledges now */
        record Present(boolean enabled, boolean operating) implements ReplicaSide {}
    }

    /** @return replicas that acknowledge to it and are connected now */
    public int clients() {
        return source instanceof SourceSide.Present present ? present.clients() : 0;
    }

    public static SemiSync absent() {
        return new SemiSync(new SourceSide.Absent(), new ReplicaSide.Absent());
    }
}
