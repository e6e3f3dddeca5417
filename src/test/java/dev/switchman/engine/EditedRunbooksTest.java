package dev.switchman.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.camunda.bpm.engine.RepositoryService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.switchman.audit.Journal;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.Deployments.Begun;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.topology.CommandWords;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PromotionRole;

import static org.assertj.core.api.Assertions.assertThat;

/** The changes that docs/editing-runbooks.md shows: into force with a second person's yes, then a failover that has them. */
class EditedRunbooksTest {

    private static final RunbookStage STAGE = RunbookStage.start(new RunbookStage.World(), "edited");

    /** An approval before the virtual IP moves, without its places in the picture. */
    static final String ASKED = """
            <bpmn:callActivity id="Call_ApproveAddress" name="Approve address" calledElement="approval">
              <bpmn:documentation>Asks a person whether the virtual IP may move.</bpmn:documentation>
              <bpmn:extensionElements>
                <camunda:in variables="all" />
                <camunda:out variables="all" />
              </bpmn:extensionElements>
              <bpmn:incoming>Flow_OpenPrimary_MoveVirtualIp</bpmn:incoming>
              <bpmn:outgoing>Flow_AddressAsked</bpmn:outgoing>
            </bpmn:callActivity>
            <bpmn:exclusiveGateway id="Gateway_Address" name="Approved?" default="Flow_AddressDeclined">
              <bpmn:incoming>Flow_AddressAsked</bpmn:incoming>
              <bpmn:outgoing>Flow_AddressApproved</bpmn:outgoing>
              <bpmn:outgoing>Flow_AddressDeclined</bpmn:outgoing>
            </bpmn:exclusiveGateway>
            <bpmn:sequenceFlow id="Flow_AddressAsked" sourceRef="Call_ApproveAddress" targetRef="Gateway_Address" />
            <bpmn:sequenceFlow id="Flow_AddressApproved" name="Yes" sourceRef="Gateway_Address" targetRef="Task_MoveVirtualIp">
              <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${approved == 'yes'}</bpmn:conditionExpression>
            </bpmn:sequenceFlow>
            <bpmn:sequenceFlow id="Flow_AddressDeclined" name="No" sourceRef="Gateway_Address" targetRef="EndEvent_Promoted" />
            """;

    private static final String COMMANDED = """
            <bpmn:serviceTask id="Task_RunCommand" name="Flush cache" camunda:asyncBefore="true" camunda:delegateExpression="${runCommand}">
              <bpmn:documentation>Flushes the cache on the new primary's host.</bpmn:documentation>
              <bpmn:extensionElements>
                <camunda:properties>
                  <camunda:property name="command" value="flush-cache" />
                </camunda:properties>
              </bpmn:extensionElements>
              <bpmn:incoming>Flow_MoveVirtualIp_RepointReplicas</bpmn:incoming>
              <bpmn:outgoing>Flow_Flushed</bpmn:outgoing>
            </bpmn:serviceTask>
            <bpmn:boundaryEvent id="BoundaryEvent_FlushFailed" name="Failed" attachedToRef="Task_RunCommand">
              <bpmn:outgoing>Flow_FlushFailed</bpmn:outgoing>
              <bpmn:errorEventDefinition id="Def_FlushFailed" errorRef="Error_COMMAND_FAILED" />
            </bpmn:boundaryEvent>
            <bpmn:boundaryEvent id="BoundaryEvent_FlushUnseen" name="No end seen" attachedToRef="Task_RunCommand">
              <bpmn:outgoing>Flow_FlushUnseen</bpmn:outgoing>
              <bpmn:errorEventDefinition id="Def_FlushUnseen" errorRef="Error_FLUSH_UNSEEN" />
            </bpmn:boundaryEvent>
            <bpmn:sequenceFlow id="Flow_Flushed" sourceRef="Task_RunCommand" targetRef="Task_RepointReplicas" />
            <bpmn:sequenceFlow id="Flow_FlushFailed" sourceRef="BoundaryEvent_FlushFailed" targetRef="Task_RepointReplicas" />
            <bpmn:sequenceFlow id="Flow_FlushUnseen" sourceRef="BoundaryEvent_FlushUnseen" targetRef="Task_RepointReplicas" />
            """;

    private static final String SENTENCE = "adds the virtual IP there if the old primary is proven closed.</bpmn:documentation>";

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    @AfterAll
    static void close() {
        STAGE.close();
    }

    private static String shipped(String name) throws IOException {
        return Files.readString(Path.of(name.endsWith(".dmn") ? "dmn" : "bpmn", name));
    }

    /** What one test has edited is no other's business. */
    @AfterEach
    void as_shipped() throws IOException {
        RepositoryService repository = STAGE.get(RepositoryService.class);
        for (String name : List.of("promote.bpmn", "choose-primary.dmn")) {
            byte[] file = shipped(name).getBytes(StandardCharsets.UTF_8);
            if (!Arrays.equals(file, RunbookFiles.inForce(repository).get(name))) {
                repository.createDeployment().addString(name, shipped(name)).deploy();
            }
        }
    }

    private static String with(String text, String good, String other) {
        assertThat(text).contains(good);
        return text.replace(good, other);
    }

    private static String retarget(String text, String flow, String target) {
        String moved = text.replaceFirst("(<bpmn:sequenceFlow id=\"" + flow + "\"[^>]*targetRef=\")[^\"]*",
                "$1" + target);
        assertThat(moved).isNotEqualTo(text);
        return moved;
    }

    /** Puts these shapes and lines somewhere into the picture. */
    private static String drawn(String text, List<String> boxes, List<String> small, List<String> ways) {
        StringBuilder picture = new StringBuilder();
        int x = 200;
        for (String box : boxes) {
            picture.append(
                    "<bpmndi:BPMNShape id=\"%s_di\" bpmnElement=\"%s\"><dc:Bounds x=\"%d\" y=\"500\" width=\"100\""
                            .formatted(box, box, x))
                    .append(" height=\"80\" /></bpmndi:BPMNShape>\n");
            x += 200;
        }
        for (String one : small) {
            picture.append(
                    "<bpmndi:BPMNShape id=\"%s_di\" bpmnElement=\"%s\"><dc:Bounds x=\"%d\" y=\"700\" width=\"36\""
                            .formatted(one, one, x))
                    .append(" height=\"36\" /></bpmndi:BPMNShape>\n");
            x += 200;
        }
        for (String way : ways) {
            picture.append("<bpmndi:BPMNEdge id=\"%s_di\" bpmnElement=\"%s\"><di:waypoint x=\"1\" y=\"1\" />"
                    .formatted(way, way)).append("<di:waypoint x=\"2\" y=\"1\" /></bpmndi:BPMNEdge>\n");
        }
        return with(text, "</bpmndi:BPMNPlane>", picture + "</bpmndi:BPMNPlane>");
    }

    private void inForce(String name, String text) {
        STAGE.with(fleet);
        Begun begun = STAGE.get(Deployments.class)
                .begin(Map.of(name, text.getBytes(StandardCharsets.UTF_8)), "anna", "a worked change");
        assertThat(begun).isInstanceOfSatisfying(Begun.Yes.class, yes -> {
            STAGE.goOn().answer(yes.run(), true);
            assertThat(ending(yes.run())).isEqualTo("DONE");
        });
    }

    private RunId failover() {
        RunId run = STAGE.start(Runbook.FAILOVER, "monitor", Map.of());
        STAGE.goOn();
        return run;
    }

    private static String ending(RunId run) {
        return STAGE.journal().run(run.value()).flatMap(Journal.RunRecord::ending).orElse("none");
    }

    private static String notes(RunId run, String label) {
        return STAGE.journal()
                .entries(run.value())
                .stream()
                .filter(Journal.Entry.Noted.class::isInstance)
                .map(Journal.Entry.Noted.class::cast)
                .filter(note -> note.label().equals(label))
                .map(Journal.Entry.Noted::text)
                .collect(Collectors.joining("\n"));
    }

    private static String asking() throws IOException {
        String promote = retarget(shipped("promote.bpmn"), "Flow_OpenPrimary_MoveVirtualIp", "Call_ApproveAddress");
        return drawn(with(promote, "</bpmn:process>", ASKED + "</bpmn:process>"),
                List.of("Call_ApproveAddress", "Gateway_Address"), List.of(),
                List.of("Flow_AddressAsked", "Flow_AddressApproved", "Flow_AddressDeclined"));
    }

    @Test
    void the_virtual_ip_moves_when_a_person_has_agreed() throws IOException {
        inForce("promote.bpmn", asking());
        fleet.crash("db1");

        RunId run = failover();

        assertThat(STAGE.question(run)).contains("the runbook waits here for a person");
        assertThat(STAGE.passed(run)).contains("Task_OpenPrimary").doesNotContain("Task_MoveVirtualIp");
        assertThat(fleet.holders()).doesNotContain("db2", "db3");
        STAGE.answer(run, true);
        assertThat(ending(run)).isEqualTo("DONE");
        assertThat(fleet.holders()).containsExactly("db2");
    }

    @Test
    void the_virtual_ip_stays_where_it_is_when_he_declines() throws IOException {
        inForce("promote.bpmn", asking());
        fleet.crash("db1");

        RunId run = failover();
        STAGE.answer(run, false);

        assertThat(fleet.holders()).doesNotContain("db2", "db3");
        assertThat(STAGE.passed(run)).doesNotContain("Task_MoveVirtualIp");
    }

    private static String commanding() throws IOException {
        String promote = retarget(shipped("promote.bpmn"), "Flow_MoveVirtualIp_RepointReplicas", "Task_RunCommand");
        promote = with(promote, "</bpmn:process>", COMMANDED + "</bpmn:process>\n"
                + "<bpmn:error id=\"Error_COMMAND_FAILED\" name=\"COMMAND_FAILED\" errorCode=\"COMMAND_FAILED\" />\n"
                + "<bpmn:error id=\"Error_FLUSH_UNSEEN\" name=\"OUTCOME_UNKNOWN\" errorCode=\"OUTCOME_UNKNOWN\" />");
        return drawn(promote, List.of("Task_RunCommand"),
                List.of("BoundaryEvent_FlushFailed", "BoundaryEvent_FlushUnseen"),
                List.of("Flow_Flushed", "Flow_FlushFailed", "Flow_FlushUnseen"));
    }

    private static HostCommand command(HostCommand.On on) {
        return new HostCommand("flush-cache", CommandWords.parse("/usr/local/bin/flush-cache --all"), on,
                Duration.ofSeconds(10));
    }

    @Test
    void a_command_of_the_configuration_runs_on_the_new_primary() throws IOException {
        fleet.withCommands(command(HostCommand.On.NEW_PRIMARY));
        inForce("promote.bpmn", commanding());
        fleet.crash("db1");

        RunId run = failover();

        assertThat(ending(run)).isEqualTo("DONE");
        assertThat(fleet.commands()).containsExactly("db2: /usr/local/bin/flush-cache --all");
        assertThat(notes(run, Remark.COMMAND))
                .isEqualTo("flush-cache on db2 (/usr/local/bin/flush-cache --all): done");
    }

    @Test
    void it_runs_on_every_replica_at_once() throws IOException {
        fleet.withCommands(command(HostCommand.On.REPLICAS));
        inForce("promote.bpmn", commanding());
        fleet.crash("db1");

        assertThat(ending(failover())).isEqualTo("DONE");

        assertThat(fleet.commands()).containsExactly("db3: /usr/local/bin/flush-cache --all");
    }

    @Test
    void a_command_that_fails_takes_the_drawn_way() throws IOException {
        fleet.withCommands(command(HostCommand.On.NEW_PRIMARY));
        inForce("promote.bpmn", commanding());
        fleet.fail("run", "db2", Fault.REJECTED);
        fleet.crash("db1");

        RunId run = failover();

        assertThat(STAGE.passed(run)).contains("BoundaryEvent_FlushFailed", "Task_RepointReplicas");
        assertThat(notes(run, Remark.COMMAND)).endsWith("status 3: no\nand no");
        assertThat(ending(run)).isEqualTo("DONE");
    }

    @Test
    void a_command_whose_end_was_not_seen_takes_another() throws IOException {
        fleet.withCommands(command(HostCommand.On.NEW_PRIMARY));
        inForce("promote.bpmn", commanding());
        fleet.fail("run", "db2", Fault.UNKNOWN);
        fleet.crash("db1");

        assertThat(STAGE.passed(failover())).contains("BoundaryEvent_FlushUnseen", "Task_RepointReplicas");
    }

    @Test
    void what_is_not_configured_is_not_run() throws IOException {
        inForce("promote.bpmn", commanding());
        fleet.crash("db1");

        RunId run = failover();

        assertThat(STAGE.passed(run)).contains("BoundaryEvent_FlushFailed");
        assertThat(fleet.commands()).isEmpty();
        assertThat(STAGE.journal().entries(run.value()).toString())
                .contains("command flush-cache is not configured for cluster shop; configured are []");
    }

    @Test
    void a_command_of_this_machine_runs_here() throws IOException {
        fleet.withCommands(new HostCommand("flush-cache", new CommandWords(List.of("/bin/echo", "$HOME; true")),
                HostCommand.On.MANAGER, Duration.ofSeconds(10)));
        inForce("promote.bpmn", commanding());
        fleet.crash("db1");

        RunId run = failover();

        assertThat(notes(run, Remark.COMMAND)).isEqualTo("flush-cache on this machine (/bin/echo '$HOME; true'): done\n"
                + "$HOME; true");
        assertThat(ending(run)).isEqualTo("DONE");
    }

    @Test
    void a_box_that_names_no_command_and_one_that_may_not_are_refused() throws IOException {
        RunbookLint lint = RunbookLint.ofThisProgram();
        String nameless = with(commanding(), "<camunda:property name=\"command\" value=\"flush-cache\" />", "");
        String wrong = with(commanding(), "value=\"flush-cache\"", "value=\"rm -rf /\"");
        String stray = with(shipped("promote.bpmn"), SENTENCE, SENTENCE + "<bpmn:extensionElements><camunda:properties>"
                + "<camunda:property name=\"command\" value=\"flush-cache\" /></camunda:properties></bpmn:extensionElements>");

        for (String broken : List.of(nameless, wrong)) {
            assertThat(lint.problems(Map.of(), Map.of("promote.bpmn", broken.getBytes(StandardCharsets.UTF_8))))
                    .contains(
                            "promote.bpmn: Task_RunCommand: names no command in its property \"command\": small letters, digits and"
                                    + " hyphens");
        }
        assertThat(lint.problems(Map.of(), Map.of("promote.bpmn", stray.getBytes(StandardCharsets.UTF_8)))).contains(
                "promote.bpmn: Task_OpenPrimary: names a command, which only the step RunCommand runs");
    }

    private void preferredIsBehind() {
        fleet.role("db3", PromotionRole.PREFERRED);
        fleet.cut("db1", "db3");
        fleet.write("db1");
        fleet.write("db1");
        fleet.seenHealthy("db1");
        fleet.crash("db1");
        fleet.mend("db1", "db3");
    }

    private NodeId primary() {
        return fleet.memory().knownPrimary(fleet.cluster().name()).orElseThrow();
    }

    @Test
    void as_shipped_a_preferred_server_is_chosen_though_it_must_catch_up() {
        STAGE.with(fleet);
        preferredIsBehind();

        assertThat(ending(failover())).isEqualTo("DONE");

        assertThat(primary()).isEqualTo(NodeId.of("db3", 3306));
    }

    @Test
    void with_a_changed_rule_one_that_has_everything_goes_before_it() throws IOException {
        inForce("choose-primary.dmn", with(shipped("choose-primary.dmn"), "<text>20</text>", "<text>35</text>"));
        preferredIsBehind();

        assertThat(ending(failover())).isEqualTo("DONE");

        assertThat(primary()).isEqualTo(NodeId.of("db2", 3306));
    }
}
