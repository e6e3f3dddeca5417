package dev.switchman.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.history.HistoricDecisionInstance;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Approvals.Answer;
import dev.switchman.runbook.Approvals.Answered;
import dev.switchman.runbook.Decisions;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.People;
import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks.RunView;
import dev.switchman.topology.ClusterName;

import static org.assertj.core.api.Assertions.assertThat;

class DecisionsAndApprovalsTest {

    private static final ProbeEngine ENGINE = ProbeEngine.shared();

    private final ClusterName cluster = ProbeEngine.freshCluster();
    private final Approvals approvals = ENGINE.get(Approvals.class);

    @BeforeAll
    static void people() {
        IdentityService identity = ENGINE.get(IdentityService.class);
        for (Role role : List.of(Role.APPROVER, Role.AUDITOR)) {
            User user = identity.newUser("a." + role.group());
            user.setPassword("Long-enough-4-the-policy");
            identity.saveUser(user);
            identity.createMembership(user.getId(), role.group());
        }
    }

    @Test
    void theFirstAdministratorIsMadeOnceAndMayDoAll() {
        People people = ENGINE.get(People.class);

        assertThat(people.login("admin", ProbeEngine.administratorsPassword())).contains(
                new People.Person("admin", Set.of(Role.values())));
        assertThat(people.login("admin", "wrong")).isEmpty();
        assertThat(people.login("nobody", "wrong")).isEmpty();
        assertThat(people.firstAdministrator("other")).isEmpty();
        assertThat(ENGINE.get(IdentityService.class).createUserQuery().memberOfGroup("camunda-admin").count())
                .isEqualTo(1);
    }

    @Test
    void aDecisionStandsInHistoryUnderTheBoxThatAsked() throws Exception {
        AtomicReference<Map<String, Object>> row = new AtomicReference<>(Map.of());
        ENGINE.step("act").will(cluster, run -> {
            row.set(ENGINE.get(Decisions.class).decide("probe-table", Map.of("role", "allowed", "missing", 0L)));
            return new Outcome.Done("");
        });

        RunId run = ENGINE.started(Runbook.FAILOVER, cluster);

        ENGINE.journal().ended(run.value());
        ENGINE.untilGone(run);
        assertThat(row.get()).isEqualTo(Map.of("eligible", true, "reason", "complete"));
        HistoricDecisionInstance decided = ENGINE.get(HistoryService.class)
                .createHistoricDecisionInstanceQuery()
                .processInstanceId(run.value())
                .includeInputs()
                .includeOutputs()
                .singleResult();
        assertThat(decided.getActivityId()).isEqualTo("Task_Act");
        assertThat(decided.getInputs()).hasSize(2);
        assertThat(decided.getOutputs()).allMatch(output -> output.getRuleId().equals("Row_Complete"));
    }

    @Test
    void aMissingFactFailsClosedAndTheRunGoesOnToItsDrawnPath() throws Exception {
        assertThat(failureOf(Map.of("role", "never"))).isEqualTo(
                "STEP_FAILED: act: table probe-table lacks [missing]; given are {role=never}");
    }

    @Test
    void noRowFailsClosed() throws Exception {
        assertThat(failureOf(Map.of("role", "other", "missing", 3L)))
                .startsWith("STEP_FAILED: act: table probe-table has 0 rows");
    }

    @Test
    void twoRowsFailClosed() throws Exception {
        assertThat(failureOf(Map.of("role", "twice", "missing", 3L)))
                .startsWith("STEP_FAILED: act: table probe-table cannot be evaluated");
    }

    @Test
    void anAnswerCountsFromAnApproverOnly() throws Exception {
        RunId run = asked();

        assertThat(approvals.waiting()).filteredOn(question -> question.run().equals(run))
                .singleElement()
                .satisfies(question -> {
                    assertThat(question.text()).isEqualTo("Go on?");
                    assertThat(question.cluster()).isEqualTo(cluster.value());
                    assertThat(question.until()).contains(question.askedAt().plusSeconds(1800));
                });
        assertThat(approvals.answer(run, new People.Person("a.auditor", Set.of(People.Role.AUDITOR)), true, ""))
                .isInstanceOf(Answered.NotAllowed.class);
        assertThat(approvals.given(run)).isEmpty();
        assertThat(approvals.answer(run, new People.Person("a.approver", Set.of(People.Role.APPROVER)), true,
                "looks right")).isEqualTo(new Answered.Taken());
        ENGINE.journal().ended(run.value());
        assertThat(approvals.given(run)).get()
                .satisfies(answer -> assertThat(answer)
                        .isEqualTo(new Answer(true, "a.approver", "looks right", answer.at())));
        assertThat(approvals.answer(run, new People.Person("a.approver", Set.of(People.Role.APPROVER)), false, ""))
                .isEqualTo(new Answered.NothingAsked());
    }

    @Test
    void anAnswerInTasklistCountsToo() throws Exception {
        RunId run = asked();
        String task = ENGINE.get(TaskService.class)
                .createTaskQuery()
                .processInstanceId(run.value())
                .singleResult()
                .getId();
        IdentityService identity = ENGINE.get(IdentityService.class);

        identity.setAuthentication("a.approver", List.of("approver"));
        try {
            ENGINE.get(TaskService.class).complete(task, Map.of("answer", "no", "comment", "not today"));
        } finally {
            identity.clearAuthentication();
        }

        ENGINE.journal().ended(run.value());
        assertThat(approvals.given(run)).get()
                .satisfies(answer -> assertThat(answer)
                        .isEqualTo(new Answer(false, "a.approver", "not today", answer.at())));
    }

    @Test
    void withoutAnAnswerInTimeThereIsNone() throws Exception {
        RunId run = asked();
        ManagementService management = ENGINE.get(ManagementService.class);

        management
                .executeJob(management.createJobQuery().processInstanceId(run.value()).timers().singleResult().getId());

        ENGINE.journal().ended(run.value());
        assertThat(approvals.given(run)).isEmpty();
        assertThat(approvals.waiting()).noneMatch(question -> question.run().equals(run));
    }

    @Test
    void silenceIsAYesWhereThePolicySaysSoAndTheTimeIsUp() throws Exception {
        RunId run = asked(new Approvals.Terms(1, Set.of("anna"), Duration.ZERO, true));
        ManagementService management = ENGINE.get(ManagementService.class);

        management
                .executeJob(management.createJobQuery().processInstanceId(run.value()).timers().singleResult().getId());

        ENGINE.journal().ended(run.value());
        assertThat(approvals.given(run)).get()
                .satisfies(answer -> assertThat(answer)
                        .isEqualTo(new Answer(true, "nobody", "the policy takes silence for a yes", answer.at())));
    }

    @Test
    void whoAskedIsToldByHisNameWhateverTheCapitalsAndAnIssuersPersonMayAnswer() throws Exception {
        RunId run = asked(new Approvals.Terms(1, Set.of("anna"), Duration.ofMinutes(1), false));

        assertThat(approvals.answer(run, approver("ANNA"), true, "")).isEqualTo(
                new Answered.NotAllowed("ANNA asked for it, and may not answer: somebody else must"));
        assertThat(approvals.answer(run, approver("bert@example.org"), false, "no")).isEqualTo(new Answered.Taken());
        ENGINE.journal().ended(run.value());
        assertThat(approvals.given(run)).map(Answer::by).contains("bert@example.org");
    }

    /** Somebody of an issuer, whom the store does not know. */
    private static People.Person approver(String name) {
        return new People.Person(name, Set.of(Role.APPROVER));
    }

    private RunId asked() {
        return asked(QuestionHooks.usual(ProbeEngine.cluster("c0")));
    }

    private RunId asked(Approvals.Terms terms) {
        ENGINE.step("act").will(cluster, run -> {
            run.policy("ask");
            approvals.ask(run.id(), "Go on?", terms);
            return new Outcome.Done("");
        });
        RunId run = ENGINE.started(Runbook.REOPEN, cluster);
        ProbeEngine.until("asked", () -> ENGINE.runbooks().show(run).map(RunView::waiting).orElse(false));
        return run;
    }

    private String failureOf(Map<String, Object> facts) throws InterruptedException {
        ENGINE.step("act")
                .will(cluster,
                        run -> new Outcome.Done(ENGINE.get(Decisions.class).decide("probe-table", facts).toString()));
        RunId run = ENGINE.started(Runbook.FAILOVER, cluster);
        return ENGINE.journal().ended(run.value()).report().orElseThrow();
    }
}
