package dev.switchman.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.impl.util.ClockUtil;
import org.camunda.bpm.engine.runtime.Job;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Approvals.Answered;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The planned switchover on the real engine: every ending, and a fault at every call that it makes. */
class SwitchoverEndingsTest {

    private final RunbookStage stage = RunbookStage.shared();
    private FakeFleet fleet = fleet();

    /** No policy asks for people, unless a test says so. */
    private static FakeFleet fleet(String... hosts) {
        FakeFleet fleet = FakeFleet.of(hosts.length == 0 ? new String[]{"db1", "db2", "db3"} : hosts);
        fleet.tier("standard");
        return fleet;
    }

    private RunId begin(Map<String, String> inputs) {
        return stage.with(fleet).start(Runbook.SWITCHOVER, "alice", inputs);
    }

    private RunId switchover() {
        return switchover(Map.of());
    }

    private RunId switchover(Map<String, String> inputs) {
        RunId run = begin(inputs);
        stage.goOn();
        return run;
    }

    private Ending ending(RunId run) {
        return stage.journal().run(run.value()).flatMap(RunRecord::ending).map(Ending::valueOf).orElseThrow();
    }

    private String report(RunId run) {
        return stage.journal().run(run.value()).flatMap(RunRecord::report).orElse("no report");
    }

    private List<String> writable() {
        return fleet.cluster()
                .nodes()
                .stream()
                .map(node -> node.id().host().name())
                .filter(host -> fleet.write(host) instanceof Written.Acknowledged)
                .toList();
    }

    private void assertEnded(RunId run, Ending ending, String box) {
        assertThat(ending(run)).as(stage.passed(run) + " " + report(run)).isEqualTo(ending);
        assertThat(stage.passed(run)).contains(box);
        assertThat(stage.get(Runbooks.class).holder(fleet.cluster().name())).isEmpty();
        assertThat(stage.get(ManagementService.class).createJobQuery().count()).isZero();
        assertThat(stage.get(HistoryService.class)
                .createHistoricProcessInstanceQuery()
                .processInstanceId(run.value())
                .finished()
                .count()).isEqualTo(1);
    }

    /** The old primary serves as before, at its address, and everybody follows it. */
    private void assertAsBefore() {
        assertServedBy("db1");
        assertThat(fleet.memory().knownPrimary(fleet.cluster().name())).contains(NodeId.of("db1", 3306));
    }

    private void assertServedBy(String host) {
        assertThat(writable()).containsExactly(host);
        assertThat(fleet.holders()).containsExactly(host);
        assertThat(fleet.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
        fleet.cluster()
                .others(NodeId.of(host, 3306))
                .forEach(node -> assertThat(fleet.state(node.id().host().name())
                        .replication()
                        .map(ReplicaState::source)).as(node.toString()).contains(NodeId.of(host, 3306)));
    }

    // ---- the straight path

    @Test
    void theWritesAreHandedOverAndTheOldPrimaryFollows() {
        RunId run = switchover();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertServedBy("db2");
        assertThat(fleet.enabledEvents("db2")).containsExactly("shop.nightly");
        assertThat(fleet.memory().lastFailover(fleet.cluster().name())).as("no failover cools down").isEmpty();
        assertThat(fleet.memory().quarantined(fleet.cluster().name())).isEmpty();
        assertThat(report(run)).contains("db1:3306 handed its writes over to db2:3306")
                .contains("No acknowledged write is lost");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void semiSyncHoldsOnTheOtherSideWithFewAndManyReplicas(int servers) {
        List<String> hosts = new ArrayList<>();
        for (int i = 1; i <= servers; i++) {
            hosts.add("db" + i);
        }
        fleet = fleet(hosts.toArray(new String[0]));

        assertEnded(switchover(), Ending.DONE, "EndEvent_Done");

        assertServedBy("db2");
        fleet.crash("db1");
        fleet.cluster()
                .nodes()
                .stream()
                .map(node -> node.id().host().name())
                .filter(host -> !host.equals("db2"))
                .forEach(fleet::crash);
        assertThat(fleet.write("db2")).as("a commit that nobody acknowledges").isInstanceOf(Written.Waiting.class);
    }

    @Test
    void itGoesBackTheSameWay() {
        switchover();
        fleet.seenHealthy("db2");

        RunId back = stage.start(Runbook.SWITCHOVER, "alice", Map.of(Run.TARGET, "db1:3306"));
        stage.goOn();

        assertEnded(back, Ending.DONE, "EndEvent_Done");
        assertServedBy("db1");
    }

    @Test
    void theServerThatAPersonNamesBecomesThePrimary() {
        assertEnded(switchover(Map.of(Run.TARGET, "db3:3306")), Ending.DONE, "EndEvent_Done");
        assertServedBy("db3");
    }

    @Test
    void withoutSemiSyncItWorksTheSame() {
        fleet.withoutSemiSync();

        assertEnded(switchover(), Ending.DONE, "EndEvent_Done");
        assertServedBy("db2");
    }

    // ---- preflight

    @Test
    void aLongTransactionBlocksAndNothingIsTouched() {
        fleet.openTransaction("db1", Duration.ofMinutes(3));

        RunId run = switchover();

        assertEnded(run, Ending.BLOCKED, "EndEvent_Blocked");
        assertThat(report(run)).contains("no-long-transaction db1:3306").contains("shop#7, 180 s");
        assertNothingTouched();
        assertAsBefore();
    }

    @Test
    void whatBlocksIsNamedAndNothingIsTouched() {
        Map<String, Runnable> obstacles = new LinkedHashMap<>();
        obstacles.put("no-global-lock db1:3306", () -> fleet.globalLock("db1"));
        obstacles.put("no-global-lock db2:3306", () -> fleet.globalLock("db2"));
        obstacles.put("no-long-transaction db2:3306", () -> fleet.openTransaction("db2", Duration.ofSeconds(9)));
        obstacles.put("no-prepared-xa db1:3306", () -> fleet.preparedXa("db1", 1));
        obstacles.put("replication-running db2:3306", () -> fleet.applierStops("db2"));
        obstacles.put("candidate-eligible db2:3306", () -> fleet.role("db2", PromotionRole.NEVER));
        obstacles.put("no-errant-transactions db2:3306", () -> fleet.writeErrant("db2"));
        obstacles.put("server-answers db3:3306", () -> fleet.crash("db3"));
        obstacles.put("server-answers db2:3306", () -> fleet.crash("db2"));
        obstacles.put("ssh db2:3306", () -> fleet.cutFromManager("db2"));
        obstacles.put("privileges db1:3306", () -> fleet.revokePrivileges("db1"));
        obstacles.put("privileges db2:3306", () -> fleet.revokePrivileges("db2"));
        obstacles.put("replication-account db2:3306", () -> fleet.closeToReplicas("db2"));
        obstacles.put("one-primary shop", () -> fleet.crash("db1"));
        obstacles.put("version-order db2:3306", () -> fleet.version("db3", "8.4.3"));
        obstacles.put("version-after-switchover db1:3306", () -> fleet.version("db1", "8.4.3"));
        obstacles.forEach((check, obstacle) -> {
            fleet = fleet();
            obstacle.run();

            RunId run = switchover(Map.of(Run.TARGET, "db2:3306"));

            assertThat(ending(run)).as(check + report(run)).isEqualTo(Ending.BLOCKED);
            assertThat(report(run)).contains(check);
            assertNothingTouched();
        });
    }

    private void assertNothingTouched() {
        assertThat(fleet.calls()).noneMatch(call -> List
                .of("refuseWrites", "openWrites", "repoint", "stopReplication", "forgetSource",
                        "semiSyncSource", "semiSyncReplica", "stopReceiver", "add", "remove", "announce", "stopServer")
                .contains(call.split(" ")[0]));
    }

    @Test
    void anOlderPrimaryBecomesAReplicaOfANewerServerOnlyWithAnOverride() {
        fleet.version("db1", "8.4.3");
        fleet.tier("standard");

        RunId run = switchover(Map.of(Run.OVERRIDES, "version-after-switchover"));
        stage.answer(run, true);

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertServedBy("db2");
    }

    @Test
    void whatNeedsAnOverrideGoesOnWithIt() {
        fleet.crash("db3");
        fleet.tier("standard");

        RunId run = switchover(Map.of(Run.OVERRIDES, "server-answers"));

        assertThat(stage.question(run)).contains("A check was overridden").contains("server-answers db3:3306");
        stage.answer(run, true);
        assertThat(ending(run)).as(report(run)).isIn(Ending.REPLICAS_LOST);
        assertThat(writable()).containsExactly("db2");
    }

    // ---- people

    @Test
    void anotherPersonApprovesAndEverythingIsLookedAtAgain() {
        fleet.tier("production");
        RunId run = switchover();
        assertThat(stage.question(run)).contains("alice wants to hand the writes of db1:3306 over to db2:3306");
        assertThat(stage.get(TaskService.class).createTaskQuery().singleResult().getTaskDefinitionKey())
                .isEqualTo("UserTask_ApproveSwitchover");

        stage.answer(run, true);

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertThat(stage.passed(run)).contains("Task_ConfirmReadiness_Again");
    }

    @Test
    void whoeverAskedMayNotApprove() {
        fleet.tier("production");
        stage.approver("alice");
        RunId run = switchover();

        assertThat(stage.get(Approvals.class)
                .answer(run, new People.Person("alice", Set.of(People.Role.APPROVER)), true, ""))
                .isInstanceOfSatisfying(Answered.NotAllowed.class,
                        refused -> assertThat(refused.why()).contains("alice asked for it"));

        assertThat(stage.get(Approvals.class).waiting()).hasSize(1);
        assertAsBefore();
    }

    @Test
    void twoApprovalsAreTwoPeople() {
        fleet.tier("critical");
        stage.approver("carol");
        RunId run = switchover();

        stage.answer(run, true);
        assertThat(stage.get(Approvals.class)
                .answer(run, new People.Person(RunbookStage.APPROVER, Set.of(People.Role.APPROVER)), true, ""))
                .isInstanceOf(Answered.NotAllowed.class);
        assertThat(fleet.calls()).noneMatch(call -> call.startsWith("refuseWrites"));
        assertThat(stage.get(Approvals.class)
                .answer(run, new People.Person("carol", Set.of(People.Role.APPROVER)), true, ""))
                .isEqualTo(new Answered.Taken());
        stage.goOn();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
    }

    @Test
    void oneNoIsEnough() {
        fleet.tier("critical");
        stage.approver("carol");
        RunId run = switchover();

        stage.answer(run, true);
        stage.get(Approvals.class)
                .answer(run, new People.Person("carol", Set.of(People.Role.APPROVER)), false, "not tonight");
        stage.goOn();

        assertEnded(run, Ending.STOOD_DOWN, "EndEvent_StoodDown");
        assertAsBefore();
    }

    @Test
    void silenceIsANoAndPeopleAreRemindedOnce() {
        fleet.tier("production");
        RunId run = switchover();

        stage.timeToRemind();
        assertThat(stage.passed(run)).contains("Task_RemindPeople");
        stage.nobodyAnswers();

        assertEnded(run, Ending.STOOD_DOWN, "EndEvent_StoodDown");
        assertAsBefore();
    }

    /** By the engine's clock: reminded after 5 minutes, over after 15, from the question on and not from the last answer. */
    @Test
    void theTimeForTwoPeopleIsOneTime() {
        fleet.tier("critical");
        stage.approver("carol");
        Instant asked = Instant.parse("2026-11-22T10:00:00Z");
        try {
            at(asked);
            RunId run = switchover();
            List<Date> before = timers();
            assertThat(before).containsExactly(Date.from(asked.plus(Duration.ofMinutes(5))),
                    Date.from(asked.plus(Duration.ofMinutes(15))));

            at(asked.plus(Duration.ofMinutes(4)));
            stage.answer(run, true);
            assertThat(timers()).isEqualTo(before);

            at(asked.plus(Duration.ofMinutes(5).minusSeconds(1)));
            assertThat(stage.whatIsDue()).isZero();
            at(asked.plus(Duration.ofMinutes(5)));
            assertThat(stage.whatIsDue()).isEqualTo(1);
            assertThat(stage.passed(run)).containsOnlyOnce("Task_RemindPeople");
            assertThat(stage.question(run)).contains("Go on?");

            at(asked.plus(Duration.ofMinutes(15).minusSeconds(1)));
            assertThat(stage.whatIsDue()).isZero();
            at(asked.plus(Duration.ofMinutes(15)));
            assertThat(stage.whatIsDue()).isEqualTo(1);

            assertEnded(run, Ending.STOOD_DOWN, "EndEvent_StoodDown");
            assertThat(stage.passed(run)).contains("Task_ReadAnswer_AtDeadline");
            assertThat(report(run)).contains("nobody answered within 15 minutes");
            assertAsBefore();
        } finally {
            ClockUtil.reset();
        }
    }

    @Test
    void whoAnswersInTimeIsNotRemindedAfterwards() {
        fleet.tier("production");
        Instant asked = Instant.parse("2026-11-22T10:00:00Z");
        try {
            at(asked);
            RunId run = switchover();
            at(asked.plus(Duration.ofMinutes(4)));
            stage.answer(run, true);
            at(asked.plus(Duration.ofHours(1)));

            assertThat(stage.whatIsDue()).isZero();
            assertEnded(run, Ending.DONE, "EndEvent_Done");
            assertThat(stage.passed(run)).doesNotContain("Task_RemindPeople", "Task_ReadAnswer_AtDeadline");
        } finally {
            ClockUtil.reset();
        }
    }

    private static void at(Instant time) {
        ClockUtil.setCurrentTime(Date.from(time));
    }

    private List<Date> timers() {
        return stage.get(ManagementService.class)
                .createJobQuery()
                .timers()
                .orderByJobDuedate()
                .asc()
                .list()
                .stream()
                .map(Job::getDuedate)
                .toList();
    }

    @Test
    void whatBecameWorseSinceTheApprovalGoesBackToThePeople() {
        fleet.tier("production");
        RunId run = switchover();
        fleet.ignoreFailure("db3");
        fleet.semiSyncTimeout("db1", Duration.ofDays(365));
        fleet.preparedXa("db3", 1);

        stage.answer(run, true);

        assertThat(stage.question(run)).contains("no-prepared-xa db3:3306");
        stage.answer(run, true);
        assertEnded(run, Ending.DONE, "EndEvent_Done");
    }

    @Test
    void whatBlocksOnlyAfterTheApprovalStopsItToo() {
        fleet.tier("production");
        RunId run = switchover();
        fleet.openTransaction("db1", Duration.ofMinutes(1));

        stage.answer(run, true);

        assertEnded(run, Ending.BLOCKED, "EndEvent_Blocked");
        assertAsBefore();
    }

    @Test
    void anApprovalThatWasWrittenIntoAVariableDoesNotCount() {
        fleet.tier("production");
        RunId run = switchover();
        var runtime = stage.get(org.camunda.bpm.engine.RuntimeService.class);
        runtime.createProcessInstanceQuery()
                .rootProcessInstanceId(run.value())
                .list()
                .forEach(part -> runtime.setVariable(part.getId(), Run.APPROVED, "yes"));

        stage.nobodyAnswers();

        assertEnded(run, Ending.STOOD_DOWN, "EndEvent_StoodDown");
    }

    // ---- going back

    @ParameterizedTest
    @CsvSource({"refuseWrites, db1, REJECTED, BoundaryEvent_NotClosed",
            "refuseWrites, db1, UNKNOWN_BUT_DONE, BoundaryEvent_NotClosed",
            "refuseWrites, db1, UNREACHABLE, BoundaryEvent_PrimaryLost",
            "stopReplication, db2, REJECTED, BoundaryEvent_CandidateLost",
            "stopReplication, db2, UNKNOWN_BUT_DONE, BoundaryEvent_CandidateLost",
            "openWrites, db2, REJECTED, BoundaryEvent_CandidateLost",
            "openWrites, db2, UNKNOWN, BoundaryEvent_Unknown"})
    void whatFailsBeforeTheCandidateIsOpenIsRolledBack(String call, String host, Fault fault, String box) {
        fleet.fail(call, host, fault);

        RunId run = switchover();

        assertEnded(run, Ending.ROLLED_BACK, "EndEvent_RolledBack");
        assertThat(stage.passed(run)).contains(box);
        assertAsBefore();
    }

    @Test
    void aCandidateThatDoesNotCatchUpInTimeIsNotOpened() {
        fleet.before("refuseWrites", "db1", () -> {
            fleet.appliesSlowly("db2", Duration.ofHours(1));
            fleet.write("db1");
        });

        RunId run = switchover();

        assertEnded(run, Ending.ROLLED_BACK, "EndEvent_RolledBack");
        assertThat(stage.passed(run)).contains("BoundaryEvent_TimedOut");
        assertAsBefore();
    }

    @Test
    void aWriteThatPassesTheFenceStopsTheOpening() {
        fleet.before("openWrites", "db2", () -> {
            throw new AssertionError("opened");
        });
        fleet.before("semiSyncSource", "db2", () -> fleet.writeErrant("db1"));

        RunId run = switchover();

        assertEnded(run, Ending.ROLLED_BACK, "EndEvent_RolledBack");
        assertThat(stage.passed(run)).contains("BoundaryEvent_FenceBroken");
        assertThat(writable()).containsExactly("db1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"catchUp", "stopReplication", "semiSyncSource", "openWrites"})
    void aCandidateThatDiesInTheMiddleLeavesTheOldPrimaryInOffice(String call) {
        RunId run = begin(Map.of());
        stage.upTo(run, "Close old primary");
        fleet.before(call, "db2", () -> fleet.crash("db2"));

        stage.goOn();

        assertThat(ending(run)).as(report(run)).isEqualTo(Ending.ROLLED_BACK);
        assertThat(writable()).containsExactly("db1");
        assertThat(fleet.holders()).containsExactly("db1");
    }

    @Test
    void anOpenedCandidateThatNobodyCanSeeIsStoppedBeforeTheOldPrimaryIsOpenedAgain() {
        fleet.before("openWrites", "db2", () -> {
            fleet.fail("openWrites", "db2", Fault.UNKNOWN_BUT_DONE);
            fleet.before("observe", "db2", () -> fleet.freezeServer("db2"));
        });

        RunId run = switchover();

        assertThat(ending(run)).as(report(run)).isEqualTo(Ending.ROLLED_BACK);
        assertThat(fleet.masked("db2")).isTrue();
        assertThat(writable()).containsExactly("db1");
    }

    @Test
    void anOpenedCandidateThatNobodyCanReachAtAllIsAPersonsMatterUntilItIsBack() {
        fleet.before("openWrites", "db2", () -> {
            fleet.fail("openWrites", "db2", Fault.UNKNOWN_BUT_DONE);
            fleet.before("observe", "db2", () -> fleet.freeze("db2"));
        });

        RunId run = switchover();

        assertThat(stage.question(run)).contains("whether db2:3306 is open is not known");
        assertThat(writable()).isEmpty();
        fleet.thaw("db2");
        stage.answer(run, true);
        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertServedBy("db2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Prepare switchover", "Close old primary"})
    void aCancelledRunGoesBack(String box) {
        RunId run = begin(Map.of());
        stage.upTo(run, box);

        stage.get(Runbooks.class).cancel(run, "alice", "changed my mind");
        stage.goOn();

        assertEnded(run, Ending.ROLLED_BACK, "EndEvent_RolledBack");
        assertAsBefore();
    }

    @Test
    void aRunWhoseCandidateIsOpenIsNotStoppedAnyMore() {
        RunId run = begin(Map.of());
        stage.upTo(run, "Move virtual IP");

        stage.get(Runbooks.class).cancel(run, "alice", "too late");
        stage.goOn();

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertServedBy("db2");
    }

    // ---- the manager dies

    private static final class Killed extends Error {

        private static final long serialVersionUID = 1L;
    }

    /** Kills the manager at what is arranged, and lets a second one go on. */
    private void killedIn(RunId run, Runnable arranged) {
        stage.upTo(run, "Close old primary");
        arranged.run();
        ManagementService management = stage.get(ManagementService.class);
        String job = management.createJobQuery().messages().singleResult().getId();
        assertThatThrownBy(() -> management.executeJob(job)).hasRootCauseInstanceOf(Killed.class);
        management.setJobRetries(job, 1);
        RunbookStage.otherManager().goOn();
    }

    @ParameterizedTest
    @ValueSource(strings = {"refuseWrites db1", "catchUp db2", "stopReplication db2", "semiSyncSource db2",
            "openWrites db2"})
    void aManagerThatDiesBeforeTheCandidateIsOpenGoesBackWhenItReturns(String call) {
        RunId run = begin(Map.of());

        killedIn(run, () -> fleet.before(call.split(" ")[0], call.split(" ")[1], () -> {
            throw new Killed();
        }));

        assertEnded(run, Ending.ROLLED_BACK, "EndEvent_RolledBack");
        assertThat(stage.passed(run)).contains("BoundaryEvent_Interrupted");
        assertAsBefore();
    }

    @Test
    void aPrimaryThatGoesOnWritingWhileItIsLookedAtIsNoProofAgainstTheCandidate() {
        RunId run = begin(Map.of());

        killedIn(run, () -> fleet.before("refuseWrites", "db1", () -> {
            for (int i = 0; i < 10; i++) {
                fleet.before("observe", "db2", () -> fleet.write("db1"));
            }
            throw new Killed();
        }));

        assertEnded(run, Ending.ROLLED_BACK, "EndEvent_RolledBack");
        assertAsBefore();
    }

    @Test
    void aManagerThatDiesRightAfterTheOpeningGoesForward() {
        RunId run = begin(Map.of());

        killedIn(run, () -> fleet.before("openWrites", "db2", () -> {
            fleet.openWrites(fleet.node("db2"), Duration.ofSeconds(1));
            throw new Killed();
        }));

        assertEnded(run, Ending.DONE, "EndEvent_Done");
        assertServedBy("db2");
    }

    @Test
    void aCandidateThatMayHaveBeenOpenedAndIsSilentIsAPersonsMatter() {
        RunId run = begin(Map.of());

        killedIn(run, () -> fleet.before("openWrites", "db2", () -> {
            fleet.openWrites(fleet.node("db2"), Duration.ofSeconds(1));
            fleet.freeze("db2");
            throw new Killed();
        }));

        assertThat(stage.question(run)).contains("whether db2:3306 is open is not known");
        assertThat(writable()).isEmpty();
        fleet.thaw("db2");
        RunbookStage.otherManager().answer(run, true);
        assertEnded(run, Ending.DONE, "EndEvent_Done");
    }

    // ---- a failover

    @ParameterizedTest
    @ValueSource(strings = {"Prepare switchover", "Close old primary", "Move virtual IP", "Follow new primary"})
    void aPrimaryThatDiesInTheMiddleIsAFailoversMatter(String box) {
        RunId run = begin(Map.of());
        stage.upTo(run, box);
        NodeId primary = fleet.memory().knownPrimary(fleet.cluster().name()).orElseThrow();
        fleet.crash(primary.host().name());

        RunId failover = stage.start(Runbook.FAILOVER, "monitor",
                Map.of(Run.OLD_PRIMARY, primary.toString(), Run.VERDICT, "crashed"));
        stage.goOn();

        assertThat(stage.get(Runbooks.class).show(run)).isEmpty();
        assertThat(ending(failover)).as(report(failover))
                .isIn(Ending.DONE, Ending.WRITES_MAY_BE_LOST, Ending.REPLICAS_LOST);
        assertThat(writable()).hasSize(1).doesNotContain(primary.host().name());
        assertThat(fleet.holders()).containsExactlyElementsOf(writable());
    }

    // ---- a fault at every call

    private static final List<String> LOOKS = List.of("observe", "look", "sessions", "ping", "reconnect", "probe",
            "warm");

    @Test
    void whateverFailsAtWhateverCallThereIsOneWritablePrimaryAtTheEnd() {
        switchover();
        List<String> calls = fleet.calls();
        List<String> wrong = new ArrayList<>();
        Map<String, Integer> counted = new LinkedHashMap<>();
        int tried = 0;
        for (String call : calls) {
            int occurrence = counted.merge(call, 1, Integer::sum);
            String method = call.split(" ")[0];
            String host = call.split(" ")[1].split(":")[0];
            boolean looks = LOOKS.contains(method);
            List<String> faults = looks
                    ? List.of("THROWN", "CRASH")
                    : List.of("UNREACHABLE", "REJECTED", "UNKNOWN", "UNKNOWN_BUT_DONE", "THROWN", "CRASH");
            for (String fault : faults) {
                tried++;
                with(method, host, occurrence, fault).ifPresent(wrong::add);
            }
        }
        assertThat(wrong).as(tried + " faults were tried").isEmpty();
        assertThat(tried).isGreaterThan(100);
    }

    /** @return what is wrong at the end */
    private Optional<String> with(String method, String host, int occurrence, String fault) {
        fleet = fleet();
        for (int i = 1; i < occurrence; i++) {
            fleet.before(method, host, () -> {});
        }
        fleet.before(method, host, () -> {
            switch (fault) {
                case "THROWN" -> throw new IllegalStateException("a bug");
                case "CRASH" -> fleet.crash(host);
                default -> fleet.fail(method, host, Fault.valueOf(fault));
            }
        });
        RunId run = switchover();
        boolean asked = false;
        for (int i = 0; i < 3 && stage.get(Runbooks.class).show(run).isPresent(); i++) {
            asked = true;
            stage.answer(run, true);
        }
        String what = method + " " + host + " #" + occurrence + " " + fault;
        NodeId primary = fleet.memory().knownPrimary(fleet.cluster().name()).orElseThrow();
        if (fault.equals("CRASH") && primary.host().name().equals(host)) {
            // The watch sees that too.
            RunId failover = stage.start(Runbook.FAILOVER, "monitor",
                    Map.of(Run.OLD_PRIMARY, primary.toString(), Run.VERDICT, "crashed"));
            stage.goOn();
            return writable().size() == 1
                    ? Optional.empty()
                    : Optional.of(what + ": after the failover writable are " + writable() + ", "
                            + stage.passed(failover) + report(failover));
        }
        if (stage.get(Runbooks.class).show(run).isPresent()) {
            return Optional.of(what + ": has not ended, passed " + stage.passed(run));
        }
        List<String> writable = writable();
        if (writable.size() != 1 || !fleet.holders().equals(java.util.Set.copyOf(writable))) {
            return Optional.of(what + (asked ? " (asked)" : "") + ": writable are " + writable + ", the address is on "
                    + fleet.holders() + ", ended " + ending(run) + ", passed " + stage.passed(run) + "\n"
                    + report(run));
        }
        return Optional.empty();
    }
}
