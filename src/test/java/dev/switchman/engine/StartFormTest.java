package dev.switchman.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.camunda.bpm.engine.FormService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.impl.form.validator.FormFieldValidationException;
import org.camunda.bpm.engine.impl.identity.Authentication;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Approvals.Answered;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A switchover that a person starts from Tasklist's form: the same rules as by command. */
class StartFormTest {

    private static final People.Person ALICE = new People.Person("alice",
            Set.of(People.Role.OPERATOR, People.Role.APPROVER));

    private final RunbookStage stage = RunbookStage.shared();
    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    @Test
    void itGoesTheWayOfOneThatWasStartedByCommand() {
        fleet.tier("production");
        stage.with(fleet);

        RunId run = submit(Map.of("cluster", name(), "target", "db3", "cause", "new disk in db1"));
        stage.goOn();

        RunRecord record = stage.journal().run(run.value()).orElseThrow();
        assertThat(record.startedBy()).isEqualTo("alice");
        assertThat(record.cause()).isEqualTo("new disk in db1");
        assertThat(stage.question(run)).contains("alice wants to hand the writes of db1:3306 over to db3:3306");
        assertThat(stage.passed(run)).contains("Task_ConfirmReadiness", "Task_AskApprovalPolicy");
        assertThat(stage.get(Approvals.class).answer(run, ALICE, true, ""))
                .isInstanceOfSatisfying(Answered.NotAllowed.class,
                        refused -> assertThat(refused.why()).contains("alice asked for it"));

        stage.answer(run, true);

        assertThat(stage.journal().run(run.value()).flatMap(RunRecord::ending)).contains(Ending.DONE.name());
        assertThat(fleet.memory().knownPrimary(fleet.cluster().name())).map(Object::toString).contains("db3:3306");
    }

    @Test
    void whoStartsItCannotSayThatSomebodyElseDid() {
        fleet.tier("production");
        stage.with(fleet);

        RunId run = submit(Map.of("cluster", name(), "cause", "disk", Run.STARTED_BY, "bob", Run.POLICY, "go",
                Run.FORWARD, "yes", Run.CANDIDATE, "db3:3306", "limitApproval", "P7D"));
        RuntimeService runtime = stage.get(RuntimeService.class);

        assertThat(runtime.getVariable(run.value(), Run.STARTED_BY)).isEqualTo("alice");
        assertThat(runtime.getVariable(run.value(), Run.FORWARD)).isEqualTo("");
        assertThat(runtime.getVariable(run.value(), Run.CANDIDATE)).isEqualTo("");
        assertThat(runtime.getVariable(run.value(), "limitApproval")).isEqualTo("PT15M");
        stage.goOn();
        assertThat(stage.get(Approvals.class).answer(run, ALICE, true, "")).isInstanceOf(Answered.NotAllowed.class);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            cluster   | nope                     | cluster: cluster nope is not configured; configured are
            cluster   | a b                      | cluster: not a cluster name (letters, digits, . _ -): "a b"
            cluster   | none                     | cluster: not a cluster name
            target    | db9                      | has no server "db9"; its servers are [db1:3306, db2:3306, db3:3306]
            cause     | none                     | reason: missing
            overrides | server-answers, All of It | override: not the name of a check, such as server-answers: "All of It"
            """)
    void aBadFieldIsToldAndNothingIsStarted(String field, String value, String message) {
        stage.with(fleet);
        Map<String, Object> form = new TreeMap<>(Map.of("cluster", name(), "cause", "disk"));
        Optional.ofNullable(value).ifPresentOrElse(text -> form.put(field, text), () -> form.remove(field));

        assertThatThrownBy(() -> submit(form)).isInstanceOf(FormFieldValidationException.class)
                .hasMessageContaining(message);

        assertNothingStarted();
    }

    @Test
    void aManagerThatOnlyWatchesStartsNothing() {
        stage.with(fleet);
        fleet.claimed("another manager");

        assertThatThrownBy(() -> submit(Map.of("cluster", name(), "cause", "disk")))
                .hasMessageContaining("this manager only watches cluster");

        assertNothingStarted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"failover", "quarantine", "reopen", "rejoin", "repair-errant", "purge-relay-logs"})
    void noOtherRunbookIsStartedByHandThere(String runbook) {
        stage.with(fleet);

        assertThatThrownBy(() -> asAlice(
                () -> stage.get(RuntimeService.class)
                        .startProcessInstanceByKey(runbook, name(),
                                Map.of("cluster", name(), Run.OLD_PRIMARY, "db1:3306"))))
                .hasMessageContaining(runbook + " is not started here");

        assertNothingStarted();
    }

    @Test
    void tasklistOffersTheSwitchoverAlone() {
        assertThat(stage.get(RepositoryService.class)
                .createProcessDefinitionQuery()
                .startableInTasklist()
                .list()).extracting(ProcessDefinition::getKey).containsExactly("switchover");
    }

    private void assertNothingStarted() {
        assertThat(stage.get(RuntimeService.class).createProcessInstanceQuery().count()).isZero();
        assertThat(stage.journal().runs(Optional.empty(), 10)).isEmpty();
    }

    private String name() {
        return fleet.cluster().name().value();
    }

    private RunId submit(Map<String, Object> form) {
        String[] id = {""};
        asAlice(() -> {
            String definition = stage.get(RepositoryService.class)
                    .createProcessDefinitionQuery()
                    .processDefinitionKey("switchover")
                    .latestVersion()
                    .singleResult()
                    .getId();
            id[0] = stage.get(FormService.class).submitStartForm(definition, form).getProcessInstanceId();
        });
        return new RunId(id[0]);
    }

    /** She may start; the engine asks for that when somebody is signed in. */
    private void asAlice(Runnable action) {
        stage.get(People.class).firstAdministrator("admin");
        Signed.as(stage.get(IdentityService.class), new Authentication("alice", List.of("operator")), action);
    }
}
