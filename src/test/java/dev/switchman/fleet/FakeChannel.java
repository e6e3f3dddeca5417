package dev.switchman.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import dev.switchman.topology.NodeId;

/** The replication channel of one server. */
final class FakeChannel {

    NodeId source;
    Optional<UUID> sourceUuid = Optional.empty();
    boolean receiver = true;
    boolean applier = true;
    int receiverErrno;
    int applierErrno;
    Duration delay = Duration.ZERO;
    String filters = "";
    /** The receiver has its connection. */
    boolean linked;
    /** What the acknowledging side was when the receiver connected: a later SET GLOBAL waits for the next time. */
    boolean acknowledges;
    /** When the applier, that had nothing to do, will have applied what came then. */
    Instant due = Instant.MIN;

    FakeChannel(NodeId source) {
        this.source = source;
    }

    /** {@code START REPLICA}: errors are forgotten, and come back if their cause is still there. */
    void start() {
        receiver = true;
        receiverErrno = 0;
        startApplier();
    }

    void startApplier() {
        applier = true;
        applierErrno = 0;
    }

    void stop() {
        stopReceiver();
        applier = false;
    }

    void stopReceiver() {
        receiver = false;
        linked = false;
    }
}
