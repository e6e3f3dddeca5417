package dev.switchman.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeApprovals;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeJournal;
import dev.switchman.fleet.FakeRunbooks;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Severity;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Diagnosis;
import dev.switchman.verdict.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

class ResponderTest {

    private static final NodeId DB1 = NodeId.of("db1", 3306);
    private static final NodeId DB2 = NodeId.of("db2", 3306);
    private static final Verdict CRASHED = new Verdict.Crashed(DB1, "no mysqld");
    private static final Verdict HEALTHY = new Verdict.Healthy(DB1);

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");
    private final ClusterName name = fleet.cluster().name();
    private final FakeRunbooks runbooks = new FakeRunbooks();
    private final FakeJournal journal = new FakeJournal(fleet.clock());
    private final FakeApprovals approvals = new FakeApprovals(fleet.clock());
    private final List<String> notices = new ArrayList<>();
    private final Responder responder = new Responder(runbooks, approvals, fleet, fleet.memory(), journal, fleet,
            new Bulletins((cluster, notice) -> notices.add(notice.headline()), Optional.empty(), fleet.clock()),
            fleet.clock(), Runnable::run);

    private void told(Verdict verdict) {
        fleet.clock().advance(Duration.ofSeconds(1));
        told(verdict, fleet.clock().instant(), Set.of());
    }

    private void told(Verdict verdict, Instant since, Set<NodeId> quarantined) {
        Cluster cluster = fleet.cluster()
                .with(List.of(new Receiver("chat", new Secret("http://127.0.0.1/"), Receiver.Shape.JSON, Severity.INFO,
                        Optional.empty(), Duration.ofSeconds(1), Duration.ofSeconds(1))));
        responder.told(verdict, new Snapshot(cluster, fleet.clock().instant(), since, Optional.of(DB1),
                quarantined, Map.of(), Map.of(), Optional.empty()), false);
    }

    /** As the engine does it when a run ends. */
    private void ended(Runbook runbook, Ending ending) {
        String run = "run-" + runbooks.requests().size();
        journal.runStarted(run, name, runbook.id(), "monitor", "", fleet.clock().instant());
        journal.runEnded(run, ending.name(), "", fleet.clock().instant());
        runbooks.end(name);
    }

    private List<Runbook> started() {
        return runbooks.requests().stream().map(Runbooks.Request::runbook).toList();
    }

    @Test
    void aLostPrimaryStartsAFailoverOnce() {
        told(CRASHED);
        told(CRASHED);

        assertThat(runbooks.requests()).containsExactly(new Runbooks.Request(Runbook.FAILOVER, name, "monitor",
                CRASHED.sentence(), Map.of(Run.OLD_PRIMARY, "db1:3306", Run.VERDICT, "crashed")));
    }

    @Test
    void nothingIsStartedWhilePaused() {
        fleet.memory()
                .pause(name, new ClusterMemory.Pause("alice", "upgrade", fleet.clock().instant(),
                        fleet.clock().instant().plusSeconds(60)));

        told(CRASHED);
        assertThat(started()).isEmpty();

        fleet.clock().advance(Duration.ofMinutes(1));
        told(CRASHED);
        assertThat(started()).containsExactly(Runbook.FAILOVER);
    }

    @Test
    void whatWasLookedAtWhileARunChangedItIsLookedAtOnceMore() {
        Instant before = fleet.clock().instant();
        fleet.clock().advance(Duration.ofMillis(10));
        ended(Runbook.SWITCHOVER, Ending.DONE);

        told(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB1, DB2)), before, Set.of());
        told(new Verdict.PrimaryReadOnly(DB1), before, Set.of());
        told(new Verdict.TwoWritable(DB1, Set.of(DB2)), before, Set.of());
        assertThat(started()).isEmpty();

        told(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB1, DB2)));
        assertThat(started()).containsExactly(Runbook.REOPEN);
    }

    @Test
    void nobodyIsToldOfAnAddressThatARunHasJustMoved() {
        Verdict misplaced = new Verdict.VirtualIpMisplaced(DB1, Set.of());
        Instant before = fleet.clock().instant();
        // What is told, and nothing done.
        fleet.memory().pause(name, new ClusterMemory.Pause("alice", "a test", before, before.plusSeconds(3600)));
        runbooks.hold(new Runbooks.RunView(new RunId("moving"), Runbook.FAILOVER, name, List.of(), false));
        told(misplaced);
        ended(Runbook.FAILOVER, Ending.DONE);
        told(misplaced, before, Set.of());
        assertThat(notices).isEmpty();

        told(misplaced);

        assertThat(notices).containsExactly(misplaced.sentence());
    }

    @Test
    void aLostPrimaryAndAServerInQuarantineWaitForNoSecondLook() {
        Instant before = fleet.clock().instant();
        fleet.clock().advance(Duration.ofMillis(10));
        ended(Runbook.SWITCHOVER, Ending.DONE);

        told(new Verdict.TwoWritable(DB1, Set.of(DB2)), before, Set.of(DB2));
        told(CRASHED, before, Set.of());

        assertThat(started()).containsExactly(Runbook.QUARANTINE, Runbook.FAILOVER);
    }

    @Test
    void aFailedFailoverIsNotRepeatedAtEveryTick() {
        told(CRASHED);
        ended(Runbook.FAILOVER, Ending.NO_ELIGIBLE_CANDIDATE);

        told(CRASHED);
        assertThat(started()).hasSize(1);

        fleet.clock().advance(Duration.ofMinutes(10));
        told(CRASHED);
        assertThat(started()).hasSize(2);
    }

    /** The network, or this machine, stood still when the run looked: the primary is as dead as before. */
    @Test
    void aLossThatTheRunCouldNotConfirmIsSoonTriedAgain() {
        told(CRASHED);
        ended(Runbook.FAILOVER, Ending.PRIMARY_ALIVE);

        // A second each.
        for (int i = 0; i < 4; i++) {
            told(CRASHED);
        }
        assertThat(started()).hasSize(1);

        told(CRASHED);
        assertThat(started()).hasSize(2);
    }

    @Test
    void aDeclinedFailoverWaitsUntilThePrimaryWasSeenAlive() {
        told(CRASHED);
        approvals.ask(new RunId("run-1"), "Fail over?");
        approvals.answer(new RunId("run-1"), new People.Person("bob", Set.of(People.Role.APPROVER)), false, "");
        journal.note("run-1", Remark.ANSWER, "bob answered no");
        ended(Runbook.FAILOVER, Ending.STOOD_DOWN);

        fleet.clock().advance(Duration.ofHours(1));
        told(CRASHED);
        assertThat(started()).hasSize(1);

        told(HEALTHY);
        told(CRASHED);
        assertThat(started()).hasSize(2);
    }

    @Test
    void aFailoverThatWasBrokenOffHoldsUpNoneOnceAPersonHasResumedTheCluster() {
        told(CRASHED);
        ended(Runbook.FAILOVER, Ending.CANCELLED);
        ClusterMemory.Pause pause = new ClusterMemory.Pause("alice", "stopped", fleet.clock().instant(),
                fleet.clock().instant().plusSeconds(3600));
        fleet.memory().pause(name, pause);
        told(CRASHED);
        fleet.clock().advance(Duration.ofMinutes(59));
        told(CRASHED);
        assertThat(started()).hasSize(1);

        fleet.memory().resume(name);
        told(CRASHED);

        assertThat(started()).hasSize(2);
    }

    @Test
    void aPauseThatRunsOutByItselfIsNobodysWord() {
        told(CRASHED);
        ended(Runbook.FAILOVER, Ending.CANCELLED);
        fleet.memory()
                .pause(name, new ClusterMemory.Pause("alice", "stopped", fleet.clock().instant(),
                        fleet.clock().instant().plusSeconds(60)));
        told(CRASHED);

        fleet.clock().advance(Duration.ofMinutes(2));
        told(CRASHED);

        assertThat(started()).hasSize(1);
    }

    @Test
    void aPolicyThatWaitedIsAskedAgainAfterHalfAMinute() {
        told(CRASHED);
        ended(Runbook.FAILOVER, Ending.STOOD_DOWN);

        told(CRASHED);
        assertThat(started()).hasSize(1);

        fleet.clock().advance(Duration.ofSeconds(30));
        told(CRASHED);
        assertThat(started()).hasSize(2);
    }

    @Test
    void whatReturnsOrIsWritableBesideThePrimaryIsFenced() {
        told(new Verdict.QuarantinedReturned(DB2, DB1, "writable"));
        ended(Runbook.QUARANTINE, Ending.NOT_FENCED);
        told(new Verdict.QuarantinedReturned(DB2, DB1, "writable"));
        ended(Runbook.QUARANTINE, Ending.DONE);
        told(new Verdict.TwoWritable(DB1, Set.of(DB2)));

        assertThat(runbooks.requests().stream().map(request -> request.runbook() + " " + request.inputs()))
                .containsExactly("QUARANTINE {oldPrimary=db1:3306}", "QUARANTINE {oldPrimary=db1:3306}",
                        "QUARANTINE {oldPrimary=db2:3306}");
    }

    @Test
    void aReadOnlyPrimaryIsReopenedAndAMisplacedAddressPutBack() {
        told(new Verdict.PrimaryReadOnly(DB1));
        ended(Runbook.REOPEN, Ending.STOOD_DOWN);
        told(new Verdict.PrimaryReadOnly(DB1));
        assertThat(started()).containsExactly(Runbook.REOPEN);

        fleet.clock().advance(Duration.ofSeconds(30));
        told(new Verdict.VirtualIpMisplaced(DB1, Set.of()));
        assertThat(started()).containsExactly(Runbook.REOPEN, Runbook.REOPEN);
    }

    @Test
    void aMisplacedAddressTakesTheClusterFromNoQuarantine() {
        told(new Verdict.TwoWritable(DB1, Set.of(NodeId.of("db3", 3306))));
        told(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB1, NodeId.of("db3", 3306))));
        assertThat(started()).containsExactly(Runbook.QUARANTINE);

        ended(Runbook.QUARANTINE, Ending.DONE);
        told(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB1, NodeId.of("db3", 3306))));
        assertThat(started()).containsExactly(Runbook.QUARANTINE, Runbook.REOPEN);
    }

    @Test
    void otherVerdictsStartNothing() {
        for (Verdict verdict : List.of(HEALTHY, new Verdict.Busy(DB1, "1040"), new Verdict.Suspected(DB1, ""),
                new Verdict.IsolatedFromUs(DB1, ""), new Verdict.Restarting(DB1, ""), new Verdict.ShuttingDown(DB1),
                new Verdict.ReplicationBroken(DB1, Map.of()), new Verdict.ReplicasLost(DB1, Set.of()),
                new Verdict.EverythingLost(""), new Verdict.NoKnownPrimary(""), new Verdict.Unclear(DB1, ""))) {
            told(verdict);
        }

        assertThat(started()).isEmpty();
        assertThat(fleet.announcements()).isEmpty();
    }

    /** db1 was replaced by db2, and is up again, closed; db3 follows db2. */
    private void replaced() {
        fleet.crash("db1");
        new Shift(fleet).to("db2");
        fleet.memory().rememberPrimary(name, DB2);
        fleet.memory().quarantine(name, DB1, new ClusterMemory.Quarantine(fleet.clock().instant(), "replaced", true));
        fleet.restart("db1");
    }

    private record Shift(FakeFleet fleet) {

        void to(String host) {
            Duration time = Duration.ofSeconds(1);
            fleet.forgetSource(fleet.node(host), time);
            fleet.openWrites(fleet.node(host), time);
            fleet.repoint(fleet.node("db3"), fleet.node(host), fleet.cluster().replication(), time);
            var address = fleet.cluster().virtualIp().orElseThrow();
            fleet.remove(fleet.node("db1"), address, time);
            fleet.add(fleet.node(host), address, time);
        }
    }

    /** What is seen now, and what that means. */
    private void seen() {
        fleet.clock().advance(Duration.ofSeconds(1));
        Snapshot snapshot = fleet.confirm(name);
        responder.told(Diagnosis.of(snapshot), snapshot, false);
    }

    private void automatic() {
        fleet.policies(new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                Policies.ManagerLocks.MAJORITY, Policies.Rejoin.AUTOMATIC, Policies.Unsalvaged.ACT));
    }

    @Test
    void aServerThatIsBackRejoinsByItselfWhereTheOwnerWantsIt() {
        replaced();
        seen();
        assertThat(started()).isEmpty();

        automatic();
        seen();
        seen();

        assertThat(runbooks.requests()).singleElement()
                .satisfies(request -> assertThat(request.runbook() + " " + request.inputs())
                        .isEqualTo("REJOIN {oldPrimary=db1:3306}"));
    }

    @Test
    void aReplicaThatWasLostAndFollowsAnotherServerRejoinsByItself() {
        automatic();
        replaced();
        fleet.memory().release(name, DB1);
        fleet.cut("db1", "db3");
        fleet.repoint(fleet.node("db3"), fleet.node("db1"), fleet.cluster().replication(), Duration.ofMillis(10));
        fleet.repoint(fleet.node("db1"), fleet.node("db2"), fleet.cluster().replication(), Duration.ofSeconds(1));

        seen();
        assertThat(started()).as("its source may be back in a moment").isEmpty();
        fleet.clock().advance(fleet.cluster().detection().restartGrace());
        seen();

        assertThat(runbooks.requests()).singleElement()
                .satisfies(request -> assertThat(request.inputs()).containsEntry(Run.OLD_PRIMARY, "db3:3306"));
    }

    @Test
    void whatIsToBeDecidedIsLeftToAPerson() {
        automatic();
        replaced();
        fleet.writeErrant("db1");
        seen();

        fleet.receiverStops("db3");
        seen();

        assertThat(started()).isEmpty();
    }

    @Test
    void aRejoinThatWasNotDoneIsNotRepeatedAtEveryTick() {
        automatic();
        replaced();
        seen();
        rejoinEnded(DB1, Ending.FAILED);

        seen();
        assertThat(started()).hasSize(1);

        fleet.clock().advance(Responder.AFTER_FAILURE);
        seen();
        assertThat(started()).containsExactly(Runbook.REJOIN, Runbook.REJOIN);
    }

    private void purging(Duration every) {
        fleet.policies(new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                Policies.ManagerLocks.MAJORITY, Policies.Rejoin.BY_HAND, Policies.Unsalvaged.ACT, every));
        fleet.keepsRelayLogs("db2", 7);
    }

    @Test
    void keptRelayLogsArePurgedAsOftenAsTheOwnerWants() {
        purging(Duration.ofDays(3));
        seen();
        assertThat(started()).containsExactly(Runbook.PURGE_RELAY_LOGS);
        ended(Runbook.PURGE_RELAY_LOGS, Ending.DONE);

        seen();
        fleet.clock().advance(Duration.ofDays(2));
        seen();
        assertThat(started()).hasSize(1);

        fleet.clock().advance(Duration.ofDays(1));
        seen();
        assertThat(started()).containsExactly(Runbook.PURGE_RELAY_LOGS, Runbook.PURGE_RELAY_LOGS);
    }

    @Test
    void aPurgeThatWasNotDoneIsTriedAgainAfterAnHour() {
        purging(Duration.ofDays(3));
        seen();
        ended(Runbook.PURGE_RELAY_LOGS, Ending.RELAY_LOGS_KEPT);

        seen();
        assertThat(started()).hasSize(1);

        fleet.clock().advance(Responder.AFTER_KEPT_LOGS);
        seen();
        assertThat(started()).hasSize(2);
    }

    @Test
    void nothingIsPurgedWhereTheOwnerDoesNotWantItOrTheServersDoItThemselves() {
        purging(Duration.ZERO);
        seen();
        assertThat(started()).isEmpty();

        purging(Duration.ofDays(3));
        fleet.purgesRelayLogs("db2");
        seen();
        assertThat(started()).isEmpty();
    }

    @Test
    void nothingIsPurgedDuringARunNorWhileTheClusterAils() {
        purging(Duration.ofDays(3));
        fleet.receiverStops("db3");
        seen();
        assertThat(started()).isEmpty();
    }

    private void rejoinEnded(NodeId node, Ending ending) {
        journal.note("run-" + runbooks.requests().size(), Remark.REJOINS, node.toString());
        ended(Runbook.REJOIN, ending);
    }

    @Test
    void whatWasLeftInQuarantineIsNotAskedAboutAgain() {
        automatic();
        replaced();
        seen();
        rejoinEnded(DB1, Ending.KEPT_IN_QUARANTINE);

        fleet.clock().advance(Duration.ofDays(1));
        seen();
        assertThat(started()).hasSize(1);

        fleet.memory().quarantine(name, DB1, new ClusterMemory.Quarantine(fleet.clock().instant(), "again", true));
        seen();
        assertThat(started()).hasSize(2);
    }

    @Test
    void aPersonsRejoinIsTheLastWordAboutAServer() {
        automatic();
        replaced();
        seen();
        rejoinEnded(DB1, Ending.KEPT_IN_QUARANTINE);
        journal.note("annas", Remark.REJOINS, DB1.toString());
        journal.runStarted("annas", name, Runbook.REJOIN.id(), "anna", "", fleet.clock().instant());
        journal.runEnded("annas", Ending.FAILED.name(), "", fleet.clock().instant());

        seen();
        assertThat(started()).hasSize(1);

        fleet.clock().advance(Responder.AFTER_FAILURE);
        seen();
        assertThat(started()).hasSize(2);
    }

    @Test
    void aServerThatWaitsHoldsUpNoOther() {
        automatic();
        replaced();
        NodeId db3 = NodeId.of("db3", 3306);
        fleet.memory().quarantine(name, db3, new ClusterMemory.Quarantine(fleet.clock().instant(), "lost", true));
        seen();
        rejoinEnded(DB1, Ending.FAILED);
        seen();

        assertThat(runbooks.requests().stream().map(request -> request.inputs().get(Run.OLD_PRIMARY)))
                .containsExactly("db1:3306", "db3:3306");
    }

    @Test
    void aServerInQuarantineWhoseApplierStumbledIsLeftToAPerson() {
        automatic();
        replaced();
        fleet.repoint(fleet.node("db1"), fleet.node("db2"), fleet.cluster().replication(), Duration.ofSeconds(1));
        fleet.breaksApplier("db1", 1062);
        fleet.write("db2");

        seen();

        assertThat(started()).isEmpty();
    }

    @Test
    void aLostAddressIsPutBackThoughARejoinHoldsTheCluster() {
        runbooks.hold(new Runbooks.RunView(new RunId("copying"), Runbook.REJOIN, name, List.of(), false));

        told(new Verdict.VirtualIpMisplaced(DB1, Set.of()));

        assertThat(started()).containsExactly(Runbook.REOPEN);
    }

    @Test
    void anUnprovenFenceIsAnsweredByAnnouncingAtEveryTick() {
        fleet.memory().quarantine(name, DB2, new ClusterMemory.Quarantine(fleet.clock().instant(), "", false));
        told(HEALTHY);
        told(HEALTHY);
        assertThat(fleet.announcements()).containsExactly("db1", "db1");

        fleet.memory().quarantine(name, DB2, new ClusterMemory.Quarantine(fleet.clock().instant(), "", true));
        told(HEALTHY);
        assertThat(fleet.announcements()).hasSize(2);
    }

    @Test
    void aFailoverTakesTheClusterFromAQuarantine() {
        told(new Verdict.TwoWritable(DB1, Set.of(DB2)));
        told(CRASHED);

        assertThat(started()).containsExactly(Runbook.QUARANTINE, Runbook.FAILOVER);
    }

    @Test
    void whoOnlyWatchesStartsNothingAndAnnouncesNothing() {
        fleet.memory().quarantine(name, DB2, new ClusterMemory.Quarantine(fleet.clock().instant(), "silent", false));
        fleet.claimed("the other manager");

        told(CRASHED);
        told(new Verdict.TwoWritable(DB1, Set.of(DB2)));
        told(new Verdict.PrimaryReadOnly(DB1));

        assertThat(started()).isEmpty();
        assertThat(fleet.announcements()).isEmpty();
        fleet.claimed();
        told(CRASHED);
        assertThat(started()).containsExactly(Runbook.FAILOVER);
    }
}
