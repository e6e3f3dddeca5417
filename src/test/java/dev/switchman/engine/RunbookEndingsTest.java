package dev.switchman.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.ManagementService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.fleet.LogTrouble;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outages;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/** Every ending and every loop that the diagrams draw, on the real engine with the real tables and steps. */
class RunbookEndingsTest {

    private final RunbookStage stage = RunbookStage.shared();
    private FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    private RunId failover() {
        return failover("monitor");
    }

    private RunId failover(String startedBy) {
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, startedBy, Map.of());
        stage.goOn();
        return run;
    }

    /** What holds at every end: the box, one writable server at most, nobody holding the cluster, a report and its mail. */
    private void assertEnded(RunId run, Ending ending, String box) {
        RunRecord record = stage.journal().run(run.value()).orElseThrow();
        assertThat(record.ending()).as(stage.passed(run) + " " + record.report()).contains(ending.name());
        assertThat(stage.passed(run)).contains(box);
        assertThat(stage.passed(run)).filteredOn(passed -> passed.startsWith("EndEvent_") && !inner(passed))
                .containsExactly(box);
        assertThat(record.report().orElseThrow()).isNotBlank();
        assertThat(stage.get(Runbooks.class).show(run)).isEmpty();
        assertThat(stage.get(Runbooks.class).holder(fleet.cluster().name())).isEmpty();
        assertThat(stage.get(ManagementService.class).createJobQuery().count()).isZero();
        assertThat(stage.get(HistoryService.class)
                .createHistoricProcessInstanceQuery()
                .processInstanceId(run.value())
                .finished()
                .count()).isEqualTo(1);
        assertThat(List.of("db1", "db2", "db3", "db4")
                .stream()
                .filter(host -> fleet.cluster().find(NodeId.of(host, 3306)).isPresent())
                .filter(host -> fleet.write(host) instanceof Written.Acknowledged)
                .count()).isLessThanOrEqualTo(1);
    }

    private static boolean inner(String box) {
        return List.of("EndEvent_FailedOver", "EndEvent_Promoted", "EndEvent_Answered", "EndEvent_Enough",
                "EndEvent_Silent", "EndEvent_Inner",
                "EndEvent_PromotionDeclined", "EndEvent_PromotionStopped", "EndEvent_RepairDeclined").contains(box);
    }

    private NodeId candidate() {
        return fleet.memory().knownPrimary(fleet.cluster().name()).orElseThrow();
    }

    // ---- failover: endings ----

    @Test
    void aCrashedPrimaryIsReplaced() {
        fleet.crash("db1");
        long before = stage.get(Outages.class).read(fleet.cluster().name()).all();

        RunId run = failover();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(fleet.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
        assertThat(stage.passed(run)).containsOnlyOnce("Task_OpenPrimary");
        assertThat(stage.journal().notes(run.value(), Remark.OUTAGE)).singleElement()
                .asString()
                .matches("Writes stood still for \\d+\\.\\d{3} s, from the first failed look \\(.*Z\\)"
                        + " to the opening of db2:3306 \\(.*Z\\)\\.");
        assertThat(stage.get(Outages.class).read(fleet.cluster().name()).all()).isEqualTo(before + 1);
    }

    private static final class Killed extends Error {

        private static final long serialVersionUID = 1L;
    }

    /** The section that shares one save point, and the opening behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"stopReplication", "semiSyncSource", "openWrites"})
    void whereverInThePromotionAManagerDiesTheNextOneConfirmsTheLossAndFinishesIt(String call) {
        fleet.crash("db1");
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, "monitor", Map.of(Run.VERDICT, "crashed"));
        stage.upTo(run, "Stop replication");
        fleet.before(call, "db2", () -> {
            throw new Killed();
        });

        // As in one process that dies: what was not committed is gone.
        ManagementService management = stage.get(ManagementService.class);
        String job = nextJob(management);
        while (true) {
            String one = job;
            Optional<Throwable> thrown = Optional.ofNullable(catchThrowable(() -> management.executeJob(one)));
            if (thrown.isPresent()) {
                assertThat(thrown.get()).hasRootCauseInstanceOf(Killed.class);
                break;
            }
            job = nextJob(management);
        }
        management.setJobRetries(job, 1);
        RunbookStage.otherManager().goOn();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(fleet.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
        assertThat(stage.journal().entries(run.value()).toString())
                .contains("This process did not begin the run, so it looked again");
    }

    private static String nextJob(ManagementService management) {
        return management.createJobQuery().messages().singleResult().getId();
    }

    @Test
    void theServerThatAPersonWantsBecomesThePrimary() {
        fleet.crash("db1");
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, "anna", Map.of(Run.TARGET, "db3:3306"));
        stage.goOn();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(candidate()).isEqualTo(NodeId.of("db3", 3306));
    }

    @Test
    void whereTheServerThatAPersonWantsMayNotBecomeThePrimaryNobodyDoes() {
        fleet.role("db3", PromotionRole.NEVER);
        fleet.crash("db1");
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, "anna", Map.of(Run.TARGET, "db3:3306"));
        stage.goOn();

        stage.answer(run, false);
        assertEnded(run, Ending.NO_ELIGIBLE_CANDIDATE, "EndEvent_NoEligibleCandidate");
    }

    @Test
    void aReplicaThatIsLostOnTheWayIsNamed() {
        fleet = FakeFleet.of("db1", "db2", "db3", "db4");
        fleet.crash("db1");
        fleet.before("add", "db2", () -> fleet.crash("db4"));

        RunId run = failover();

        assertEnded(run, Ending.REPLICAS_LOST, "EndEvent_ReplicasLost");
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow()).contains("db4:3306");
    }

    @Test
    void withoutSemiSyncNothingIsLostWhereTheLogsOfTheDeadCanBeRead() {
        fleet.withoutSemiSync();
        fleet.crash("db1");

        assertEnded(failover(), Ending.DONE, "EndEvent_Done");
    }

    @Test
    void withoutSemiSyncWritesMayBeLostWithTheLogs() {
        fleet.withoutSemiSync();
        fleet.logs("db1", LogTrouble.MISSING);
        fleet.crash("db1");

        assertEnded(failover(), Ending.WRITES_MAY_BE_LOST, "EndEvent_WritesMayBeLost");
    }

    @Test
    void aLivingPrimaryIsLeftAlone() {
        assertEnded(failover("alice"), Ending.PRIMARY_ALIVE, "EndEvent_PrimaryAlive");
        assertThat(fleet.write("db1")).isInstanceOf(Written.Acknowledged.class);
    }

    @Test
    void aPausedClusterIsLeftAlone() {
        fleet.crash("db1");
        fleet.memory()
                .pause(fleet.cluster().name(), new dev.switchman.memory.ClusterMemory.Pause("alice", "upgrade",
                        fleet.clock().instant(), fleet.clock().instant().plus(Duration.ofHours(1))));

        assertEnded(failover(), Ending.STOOD_DOWN, "EndEvent_StoodDown");
    }

    @ParameterizedTest
    @CsvSource({"yes, DONE, EndEvent_Done", "no, STOOD_DOWN, EndEvent_StoodDown",
            "nobody, STOOD_DOWN, EndEvent_StoodDown"})
    void withinTheCoolDownAPersonDecides(String answer, Ending ending, String box) {
        fleet.crash("db1");
        fleet.memory().rememberFailover(fleet.cluster().name(), fleet.clock().instant().minus(Duration.ofHours(7)));

        RunId run = failover();

        assertThat(stage.question(run)).contains("cool-down").contains("Fail over?");
        answer(run, answer);
        assertEnded(run, ending, box);
    }

    @ParameterizedTest
    @CsvSource({"yes, WRITES_MAY_BE_LOST, EndEvent_WritesMayBeLost", "no, PROMOTION_DECLINED, EndEvent_Declined",
            "nobody, PROMOTION_DECLINED, EndEvent_Declined"})
    void whereTheClusterWantsToBeAskedAboutAnUnprovenFenceAPersonDecides(String answer, Ending ending, String box) {
        fleet.withoutSemiSync();
        fleet.policies(new Policies(Policies.UnprovenFence.ASK, Policies.SemiSyncDegraded.LOWER,
                Policies.ManagerLocks.MAJORITY));
        fleet.silence("db1");

        RunId run = failover();

        assertThat(stage.question(run)).contains("Open db2:3306 for writes?");
        assertThat(fleet.write("db2")).isInstanceOf(Written.Refused.class);
        answer(run, answer);
        assertEnded(run, ending, box);
    }

    @Test
    void aFenceThatNobodyCanProveIsProvenByTheShutdownHook() {
        fleet.withoutSemiSync();
        fleet.policies(new Policies(Policies.UnprovenFence.ASK, Policies.SemiSyncDegraded.LOWER,
                Policies.ManagerLocks.MAJORITY));
        fleet.withHook(0);
        fleet.silence("db1");

        RunId run = failover();

        assertEnded(run, Ending.WRITES_MAY_BE_LOST, "EndEvent_WritesMayBeLost");
        assertThat(stage.passed(run)).doesNotContain("UserTask_Answer");
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow())
                .contains("The fence of db1:3306 is proven: the shutdown hook ended with status 0");
    }

    private void answer(RunId run, String answer) {
        if (answer.equals("nobody")) {
            stage.nobodyAnswers();
        } else {
            stage.answer(run, answer.equals("yes"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPrimaryThatRefusesItsFenceIsAPersonsMatter(boolean again) {
        fleet.crash("db1");
        fleet.before("refuseWrites", "db1", () -> fleet.restart("db1"));
        fleet.fail("refuseWrites", "db1", Fault.REJECTED);
        fleet.fail("stopServer", "db1", Fault.UNKNOWN);

        RunId run = failover();

        assertThat(stage.question(run)).contains("could not be fenced").contains("Try again");
        fleet.crash("db1");
        stage.answer(run, again);
        assertEnded(run, again ? Ending.DONE : Ending.NOT_FENCED, again ? "EndEvent_Done" : "EndEvent_NotFenced");
    }

    @Test
    void withoutAnEligibleCandidateAPersonDecidesAndMayGiveUp() {
        fleet.crash("db1");
        fleet.role("db2", PromotionRole.NEVER);
        fleet.role("db3", PromotionRole.NEVER);

        RunId run = failover();

        assertThat(stage.question(run)).contains("never to be promoted");
        stage.answer(run, false);
        assertEnded(run, Ending.NO_ELIGIBLE_CANDIDATE, "EndEvent_NoEligibleCandidate");
        assertThat(fleet.memory().quarantined(fleet.cluster().name())).isEmpty();
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

        RunId run = failover();

        stage.answer(run, false);
        assertEnded(run, Ending.REPLICAS_DIVERGED, "EndEvent_ReplicasDiverged");
    }

    @Test
    void nothingIsOpenedBesideAnOldPrimaryThatIsWritableAgain() {
        fleet.withoutUnit("db1");
        fleet.crash("db1");
        fleet.before("semiSyncSource", "db2", () -> {
            fleet.boots("db1", BootMode.WRITABLE);
            fleet.restart("db1");
        });

        RunId run = failover();

        assertThat(stage.question(run)).contains("db1:3306, the old primary, accepts writes");
        stage.answer(run, false);
        assertEnded(run, Ending.NOT_FENCED, "EndEvent_NotFenced");
    }

    @Test
    void aPrimaryThatIsBackWhenAPersonTriesAgainIsLeftAlone() {
        fleet.crash("db1");
        fleet.boots("db1", BootMode.WRITABLE);
        fleet.withoutUnit("db1");
        fleet.role("db2", PromotionRole.NEVER);
        fleet.role("db3", PromotionRole.NEVER);
        RunId run = failover();
        fleet.restart("db1");

        stage.answer(run, true);

        assertEnded(run, Ending.PRIMARY_ALIVE, "EndEvent_PrimaryAlive");
    }

    @Test
    void anOpeningThatNobodyCanTellOfIsAPersonsMatter() {
        fleet.crash("db1");
        fleet.fail("openWrites", "db2", Fault.UNKNOWN_BUT_DONE);
        fleet.before("openWrites", "db2", () -> fleet.fail("observe", "db2", Fault.UNREACHABLE));

        RunId run = failover();

        assertThat(stage.question(run)).contains("whether db2:3306 is open for writes is not known");
        stage.answer(run, false);
        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
    }

    // ---- failover: a step throws ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStepThatThrowsWhereServersAreChangedIsAPersonsMatter(boolean again) {
        fleet.crash("db1");
        fleet.before("stopReceiver", "db2", () -> {
            throw new IllegalStateException("a bug");
        });

        RunId run = failover();

        assertThat(stage.question(run)).contains("a bug");
        stage.answer(run, again);
        assertEnded(run, again ? Ending.DONE : Ending.FAILED, again ? "EndEvent_Done" : "EndEvent_Failed");
    }

    @Test
    void aStepThatThrowsBeforeAnythingIsChangedEndsTheRun() {
        fleet.crash("db1");
        fleet.before("observe", "db1", () -> {
            throw new IllegalStateException("a bug");
        });

        RunId run = failover();

        assertEnded(run, Ending.FAILED, "EndEvent_AfterFailure");
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow()).contains("a bug");
    }

    // ---- failover: loops ----

    @Test
    void aCandidateThatDoesNotCatchUpGivesWayToTheNext() {
        fleet.appliesSlowly("db2", Duration.ofHours(1));
        fleet.write("db1");
        fleet.crash("db1");

        RunId run = failover();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(stage.passed(run)).contains("BoundaryEvent_CatchUpTimedOut");
        assertThat(candidate()).isEqualTo(NodeId.of("db3", 3306));
    }

    @ParameterizedTest
    @CsvSource({"catchUp, BoundaryEvent_CandidateLost", "stopReplication, BoundaryEvent_CandidateLostInPromotion",
            "semiSyncSource, BoundaryEvent_CandidateLostInPromotion",
            "openWrites, BoundaryEvent_CandidateLostInPromotion"})
    void aCandidateLostBeforeItIsOpenGivesWayToTheNext(String call, String box) {
        fleet = FakeFleet.of("db1", "db2", "db3", "db4");
        fleet.crash("db1");
        fleet.before(call, "db2", () -> fleet.crash("db2"));

        RunId run = failover();

        assertEnded(run, Ending.REPLICAS_LOST, "EndEvent_ReplicasLost");
        assertThat(stage.passed(run)).contains(box);
        assertThat(candidate()).isEqualTo(NodeId.of("db3", 3306));
    }

    @Test
    void aCandidateLostWhileItGetsWhatOnlyTheDeadPrimaryHasGivesWayToTheNext() {
        fleet.withoutSemiSync();
        fleet.cut("db1", "db2");
        fleet.cut("db1", "db3");
        fleet.write("db1");
        fleet.crash("db1");
        fleet.mend("db1", "db2");
        fleet.mend("db1", "db3");
        fleet.before("applyRelayLogs", "db2", () -> fleet.crash("db2"));

        RunId run = failover();

        assertEnded(run, Ending.REPLICAS_LOST, "EndEvent_ReplicasLost");
        assertThat(stage.passed(run)).contains("BoundaryEvent_CandidateLostAtSalvage");
        assertThat(fleet.state("db3").executed().contains(fleet.state("db1").executed())).isTrue();
    }

    @Test
    void aCandidateLostWhileThePolicyIsAskedGivesWayToTheNext() {
        fleet = FakeFleet.of("db1", "db2", "db3", "db4");
        fleet.crash("db1");
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, "monitor", Map.of());
        stage.upTo(run, "Catch up candidate");
        // One look to catch up; the next is the policy's.
        fleet.before("observe", "db2", () -> {});
        fleet.before("observe", "db2", () -> fleet.crash("db2"));

        stage.goOn();

        assertEnded(run, Ending.REPLICAS_LOST, "EndEvent_ReplicasLost");
        assertThat(stage.passed(run)).contains("BoundaryEvent_CandidateLostAtPolicy");
        assertThat(candidate()).isEqualTo(NodeId.of("db3", 3306));
    }

    @ParameterizedTest
    @ValueSource(strings = {"announce", "enableEvents", "provesWritable"})
    void aNewPrimaryThatIsLostIsFencedAndReplacedInTurn(String call) {
        fleet = FakeFleet.of("db1", "db2", "db3", "db4");
        fleet.crash("db1");
        fleet.before(call, "db2", () -> fleet.silence("db2"));

        RunId run = failover();

        assertThat(stage.passed(run)).contains("BoundaryEvent_NewPrimaryLost");
        Ending ending = Ending.valueOf(stage.journal().run(run.value()).orElseThrow().ending().orElseThrow());
        assertThat(ending).isIn(Ending.DONE, Ending.WRITES_MAY_BE_LOST);
        assertEnded(run, ending, ending == Ending.DONE ? "EndEvent_Done" : "EndEvent_WritesMayBeLost");
        assertThat(candidate()).isEqualTo(NodeId.of("db3", 3306));
    }

    // ---- stopped ----

    @Test
    void aMailThatCannotBeSentHoldsNoCluster() {
        fleet.crash("db1");
        stage.with(fleet);
        stage.notifier()
                .fail(1_000, () -> {
                    throw new IllegalStateException("a bug in the mail");
                });
        RunId run = stage.start(Runbook.FAILOVER, "monitor", Map.of());

        stage.goOn();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        await().untilAsserted(() -> assertThat(stage.journal().notes(run.value(), Remark.MAIL)).hasSize(2)
                .startsWith("not sent yet: java.lang.IllegalStateException: a bug in the mail")
                .last()
                .asString()
                .startsWith("given up after "));
    }

    @Test
    void aReportThatCannotBePutTogetherHoldsNoCluster() {
        fleet.crash("db1");
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, "monitor", Map.of());
        stage.upTo(run, "Report run");
        for (int times = 0; times < 10; times++) {
            fleet.before("observe", "db2", () -> {
                throw new IllegalStateException("a bug in the look");
            });
        }

        stage.goOn();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow())
                .contains("This report is incomplete: java.lang.IllegalStateException", "a bug in the look");
    }

    @Test
    void aRunWhoseManagerLosesItsLocksStandsDownBeforeAnythingIsOpened() {
        fleet.crash("db1");
        fleet.before("stopReceiver", "db2", () -> fleet.claimed("another manager"));

        RunId run = failover();

        assertEnded(run, Ending.STOOD_DOWN, "EndEvent_AfterStop");
        assertThat(stage.passed(run)).doesNotContain("Task_OpenPrimary");
    }

    @Test
    void aCancelledRunStopsBeforeItsNextStep() {
        fleet.crash("db1");
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, "monitor", Map.of());
        stage.upTo(run, "Stop receivers");

        stage.get(Runbooks.class).cancel(run, "jane", "wrong cluster");
        stage.goOn();

        assertEnded(run, Ending.CANCELLED, "EndEvent_AfterStop");
        assertThat(fleet.calls()).noneMatch(call -> call.startsWith("stopReceiver"));
    }

    @Test
    void aCancelledRunDoesNotWaitForAPerson() {
        fleet.crash("db1");
        fleet.role("db2", PromotionRole.NEVER);
        fleet.role("db3", PromotionRole.NEVER);
        RunId run = failover();

        stage.get(Runbooks.class).cancel(run, "jane", "enough");
        stage.goOn();

        assertThat(stage.passed(run)).contains("EndEvent_AfterStop");
        assertThat(stage.get(Runbooks.class).holder(fleet.cluster().name())).isEmpty();
    }

    @Test
    void aFailoverTakesTheClusterFromAQuarantine() {
        replaced();
        fleet.seenHealthy("db2");
        RunId quarantine = stage.start(Runbook.QUARANTINE, "monitor", Map.of(Run.OLD_PRIMARY, "db1:3306"));
        fleet.crash("db1");
        fleet.crash("db2");
        fleet.clock().advance(Duration.ofHours(9));
        RunId failover = stage.start(Runbook.FAILOVER, "alice", Map.of());

        stage.goOn();

        assertEnded(quarantine, Ending.CANCELLED, "EndEvent_AfterStop");
        assertEnded(failover, Ending.DONE, "EndEvent_Done");
        assertThat(candidate()).isEqualTo(NodeId.of("db3", 3306));
    }

    // ---- quarantine ----

    /** db1 froze, db2 is the primary, and db1 is back with the address. */
    private void replaced() {
        fleet.freeze("db1");
        failover();
        fleet.thaw("db1");
    }

    private RunId quarantine() {
        RunId run = stage.start(Runbook.QUARANTINE, "monitor", Map.of(Run.OLD_PRIMARY, "db1:3306"));
        stage.goOn();
        return run;
    }

    @Test
    void aServerThatComesBackIsClosedAndLosesTheAddress() {
        replaced();

        assertEnded(quarantine(), Ending.DONE, "EndEvent_Done");
        assertThat(fleet.holders()).containsExactly("db2");
    }

    @Test
    void aServerThatIsGoneAgainIsNotFenced() {
        replaced();
        fleet.silence("db1");

        RunId run = quarantine();

        assertEnded(run, Ending.NOT_FENCED, "EndEvent_NotFenced");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unreachable");
    }

    @Test
    void aServerThatRefusesIsNotFenced() {
        replaced();
        fleet.refusesFence("db1");
        fleet.refusesStop("db1");

        RunId run = quarantine();

        assertEnded(run, Ending.NOT_FENCED, "EndEvent_NotFenced");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Refused");
    }

    @Test
    void aServerThatRefusesIsShutDown() {
        replaced();
        fleet.withHook(0);
        fleet.refusesFence("db1");
        fleet.refusesStop("db1");

        assertEnded(quarantine(), Ending.DONE, "EndEvent_Done");
        assertThat(fleet.fenceProven("db1")).contains(true);
        assertThat(fleet.calls()).contains("hook told ssh=ANSWERS");
    }

    @Test
    void aFenceWhoseAnswerIsLostIsNotProven() {
        replaced();
        fleet.fail("refuseWrites", "db1", Fault.UNKNOWN);

        RunId run = quarantine();

        assertEnded(run, Ending.NOT_FENCED, "EndEvent_NotFenced");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unknown");
    }

    @Test
    void anAddressThatCannotBeRemovedFailsTheQuarantine() {
        replaced();
        fleet.fail("remove", "db1", Fault.REJECTED);

        assertEnded(quarantine(), Ending.FAILED, "EndEvent_AfterFailure");
    }

    // ---- rejoin ----

    /** db1 died, db2 is the primary, and db1 is up again. */
    private void oldPrimaryIsBack() {
        fleet.crash("db1");
        failover();
        fleet.seenHealthy("db2");
        fleet.unmask("db1");
        fleet.reboot("db1");
    }

    private RunId rejoin() {
        RunId run = stage.start(Runbook.REJOIN, "anna", Map.of(Run.OLD_PRIMARY, "db1:3306"));
        stage.goOn();
        return run;
    }

    @Test
    void aReplacedPrimaryThatIsBackBecomesAReplica() {
        oldPrimaryIsBack();

        assertEnded(rejoin(), Ending.DONE, "EndEvent_Done");
        assertThat(fleet.fenceProven("db1")).isEmpty();
        assertThat(fleet.write("db2")).isInstanceOfSatisfying(Written.Acknowledged.class,
                written -> assertThat(fleet.state("db1").executed().contains(written.gtid())).isTrue());
    }

    @Test
    void aServerThatHoldsMoreThanThePrimaryIsKeptInQuarantine() {
        oldPrimaryIsBack();
        fleet.writeErrant("db1");

        RunId run = rejoin();
        assertThat(stage.question(run)).contains("a copy of db3:3306");
        stage.answer(run, false);

        assertEnded(run, Ending.KEPT_IN_QUARANTINE, "EndEvent_KeptInQuarantine");
        assertThat(stage.passed(run)).contains("BoundaryEvent_NeedsRebuild")
                .doesNotContain("Task_FollowPrimary", "Task_RebuildReplica");
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    @Test
    void silenceKeepsItInQuarantine() {
        oldPrimaryIsBack();
        fleet.writeErrant("db1");

        RunId run = rejoin();
        stage.nobodyAnswers();

        assertEnded(run, Ending.KEPT_IN_QUARANTINE, "EndEvent_KeptInQuarantine");
        assertThat(fleet.copyOf("db1")).isEmpty();
    }

    @Test
    void aServerThatHoldsMoreIsRebuiltAndBecomesAReplica() {
        oldPrimaryIsBack();
        fleet.writeErrant("db1");
        fleet.copiesSlowly("db1", 4_000);

        RunId run = rejoin();
        stage.answer(run, true);

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(stage.passed(run).stream().filter("Task_RebuildReplica"::equals)).hasSize(2);
        assertThat(fleet.fenceProven("db1")).isEmpty();
        assertThat(fleet.state("db1").executed()).isEqualTo(fleet.state("db2").executed());
    }

    @Test
    void aServerThatCannotBeRebuiltIsKeptInQuarantine() {
        fleet.version("db1", "5.7.22");
        oldPrimaryIsBack();
        fleet.writeErrant("db1");

        RunId run = rejoin();

        assertEnded(run, Ending.KEPT_IN_QUARANTINE, "EndEvent_KeptInQuarantine");
        assertThat(stage.passed(run)).contains("BoundaryEvent_NoDonor");
    }

    @Test
    void aCopyThatBreaksOffEndsTheRejoin() {
        oldPrimaryIsBack();
        fleet.writeErrant("db1");
        fleet.breaksCopy("db1", 3862);

        RunId run = rejoin();
        stage.answer(run, true);

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_RebuildFailed");
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    @Test
    void thePrimaryItselfDoesNotRejoin() {
        fleet.crash("db1");
        failover();
        fleet.memory().rememberPrimary(fleet.cluster().name(), NodeId.of("db1", 3306));

        RunId run = rejoin();

        assertEnded(run, Ending.BLOCKED, "EndEvent_Blocked");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Blocked").doesNotContain("Task_FenceReturnedServer");
    }

    @Test
    void aServerThatIsDownDoesNotRejoin() {
        oldPrimaryIsBack();
        fleet.crash("db1");

        RunId run = rejoin();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unreachable");
    }

    @Test
    void aServerThatCannotBeFencedDoesNotRejoin() {
        oldPrimaryIsBack();
        fleet.openWrites(fleet.node("db1"), Duration.ofSeconds(1));
        fleet.refusesFence("db1");
        fleet.refusesStop("db1");

        RunId run = rejoin();

        // Two servers accept writes, which no rejoin can mend: it says so.
        assertThat(stage.journal().run(run.value()).orElseThrow().ending()).contains(Ending.NOT_FENCED.name());
        assertThat(stage.passed(run)).contains("BoundaryEvent_NotFenced", "EndEvent_NotFenced");
    }

    @Test
    void aFenceWhoseAnswerIsLostEndsTheRejoin() {
        oldPrimaryIsBack();
        fleet.fail("refuseWrites", "db1", Fault.UNKNOWN);

        RunId run = rejoin();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unknown");
    }

    @Test
    void aServerThatHasTheAddressAgainIsNotReleased() {
        oldPrimaryIsBack();
        fleet.before("repoint", "db1", () -> fleet.add(fleet.node("db1"), fleet.cluster().virtualIp().orElseThrow(),
                Duration.ofSeconds(1)));

        RunId run = rejoin();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_FenceBroken");
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    @Test
    void aServerThatIsStillBehindStaysInQuarantine() {
        oldPrimaryIsBack();
        fleet.write("db2");
        fleet.appliesSlowly("db1", Duration.ofHours(1));

        RunId run = rejoin();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Behind");
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    @Test
    void aStepThatFailsEndsTheRejoin() {
        oldPrimaryIsBack();
        fleet.fail("repoint", "db1", Fault.REJECTED);

        assertEnded(rejoin(), Ending.FAILED, "EndEvent_AfterFailure");
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    @Test
    void aPrimaryThatDiesInTheMiddleEndsTheRejoin() {
        oldPrimaryIsBack();
        RunId run = stage.start(Runbook.REJOIN, "anna", Map.of(Run.OLD_PRIMARY, "db1:3306"));
        stage.upTo(run, "Follow primary");
        fleet.crash("db2");
        stage.goOn();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_PrimaryLost");
    }

    @Test
    void aFailoverTakesTheClusterFromARejoin() {
        oldPrimaryIsBack();
        RunId rejoin = stage.start(Runbook.REJOIN, "anna", Map.of(Run.OLD_PRIMARY, "db1:3306"));
        stage.upTo(rejoin, "Catch up replica");
        fleet.crash("db2");
        fleet.clock().advance(Duration.ofHours(9));
        RunId failover = stage.start(Runbook.FAILOVER, "alice", Map.of());
        stage.goOn();

        assertEnded(rejoin, Ending.CANCELLED, "EndEvent_AfterStop");
        assertEnded(failover, Ending.DONE, "EndEvent_Done");
        assertThat(candidate()).isEqualTo(NodeId.of("db3", 3306));
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    // ---- reopen ----

    private RunId reopen() {
        RunId run = stage.with(fleet).start(Runbook.REOPEN, "monitor", Map.of());
        stage.goOn();
        return run;
    }

    @Test
    void aPrimaryThatRestartedIsOpenedAgain() {
        fleet.crash("db1");
        fleet.reboot("db1");

        assertEnded(reopen(), Ending.DONE, "EndEvent_Done");
        assertThat(fleet.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
    }

    @Test
    void aPrimaryWhoseReplicaFollowsAnotherIsNotOpenedAgain() {
        fleet.crash("db1");
        fleet.restart("db1");
        fleet.repoint(fleet.node("db3"), fleet.node("db2"), fleet.cluster().replication(), Duration.ofSeconds(1));

        RunId run = reopen();

        assertEnded(run, Ending.STOOD_DOWN, "EndEvent_StoodDown");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Declined");
    }

    @Test
    void aPrimaryIsNotOpenedBesideAnotherWritableServer() {
        fleet.crash("db1");
        fleet.restart("db1");
        fleet.openWrites(fleet.node("db3"), Duration.ofSeconds(1));

        RunId run = reopen();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_FenceBroken");
    }

    @Test
    void aPrimaryThatIsDownAgainIsNotOpened() {
        fleet.crash("db1");

        RunId run = reopen();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unreachable");
    }

    @Test
    void aPrimaryLostRightAfterItWasOpenedFailsTheReopening() {
        fleet.crash("db1");
        fleet.restart("db1");
        fleet.before("add", "db1", () -> fleet.silence("db1"));

        RunId run = reopen();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Lost");
    }

    @Test
    void aReopeningThatNobodyCanTellOfFails() {
        fleet.crash("db1");
        fleet.restart("db1");
        fleet.fail("openWrites", "db1", Fault.UNKNOWN);

        RunId run = reopen();

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unknown");
    }

    // ---- repair of errant transactions ----

    private RunId repair(Run.Choice choice) {
        RunId run = stage.with(fleet)
                .start(Runbook.REPAIR_ERRANT, "anna",
                        Map.of(Run.OLD_PRIMARY, "db3:3306", Run.CHOICE, choice.word()));
        stage.goOn();
        return run;
    }

    @Test
    void emptyTransactionsTakeThePlaceOfErrantOnesOnceAPersonAgrees() {
        GtidSet errant = fleet.writeErrant("db3");

        RunId run = repair(Run.Choice.INJECT_EMPTY);
        assertThat(fleet.state("db1").executed().contains(errant)).as("before the answer").isFalse();
        stage.answer(run, true);

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(fleet.state("db1").executed().contains(errant)).isTrue();
        assertThat(fleet.state("db2").executed().contains(errant)).isTrue();
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow())
                .contains("Empty transactions on db1:3306, for what only db3:3306 holds: " + errant);
    }

    @Test
    void errantTransactionsAreAcceptedAndNoted() {
        GtidSet errant = fleet.writeErrant("db3");

        RunId run = repair(Run.Choice.ACCEPT);
        stage.answer(run, true);

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(fleet.memory().acceptedErrant(fleet.cluster().name()))
                .isEqualTo(Map.of(NodeId.of("db3", 3306), errant));
        assertThat(fleet.state("db1").executed().contains(errant)).isFalse();
        RunId again = repair(Run.Choice.ACCEPT);
        assertEnded(again, Ending.BLOCKED, "EndEvent_Blocked");
    }

    @Test
    void errantTransactionsStayAsTheyAreAfterANo() {
        GtidSet errant = fleet.writeErrant("db3");

        RunId run = repair(Run.Choice.INJECT_EMPTY);
        stage.answer(run, false);

        assertEnded(run, Ending.STOOD_DOWN, "EndEvent_StoodDown");
        assertThat(fleet.state("db1").executed().contains(errant)).isFalse();
    }

    @Test
    void whereNothingIsErrantNothingIsRepaired() {
        RunId run = repair(Run.Choice.INJECT_EMPTY);

        assertEnded(run, Ending.BLOCKED, "EndEvent_Blocked");
        assertThat(stage.passed(run)).doesNotContain("Task_ProposeRepair");
    }

    @Test
    void aServerThatIsGoneIsNotRepaired() {
        fleet.silence("db3");

        RunId run = repair(Run.Choice.INJECT_EMPTY);

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unreachable");
    }

    @Test
    void withoutAPrimaryNothingIsRepaired() {
        fleet.writeErrant("db3");
        fleet.before("injectEmpty", "db1", () -> fleet.silence("db1"));

        RunId run = repair(Run.Choice.INJECT_EMPTY);
        stage.answer(run, true);

        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
        assertThat(stage.passed(run)).contains("BoundaryEvent_PrimaryLost");
    }

    @Test
    void emptyTransactionsThatNobodyCanTellOfAreReadBack() {
        fleet.writeErrant("db3");
        fleet.fail("injectEmpty", "db1", Fault.UNKNOWN);

        RunId run = repair(Run.Choice.INJECT_EMPTY);
        stage.answer(run, true);

        assertThat(stage.passed(run)).contains("BoundaryEvent_Unknown");
        assertEnded(run, Ending.FAILED, "EndEvent_Failed");
    }

    // ---- purge of relay logs ----

    private RunId purge() {
        RunId run = stage.with(fleet).start(Runbook.PURGE_RELAY_LOGS, "anna", Map.of());
        stage.goOn();
        return run;
    }

    private long purges(RunId run) {
        return stage.passed(run).stream().filter("Task_PurgeRelayLogs"::equals).count();
    }

    @Test
    void eachReplicaThatKeepsItsRelayLogsIsRidOfThemAndKeepsThemAgain() {
        fleet.keepsRelayLogs("db2", 7_000_000);
        fleet.keepsRelayLogs("db3", 9_000_000);

        RunId run = purge();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(purges(run)).isEqualTo(2);
        assertThat(fleet.keptRelayLogs("db2") + fleet.keptRelayLogs("db3")).isZero();
        assertThat(fleet.state("db2").relayLogPurge()).isFalse();
        assertThat(fleet.state("db3").relayLogPurge()).isFalse();
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow())
                .contains("db2:3306 6.7 MiB of relay logs before, 0.2 KiB after");
    }

    @Test
    void whatDeletesItsRelayLogsByItselfIsLeftAlone() {
        RunId run = purge();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(purges(run)).isZero();
        assertThat(fleet.state("db2").relayLogPurge()).isTrue();
    }

    @Test
    void aReplicaThatIsBehindKeepsWhatItNeedsAndTheNextOneHasItsTurn() {
        fleet.keepsRelayLogs("db2", 7_000);
        fleet.keepsRelayLogs("db3", 9_000);
        fleet.delaysReplication("db2", Duration.ofHours(1));
        assertThat(fleet.write("db1")).isInstanceOf(Written.class);

        RunId run = purge();

        assertEnded(run, Ending.RELAY_LOGS_KEPT, "EndEvent_RelayLogsKept");
        assertThat(fleet.keptRelayLogs("db2")).isEqualTo(7_000);
        assertThat(fleet.keptRelayLogs("db3")).isZero();
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow())
                .contains("db2:3306 is behind");
    }

    @Test
    void aReplicaThatRefusesDoesNotKeepTheNextOneFromItsTurn() {
        fleet.keepsRelayLogs("db2", 7_000);
        fleet.keepsRelayLogs("db3", 9_000);
        fleet.fail("purgeRelayLogs", "db2", Fault.REJECTED);

        RunId run = purge();

        assertEnded(run, Ending.RELAY_LOGS_KEPT, "EndEvent_RelayLogsKept");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unreachable");
        assertThat(fleet.keptRelayLogs("db3")).isZero();
    }

    @Test
    void aServerThatMayDeleteThemByItselfFromNowOnIsToldOf() {
        fleet.keepsRelayLogs("db2", 7_000);
        fleet.fail("purgeRelayLogs", "db2", Fault.UNKNOWN);

        RunId run = purge();

        assertEnded(run, Ending.RELAY_LOGS_KEPT, "EndEvent_RelayLogsKept");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Unknown");
        assertThat(stage.journal().run(run.value()).orElseThrow().report().orElseThrow())
                .contains("SET GLOBAL relay_log_purge=0 on db2:3306");
    }

    @Test
    void nothingIsPurgedWhileThePrimaryDoesNotAcceptWrites() {
        fleet.keepsRelayLogs("db2", 7_000);
        fleet.silence("db1");

        RunId run = purge();

        assertEnded(run, Ending.BLOCKED, "EndEvent_Blocked");
        assertThat(fleet.keptRelayLogs("db2")).isEqualTo(7_000);
    }

    @Test
    void aPurgeThatFailsIsReported() {
        fleet.keepsRelayLogs("db2", 7_000);
        fleet.before("purgeRelayLogs", "db2", () -> {
            throw new IllegalStateException("a bug");
        });

        assertEnded(purge(), Ending.FAILED, "EndEvent_AfterFailure");
    }

    @Test
    void aFailoverTakesTheClusterFromAPurge() {
        fleet.keepsRelayLogs("db2", 7_000);
        RunId purge = stage.with(fleet).start(Runbook.PURGE_RELAY_LOGS, "monitor", Map.of());
        stage.upTo(purge, "Purge relay logs");
        fleet.crash("db1");

        RunId failover = stage.start(Runbook.FAILOVER, "alice", Map.of());
        stage.goOn();

        assertEnded(failover, Ending.DONE, "EndEvent_Done");
        assertEnded(purge, Ending.CANCELLED, "EndEvent_AfterStop");
    }

    @Test
    void aManagerThatDiedInTheMiddleOfAPurgePutsTheSettingBack() {
        fleet.keepsRelayLogs("db2", 7_000);
        RunId run = stage.with(fleet).start(Runbook.PURGE_RELAY_LOGS, "monitor", Map.of());
        stage.upTo(run, "Purge relay logs");
        fleet.before("purgeRelayLogs", "db2", () -> {
            fleet.purgesRelayLogs("db2");
            throw new Killed();
        });
        ManagementService management = stage.get(ManagementService.class);
        String job = nextJob(management);
        assertThat(catchThrowable(() -> management.executeJob(job))).hasRootCauseInstanceOf(Killed.class);
        assertThat(fleet.state("db2").relayLogPurge()).isTrue();
        management.setJobRetries(job, 1);

        RunbookStage.otherManager().goOn();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(fleet.state("db2").relayLogPurge()).isFalse();
        assertThat(fleet.keptRelayLogs("db2")).isZero();
    }
}
