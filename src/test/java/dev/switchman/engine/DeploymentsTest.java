package dev.switchman.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.RepositoryService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

import dev.switchman.audit.Journal;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.Deployments.Begun;
import dev.switchman.runbook.Deployments.Found;
import dev.switchman.runbook.Deployments.Outlook;
import dev.switchman.runbook.Deployments.Version;
import dev.switchman.runbook.People;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.topology.Sha256;

import static org.assertj.core.api.Assertions.assertThat;

/** Edited files on their way into force, on the real engine. */
class DeploymentsTest {

    private static final RunbookStage STAGE = RunbookStage.start(new RunbookStage.World(), "deployments");

    private final Deployments deployments = STAGE.get(Deployments.class);

    @BeforeEach
    void nothing_under_way() {
        STAGE.with(FakeFleet.of("db1", "db2"));
    }

    @AfterAll
    static void close() {
        STAGE.close();
    }

    private static String text(String folder, String name) throws IOException {
        return Files.readString(Path.of(folder, name));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] inForce(String name) {
        return Optional.ofNullable(RunbookFiles.inForce(STAGE.get(RepositoryService.class)).get(name)).orElseThrow();
    }

    private byte[] edited(String name, String good, String other) {
        String text = new String(inForce(name), StandardCharsets.UTF_8);
        assertThat(text).contains(good);
        return bytes(text.replace(good, other));
    }

    private RunId begun(Map<String, byte[]> files, String by) {
        return deployments.begin(files, by, "as told") instanceof Begun.Yes(RunId run)
                ? run
                : fail(deployments.begin(files, by, "as told"));
    }

    private static RunId fail(Begun other) {
        throw new AssertionError(other);
    }

    private Version newest(String name) {
        return deployments.versions().stream().filter(one -> one.file().equals(name)).findFirst().orElseThrow();
    }

    private String ending(RunId run) {
        return STAGE.journal().run(run.value()).flatMap(Journal.RunRecord::ending).orElse("none");
    }

    @Test
    void a_change_comes_into_force_when_another_person_has_agreed() {
        int before = newest("reopen.bpmn").number();
        byte[] file = edited("reopen.bpmn", "id=\"Task_ReopenPrimary\" name=\"Reopen primary\"",
                "id=\"Task_ReopenPrimary\" name=\"Open primary again\"");

        RunId run = begun(Map.of("reopen.bpmn", file), "anna");
        STAGE.goOn();

        assertThat(STAGE.question(run)).startsWith("anna wants to put reopen.bpmn into force: ~ box \"Reopen primary\""
                + " (Task_ReopenPrimary): label \"Reopen primary\" -> \"Open primary again\"");
        assertThat(newest("reopen.bpmn").number()).isEqualTo(before);
        assertThat(STAGE.get(Approvals.class)
                .answer(run, new People.Person("Anna", Set.of(People.Role.APPROVER, People.Role.ADMIN)), true, ""))
                .isEqualTo(new Approvals.Answered.NotAllowed(
                        "Anna asked for it, and may not answer: somebody else must"));
        STAGE.answer(run, true);
        assertThat(ending(run)).isEqualTo("DONE");
        Version now = newest("reopen.bpmn");
        assertThat(now).isEqualTo(new Version("reopen.bpmn", before + 1, Sha256.of(file), now.at(), "anna",
                Optional.of(RunbookStage.APPROVER), Optional.of(run), true, false));
        assertThat(STAGE.journal().run(run.value()).flatMap(Journal.RunRecord::report).orElse(""))
                .contains("runbooks changed (done in", "Now in force\n  reopen.bpmn version " + (before + 1),
                        "What was to change\n  reopen.bpmn, beside version " + before, "bob answered yes");
    }

    @Test
    void a_no_leaves_everything_as_it_is() {
        Version before = newest("promote.bpmn");

        RunId run = begun(Map.of("promote.bpmn", edited("promote.bpmn", "name=\"Promoted\"", "name=\"Done\"")), "anna");
        STAGE.goOn().answer(run, false);

        assertThat(ending(run)).isEqualTo("STOOD_DOWN");
        assertThat(newest("promote.bpmn")).isEqualTo(before);
    }

    @Test
    void silence_is_a_no() {
        Version before = newest("promote.bpmn");

        RunId run = begun(Map.of("promote.bpmn", edited("promote.bpmn", "name=\"Promoted\"", "name=\"Done\"")), "anna");
        STAGE.goOn().nobodyAnswers();

        assertThat(ending(run)).isEqualTo("STOOD_DOWN");
        assertThat(newest("promote.bpmn")).isEqualTo(before);
    }

    @Test
    void what_breaks_a_rule_starts_nothing() {
        byte[] broken = edited("promote.bpmn",
                "camunda:asyncBefore=\"true\" camunda:delegateExpression=\"${openPrimary}\"",
                "camunda:delegateExpression=\"${openPrimary}\"");

        Begun begun = deployments.begin(Map.of("promote.bpmn", broken), "anna", "as told");

        assertThat(begun).isEqualTo(new Begun.No(new Outlook.Unfit(List.of("promote.bpmn: Task_OpenPrimary: has no save"
                + " point before it, and changes something"))));
        assertThat(STAGE.get(Approvals.class).waiting()).isEmpty();
    }

    @Test
    void what_is_in_force_already_starts_nothing() {
        assertThat(deployments.begin(Map.of("approval.bpmn", inForce("approval.bpmn")), "anna", "as told"))
                .isEqualTo(new Begun.No(new Outlook.Same()));
    }

    @Test
    void one_change_waits_for_its_answer_at_a_time() {
        RunId first = begun(Map.of("promote.bpmn", edited("promote.bpmn", "name=\"Promoted\"", "name=\"Done\"")),
                "anna");

        assertThat(deployments.begin(Map.of("quarantine.bpmn",
                edited("quarantine.bpmn", "name=\"Finished\"", "name=\"Over\"")), "carl", "as told"))
                .isEqualTo(new Begun.Held(first));
        STAGE.goOn().answer(first, false);
    }

    @Test
    void runs_under_way_end_on_the_version_that_they_began_with() {
        RunId old = STAGE.start(Runbook.QUARANTINE, "monitor", Map.of("oldPrimary", "db2:3306"));
        int before = newest("quarantine.bpmn").number();
        RunId change = begun(Map.of("quarantine.bpmn",
                edited("quarantine.bpmn", "id=\"EndEvent_Inner\" name=\"Finished\"",
                        "id=\"EndEvent_Inner\" name=\"Over\"")),
                "anna");

        STAGE.goOn().answer(change, true);
        RunId young = STAGE.start(Runbook.QUARANTINE, "monitor", Map.of("oldPrimary", "db2:3306"));

        assertThat(ending(change)).isEqualTo("DONE");
        assertThat(version(old)).isEqualTo(before);
        assertThat(version(young)).isEqualTo(before + 1);
        STAGE.goOn();
    }

    private int version(RunId run) {
        return STAGE.get(HistoryService.class)
                .createHistoricProcessInstanceQuery()
                .processInstanceId(run.value())
                .singleResult()
                .getProcessDefinitionVersion();
    }

    @Test
    void an_earlier_version_comes_back_the_same_way() throws IOException {
        byte[] first = inForce("choose-primary.dmn");
        int number = newest("choose-primary.dmn").number();
        RunId change = begun(Map.of("choose-primary.dmn", edited("choose-primary.dmn", "name=\"Choose primary\"",
                "name=\"Choose the primary\"")), "anna");
        STAGE.goOn().answer(change, true);
        assertThat(inForce("choose-primary.dmn")).isNotEqualTo(first);

        Found found = deployments.version("choose-primary", number);

        assertThat(found).isInstanceOfSatisfying(Found.File.class, file -> {
            assertThat(file.name()).isEqualTo("choose-primary.dmn");
            RunId back = begun(Map.of(file.name(), file.content()), "bob2");
            STAGE.goOn().answer(back, true);
            assertThat(ending(back)).isEqualTo("DONE");
        });
        assertThat(inForce("choose-primary.dmn")).isEqualTo(first);
        assertThat(newest("choose-primary.dmn").number()).isEqualTo(number + 2);
        assertThat(deployments.version("choose-primary", 99)).isInstanceOfSatisfying(Found.Nothing.class,
                nothing -> assertThat(nothing.why()).startsWith("choose-primary.dmn has no version 99; it has [1"));
        assertThat(deployments.version("elect", 1)).isInstanceOfSatisfying(Found.Nothing.class,
                nothing -> assertThat(nothing.why()).startsWith("no runbook, table or form is named \"elect\""));
    }

    @Test
    void a_change_that_has_lost_its_ground_meanwhile_is_refused_at_the_end() {
        RunId run = begun(Map.of("approval.bpmn", edited("approval.bpmn", "name=\"Question\"", "name=\"Asked\"")),
                "anna");
        STAGE.goOn();
        STAGE.question(run);
        // Somebody at the store itself, past every gate: the same file is in force all at once.
        STAGE.get(RepositoryService.class)
                .createDeployment()
                .addString("approval.bpmn", new String(deployments.proposed(run)
                        .getOrDefault("approval.bpmn",
                                new byte[0]),
                        StandardCharsets.UTF_8))
                .deploy();

        STAGE.answer(run, true);

        assertThat(ending(run)).isEqualTo("BLOCKED");
    }

    @Test
    void a_newer_program_replaces_nothing_and_says_what_it_brings(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("promote.bpmn"),
                text("bpmn", "promote.bpmn").replace("name=\"Promote candidate\"", "name=\"Promote the candidate\""));
        Files.writeString(folder.resolve("reopen.bpmn"), text("bpmn", "reopen.bpmn"));
        Shipped newer = new Shipped(new PathMatchingResourcePatternResolver(),
                List.of(folder.toUri() + "*.bpmn"));
        Deployments upgraded = new CamundaDeployments(STAGE.get(RepositoryService.class),
                STAGE.get(HistoryService.class),
                STAGE.get(org.camunda.bpm.engine.IdentityService.class),
                STAGE.get(dev.switchman.runbook.Runbooks.class),
                STAGE.get(Deployed.class), newer,
                STAGE.get(org.springframework.transaction.PlatformTransactionManager.class));
        byte[] before = inForce("promote.bpmn");

        new Deployment(STAGE.get(RepositoryService.class), newer, upgraded, STAGE.get(RunLifecycle.class), true)
                .deploy();

        assertThat(upgraded.offered()).containsExactly("promote.bpmn");
        assertThat(inForce("promote.bpmn")).isEqualTo(before);
        assertThat(upgraded.shipped("promote")).isInstanceOfSatisfying(Found.File.class, file -> {
            RunId run = begun(Map.of(file.name(), file.content()), "anna");
            STAGE.goOn().answer(run, true);
        });
        assertThat(upgraded.offered()).isEmpty();
    }

    @Test
    void a_newer_program_adds_what_the_store_has_never_had(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("answer-later.form"),
                text("forms", "answer.form").replace("\"id\": \"answer\"", "\"id\": \"answer-later\""));
        Shipped newer = new Shipped(new PathMatchingResourcePatternResolver(), List.of(folder.toUri() + "*.form"));

        new Deployment(STAGE.get(RepositoryService.class), newer, deployments, STAGE.get(RunLifecycle.class), true)
                .deploy();

        assertThat(newest("answer-later.form")).satisfies(one -> {
            assertThat(one.number()).isEqualTo(1);
            assertThat(one.by()).isEqualTo("switchman");
            assertThat(one.inForce()).isTrue();
        });
    }
}
