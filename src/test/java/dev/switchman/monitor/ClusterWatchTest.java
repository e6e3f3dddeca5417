package dev.switchman.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.switchman.fleet.FakeMemory;
import dev.switchman.fleet.ManualClock;
import dev.switchman.memory.ClusterMemory.Quarantine;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.TrialWrite;
import dev.switchman.topology.WriteMode;
import dev.switchman.topology.WriteWatch;
import dev.switchman.verdict.Diagnosis;
import dev.switchman.verdict.Specimens;
import dev.switchman.verdict.Verdict;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.DB3;
import static dev.switchman.verdict.Specimens.NOON;
import static dev.switchman.verdict.Specimens.channel;
import static dev.switchman.verdict.Specimens.primary;
import static dev.switchman.verdict.Specimens.replica;
import static dev.switchman.verdict.Specimens.server;
import static dev.switchman.verdict.Specimens.written;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class ClusterWatchTest {

    private static final ClusterName SHOP = Specimens.cluster(2, 1).name();
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Failure BROKEN = new Failure.Broken("reset");

    private record Told(String verdict, boolean changed) {}

    private final ManualClock clock = new ManualClock(NOON);
    private final TestServers servers = new TestServers(clock);
    private final FakeMemory memory = new FakeMemory();
    private final List<Told> told = new ArrayList<>();
    private boolean acts = true;
    private final List<Duration> pauses = new ArrayList<>();
    private final BlockingQueue<NodeId> broken = new LinkedBlockingQueue<>();
    private final Tripwire tripwire = new Tripwire(new Eyes(servers, servers, clock),
            (node, failure) -> broken.add(node));
    private ClusterWatch watch = watch(Specimens.cluster(2, 1));

    private ClusterWatch watch(Cluster cluster) {
        return new ClusterWatch(cluster, new Eyes(servers, servers, clock), memory, () -> acts,
                (verdict, snapshot, changed) -> told.add(new Told(verdict.word(), changed)), clock, pause -> {
                    pauses.add(pause);
                    clock.advance(pause);
                }, tripwire);
    }

    @AfterEach
    void close() {
        tripwire.close();
    }

    private void tick() throws InterruptedException {
        watch.tick(clock.instant());
        clock.advance(INTERVAL);
    }

    private void healthy() throws InterruptedException {
        memory.rememberPrimary(SHOP, DB1);
        tick();
        assertThat(told).containsExactly(new Told("healthy", true));
        told.clear();
    }

    @Test
    void theFirstStartRemembersThePrimaryAndWatchesItFromThenOn() throws InterruptedException {
        tick();
        tick();

        assertThat(memory.knownPrimary(SHOP)).contains(DB1);
        assertThat(told).containsExactly(new Told("healthy", true), new Told("healthy", false));
        assertThat(servers.armed.take()).isEqualTo(DB1);
    }

    /** A crash before the second look would leave nobody able to say what is lost. */
    @Test
    void theFirstLookRemembersThePrimarysHealthyMomentToo() throws InterruptedException {
        tick();

        assertThat(memory.lastHealthy(SHOP)).hasValueSatisfying(moment -> assertThat(moment.primary()).isEqualTo(DB1));
    }

    private static Cluster writing() {
        return Specimens.cluster(new Detection(PingKind.SELECT, INTERVAL, INTERVAL, 2, 1, Duration.ofSeconds(30),
                new WriteWatch(Duration.ofSeconds(5), Duration.ofSeconds(5), 90)));
    }

    /** Looks and writes end beside the ticks: as many ticks as it takes. */
    private void tickUntil(String verdict) throws InterruptedException {
        for (int i = 0; i < 1000 && told.stream().noneMatch(last -> last.verdict().equals(verdict)); i++) {
            tick();
        }
        assertThat(told).contains(new Told(verdict, true));
    }

    @Test
    void aSmallWriteIsTriedOnThePrimaryAloneAndOnlyEveryFewSeconds() throws InterruptedException {
        watch = watch(writing());
        healthy();
        for (int i = 0; i < 11; i++) {
            tick();
        }

        assertThat(servers.tried).isNotEmpty().hasSizeLessThanOrEqualTo(3).containsOnly(DB1);
    }

    @Test
    void nobodyWritesToAServerThatFollowsAnotherOrIsClosedNorWhileItOnlyWatches() throws InterruptedException {
        watch = watch(writing());
        servers.states.put(DB1, server(DB1, WriteMode.WRITABLE, Optional.of(channel(DB2, Receiver.RUNNING, 0))));
        memory.rememberPrimary(SHOP, DB1);
        tick();
        tick();
        servers.states.put(DB1, server(DB1, WriteMode.SUPER_READ_ONLY, Optional.empty()));
        tickUntil("primary-read-only");
        tick();
        acts = false;
        servers.states.put(DB1, Specimens.primary(DB1));
        tickUntil("healthy");
        tick();

        assertThat(servers.tried).isEmpty();
    }

    @Test
    void aFullDiskOnWhichCommitsHangIsALossThatConfirmsUntilTheyGoThrough() throws InterruptedException {
        watch = watch(writing());
        healthy();
        servers.hosts.put(DB1, new HostView.Seen(true, true, HostView.Unit.NONE, HostView.Ending.RUNNING,
                Set.of("10.0.0.1", Specimens.VIP), new Disk(Disk.State.FULL, 100, "no room")));
        servers.trial = new TrialWrite.Hanging(Duration.ofSeconds(6), "waiting for handler commit", 0);

        tickUntil("disk-full");

        assertThat(Diagnosis.of(watch.confirm()).word()).isEqualTo("disk-full");
        servers.trial = new TrialWrite.Written(Duration.ofSeconds(9));
        assertThat(Diagnosis.of(watch.confirm()).word()).isEqualTo("healthy");
    }

    @Test
    void aBrokenWireOfACrashedServerIsDeclaredWithoutATick() throws InterruptedException {
        healthy();
        servers.kill(DB1);

        watch.broke(broken.take(), BROKEN);

        assertThat(told).containsExactly(new Told("crashed", true));
        assertThat(pauses).isEmpty();
    }

    @Test
    void aReceiverThatHasNotNoticedYetIsAskedAgainAtOnce() throws InterruptedException {
        healthy();
        servers.kill(DB1);
        servers.probes.put(DB2, new PortProbe.Abstained("no ssh"));
        AtomicInteger looks = new AtomicInteger();
        servers.beforeLook = node -> () -> {
            if (node.equals(DB2) && looks.incrementAndGet() == 2) {
                servers.states.put(DB2, server(DB2, WriteMode.SUPER_READ_ONLY,
                        Optional.of(channel(DB1, Receiver.CONNECTING, 2003))));
            }
        };

        watch.broke(broken.take(), BROKEN);

        assertThat(told).containsExactly(new Told("suspected", true), new Told("crashed", true));
        assertThat(pauses).containsExactly(Duration.ofMillis(50));
    }

    @Test
    void aWitnessThatHangsDoesNotHoldUpACrash() throws InterruptedException {
        healthy();
        servers.kill(DB1);
        var hanging = new CountDownLatch(1);
        servers.beforeLook = node -> () -> {
            if (node.equals(DB3)) {
                awaitUninterruptibly(hanging);
            }
        };

        watch.broke(broken.take(), BROKEN);

        assertThat(told).containsExactly(new Told("crashed", true));
        assertThat(hanging.getCount()).isEqualTo(1);
        hanging.countDown();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aConnectionThatWasEndedOnAServerThatAnswersIsNoSuspicion() throws InterruptedException {
        healthy();

        watch.broke(DB1, BROKEN);

        assertThat(told).containsExactly(new Told("healthy", false));
    }

    @Test
    void aPrimaryThatCameBackReadOnlyIsSeenAtOnce() throws InterruptedException {
        healthy();
        servers.states.put(DB1, server(DB1, WriteMode.SUPER_READ_ONLY, Optional.empty()));

        watch.broke(DB1, BROKEN);

        assertThat(told).containsExactly(new Told("primary-read-only", true));
    }

    @Test
    void silenceIsDeclaredByTheFirstPingAndTheFreshConnectionBesideIt() throws InterruptedException {
        healthy();
        servers.silence(DB1);

        tick();

        assertThat(told).containsExactly(new Told("host-lost", true));
    }

    @Test
    void aSilenceIsDeclaredFromAGlanceAsFromATick() throws InterruptedException {
        healthy();
        assertThat(watch.glance(clock.instant())).isFalse();
        assertThat(told).isEmpty();
        servers.silence(DB1);

        assertThat(watch.glance(clock.instant())).isTrue();

        assertThat(told).containsExactly(new Told("host-lost", true));
    }

    @Test
    void aGlanceCountsNoSilenceWhenItIsLateOrThePrimaryIsUnderSuspicion() throws InterruptedException {
        watch = watch(Specimens.cluster(4, 1));
        healthy();
        servers.silence(DB1);

        assertThat(watch.glance(clock.instant().minusMillis(501))).isFalse();
        assertThat(told).isEmpty();
        assertThat(watch.glance(clock.instant())).isTrue();
        for (int i = 0; i < 10; i++) {
            assertThat(watch.glance(clock.instant())).isFalse();
        }
        assertThat(told).containsExactly(new Told("suspected", true));
    }

    /** They would be twice as many connections, or rows, as a person asked for. */
    @Test
    void nobodyGlancesByAPingThatIsMoreThanAQuestion() throws InterruptedException {
        for (PingKind kind : List.of(PingKind.CONNECT, PingKind.INSERT)) {
            watch = watch(Specimens.cluster(new Detection(kind, INTERVAL, INTERVAL, 2, 1, Duration.ofSeconds(30))));
            memory.rememberPrimary(SHOP, DB1);
            AtomicInteger pings = new AtomicInteger();
            servers.beforePing = pings::incrementAndGet;

            assertThat(watch.glance(clock.instant())).isFalse();
            assertThat(pings).hasValue(0);
        }
    }

    @Test
    void silenceNeedsTheConfiguredNumberOfFailures() throws InterruptedException {
        watch = watch(Specimens.cluster(4, 1));
        healthy();
        servers.silence(DB1);

        tick();
        tick();
        assertThat(told).containsExactly(new Told("suspected", true), new Told("suspected", false));
        tick();
        assertThat(told.getLast()).isEqualTo(new Told("host-lost", true));
    }

    @Test
    void silenceNeedsWitnesses() throws InterruptedException {
        healthy();
        servers.silence(DB1);
        servers.probes.put(DB2, new PortProbe.Abstained("no ssh"));
        servers.probes.put(DB3, new PortProbe.Abstained("no ssh"));

        tick();
        assertThat(told).containsExactly(new Told("suspected", true));

        // No heartbeat for a whole interval either: their receivers say what their hosts cannot.
        tick();
        assertThat(told.getLast()).isEqualTo(new Told("host-lost", true));
    }

    @Test
    void aSlowPrimaryThatItsReplicasStillHearIsNotLost() throws InterruptedException {
        healthy();
        servers.silence(DB1);
        AtomicInteger heartbeats = new AtomicInteger(7);
        servers.beforeLook = node -> () -> {
            if (node.equals(DB2)) {
                servers.states.put(DB2, server(DB2, WriteMode.SUPER_READ_ONLY, Optional.of(channel(DB1,
                        Receiver.RUNNING, 0, true, heartbeats.incrementAndGet(), written(DB1, 100)))));
            }
        };

        tick();
        tick();
        tick();

        assertThat(told).extracting(Told::verdict).containsOnly("isolated-from-us");
    }

    @Test
    void aManagerThatIsCutOffAloneDeclaresNoLoss() throws InterruptedException {
        healthy();
        servers.isolate(DB1);

        for (int i = 0; i < 10; i++) {
            tick();
        }
        assertThat(told).extracting(Told::verdict).containsOnly("isolated-from-us");

        servers.heal(DB1);
        tick();
        assertThat(told.getLast()).isEqualTo(new Told("healthy", true));
    }

    @Test
    void aManagerThatIsCutOffFromEverybodyDeclaresNoLoss() throws InterruptedException {
        healthy();
        servers.silence(DB1);
        for (NodeId replica : List.of(DB2, DB3)) {
            servers.failures.put(replica, new Failure.TimedOut(INTERVAL, "connect"));
            servers.probes.put(replica, new PortProbe.Abstained("no ssh"));
        }

        for (int i = 0; i < 10; i++) {
            tick();
        }

        assertThat(told).extracting(Told::verdict).containsOnly("everything-lost");
    }

    @Test
    void aTickThatStartsLateByOurOwnClockCountsNoSilence() throws InterruptedException {
        healthy();
        servers.silence(DB1);

        for (int i = 0; i < 5; i++) {
            watch.tick(clock.instant().minusMillis(501));
        }

        assertThat(told).isEmpty();
    }

    @Test
    void aPingDuringWhichThisManagerSleptCountsNoSilence() throws InterruptedException {
        healthy();
        servers.silence(DB1);
        servers.beforePing = () -> clock.advance(Duration.ofMillis(1501));

        tick();
        assertThat(told).isEmpty();

        servers.beforePing = () -> clock.advance(Duration.ofMillis(1000));
        tick();
        assertThat(told).containsExactly(new Told("host-lost", true));
    }

    @Test
    void aCrashIsNoQuestionOfTimeAndCountsInALateTickToo() throws InterruptedException {
        healthy();
        servers.kill(DB1);

        watch.tick(clock.instant().minusMillis(5000));

        assertThat(told).containsExactly(new Told("crashed", true));
    }

    @Test
    void anErrorPacketMeansAlive() throws InterruptedException {
        healthy();
        servers.failures.put(DB1, new Failure.ErrorPacket(1040, "Too many connections"));

        for (int i = 0; i < 5; i++) {
            tick();
        }
        assertThat(told).extracting(Told::verdict).containsOnly("busy");
    }

    @Test
    void aStoppedServerIsGivenItsGrace() throws InterruptedException {
        healthy();
        servers.kill(DB1);
        servers.hosts.put(DB1,
                new HostView.Seen(false, false, HostView.Unit.NONE, HostView.Ending.CLEAN, Set.of(), Disk.used(50)));

        watch.broke(broken.take(), BROKEN);
        for (int i = 0; i < 10; i++) {
            tick();
        }
        assertThat(told).extracting(Told::verdict).containsOnly("restarting");

        clock.advance(Duration.ofSeconds(30));
        tick();
        assertThat(told.getLast()).isEqualTo(new Told("crashed", true));
    }

    @Test
    void aQuarantinedServerIsMetInTheTickOfItsReturn() throws InterruptedException {
        memory.quarantine(SHOP, DB3, new Quarantine(NOON, "silent", false));
        servers.failures.put(DB3, new Failure.TimedOut(INTERVAL, "connect"));
        memory.rememberPrimary(SHOP, DB1);

        // At every point of the cycle in which everything is looked at.
        for (int i = 0; i < 4; i++) {
            tick();
            assertThat(told.getLast().verdict()).isEqualTo("replicas-lost");
            servers.failures.remove(DB3);
            servers.states.put(DB3, server(DB3, WriteMode.SUPER_READ_ONLY, Optional.empty()));
            tick();
            assertThat(told.getLast()).isEqualTo(new Told("quarantined-returned", true));
            servers.states.put(DB3, primary(DB3));
            tick();
            assertThat(told.getLast()).isEqualTo(new Told("two-writable", true));
            servers.failures.put(DB3, new Failure.TimedOut(INTERVAL, "connect"));
            tick();
        }
    }

    @Test
    void aSnapshotIsAsOldAsTheFirstLookInIt() throws InterruptedException {
        healthy();
        var hanging = new CountDownLatch(1);
        servers.beforeLook = node -> () -> {
            if (node.equals(DB3)) {
                awaitUninterruptibly(hanging);
            }
        };

        ticksOfASweep();
        assertThat(since()).as("one look still runs, what is known of that server is old").isEqualTo(NOON);

        hanging.countDown();
        ticksOfASweep();
        ticksOfASweep();
        assertThat(since()).isAfter(NOON);
    }

    private void ticksOfASweep() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            tick();
        }
    }

    private Instant since() {
        return watch.sight().orElseThrow().snapshot().since();
    }

    @Test
    void aFenceThatHasBeenProvenIsNotMetAgain() throws InterruptedException {
        memory.quarantine(SHOP, DB3, new Quarantine(NOON, "silent", true));
        healthy();

        assertThat(watch.sight().orElseThrow().snapshot().quarantined()).isEmpty();
    }

    @Test
    void thePrimaryThatARunbookHasRememberedIsFollowed() throws InterruptedException {
        healthy();
        servers.kill(DB1);
        tick();
        assertThat(told).containsExactly(new Told("crashed", true));
        assertThat(servers.armed.take()).isEqualTo(DB1);

        memory.rememberPrimary(SHOP, DB2);
        servers.states.put(DB2, primary(DB2));
        servers.states.put(DB3, replica(DB3, DB2));
        servers.hosts.put(DB2, Specimens.host(Specimens.VIP));
        tick();

        assertThat(told.getLast()).isEqualTo(new Told("replicas-lost", true));
        assertThat(servers.forgotten).containsExactly(DB1);
        assertThat(servers.armed.take()).isEqualTo(DB2);
    }

    @Test
    void aBreakOfAServerThatIsNoLongerThePrimaryIsNothing() throws InterruptedException {
        healthy();

        watch.broke(DB2, BROKEN);

        assertThat(told).isEmpty();
    }

    @Test
    void aRememberedPrimaryThatIsDeadAtTheStartIsJudgedByTheEvidence() throws InterruptedException {
        memory.rememberPrimary(SHOP, DB1);
        servers.kill(DB1);

        tick();

        assertThat(told).containsExactly(new Told("crashed", true));
    }

    @Test
    void aLastHealthyMomentIsWrittenWhenItChangesAndOtherwiseNowAndThen() throws InterruptedException {
        healthy();
        tick();
        tick();
        assertThat(memory.healthyMoments(SHOP)).hasSize(1);
        assertThat(memory.setsWritten()).isEqualTo(1);

        for (int i = 0; i < 7; i++) {
            tick();
        }

        assertThat(memory.healthyMoments(SHOP)).hasSize(2);
        assertThat(memory.setsWritten()).as("nothing was written by anybody").isEqualTo(1);
        assertThat(memory.healthyMoments(SHOP).getFirst().executed()).isEqualTo(written(DB1, 100));
        assertThat(memory.largestSets(SHOP)).containsOnlyKeys(DB1, DB2, DB3);
        assertThat(memory.logPlaces(SHOP))
                .isEqualTo(Map.of(DB1, Specimens.LOGS, DB2, Specimens.LOGS, DB3, Specimens.LOGS));
    }

    @Test
    void aServerWithoutASourceIsNoPossibleAcknowledger() throws InterruptedException {
        servers.states.put(DB2, acknowledging(replica(DB2, DB1)));
        servers.states.put(DB3, acknowledging(server(DB3, WriteMode.SUPER_READ_ONLY, Optional.empty())));
        memory.rememberPrimary(SHOP, DB1);

        tick();

        assertThat(memory.healthyMoments(SHOP).getLast().possibleAckers()).containsExactly(DB2);
    }

    private static ServerState acknowledging(ServerState state) {
        return new ServerState(state.serverUuid(), state.version(), state.writeMode(), state.bootMode(),
                state.offline(), state.gtidMode(), state.executed(), state.purged(), state.logBin(),
                state.logReplicaUpdates(), state.syncBinlog(), state.flushLogAtCommit(), state.relayLogRecovery(),
                state.relayLogPurge(),
                state.eventScheduler(), state.enabledEvents(), state.preparedXa(), state.uptime(),
                new SemiSync(state.semiSync().source(), new SemiSync.ReplicaSide.Present(true, true)),
                state.replication(), state.logs());
    }

    @Test
    void aConfirmationSeesWhatTheLoopHasNotSeenYet() throws InterruptedException {
        healthy();
        servers.kill(DB1);

        Snapshot snapshot = watch.confirm();

        assertThat(Diagnosis.of(snapshot)).isInstanceOf(Verdict.Crashed.class);
        assertThat(told).as("confirming is not telling").isEmpty();
    }

    @Test
    void aConfirmationAsksSilenceAsOftenAsConfigured() throws InterruptedException {
        watch = watch(Specimens.cluster(4, 1));
        healthy();
        servers.silence(DB1);

        assertThat(Diagnosis.of(watch.confirm())).isInstanceOf(Verdict.HostLost.class);
    }

    @Test
    void aConfirmationFindsAPrimaryAlive() throws InterruptedException {
        healthy();
        servers.silence(DB1);
        tick();
        assertThat(told).containsExactly(new Told("host-lost", true));
        servers.heal(DB1);

        assertThat(Diagnosis.of(watch.confirm())).isEqualTo(new Verdict.Healthy(DB1));
    }

    @Test
    void whatWasGatheredAMomentAgoIsFreshEnoughToConfirm() throws InterruptedException {
        healthy();
        servers.silence(DB1);
        watch.tick(clock.instant());
        Snapshot gathered = watch.sight().orElseThrow().snapshot();

        assertThat(watch.confirm()).isSameAs(gathered);
        clock.advance(Duration.ofMillis(501));
        assertThat(watch.confirm()).isNotSameAs(gathered);
    }

    @Test
    void aFreshConnectionThatAnswersBesideASlowPingMeansBusy() throws InterruptedException {
        healthy();
        servers.silence(DB1);
        servers.reconnect = Optional.of(new Ping.Answered(Duration.ofMillis(900)));

        tick();

        assertThat(told).containsExactly(new Told("busy", true));
    }

    // ---- beside another manager ----

    /** db2 is the primary by now, db3 follows it, and db1 is down. */
    private void anotherManagerFailsOver() {
        servers.kill(DB1);
        servers.states.put(DB2, primary(DB2));
        servers.states.put(DB3, replica(DB3, DB2));
    }

    @Test
    void whoOnlyWatchesFollowsTheOtherManagersFailover() throws InterruptedException {
        memory.rememberPrimary(SHOP, DB1);
        tick();
        acts = false;
        anotherManagerFailsOver();

        for (int ticks = 0; ticks < 4; ticks++) {
            tick();
        }

        assertThat(memory.knownPrimary(SHOP)).contains(DB2);
        assertThat(told).extracting(Told::verdict).doesNotContain("crashed");
    }

    @Test
    void whoWasAwayDoesNotTakeTheFormerPrimaryForALostOne() throws InterruptedException {
        memory.rememberPrimary(SHOP, DB1);
        anotherManagerFailsOver();

        for (int ticks = 0; ticks < 4; ticks++) {
            tick();
        }

        assertThat(memory.knownPrimary(SHOP)).contains(DB2);
        assertThat(told).extracting(Told::verdict).doesNotContain("crashed");
    }

    @Test
    void whoActsTrustsItsMemory() throws InterruptedException {
        memory.rememberPrimary(SHOP, DB1);
        tick();
        anotherManagerFailsOver();

        for (int ticks = 0; ticks < 4; ticks++) {
            tick();
        }

        assertThat(memory.knownPrimary(SHOP)).contains(DB1);
    }
}
