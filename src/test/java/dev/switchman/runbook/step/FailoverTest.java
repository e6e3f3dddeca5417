package dev.switchman.runbook.step;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.fleet.LogTrouble;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;

class FailoverTest {

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    @Test
    void aCrashedPrimaryIsReplacedAndEverybodyFollows() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        Ending ending = rehearsal.failover();

        assertThat(ending).isEqualTo(Ending.DONE);
        assertThat(rehearsal.walked).isEqualTo(Rehearsal.PATH.stream().map(Class::getSimpleName).toList());
        assertThat(fleet.memory().knownPrimary(fleet.cluster().name())).contains(NodeId.of("db2", 3306));
        assertThat(fleet.fenceProven("db1")).contains(true);
        assertThat(fleet.masked("db1")).isTrue();
        assertThat(fleet.holders()).containsExactly("db2");
        assertThat(fleet.announcements()).containsExactly("db2", "db2");
        assertThat(fleet.enabledEvents("db2")).containsExactly("shop.nightly");
        ServerState db2 = fleet.state("db2");
        assertThat(db2.writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(db2.replication()).isEmpty();
        assertThat(source(db2).enabled()).isTrue();
        assertThat(source(db2).clients()).isEqualTo(1);
        assertThat(fleet.state("db3").replication().map(ReplicaState::source)).contains(NodeId.of("db2", 3306));
        assertThat(fleet.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.NONE);
    }

    private static SemiSync.SourceSide.Present source(ServerState server) {
        return (SemiSync.SourceSide.Present) server.semiSync().source();
    }

    @Test
    void aFrozenPrimaryIsStarvedAndAcknowledgesNothingWhenItThaws() {
        fleet.freeze("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        Ending ending = rehearsal.failover();

        assertThat(ending).isEqualTo(Ending.DONE);
        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.STARVED);
        fleet.thaw("db1");
        assertThat(fleet.write("db1")).isInstanceOf(Written.Waiting.class);
        assertThat(fleet.fenceProven("db1")).contains(false);
    }

    @Test
    void aPrimaryThatAnswersAndCommitsNothingIsEndedAndReplaced() {
        fleet.fillDisk("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.verdict()).isEqualTo("disk-full");
        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
        assertThat(fleet.masked("db1")).isTrue();
        assertThat(fleet.holders()).containsExactly("db2");
        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.WRITABLE);
    }

    @Test
    void aReplicaWhoseDiskIsFullTooIsNotChosen() {
        fleet.fillDisk("db1");
        fleet.fillDisk("db2");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(fleet.holders()).containsExactly("db3");
    }

    @Test
    void aHungServerOnALivingHostIsStoppedAndMasked() {
        fleet.freezeServer("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
        assertThat(fleet.masked("db1")).isTrue();
        assertThat(fleet.holders()).containsExactly("db2");
    }

    @Test
    void aLivingPrimaryIsLeftAloneEvenIfAPersonAsks() {
        Rehearsal rehearsal = new Rehearsal(fleet, Runbook.FAILOVER, "alice");

        assertThat(rehearsal.failover()).isEqualTo(Ending.PRIMARY_ALIVE);

        assertThat(rehearsal.walked).containsExactly("ConfirmFailure", "ReportRun");
        assertThat(fleet.write("db1")).isInstanceOf(Written.Acknowledged.class);
        assertThat(fleet.memory().quarantined(fleet.cluster().name())).isEmpty();
    }

    @Test
    void aPrimaryThatOnlyWeHaveLostIsLeftAlone() {
        fleet.cutFromManager("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.PRIMARY_ALIVE);

        assertThat(rehearsal.run.verdict()).isEqualTo("isolated-from-us");
        assertThat(fleet.write("db1")).isInstanceOf(Written.Acknowledged.class);
    }

    @Test
    void aPrimaryThatComesBackWhileAPersonThinksIsLeftAlone() {
        fleet.crash("db1");
        fleet.boots("db1", BootMode.WRITABLE);
        Rehearsal rehearsal = new Rehearsal(fleet).before(ReadServers.class);
        fleet.restart("db1");

        assertThat(rehearsal.run(ReadServers.class).toString()).contains("PRIMARY_ALIVE");
    }

    @Test
    void nothingIsFencedWhenNoOtherServerAnswers() {
        Rehearsal rehearsal = new Rehearsal(fleet);
        fleet.crash("db1");
        rehearsal.before(ReadServers.class);
        fleet.silence("db2");
        fleet.silence("db3");

        assertThat(rehearsal.run(ReadServers.class).toString()).contains("NO_ELIGIBLE_CANDIDATE");
        assertThat(fleet.memory().quarantined(fleet.cluster().name())).isEmpty();
    }

    @Test
    void withoutSemiSyncASilentPrimaryIsReplacedUnprovenAndTheReportSaysSo() {
        fleet.withoutSemiSync();
        fleet.silence("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.UNPROVEN);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.ASYNC);
        assertThat(rehearsal.notifier.mails().getLast().body()).contains("The fence of db1:3306 is not proven")
                .contains("Make sure that db1:3306 is down or read-only");
    }

    @Test
    void withoutSemiSyncTheClusterCanChooseToBeAsked() {
        fleet.withoutSemiSync();
        fleet.policies(new Policies(Policies.UnprovenFence.ASK, Policies.SemiSyncDegraded.LOWER,
                Policies.ManagerLocks.MAJORITY));
        fleet.silence("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(StopReplication.class);

        assertThat(rehearsal.variables).containsEntry(Run.POLICY, "ask");
        rehearsal.all(AskPerson.class);
        rehearsal.approvals.answer(rehearsal.id, new People.Person("bob", Set.of(People.Role.APPROVER)), false,
                "not now");
        rehearsal.all(ReadAnswer.class, ReportRun.class);

        assertThat(rehearsal.variables).containsEntry(Run.APPROVED, "no");
        assertThat(rehearsal.run.ending()).contains(Ending.PROMOTION_DECLINED);
        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertThat(fleet.memory().quarantined(fleet.cluster().name())).isEmpty();
    }

    @Test
    void aQuestionThatSomebodyDrewIntoARunbookAsksWhetherToGoOn() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(MoveVirtualIp.class);

        rehearsal.all(AskPerson.class);

        assertThat(rehearsal.run.question())
                .endsWith(": the runbook waits here for a person, as somebody drew it. Go on?");
        assertThat(rehearsal.notifier.mails().getLast().body()).contains(rehearsal.run.question());
    }

    // ---- the manager's locks ----

    @Test
    void nothingIsClosedOrOpenedOnceAnotherManagerHoldsTheLocks() {
        for (Class<? extends Step> type : Rehearsal.PATH.subList(Rehearsal.PATH.indexOf(FenceOldPrimary.class),
                Rehearsal.PATH.indexOf(OpenPrimary.class) + 1)) {
            FakeFleet world = FakeFleet.of("db1", "db2", "db3");
            world.crash("db1");
            Rehearsal rehearsal = new Rehearsal(world).before(type);
            world.claimed("connection 9 of switchman from 10.0.0.8");
            int before = world.calls().size();

            Outcome outcome = rehearsal.run(type);

            if (LOOKS.contains(type)) {
                assertThat(outcome).isInstanceOf(Outcome.Done.class);
            } else {
                assertThat(outcome).as(type.getSimpleName())
                        .isEqualTo(new Outcome.Refused(RunbookError.RUN_SUPERSEDED,
                                "this manager may not act on cluster shop any more: it holds no lock;"
                                        + " connection 9 of switchman from 10.0.0.8 does"));
                assertThat(world.calls()).hasSize(before);
                assertThat(rehearsal.run.ending()).contains(Ending.STOOD_DOWN);
            }
        }
    }

    private static final List<Class<? extends Step>> LOOKS = List.of(ChoosePrimary.class, AskPromotionPolicy.class);

    @Test
    void whatWasOpenedIsFinishedWhoeverHoldsTheLocks() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(MoveVirtualIp.class);
        fleet.claimed("somebody");

        rehearsal.all(MoveVirtualIp.class, RepointReplicas.class, EnableEvents.class, VerifyCluster.class);

        assertThat(fleet.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
    }

    // ---- the shutdown hook ----

    private long hookCalls() {
        return fleet.calls().stream().filter("shutDown db1:3306"::equals).count();
    }

    @Test
    void aSilentPrimaryIsProvenClosedByTheShutdownHook() {
        fleet.withoutSemiSync();
        fleet.policies(new Policies(Policies.UnprovenFence.ASK, Policies.SemiSyncDegraded.LOWER,
                Policies.ManagerLocks.MAJORITY));
        fleet.withHook(0);
        fleet.silence("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
        assertThat(fleet.fenceProven("db1")).contains(true);
        assertThat(fleet.calls()).containsSubsequence("hook told ssh=SILENT", "openWrites db2:3306");
        assertThat(hookCalls()).isEqualTo(1);
        assertThat(rehearsal.journal.run("42").orElseThrow().report().orElseThrow())
                .contains("The fence of db1:3306 is proven: the shutdown hook ended with status 0 after 800 ms.")
                .doesNotContain("is not proven");
        assertThat(rehearsal.journal.notes("42", Remark.HOOK)).hasSize(2)
                .last()
                .asString()
                .contains("outlet 3 is off");
    }

    @Test
    void aHookThatFailsProvesNothingAndThePolicyDecides() {
        fleet.withoutSemiSync();
        fleet.withHook(1);
        fleet.silence("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.UNPROVEN);
        assertThat(fleet.fenceProven("db1")).contains(false);
        assertThat(rehearsal.journal.run("42").orElseThrow().report().orElseThrow())
                .contains("The fence of db1:3306 is not proven",
                        "The shutdown hook for db1:3306 proves nothing: it ended with status 1 after 800 ms.");
    }

    @Test
    void aStarvedPrimaryIsShutDownBesideTheRun() {
        fleet.withHook(0);
        fleet.freeze("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.STARVED);
        assertThat(fleet.fenceProven("db1")).contains(true);
        assertThat(rehearsal.journal.run("42").orElseThrow().report().orElseThrow())
                .contains("in quarantine, fence proven");
    }

    @Test
    void aHookThatHangsHoldsUpNobodyWhereStarvationProvesTheFence() {
        List<Runnable> hanging = new ArrayList<>();
        fleet.withHook(0);
        fleet.freeze("db1");
        Rehearsal rehearsal = new Rehearsal(fleet, hanging::add);

        rehearsal.before(ReportRun.class);

        assertThat(hanging).hasSize(1);
        assertThat(fleet.write("db2")).isInstanceOf(Written.Acknowledged.class);
        assertThat(fleet.fenceProven("db1")).contains(false);
        hanging.getFirst().run();
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    @Test
    void theHookIsNotRunForAHostThatCanBeFencedWithoutIt() {
        fleet.withHook(0);
        fleet.freezeServer("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
        assertThat(hookCalls()).isZero();
    }

    @Test
    void aStandingServerThatNeedsASecondToDieIsFenced() {
        fleet.freezeServer("db1");
        fleet.diesSlowly("db1", Duration.ofSeconds(1));
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
    }

    @Test
    void aPrimaryThatAnswersAndCannotBeClosedIsShutDown() {
        fleet.withHook(0);
        fleet.boots("db1", BootMode.WRITABLE);
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(FenceOldPrimary.class);
        fleet.restart("db1");
        fleet.refusesFence("db1");
        fleet.refusesStop("db1");

        rehearsal.all(FenceOldPrimary.class);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
        assertThat(fleet.calls()).contains("hook told ssh=ANSWERS");
    }

    @Test
    void aManagerThatIsBackRunsTheHookAgainForItsAnswer() {
        fleet.withoutSemiSync();
        fleet.withHook(0);
        fleet.silence("db1");
        Rehearsal rehearsal = new Rehearsal(fleet, task -> {
            // Killed together with the manager.
        }).before(StopReceivers.class);
        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.UNPROVEN);

        rehearsal.restarted().all(StopReceivers.class);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
        assertThat(hookCalls()).isEqualTo(1);
    }

    @Test
    void aCrashWithoutAUnitIsProvenByBootingReadOnly() {
        fleet.withoutUnit("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.CLOSED);
        fleet.restart("db1");
        assertThat(fleet.write("db1")).isInstanceOf(Written.Refused.class);
    }

    @Test
    void aPrimaryThatAnswersAndCannotBeClosedStopsTheRun() {
        fleet.freezeServer("db1");
        fleet.refusesStop("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.NOT_FENCED);

        assertThat(rehearsal.walked).doesNotContain("StopReceivers");
        assertThat(fleet.state("db2").replication().map(ReplicaState::receiver))
                .isNotEqualTo(java.util.Optional.of(ReplicaState.Receiver.STOPPED));
    }

    @Test
    void thePreferredReplicaFetchesWhatTheOtherHas() {
        fleet.role("db3", PromotionRole.PREFERRED);
        fleet.cut("db1", "db3");
        fleet.write("db1");
        fleet.write("db1");
        fleet.seenHealthy("db1");
        fleet.crash("db1");
        fleet.mend("db1", "db3");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.candidate().id()).isEqualTo(NodeId.of("db3", 3306));
        assertThat(fleet.state("db3").executed().contains(fleet.state("db1").executed())).isTrue();
        assertThat(fleet.state("db2").replication().map(ReplicaState::source)).contains(NodeId.of("db3", 3306));
    }

    @Test
    void aDonorAppliesItsOwnRelayLogBeforeItPassesItOn() {
        fleet.role("db3", PromotionRole.PREFERRED);
        fleet.appliesSlowly("db2", Duration.ofSeconds(10));
        fleet.cut("db1", "db3");
        fleet.write("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.candidate().id()).isEqualTo(NodeId.of("db3", 3306));
        assertThat(fleet.state("db3").executed().contains(fleet.state("db1").executed())).isTrue();
    }

    @Test
    void aCandidateThatDoesNotCatchUpInTimeGivesWayToTheNext() {
        fleet.appliesSlowly("db2", Duration.ofHours(1));
        fleet.write("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.candidate().id()).isEqualTo(NodeId.of("db3", 3306));
        assertThat(rehearsal.run.excluded()).containsExactly(NodeId.of("db2", 3306));
    }

    @Test
    void aRunWhoseClusterAnotherOneTookDoesNotGoOnWaitingForItsCandidate() {
        waitsNoLongerOnce(rehearsal -> rehearsal.runbooks.end(fleet.cluster().name()), "is held by no run");
    }

    @Test
    void aRunThatAPersonStopsDoesNotGoOnWaitingForItsCandidate() {
        waitsNoLongerOnce(rehearsal -> rehearsal.askToStop("stopped by ann: not now"), "stopped by ann: not now");
    }

    private void waitsNoLongerOnce(Consumer<Rehearsal> ended, String why) {
        fleet.appliesSlowly("db2", Duration.ofHours(1));
        fleet.appliesSlowly("db3", Duration.ofHours(1));
        fleet.write("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(CatchUpCandidate.class);
        fleet.before("catchUp", "db2", () -> ended.accept(rehearsal));
        Instant began = fleet.clock().instant();

        assertThat(rehearsal.run(CatchUpCandidate.class)).isInstanceOfSatisfying(Outcome.Refused.class,
                refused -> {
                    assertThat(refused.error()).isEqualTo(RunbookError.RUN_SUPERSEDED);
                    assertThat(refused.why()).contains(why);
                });

        assertThat(Duration.between(began, fleet.clock().instant())).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aCandidateThatFreezesWhileItCatchesUpIsNotWaitedFor() {
        fleet.appliesSlowly("db2", Duration.ofHours(1));
        fleet.write("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(CatchUpCandidate.class);
        fleet.before("catchUp", "db2", () -> fleet.freeze("db2"));
        Instant began = fleet.clock().instant();

        assertThat(rehearsal.run(CatchUpCandidate.class)).isInstanceOfSatisfying(Outcome.Refused.class,
                refused -> assertThat(refused.error()).isEqualTo(RunbookError.CANDIDATE_LOST));

        assertThat(Duration.between(began, fleet.clock().instant())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void whenNoCandidateCatchesUpTheRunSaysWhy() {
        fleet.appliesSlowly("db2", Duration.ofHours(1));
        fleet.appliesSlowly("db3", Duration.ofHours(1));
        fleet.write("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.NO_ELIGIBLE_CANDIDATE);

        assertThat(rehearsal.run.detail()).isEqualTo(
                "db2:3306 was tried in this run and failed; db3:3306 was tried in this run and failed");
        assertThat(fleet.memory().quarantined(fleet.cluster().name())).isEmpty();
        assertThat(rehearsal.journal.notes("42", Remark.TO_DO)).hasSize(1);
    }

    @Test
    void aCandidateThatTakesLongToStopIsWaitedFor() {
        fleet.crash("db1");
        fleet.fail("stopReplication", "db2", Fault.UNKNOWN);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.candidate().id()).isEqualTo(NodeId.of("db2", 3306));
    }

    @Test
    void aCandidateLostBeforeItIsOpenedGivesWayToTheNext() {
        for (String method : List.of("catchUp", "stopReplication", "semiSyncSource", "openWrites")) {
            FakeFleet world = FakeFleet.of("db1", "db2", "db3", "db4");
            world.crash("db1");
            world.before(method, "db2", () -> world.crash("db2"));
            Rehearsal rehearsal = new Rehearsal(world);

            Ending ending = rehearsal.failover();

            // One that could have acknowledged is gone; what the dead primary's logs hold proves that nothing is lost.
            assertThat(ending).as(method).isEqualTo(Ending.REPLICAS_LOST);
            assertThat(rehearsal.run.candidate().id()).as(method).isEqualTo(NodeId.of("db3", 3306));
            assertThat(world.writeThroughAddress()).as(method).isInstanceOf(Written.Acknowledged.class);
        }
    }

    @Test
    void aPrimaryLostAfterItWasOpenedIsFencedLikeTheFirst() {
        for (String method : List.of("announce", "enableEvents", "provesWritable")) {
            FakeFleet world = FakeFleet.of("db1", "db2", "db3", "db4");
            world.crash("db1");
            world.before(method, "db2", () -> world.silence("db2"));
            Rehearsal rehearsal = new Rehearsal(world);

            Ending ending = rehearsal.failover();

            assertThat(ending.exitCode()).as(method + ": " + rehearsal.walked).isIn(0, 11);
            assertThat(rehearsal.run.candidate().id()).as(method).isEqualTo(NodeId.of("db3", 3306));
            assertThat(world.holders()).as(method).contains("db3");
            assertThat(world.fenceProven("db1")).as(method).contains(true);
            assertThat(world.fenceProven("db2")).as(method).contains(false);
            assertThat(world.state("db4").replication().map(ReplicaState::source)).as(method)
                    .contains(NodeId.of("db3", 3306));
            assertThat(world.enabledEvents("db3")).as(method).containsExactly("shop.nightly");
        }
    }

    @Test
    void aNewPrimaryThatIsLostForAMomentStaysThePrimary() {
        fleet.crash("db1");
        fleet.fail("enableEvents", "db2", Fault.UNREACHABLE);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.oldPrimary().id()).isEqualTo(NodeId.of("db1", 3306));
        assertThat(rehearsal.run.candidate().id()).isEqualTo(NodeId.of("db2", 3306));
        assertThat(fleet.enabledEvents("db2")).containsExactly("shop.nightly");
        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(fleet.fenceProven("db2")).isEmpty();
    }

    @Test
    void aReplicaThatIsGoneEndsTheRunWithReplicasLostUnlessItIsIgnored() {
        fleet.silence("db3");
        fleet.logs("db1", LogTrouble.MISSING);
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);
        FakeFleet other = FakeFleet.of("db1", "db2", "db3", "db4");
        other.ignoreFailure("db4");
        other.silence("db4");
        other.logs("db1", LogTrouble.MISSING);
        other.crash("db1");
        Rehearsal ignoring = new Rehearsal(other);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);
        assertThat(rehearsal.journal.notes("42", Remark.LOSS).getLast()).contains("1 of 2 replicas");
        assertThat(ignoring.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);
        assertThat(ignoring.journal.notes("42", Remark.TO_DO)).anyMatch(text -> text.contains("db4:3306"));
    }

    @Test
    void aReplicaThatWentSilentTooIsGivenItsFullTimeTwiceAndAMomentInTheOtherSteps() {
        fleet.cutFromManager("db3");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);
        Duration full = Servers.look(fleet.cluster().limits());
        List<Duration> waits = new ArrayList<>();

        for (Class<? extends Step> type : Rehearsal.PATH.subList(0, Rehearsal.PATH.indexOf(OpenPrimary.class) + 1)) {
            Instant begun = fleet.clock().instant();
            assertThat(rehearsal.run(type)).isInstanceOf(Outcome.Done.class);
            if (type != ConfirmFailure.class && type != FenceOldPrimary.class) {
                waits.add(Duration.between(begun, fleet.clock().instant()));
            }
        }

        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(waits.stream().filter(wait -> wait.compareTo(full) >= 0)).hasSize(2);
        assertThat(waits.stream().filter(wait -> wait.compareTo(full) < 0))
                .allSatisfy(wait -> assertThat(wait).isLessThan(full.dividedBy(4)));
    }

    @Test
    void whereTheProofIsThatNobodyListensToThePrimaryASilentReplicaHasItsFullTimeBeforeTheOpening() {
        fleet.silence("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);
        rehearsal.all(ConfirmFailure.class, AskFailoverPolicy.class, ReadServers.class, FenceOldPrimary.class,
                StopReceivers.class);
        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.STARVED);
        fleet.cutFromManager("db3");
        rehearsal.all(ChoosePrimary.class, CatchUpCandidate.class, SalvageWrites.class, AskPromotionPolicy.class,
                StopReplication.class, PrepareSemiSync.class);
        Instant begun = fleet.clock().instant();

        assertThat(rehearsal.run(OpenPrimary.class)).isInstanceOf(Outcome.Done.class);

        assertThat(Duration.between(begun, fleet.clock().instant()))
                .isGreaterThanOrEqualTo(Servers.look(fleet.cluster().limits()));
    }

    @Test
    void aReplicaThatIsHeardAgainHasAllTheTimeOfTheOthers() {
        fleet.cutFromManager("db3");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);
        NodeId db3 = NodeId.of("db3", 3306);
        rehearsal.run(ConfirmFailure.class);
        rehearsal.run(ReadServers.class);
        assertThat(rehearsal.run.silent()).containsExactly(db3);

        fleet.mendToManager("db3");
        rehearsal.run(StopReceivers.class);

        assertThat(rehearsal.run.silent()).isEmpty();
        assertThat(fleet.calls()).contains("stopReceiver db3:3306");
    }

    @Test
    void aServerThatIsInQuarantineFromBeforeIsNotCountedAsLost() {
        FakeFleet four = FakeFleet.of("db1", "db2", "db3", "db4");
        four.memory()
                .quarantine(four.cluster().name(), NodeId.of("db4", 3306),
                        new ClusterMemory.Quarantine(four.clock().instant(), "fenced by an earlier run", true));
        four.crash("db1");
        Rehearsal rehearsal = new Rehearsal(four);

        rehearsal.failover();

        assertThat(four.state("db2").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(rehearsal.journal.notes("42", Remark.TO_DO)).noneMatch(text -> text.contains("db4:3306"));
    }

    @Test
    void writesKnownToBeLostAreAskedAboutAndNamed() {
        fleet.withoutSemiSync();
        fleet.cut("db1", "db2");
        fleet.cut("db1", "db3");
        fleet.write("db1");
        fleet.seenHealthy("db1");
        fleet.logs("db1", LogTrouble.MISSING);
        fleet.crash("db1");
        fleet.mend("db1", "db2");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);

        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.KNOWN);
        assertThat(rehearsal.journal.notes("42", Remark.LOSS).getLast())
                .isEqualTo("1 transactions that the old primary is known to have had are lost: "
                        + "00000000-0000-0000-0000-000000000001:11.");
    }

    @Test
    void divergedReplicasStopTheRun() {
        // db3 was a primary once: db2 holds its first transaction, and not its second.
        fleet.writeErrant("db3");
        fleet.repoint(fleet.node("db2"), fleet.node("db3"), fleet.cluster().replication(), Duration.ofSeconds(1));
        fleet.repoint(fleet.node("db2"), fleet.node("db1"), fleet.cluster().replication(), Duration.ofSeconds(1));
        fleet.writeErrant("db3");
        fleet.cut("db1", "db3");
        fleet.write("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.REPLICAS_DIVERGED);

        assertThat(rehearsal.run.detail()).isEqualTo(
                "only db2:3306 holds 00000000-0000-0000-0000-000000000001:11, and only db3:3306 holds "
                        + "00000000-0000-0000-0000-000000000003:2");
        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
    }

    @Test
    void aReplicaWithAnErrantTransactionIsNotChosen() {
        fleet.writeErrant("db2");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);
        assertThat(rehearsal.run.candidate().id()).isEqualTo(NodeId.of("db3", 3306));
    }

    @Test
    void aLostAnswerToOpeningIsReadBack() {
        fleet.crash("db1");
        fleet.fail("openWrites", "db2", Fault.UNKNOWN_BUT_DONE);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);
        assertThat(fleet.memory().knownPrimary(fleet.cluster().name())).contains(NodeId.of("db2", 3306));
    }

    @Test
    void anOpeningThatNobodyCanTellOfEndsUnknown() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(OpenPrimary.class);
        fleet.fail("openWrites", "db2", Fault.UNKNOWN_BUT_DONE);
        int calls = (int) fleet.calls().stream().filter("observe db2:3306"::equals).count();
        fleet.before("openWrites", "db2", () -> fleet.fail("observe", "db2", Fault.UNREACHABLE));

        assertThat(rehearsal.run(OpenPrimary.class).toString())
                .contains("whether db2:3306 is open for writes is not known");
        assertThat(calls).isPositive();
        assertThat(fleet.memory().knownPrimary(fleet.cluster().name())).contains(NodeId.of("db1", 3306));
    }

    @Test
    void nothingIsOpenedWhenTheOldPrimaryIsBackAndWritable() {
        fleet.withoutUnit("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(OpenPrimary.class);
        fleet.boots("db1", BootMode.WRITABLE);
        fleet.restart("db1");

        assertThat(rehearsal.run(OpenPrimary.class).toString()).contains("FENCE_BROKEN")
                .contains("db1:3306, the old primary, accepts writes");
        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertTakenBack();
    }

    /** The address is added while the proofs are gathered. */
    private void assertTakenBack() {
        assertThat(fleet.calls()).contains("add db2:3306");
        assertThat(fleet.holders()).doesNotContain("db2");
    }

    @Test
    void nothingIsOpenedWhenAStarvedPrimaryIsHeardAgain() {
        fleet.freeze("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(OpenPrimary.class);
        fleet.startReplication(fleet.node("db3"), Duration.ofSeconds(1));
        fleet.repoint(fleet.node("db3"), fleet.node("db1"), fleet.cluster().replication(), Duration.ofSeconds(1));

        assertThat(rehearsal.run(OpenPrimary.class).toString()).contains("FENCE_BROKEN").contains("db3:3306 listens");
        assertTakenBack();
    }

    @Test
    void nothingIsOpenedWhenTheCandidateChangedSinceItCaughtUp() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(OpenPrimary.class);
        fleet.writeErrant("db2");

        assertThat(rehearsal.run(OpenPrimary.class).toString()).contains("FENCE_BROKEN")
                .contains("has changed since it caught up");
        assertTakenBack();
    }

    @Test
    void everyStepRepeatedAfterAnInterruptionEndsTheSame() {
        for (var interrupted : Rehearsal.PATH) {
            FakeFleet world = FakeFleet.of("db1", "db2", "db3");
            world.crash("db1");
            Rehearsal rehearsal = new Rehearsal(world).before(interrupted);

            rehearsal.all(interrupted);
            for (var step : Rehearsal.PATH.subList(Rehearsal.PATH.indexOf(interrupted), Rehearsal.PATH.size())) {
                rehearsal.all(step);
            }

            assertThat(rehearsal.run.ending()).as(interrupted.getSimpleName()).contains(Ending.DONE);
            assertThat(world.holders()).as(interrupted.getSimpleName()).containsExactly("db2");
            assertThat(world.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
            assertThat(rehearsal.notifier.mails()).as(interrupted.getSimpleName()).hasSize(1);
        }
    }

    @Test
    void aRunThatStartsOverAfterItOpenedKeepsWhatItOpened() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(MoveVirtualIp.class);
        fleet.write("db2");

        for (var step : Rehearsal.PATH.subList(2, Rehearsal.PATH.size())) {
            rehearsal.all(step);
        }

        assertThat(rehearsal.run.ending()).contains(Ending.DONE);
        assertThat(fleet.calls().stream().filter("openWrites db2:3306"::equals)).hasSize(1);
        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.WRITABLE);
    }

    @Test
    void everyChangingStepRefusesOnceAnotherRunHoldsTheCluster() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(FenceOldPrimary.class);
        rehearsal.run.candidate(NodeId.of("db2", 3306));
        rehearsal.runbooks.end(fleet.cluster().name());
        int before = fleet.calls().size();

        for (var type : List.of(FenceOldPrimary.class, StopReceivers.class, CatchUpCandidate.class,
                SalvageWrites.class, StopReplication.class, PrepareSemiSync.class, OpenPrimary.class,
                MoveVirtualIp.class,
                RepointReplicas.class, EnableEvents.class, VerifyCluster.class, FenceReturnedServer.class,
                RemoveStrayAddress.class, AnnounceAddress.class, ReopenPrimary.class)) {
            assertThat(rehearsal.run(type).toString()).contains("RUN_SUPERSEDED");
        }

        assertThat(fleet.calls()).hasSize(before);
    }

    @Test
    void semiSyncWithTooFewReplicasFollowsThePolicy() {
        for (Policies.SemiSyncDegraded policy : Policies.SemiSyncDegraded.values()) {
            FakeFleet world = FakeFleet.of("db1", "db2", "db3");
            world.waitCount("db1", 2);
            world.seenHealthy("db1");
            world.policies(new Policies(Policies.UnprovenFence.ACT, policy, Policies.ManagerLocks.MAJORITY));
            world.crash("db1");
            Rehearsal rehearsal = new Rehearsal(world);

            assertThat(rehearsal.failover()).as(policy.name()).isEqualTo(Ending.DONE);

            boolean asked = rehearsal.journal.notes("42", Remark.POLICY)
                    .getLast()
                    .contains(
                            "Semi-sync wants 2 acknowledging replicas, and 1 can be reached.");
            assertThat(asked).as(policy.name()).isEqualTo(policy == Policies.SemiSyncDegraded.ASK);
            assertThat(source(world.state("db2")).enabled()).as(policy.name())
                    .isEqualTo(policy != Policies.SemiSyncDegraded.OFF);
            assertThat(world.writeThroughAddress()).as(policy.name()).isInstanceOf(Written.Acknowledged.class);
            assertThat(rehearsal.notifier.mails().getLast().body()).contains("of 2 acknowledging replicas");
        }
    }

    @Test
    void withoutAVirtualIpNothingIsMovedAndTheWriteIsProvenDirectly() {
        fleet.withoutVirtualIp();
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);
        assertThat(fleet.announcements()).isEmpty();
    }

    @Test
    void theFailoverPolicyIsToldOfPausesCoolDownsAndFailures() {
        fleet.crash("db1");
        fleet.memory().rememberFailover(fleet.cluster().name(), fleet.clock().instant().minus(Duration.ofHours(7)));
        fleet.memory()
                .pause(fleet.cluster().name(), new ClusterMemory.Pause("alice", "upgrade",
                        fleet.clock().instant(), fleet.clock().instant().plus(Duration.ofHours(1))));
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.STOOD_DOWN);

        assertThat(rehearsal.decisions.asked().getFirst()).containsEntry("recentFailover", "cooling-down")
                .containsEntry("paused", "yes")
                .containsEntry("unanimous", "yes")
                .containsEntry("startedBy", "monitor")
                .containsEntry("clustersFailing", 1)
                .containsEntry("verdict", "crashed");
    }
}
