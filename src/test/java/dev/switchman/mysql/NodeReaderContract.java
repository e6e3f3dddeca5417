package dev.switchman.mysql;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.switchman.topology.Account;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Glance;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;

/** What every {@link NodeReader} keeps to, a fake too. */
abstract class NodeReaderContract {

    private static final Duration PLENTY = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(250);
    /** A busy machine may be this late. */
    private static final Duration SLACK = Duration.ofMillis(600);

    private Stage stage;
    private NodeReader reader;

    abstract Stage stage();

    @BeforeEach
    void reset() {
        stage = stage();
        stage.reset();
        reader = stage.reader();
    }

    @Test
    void seesAPrimary() {
        stage.commit(stage.primary());

        ServerState server = seen(stage.primary());

        assertThat(server.writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(server.executed()).isEqualTo(stage.executed(stage.primary()));
        assertThat(server.executed().restrictedTo(Set.of(server.serverUuid())).count()).isPositive();
        assertThat(server.purged()).isEqualTo(GtidSet.empty());
        assertThat(server.gtidMode()).isTrue();
        assertThat(server.logBin()).isTrue();
        assertThat(server.logReplicaUpdates()).isTrue();
        assertThat(server.offline()).isFalse();
        assertThat(server.syncBinlog()).isEqualTo(1);
        assertThat(server.flushLogAtCommit()).isEqualTo(1);
        assertThat(server.preparedXa()).isZero();
        assertThat(server.enabledEvents()).isEmpty();
        assertThat(server.replication()).isEqualTo(Optional.empty());
    }

    @Test
    void seesAReplica() {
        stage.commit(stage.primary());
        GtidSet written = stage.executed(stage.primary());
        UUID primary = seen(stage.primary()).serverUuid();
        stage.await().until(() -> stage.executed(stage.replica()).contains(written));

        ServerState server = seen(stage.replica());
        ReplicaState replication = server.replication().orElseThrow();

        assertThat(server.writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertThat(server.reachable()).isEqualTo(written);
        assertThat(replication.source()).isEqualTo(stage.primary().id());
        assertThat(replication.sourceUuid()).contains(primary);
        assertThat(replication.receiver()).isEqualTo(Receiver.RUNNING);
        assertThat(replication.applierRunning()).isTrue();
        assertThat(replication.autoPosition()).isTrue();
        assertThat(replication.retrieved()).isEqualTo(written);
        assertThat(replication.lag()).hasValueSatisfying(lag -> assertThat(lag).isLessThan(Duration.ofSeconds(10)));
        assertThat(replication.delay()).isEqualTo(Duration.ZERO);
        assertThat(replication.filters()).isEmpty();
        assertThat(replication.channels()).isEqualTo(1);
        assertThat(replication.heartbeatPeriod()).isPositive();
    }

    @Test
    void seesWhatAReplicaReceivedAndDidNotApply() {
        stage.stopApplier(stage.replica());
        stage.commit(stage.primary());
        GtidSet written = stage.executed(stage.primary());

        stage.await().until(() -> seen(stage.replica()).reachable().contains(written));
        ServerState server = seen(stage.replica());

        assertThat(server.executed().contains(written)).isFalse();
        assertThat(server.replication().orElseThrow().applierRunning()).isFalse();
        assertThat(server.replication().orElseThrow().applierErrno()).isZero();
    }

    @Test
    void tellsTheNumberOfAnApplierError() {
        stage.breakApplier(stage.replica());

        stage.await().until(() -> !seen(stage.replica()).replication().orElseThrow().applierRunning());

        assertThat(seen(stage.replica()).replication().orElseThrow().applierErrno()).isEqualTo(1062);
    }

    @Test
    void tellsHowFarAReplicaHasComeInTheLogsOfItsSource() {
        stage.commit(stage.primary());
        LogPosition end = stage.logEnd(stage.primary());

        stage.await()
                .untilAsserted(() -> assertThat(reader.logPoint(stage.replica(), PLENTY))
                        .isEqualTo(new LogPoint.Seen(Optional.of(end), Optional.of(end))));
        assertThat(reader.logPoint(stage.primary(), PLENTY))
                .isEqualTo(new LogPoint.Seen(Optional.empty(), Optional.empty()));
    }

    @Test
    void seesEnabledEventsAndPreparedTransactions() {
        stage.createEvent(stage.primary(), "app.on", true);
        stage.createEvent(stage.primary(), "app.off", false);
        try (Stage.Held xa = stage.preparedXa(stage.primary())) {
            ServerState server = seen(stage.primary());

            assertThat(server.enabledEvents()).containsExactly("app.on");
            assertThat(server.preparedXa()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(PingKind.class)
    void pings(PingKind kind) {
        stage.operator().createSchema(stage.primary(), Stage.SCHEMA, PLENTY);

        assertThat(ping(kind)).isInstanceOf(Ping.Answered.class);
        assertThat(ping(kind)).isInstanceOf(Ping.Answered.class);
    }

    @Test
    void anInsertPingWithoutItsTableIsAnAnswerFromALivingServer() {
        assertThat(ping(PingKind.INSERT)).isInstanceOfSatisfying(Ping.Failed.class,
                failed -> assertThat(failed.failure()).isInstanceOf(Failure.ErrorPacket.class));
    }

    @Test
    void aWrongPasswordIsAnErrorPacket() {
        Node wrong = with(stage.primary(), new Account("admin", new Secret("wrong")));

        assertThat(failure(reader.reconnect(wrong, PLENTY))).isInstanceOfSatisfying(Failure.ErrorPacket.class,
                packet -> assertThat(packet.errno()).isEqualTo(1045));
        assertThat(reader.observe(wrong, PLENTY)).isInstanceOfSatisfying(Observation.Unseen.class,
                unseen -> assertThat(unseen.failure()).isInstanceOf(Failure.ErrorPacket.class));
    }

    @Test
    void tooManyConnectionsIsAnErrorPacket() {
        try (Stage.Held all = stage.exhaustedConnections(stage.primary())) {
            assertThat(failure(reader.reconnect(stage.primary(), PLENTY))).isInstanceOfSatisfying(
                    Failure.ErrorPacket.class,
                    packet -> assertThat(packet.errno()).isEqualTo(1040));
        }
    }

    @Test
    void anUnknownHostSaysNothingOfTheServer() {
        Node nowhere = moved(stage.primary(), NodeId.of("no-such-host.invalid", 3306));

        assertThat(failure(reader.reconnect(nowhere, PLENTY))).isInstanceOf(Failure.Unclear.class);
    }

    @Test
    void aCrashBreaksTheKeptConnectionAndThenRefuses() {
        ping(PingKind.SELECT);
        assertThat(seen(stage.primary())).isNotNull();

        stage.crash(stage.primary());

        assertThat(failure(ping(PingKind.SELECT))).isInstanceOf(Failure.Broken.class);
        assertThat(failure(ping(PingKind.SELECT))).isInstanceOf(Failure.Refused.class);
        assertThat(failure(reader.reconnect(stage.primary(), PLENTY))).isInstanceOf(Failure.Refused.class);
        assertThat(reader.observe(stage.primary(), PLENTY)).isInstanceOfSatisfying(Observation.Unseen.class,
                unseen -> assertThat(unseen.failure()).isInstanceOf(Failure.Refused.class));
    }

    @Test
    void aFrozenServerTimesOut() {
        ping(PingKind.SELECT);
        seen(stage.primary());

        stage.freeze(stage.primary());

        everythingTimesOut();
    }

    @Test
    void aSilentHostTimesOut() {
        ping(PingKind.SELECT);
        seen(stage.primary());

        stage.cut(stage.primary());

        everythingTimesOut();
    }

    private void everythingTimesOut() {
        Node node = stage.primary();
        timesOut(() -> failure(reader.ping(node, PingKind.SELECT, Stage.SCHEMA, SHORT)));
        timesOut(() -> failure(reader.ping(node, PingKind.SELECT, Stage.SCHEMA, SHORT)));
        timesOut(() -> failure(reader.reconnect(node, SHORT)));
        timesOut(() -> ((Observation.Unseen) reader.observe(node, SHORT)).failure());
        timesOut(() -> ((Observation.Unseen) reader.observe(node, SHORT)).failure());
        timesOut(() -> ((Glance.Unseen) reader.glance(node, SHORT)).failure());
        Duration start = stage.time();
        assertThat(reader.acknowledgers(node, SHORT)).isZero();
        assertThat(since(start)).isLessThan(SHORT.plus(SLACK));
        start = stage.time();
        assertThat(reader.inspect(node, SHORT)).singleElement()
                .satisfies(finding -> assertThat(finding.grade()).isEqualTo(Grade.FAILED));
        assertThat(since(start)).isLessThan(SHORT.plus(SLACK));
        start = stage.time();
        assertThat(reader.logPoint(node, SHORT)).isInstanceOf(LogPoint.Unseen.class);
        assertThat(since(start)).isLessThan(SHORT.plus(SLACK));
        assertThat(reader.reconnect(stage.replica(), PLENTY)).isInstanceOf(Ping.Answered.class);
    }

    private void timesOut(Supplier<Failure> call) {
        Duration start = stage.time();
        Failure failure = call.get();
        assertThat(since(start)).isBetween(SHORT.minusMillis(50), SHORT.plus(SLACK));
        assertThat(failure).isInstanceOf(Failure.TimedOut.class);
    }

    @Test
    void aServerThatComesBackIsSeenAtOnce() {
        seen(stage.replica());
        stage.crash(stage.replica());
        assertThat(reader.observe(stage.replica(), PLENTY)).isInstanceOf(Observation.Unseen.class);

        stage.reset();

        assertThat(seen(stage.replica()).writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
    }

    @Test
    void theTripwireTellsOfACrashWithinMilliseconds() throws Exception {
        FutureTask<Failure> waiting = awaitBreak(stage.primary());
        stage.killSleepers(stage.primary());
        assertThat(waiting.isDone()).isFalse();

        stage.crash(stage.primary());
        Duration start = stage.time();

        assertThat(waiting.get()).isInstanceOf(Failure.Broken.class);
        assertThat(since(start)).isLessThan(SLACK);
    }

    @Test
    void theTripwireEndsAtOnceWhereNobodyListens() throws Exception {
        stage.crash(stage.primary());

        assertThat(reader.awaitBreak(stage.primary())).isInstanceOf(Failure.Refused.class);
    }

    @Test
    void theTripwireEndsWhenItsNodeIsForgotten() throws Exception {
        FutureTask<Failure> waiting = awaitBreak(stage.primary());

        reader.forget(stage.primary());

        assertThat(waiting.get()).isInstanceOf(Failure.Unclear.class);
        assertThat(ping(PingKind.SELECT)).isInstanceOf(Ping.Answered.class);
    }

    @Test
    void theTripwireEndsWithAnInterrupt() throws Exception {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                reader.awaitBreak(stage.primary());
                interrupted.complete(false);
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
        });
        awaitSleeper();

        thread.interrupt();

        assertThat(interrupted.get()).isTrue();
    }

    private FutureTask<Failure> awaitBreak(Node node) {
        FutureTask<Failure> waiting = new FutureTask<>(() -> reader.awaitBreak(node));
        Thread.ofVirtual().start(waiting);
        awaitSleeper();
        return waiting;
    }

    private void awaitSleeper() {
        stage.await().until(() -> stage.sleepers(stage.primary()) > 0);
    }

    @Test
    void lookingChangesNothing() {
        Node poor = with(stage.replica(), stage.poorAccount());
        for (Node node : List.of(stage.primary(), stage.replica())) {
            GtidSet before = stage.executed(node);
            String variables = stage.globalVariables(node);

            reader.ping(node, PingKind.SELECT, Stage.SCHEMA, PLENTY);
            reader.ping(node, PingKind.CONNECT, Stage.SCHEMA, PLENTY);
            reader.reconnect(node, PLENTY);
            reader.observe(node, PLENTY);
            reader.inspect(node, PLENTY);
            reader.inspect(poor, PLENTY);
            reader.inspectReplicationAccount(node, stage.replication(), PLENTY);
            reader.forget(node);

            assertThat(stage.executed(node)).isEqualTo(before);
            assertThat(stage.globalVariables(node)).isEqualTo(variables);
        }
    }

    @Test
    void inspectsAGoodServer() {
        List<Finding> findings = reader.inspect(stage.replica(), PLENTY);

        assertThat(findings).filteredOn(finding -> finding.grade() == Grade.FAILED).isEmpty();
        assertThat(findings).extracting(Finding::check)
                .startsWith("connect", "version", "privileges", "gtid-mode", "log-bin", "log-replica-updates",
                        "boots-read-only", "prepared-xa", "single-channel")
                .contains("sync-binlog", "flush-log-at-commit", "relay-log-recovery")
                .doesNotHaveDuplicates();
    }

    @Test
    void namesThePrivilegesThatAreMissing() {
        List<Finding> findings = reader.inspect(with(stage.replica(), stage.poorAccount()), PLENTY);

        assertThat(findings).filteredOn(finding -> finding.check().equals("privileges"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.grade()).isEqualTo(Grade.FAILED);
                    assertThat(finding.detail()).contains("PROCESS", "REPLICATION CLIENT", "EVENT",
                            "performance_schema");
                });
    }

    @Test
    void triesTheReplicationAccount() {
        assertThat(reader.inspectReplicationAccount(stage.primary(), stage.replication(), PLENTY).grade())
                .isEqualTo(Grade.PASSED);
        assertThat(reader.inspectReplicationAccount(stage.primary(), stage.poorAccount(), PLENTY).grade())
                .isEqualTo(Grade.FAILED);
        assertThat(reader.inspectReplicationAccount(stage.primary(), new Account("repl", new Secret("wrong")), PLENTY)
                .detail())
                .contains("1045");
    }

    @Test
    void aGlanceTellsOfTheWriteModeTheSetAndTheThreads() {
        for (Node node : List.of(stage.primary(), stage.replica())) {
            Glance look = Glance.of(reader.observe(node, PLENTY));

            assertThat(reader.glance(node, PLENTY)).isInstanceOfSatisfying(Glance.Seen.class, glance -> {
                Glance.Seen whole = (Glance.Seen) look;
                assertThat(glance.writable()).isEqualTo(whole.writable());
                assertThat(glance.writeMode()).isEqualTo(whole.writeMode());
                assertThat(glance.executed()).isEqualTo(whole.executed());
                assertThat(glance.replication().map(ReplicaState::source))
                        .isEqualTo(whole.replication().map(ReplicaState::source));
                assertThat(glance.replication().map(ReplicaState::applierRunning))
                        .isEqualTo(whole.replication().map(ReplicaState::applierRunning));
                assertThat(glance.replication().map(ReplicaState::receiver))
                        .isEqualTo(whole.replication().map(ReplicaState::receiver));
            });
        }
        assertThat(((Glance.Seen) reader.glance(stage.primary(), PLENTY)).writable()).isTrue();
    }

    private ServerState seen(Node node) {
        Observation observation = reader.observe(node, PLENTY);
        assertThat(observation).isInstanceOf(Observation.Seen.class);
        return ((Observation.Seen) observation).server();
    }

    private Ping ping(PingKind kind) {
        return reader.ping(stage.primary(), kind, Stage.SCHEMA, PLENTY);
    }

    private static Failure failure(Ping ping) {
        assertThat(ping).isInstanceOf(Ping.Failed.class);
        return ((Ping.Failed) ping).failure();
    }

    private Duration since(Duration start) {
        return stage.time().minus(start);
    }

    private static Node with(Node node, Account account) {
        return new Node(node.id(), node.role(), node.ignoreFailure(), account, node.tls(), node.ssh(), node.unit());
    }

    private static Node moved(Node node, NodeId id) {
        return new Node(id, node.role(), node.ignoreFailure(), node.mysql(), node.tls(), node.ssh(), node.unit());
    }
}
