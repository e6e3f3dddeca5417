package dev.switchman.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.topology.Action;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/** What every {@link NodeOperator} keeps to, a fake too. */
abstract class NodeOperatorContract {

    private static final Duration PLENTY = Duration.ofSeconds(5);
    private static final Duration FENCE = Duration.ofMillis(1600);
    private static final Duration SHORT = Duration.ofMillis(250);
    /** A busy machine may be this late. */
    private static final Duration SLACK = Duration.ofMillis(600);

    private Stage stage;
    private NodeOperator operator;

    abstract Stage stage();

    @BeforeEach
    void reset() {
        stage = stage();
        stage.reset();
        operator = stage.operator();
    }

    @Test
    void refusesWritesAndEndsTheSessionsOfOrdinaryUsers() {
        try (Stage.Held clients = stage.idleSessions(stage.primary(), 3)) {
            Fencing fencing = operator.refuseWrites(stage.primary(), FENCE);

            assertThat(fencing).isEqualTo(new Fencing.Closed(3));
            assertThat(seen(stage.primary()).writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
            assertThat(stage.commit(stage.primary())).isFalse();
            assertThat(told()).anyMatch(text -> text.startsWith("SET GLOBAL super_read_only = 1"))
                    .anyMatch(text -> text.startsWith("KILL"));
            assertThat(stage.hearsItsSource(stage.replica())).isTrue();
        }
    }

    @Test
    void refusingWritesTwiceIsDoneAtOnce() {
        operator.refuseWrites(stage.primary(), FENCE);

        assertThat(operator.refuseWrites(stage.primary(), FENCE)).isEqualTo(new Fencing.Closed(0));
    }

    @Test
    void aRunningWriteIsEndedAfterItsGrace() {
        try (Stage.Held write = stage.longWrite(stage.primary())) {
            assertThat(operator.refuseWrites(stage.primary(), FENCE)).isEqualTo(new Fencing.Closed(1));
        }
    }

    @Test
    void aTableLockIsEndedAfterItsGrace() {
        try (Stage.Held lock = stage.tableLock(stage.primary())) {
            assertThat(operator.refuseWrites(stage.primary(), FENCE)).isEqualTo(new Fencing.Closed(1));
        }
    }

    @Test
    void clientsMakeRoomWhenConnectionsAreUsedUp() {
        try (Stage.Held clients = stage.exhaustedClientConnections(stage.primary())) {
            assertThat(operator.refuseWrites(stage.primary(), PLENTY)).isInstanceOf(Fencing.Closed.class);
        }
    }

    @Test
    void whatCannotBeEndedMakesItRefuseAndLeavesNothingQueued() {
        try (Stage.Held lock = stage.ownTableLock(stage.primary())) {
            Duration start = stage.time();
            Fencing fencing = operator.refuseWrites(stage.primary(), FENCE);

            assertThat(fencing).isInstanceOf(Fencing.Refused.class);
            assertThat(since(start)).isLessThan(FENCE.plus(SLACK));
        }
        assertThat(seen(stage.primary()).writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(stage.commit(stage.primary())).isTrue();
    }

    @Test
    void aCommitThatWaitsForAnAcknowledgementMakesItRefuse() {
        assumeThat(stage.hasSemiSync()).isTrue();
        try (Stage.Held commit = stage.waitingCommit(stage.primary())) {
            long begun = System.nanoTime();
            Fencing fencing = operator.refuseWrites(stage.primary(), PLENTY);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);

            assertThat(fencing).isInstanceOfSatisfying(Fencing.Refused.class,
                    refused -> assertThat(refused.why()).contains("Rpl_semi_sync_source_wait_sessions=1"));
            assertThat(took).as("nothing is gained by waiting").isLessThan(PLENTY.dividedBy(2));
            assertThat(told()).noneMatch(text -> text.contains("rpl_semi_sync"));
        }
        assertThat(seen(stage.primary()).writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(stage.commit(stage.primary())).isTrue();
    }

    @Test
    void everyCallReturnsInTimeWhenTheHostIsSilent() {
        operator.openWrites(stage.primary(), PLENTY);
        operator.openWrites(stage.replica(), PLENTY);
        operator.refuseWrites(stage.replica(), FENCE);

        stage.cut(stage.replica());

        unreachableInTime();
    }

    @Test
    void everyCallReturnsInTimeWhenTheServerIsFrozen() {
        operator.stopReceiver(stage.other(), PLENTY);

        stage.freeze(stage.replica());

        unreachableInTime();
    }

    private void unreachableInTime() {
        Node node = stage.replica();
        GtidSet some = GtidSet.of(UUID.fromString("f0f0f0f0-0000-0000-0000-000000000001"), 1, 1);
        inTime(() -> assertThat(operator.refuseWrites(node, SHORT)).isInstanceOf(Fencing.Unreachable.class));
        inTime(() -> assertThat(operator.openWrites(node, SHORT)).isInstanceOf(Change.Unreachable.class));
        inTime(() -> assertThat(operator.stopReceiver(node, SHORT)).isInstanceOf(Change.Unreachable.class));
        inTime(() -> assertThat(operator.stopReplication(node, SHORT)).isInstanceOf(Change.Unreachable.class));
        inTime(() -> assertThat(operator.repoint(node, stage.other(), stage.replication(), SHORT))
                .isInstanceOf(Change.Unreachable.class));
        inTime(() -> assertThat(operator.catchUp(node, some, SHORT)).isInstanceOf(CatchUp.Unreachable.class));
        inTime(() -> assertThat(operator.applyRelayLogs(node, stage.primary().id(), "relay.000001", some, SHORT))
                .isInstanceOf(CatchUp.Unreachable.class));
        inTime(() -> assertThat(operator.dropRelayLogs(node, SHORT)).isInstanceOf(Change.Unreachable.class));
        inTime(() -> assertThat(operator.endCopy(node, SHORT)).isInstanceOf(Change.Unreachable.class));
        assertThat(operator.startReplication(stage.other(), PLENTY)).isInstanceOf(Change.Done.class);
    }

    @Test
    void aCrashedServerIsUnreachableAtOnce() {
        operator.openWrites(stage.replica(), PLENTY);
        stage.crash(stage.replica());

        Duration start = stage.time();
        assertThat(operator.refuseWrites(stage.replica(), PLENTY)).isInstanceOf(Fencing.Unreachable.class);
        assertThat(operator.openWrites(stage.replica(), PLENTY)).isInstanceOf(Change.Unreachable.class);
        assertThat(since(start)).isLessThan(SLACK);
    }

    @Test
    void opensAServer() {
        assertThat(operator.forgetSource(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(seen(stage.replica()).replication()).isEmpty();

        assertThat(operator.openWrites(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);

        assertThat(seen(stage.replica()).writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(stage.commit(stage.replica())).isTrue();
    }

    @Test
    void letsClientsInAfterACopyOnlyWhereTheyCannotWrite() {
        operator.refuseWrites(stage.replica(), FENCE);
        stage.letNobodyIn(stage.replica());
        assertThat(operator.endCopy(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(seen(stage.replica()).offline()).isFalse();
        assertThat(operator.endCopy(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);

        operator.openWrites(stage.replica(), PLENTY);
        assertThat(operator.endCopy(stage.replica(), PLENTY)).isInstanceOf(Change.Rejected.class);
    }

    @Test
    void appliesTheLogsOfALostServerWhileItIsClosed() {
        operator.stopReceiver(stage.replica(), PLENTY);
        stage.commit(stage.primary());
        stage.commit(stage.primary());
        GtidSet target = stage.executed(stage.primary());
        String first = stage.placeLogs(stage.primary(), stage.replica());
        stage.crash(stage.primary());

        CatchUp applied = operator.applyRelayLogs(stage.replica(), stage.primary().id(), first, target, PLENTY);

        assertThat(applied).isEqualTo(new CatchUp.Reached(target));
        ServerState server = seen(stage.replica());
        assertThat(server.writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertThat(server.executed()).isEqualTo(target);
        assertThat(replication(stage.replica()).channels()).isEqualTo(2);
        assertThat(replication(stage.replica()).applierRunning()).isFalse();
        assertThat(operator.dropRelayLogs(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.dropRelayLogs(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(seen(stage.replica()).executed()).isEqualTo(target);
        assertThat(replication(stage.replica()).channels()).isEqualTo(1);
        assertThat(operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY))
                .isInstanceOf(Change.Done.class);
    }

    @Test
    void logsThatDoNotHoldAllLeaveItBehindAtTheDeadline() {
        operator.stopReceiver(stage.replica(), PLENTY);
        stage.commit(stage.primary());
        GtidSet held = stage.executed(stage.primary());
        GtidSet never = GtidSet.of(UUID.fromString("f0f0f0f0-0000-0000-0000-000000000001"), 1, 3);
        String first = stage.placeLogs(stage.primary(), stage.replica());

        Duration start = stage.time();
        CatchUp applied = operator.applyRelayLogs(stage.replica(), stage.primary().id(), first, held.union(never),
                FENCE);

        assertThat(applied).isEqualTo(new CatchUp.Behind(never));
        assertThat(since(start)).isLessThan(FENCE.plus(SLACK));
        assertThat(stage.executed(stage.replica())).isEqualTo(held);
        assertThat(operator.dropRelayLogs(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
    }

    @Test
    void logsThatAreNotThereAreAStop() {
        GtidSet never = GtidSet.of(UUID.fromString("f0f0f0f0-0000-0000-0000-000000000001"), 1, 3);

        CatchUp applied = operator.applyRelayLogs(stage.replica(), stage.primary().id(),
                "relay-" + NodeOperator.SALVAGE_CHANNEL + ".000009", never, PLENTY);

        assertThat(applied).isInstanceOfSatisfying(CatchUp.Stopped.class,
                stopped -> assertThat(stopped.errno()).isNotZero());
        assertThat(operator.dropRelayLogs(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
    }

    @Test
    void stopsAndStartsReceiving() {
        assertThat(operator.stopReceiver(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(replication(stage.replica()).receiver()).isEqualTo(Receiver.STOPPED);
        assertThat(replication(stage.replica()).applierRunning()).isTrue();
        assertThat(operator.stopReceiver(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.stopReceiver(stage.primary(), PLENTY)).isInstanceOf(Change.Done.class);

        assertThat(operator.startReplication(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.startReplication(stage.primary(), PLENTY)).isInstanceOf(Change.Rejected.class);

        stage.await().until(() -> replication(stage.replica()).receiver() == Receiver.RUNNING);
    }

    @Test
    void stopsReplicationAndLeavesTheChannel() {
        assertThat(operator.stopReplication(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);

        assertThat(replication(stage.replica()).receiver()).isEqualTo(Receiver.STOPPED);
        assertThat(replication(stage.replica()).applierRunning()).isFalse();
        assertThat(operator.stopReplication(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.stopReplication(stage.primary(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.startReplication(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        stage.await().until(() -> replication(stage.replica()).receiver() == Receiver.RUNNING);
    }

    @Test
    void catchesUpByStartingAnApplierThatStands() {
        stage.stopApplier(stage.replica());
        stage.commit(stage.primary());
        GtidSet target = stage.executed(stage.primary());
        stage.await().until(() -> seen(stage.replica()).reachable().contains(target));
        operator.stopReceiver(stage.replica(), PLENTY);

        List<GtidSet> missing = new ArrayList<>();
        assertThat(operator.catchUp(stage.replica(), target, PLENTY, missing::add))
                .isEqualTo(new CatchUp.Reached(target));

        assertThat(stage.executed(stage.replica())).isEqualTo(target);
        assertThat(missing.getFirst().count()).isPositive();
        assertThat(missing.getLast()).isEqualTo(GtidSet.empty());
    }

    @Test
    void whereNothingIsReceivedNothingIsWaitedFor() {
        operator.forgetSource(stage.replica(), PLENTY);
        stage.commit(stage.primary());

        assertThat(operator.catchUp(stage.replica(), stage.executed(stage.primary()), PLENTY))
                .isInstanceOfSatisfying(CatchUp.Stopped.class, stopped -> assertThat(stopped.errno()).isZero());
    }

    @Test
    void saysWhatIsMissingAtTheDeadline() {
        GtidSet never = GtidSet.of(UUID.fromString("f0f0f0f0-0000-0000-0000-000000000001"), 1, 3);

        Duration start = stage.time();
        CatchUp caught = operator.catchUp(stage.replica(), never, SHORT);

        assertThat(caught).isEqualTo(new CatchUp.Behind(never));
        assertThat(since(start)).isLessThan(SHORT.plus(SLACK));
    }

    @Test
    void anApplierThatFailsEndsTheWaitAtOnce() {
        stage.breakApplier(stage.replica());
        GtidSet target = stage.executed(stage.primary());

        CatchUp caught = operator.catchUp(stage.replica(), target, PLENTY);

        assertThat(caught).isInstanceOfSatisfying(CatchUp.Stopped.class,
                stopped -> assertThat(stopped.errno()).isEqualTo(1062));
    }

    @Test
    void repointsWhileTheApplierRunsAndKeepsWhatWasReceived() {
        stage.delayReplication(stage.replica(), 30);
        stage.commit(stage.primary());
        GtidSet written = stage.executed(stage.primary());
        stage.await().until(() -> seen(stage.replica()).reachable().contains(written));
        Duration heartbeat = replication(stage.replica()).heartbeatPeriod();

        Change change = operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY);

        assertThat(change).isInstanceOf(Change.Done.class);
        ReplicaState now = replication(stage.replica());
        assertThat(now.source()).isEqualTo(stage.other().id());
        assertThat(now.receiver()).isEqualTo(Receiver.RUNNING);
        assertThat(now.applierRunning()).isTrue();
        assertThat(now.delay()).isEqualTo(Duration.ofSeconds(30));
        assertThat(now.heartbeatPeriod()).isEqualTo(heartbeat);
        assertThat(seen(stage.replica()).executed().contains(written)).isFalse();
        assertThat(seen(stage.replica()).reachable().contains(written)).isTrue();
        assertThat(told()).anyMatch(text -> text.contains("_PASSWORD='******'"))
                .noneMatch(text -> text.contains(stage.replication().password().reveal()));
    }

    @Test
    void doesNotRepointWhereThatWouldDeleteWhatWasReceived() {
        stage.stopApplier(stage.replica());
        stage.commit(stage.primary());
        GtidSet written = stage.executed(stage.primary());
        stage.await().until(() -> seen(stage.replica()).reachable().contains(written));

        Change change = operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY);

        assertThat(change).isInstanceOf(Change.Rejected.class);
        assertThat(seen(stage.replica()).reachable().contains(written)).isTrue();
        assertThat(replication(stage.replica()).source()).isEqualTo(stage.primary().id());
    }

    @Test
    void repointsWithAStandingApplierThatHasNothingLeftToApply() {
        stage.stopApplier(stage.replica());

        assertThat(operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY))
                .isInstanceOf(Change.Done.class);

        assertThat(replication(stage.replica()).source()).isEqualTo(stage.other().id());
        assertThat(replication(stage.replica()).applierRunning()).isTrue();
    }

    @Test
    void repointingIsRepeatable() {
        operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY);
        int before = told().size();

        assertThat(operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY))
                .isInstanceOf(Change.Done.class);

        assertThat(told()).hasSize(before);
    }

    @Test
    void givesAChannelToAServerThatHasNone() {
        operator.forgetSource(stage.replica(), PLENTY);
        stage.commit(stage.primary());

        assertThat(operator.repoint(stage.replica(), stage.primary(), stage.replication(), PLENTY))
                .isInstanceOf(Change.Done.class);

        assertThat(replication(stage.replica()).autoPosition()).isTrue();
        assertThat(operator.catchUp(stage.replica(), stage.executed(stage.primary()), PLENTY))
                .isInstanceOf(CatchUp.Reached.class);
    }

    @Test
    void aServerDoesNotFollowItself() {
        assertThat(operator.repoint(stage.replica(), stage.replica(), stage.replication(), PLENTY))
                .isInstanceOf(Change.Rejected.class);
    }

    @Test
    void aSourceThatIsDownLeavesTheRepointUnknown() {
        stage.crash(stage.other());

        Change change = operator.repoint(stage.replica(), stage.other(), stage.replication(), Duration.ofSeconds(1));

        assertThat(change).isInstanceOf(Change.Unknown.class);
        assertThat(replication(stage.replica()).source()).isEqualTo(stage.other().id());
        assertThat(replication(stage.replica()).receiver()).isEqualTo(Receiver.CONNECTING);
    }

    @Test
    void aSourceThatHasPurgedWhatIsMissingDoesNotCountAsFollowed() {
        operator.stopReceiver(stage.replica(), PLENTY);
        stage.commit(stage.primary());
        GtidSet written = stage.executed(stage.primary());
        stage.await().until(() -> stage.executed(stage.other()).contains(written));
        stage.purge(stage.other());

        Change change = operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY);

        assertThat(change).isInstanceOf(Change.Rejected.class);
        assertThat(replication(stage.replica()).receiver()).isEqualTo(Receiver.STOPPED);
        assertThat(replication(stage.replica()).receiverErrno()).isNotZero();
    }

    @Test
    void theAcknowledgingSideTakesEffectWhenTheReceiverConnects() {
        assumeThat(stage.hasSemiSync()).isTrue();

        operator.semiSyncReplica(stage.replica(), true, PLENTY);
        assertThat(seen(stage.replica()).semiSync().replica()).isEqualTo(new SemiSync.ReplicaSide.Present(true, false));

        operator.stopReceiver(stage.replica(), PLENTY);
        operator.startReplication(stage.replica(), PLENTY);
        stage.await()
                .until(() -> seen(stage.replica()).semiSync()
                        .replica()
                        .equals(new SemiSync.ReplicaSide.Present(true, true)));
    }

    @Test
    void switchesSemiSyncOnInOrder() {
        assumeThat(stage.hasSemiSync()).isTrue();

        assertThat(operator.semiSyncReplica(stage.replica(), true, PLENTY)).isInstanceOf(Change.Done.class);
        operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY);
        assertThat(operator.semiSyncSource(stage.other(), true, Optional.of(1), PLENTY))
                .isInstanceOf(Change.Done.class);

        stage.await()
                .until(() -> seen(stage.other()).semiSync().source() instanceof SemiSync.SourceSide.Present source
                        && source.enabled() && source.operating() && source.waitCount() == 1 && source.clients() == 1);
        assertThat(stage.reader().acknowledgers(stage.other(), PLENTY)).isOne();
        assertThat(stage.reader().acknowledgers(stage.replica(), PLENTY)).isZero();
        assertThat(seen(stage.replica()).semiSync().replica()).isEqualTo(new SemiSync.ReplicaSide.Present(true, true));
        assertThat(operator.semiSyncSource(stage.other(), false, Optional.empty(), PLENTY))
                .isInstanceOf(Change.Done.class);
        assertThat(operator.semiSyncReplica(stage.replica(), false, PLENTY)).isInstanceOf(Change.Done.class);
    }

    @Test
    void semiSyncWithoutItsPluginIsRejectedAndOffIsDone() {
        assumeThat(stage.hasSemiSync()).isFalse();

        assertThat(operator.semiSyncReplica(stage.replica(), true, PLENTY)).isInstanceOf(Change.Rejected.class);
        assertThat(operator.semiSyncSource(stage.replica(), true, Optional.of(1), PLENTY))
                .isInstanceOf(Change.Rejected.class);
        assertThat(operator.semiSyncReplica(stage.replica(), false, PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.semiSyncSource(stage.replica(), false, Optional.empty(), PLENTY))
                .isInstanceOf(Change.Done.class);
        assertThat(seen(stage.replica()).semiSync()).isEqualTo(SemiSync.absent());
        assertThat(stage.reader().acknowledgers(stage.replica(), PLENTY)).isZero();
    }

    @Test
    void enablesExactlyTheseEvents() {
        stage.createEvent(stage.primary(), "app.one", false);
        stage.createEvent(stage.primary(), "app.two", false);

        assertThat(operator.enableEvents(stage.primary(), List.of("app.one"), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.enableEvents(stage.primary(), List.of("app.one"), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.enableEvents(stage.primary(), List.of("app.gone"), PLENTY))
                .isInstanceOf(Change.Rejected.class);

        assertThat(seen(stage.primary()).enabledEvents()).containsExactly("app.one");
    }

    @Test
    void disablesExactlyTheseEventsOnAServerThatStaysClosedAndLogsNothing() {
        stage.createEvent(stage.primary(), "app.one", true);
        stage.createEvent(stage.primary(), "app.two", true);
        assertThat(operator.refuseWrites(stage.primary(), FENCE)).isInstanceOf(Fencing.Closed.class);
        GtidSet before = stage.executed(stage.primary());

        assertThat(operator.disableEvents(stage.primary(), List.of("app.one", "app.gone"), PLENTY))
                .isInstanceOf(Change.Done.class);
        assertThat(operator.disableEvents(stage.primary(), List.of("app.one"), PLENTY)).isInstanceOf(Change.Done.class);

        assertThat(seen(stage.primary()).enabledEvents()).containsExactly("app.two");
        assertThat(seen(stage.primary()).writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertThat(stage.executed(stage.primary())).isEqualTo(before);
    }

    @Test
    void liftsADelayAndKeepsWhatWasReceived() {
        stage.delayReplication(stage.replica(), 3_600);
        stage.commit(stage.primary());
        GtidSet written = stage.executed(stage.primary());
        stage.await().until(() -> seen(stage.replica()).reachable().contains(written));
        operator.stopReceiver(stage.replica(), PLENTY);
        assertThat(stage.executed(stage.replica()).contains(written)).isFalse();

        assertThat(operator.liftDelay(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.liftDelay(stage.replica(), PLENTY)).isInstanceOf(Change.Done.class);

        assertThat(replication(stage.replica()).delay()).isZero();
        assertThat(replication(stage.replica()).receiver()).isEqualTo(ReplicaState.Receiver.STOPPED);
        assertThat(operator.catchUp(stage.replica(), written, PLENTY)).isInstanceOf(CatchUp.Reached.class);
    }

    @Test
    void injectsExactlyTheseTransactionsOnce() {
        GtidSet errant = GtidSet.of(UUID.fromString("f0f0f0f0-0000-0000-0000-000000000002"), 1, 3);
        GtidSet before = stage.executed(stage.primary());

        assertThat(operator.injectEmpty(stage.primary(), errant, PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.injectEmpty(stage.primary(), errant, PLENTY)).isInstanceOf(Change.Done.class);

        assertThat(stage.executed(stage.primary())).isEqualTo(before.union(errant));
        assertThat(operator.catchUp(stage.replica(), errant, PLENTY)).isInstanceOf(CatchUp.Reached.class);
        assertThat(stage.commit(stage.primary())).as("the session that others get").isTrue();
    }

    @Test
    void provesThatClientsCanWrite() {
        assertThat(operator.provesWritable(stage.primary(), Optional.empty(), Stage.SCHEMA, PLENTY))
                .isInstanceOf(Change.Rejected.class);
        assertThat(operator.createSchema(stage.primary(), Stage.SCHEMA, PLENTY)).isInstanceOf(Change.Done.class);
        assertThat(operator.createSchema(stage.primary(), Stage.SCHEMA, PLENTY)).isInstanceOf(Change.Done.class);

        assertThat(operator.provesWritable(stage.primary(), Optional.empty(), Stage.SCHEMA, PLENTY))
                .isInstanceOf(Change.Done.class);
        assertThat(operator.provesWritable(stage.primary(), Optional.of(stage.primary().id().host()), Stage.SCHEMA,
                PLENTY))
                .isInstanceOf(Change.Done.class);
        assertThat(operator.provesWritable(stage.primary(), Optional.of(stage.replica().id().host()), Stage.SCHEMA,
                PLENTY))
                .isInstanceOf(Change.Rejected.class);
        assertThat(operator.provesWritable(stage.replica(), Optional.empty(), Stage.SCHEMA, PLENTY))
                .isInstanceOf(Change.Rejected.class);
    }

    @Test
    void theSchemaReachesTheReplicas() {
        operator.createSchema(stage.primary(), Stage.SCHEMA, PLENTY);
        operator.catchUp(stage.replica(), stage.executed(stage.primary()), PLENTY);
        operator.openWrites(stage.replica(), PLENTY);

        assertThat(operator.provesWritable(stage.replica(), Optional.empty(), Stage.SCHEMA, PLENTY))
                .isInstanceOf(Change.Done.class);
    }

    @Test
    void aReadOnlyServerRejectsTheSchema() {
        assertThat(operator.createSchema(stage.replica(), Stage.SCHEMA, PLENTY)).isInstanceOf(Change.Rejected.class);
    }

    @Test
    void persistsReadOnlyWhereTheServerCan() {
        Change change = operator.persistReadOnly(stage.primary(), PLENTY);

        assertThat(change).isInstanceOf(stage.persists() ? Change.Done.class : Change.Rejected.class);
        assertThat(seen(stage.primary()).writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(seen(stage.primary()).bootMode()).isEqualTo(stage.persists()
                ? BootMode.READ_ONLY
                : BootMode.UNKNOWN);
    }

    private List<String> told() {
        return stage.told().stream().map(Action::text).toList();
    }

    private ServerState seen(Node node) {
        Observation observation = stage.reader().observe(node, PLENTY);
        assertThat(observation).isInstanceOf(Observation.Seen.class);
        return ((Observation.Seen) observation).server();
    }

    private ReplicaState replication(Node node) {
        return seen(node).replication().orElseThrow();
    }

    private void inTime(Runnable call) {
        Duration start = stage.time();
        call.run();
        assertThat(since(start)).isLessThan(SHORT.plus(SLACK));
    }

    private Duration since(Duration start) {
        return stage.time().minus(start);
    }
}
