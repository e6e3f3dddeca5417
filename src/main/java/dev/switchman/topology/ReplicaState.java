package dev.switchman.topology;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * One server's view of its source: {@code SHOW REPLICA STATUS} and its performance_schema tables.
 *
 * @param source host and port as the channel is configured
 * @param sourceUuid empty until it has been connected once
 * @param receiverErrno last error of the receiver (IO) thread, 0 for none
 * @param applierErrno last error of the applier (SQL) threads, 0 for none
 * @param retrieved received since the relay log began: {@code Retrieved_Gtid_Set} united with {@code RECEIVED_TRANSACTION_SET}
 * @param lag seconds behind as the server tells it; empty when it tells none
 * @param delay configured {@code SOURCE_DELAY}
 * @param heartbeatPeriod what the source was asked to send when idle
 * @param heartbeats {@code COUNT_RECEIVED_HEARTBEATS}; stands still while writes flow
 * @param filters replication filters as text; empty means none
 * @param channels number of configured channels; more than one is multi-source, which is refused
 */
public record ReplicaState(
        NodeId source,
        Optional<UUID> sourceUuid,
        Receiver receiver,
        int receiverErrno,
        String receiverError,
        boolean applierRunning,
        int applierErrno,
        String applierError,
        GtidSet retrieved,
        boolean autoPosition,
        Optional<Duration> lag,
        Duration delay,
        Duration heartbeatPeriod,
        long heartbeats,
        Optional<Instant> lastHeartbeat,
        String filters,
        int channels) {

    /** @return whether one of its threads runs, or tries to */
    public boolean replicates() {
        return applierRunning || receiver != Receiver.STOPPED;
    }

    /** State of the receiver (IO) thread. */
    public enum Receiver {
        RUNNING, CONNECTING, STOPPED
    }
}
