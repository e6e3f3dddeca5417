package dev.switchman.engine;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Edits as people make them in Modeler, judged before anybody runs them. */
class RunbookLintTest {

    private static final RunbookLint LINT = RunbookLint.ofThisProgram();
    private static final Map<String, String> DIAGRAMS = ProjectFiles.texts("bpmn", ".bpmn");
    private static final Map<String, String> TABLES = ProjectFiles.texts("dmn", ".dmn");

    private static List<String> problems(Map<String, String> edited) {
        Map<String, byte[]> files = new TreeMap<>();
        edited.forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        return LINT.problems(Map.of(), files);
    }

    private static String diagram(String name) {
        return DIAGRAMS.getOrDefault(name, "");
    }

    private static String with(String text, String good, String bad) {
        assertThat(text).contains(good);
        return text.replace(good, bad);
    }

    /** Moves the end of one arrow. */
    private static String retarget(String text, String flow, String target) {
        String moved = text.replaceFirst("(<bpmn:sequenceFlow id=\"" + flow + "\"[^>]*targetRef=\")[^\"]*",
                "$1" + target);
        assertThat(moved).isNotEqualTo(text);
        return moved;
    }

    @Test
    void what_the_program_brings_passes() {
        Map<String, String> all = new TreeMap<>();
        DIAGRAMS.forEach((name, text) -> all.put(name + ".bpmn", text));
        TABLES.forEach((name, text) -> all.put(name + ".dmn", text));

        assertThat(problems(all)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            failover   | Flow_ReadServers_FenceOldPrimary | Task_StopReceivers | failover.bpmn: Task_StopReceivers: can be reached before FenceOldPrimary
            failover   | Flow_FenceOldPrimary_StopReceivers | Task_ChoosePrimary | failover.bpmn: Task_ChoosePrimary: can be reached before StopReceivers
            failover   | Flow_ChoosePrimary_CatchUpCandidate | Task_AskPromotionPolicy | failover.bpmn: Task_AskPromotionPolicy: can be reached before CatchUpCandidate
            failover   | Flow_CatchUpCandidate_SalvageWrites_InSection | Task_AskPromotionPolicy | failover.bpmn: Task_AskPromotionPolicy: can be reached before SalvageWrites
            failover   | Flow_SalvageWrites_InSection_AskPromotionPolicy | Call_Promote | promote.bpmn: Task_OpenPrimary: can be reached before AskPromotionPolicy (by way of failover, promote)
            failover   | Flow_AskPromotionPolicy_Promotion | Call_Promote | promote.bpmn: Task_OpenPrimary: can be reached without the policy's go (by way of failover, promote)
            failover   | Flow_PromotionStopped | Call_Promote | promote.bpmn: Task_StopReplication: can be reached without the policy's go (by way of failover, promote)
            failover   | Flow_PromotionDeclined | Call_Promote | promote.bpmn: Task_OpenPrimary: can be reached without a person's yes (by way of failover, promote)
            failover   | Flow_CatchUpTimedOut_ChoosePrimary | Call_Promote | promote.bpmn: Task_OpenPrimary: can be reached before CatchUpCandidate (by way of failover, promote)
            failover   | Flow_CandidateLostAtPolicy_StopReceivers | Call_Promote | promote.bpmn: Task_OpenPrimary: can be reached before AskPromotionPolicy (by way of failover, promote)
            failover   | Flow_NewPrimaryLost_ReadServers | Call_Promote | promote.bpmn: Task_OpenPrimary: can be reached before FenceOldPrimary (by way of failover, promote)
            failover   | Flow_ConfirmFailure_AskFailoverPolicy | SubProcess_FailOver | failover.bpmn: Task_FenceOldPrimary: can be reached before AskFailoverPolicy
            failover   | Flow_StandDown | SubProcess_FailOver | failover.bpmn: Task_FenceOldPrimary: can be reached without the policy's go
            failover   | Flow_Policy_ApproveFailover | SubProcess_FailOver | failover.bpmn: Task_FenceOldPrimary: can be reached without the policy's go
            failover   | Flow_FailoverDeclined | SubProcess_FailOver | failover.bpmn: Task_FenceOldPrimary: can be reached without a person's yes
            failover   | Flow_AskHowToGoOn_TryAgain | SubProcess_FailOver | failover.bpmn: Task_FenceOldPrimary: can be reached without a person's yes
            failover   | Flow_FailOver_ReportRun | Gateway_Ending | failover.bpmn: EndEvent_Done: can be reached without a report
            promote    | Flow_1_StopReplication | Task_OpenPrimary | promote.bpmn: Task_OpenPrimary: can be reached before StopReplication (by way of failover, promote)
            promote    | Flow_StopReplication_PrepareSemiSync_InSection | Task_OpenPrimary | promote.bpmn: Task_OpenPrimary: can be reached before PrepareSemiSync (by way of failover, promote)
            promote    | Flow_PrepareSemiSync_InSection_OpenPrimary | Task_MoveVirtualIp | promote.bpmn: Task_MoveVirtualIp: can be reached before OpenPrimary or OpenCandidate or ReopenPrimary or CANDIDATE_OPEN (by way of failover, promote)
            reopen     | Flow_2_ConfirmRestart | Task_ReopenPrimary | reopen.bpmn: Task_ReopenPrimary: can be reached before ConfirmRestart
            switchover | Flow_ConfirmReadiness_AskApprovalPolicy | SubProcess_HandOver | switchover.bpmn: Task_CloseOldPrimary: can be reached before AskApprovalPolicy
            switchover | Flow_1_ConfirmReadiness | Task_AskApprovalPolicy | switchover.bpmn: Task_PrepareSwitchover: can be reached before ConfirmReadiness
            switchover | Flow_AskApprovalPolicy_Approval | SubProcess_HandOver | switchover.bpmn: Task_CloseOldPrimary: can be reached without the policy's go
            switchover | Flow_Declined | SubProcess_HandOver | switchover.bpmn: Task_PrepareSwitchover: can be reached without a person's yes
            switchover | Flow_Worse | SubProcess_HandOver | switchover.bpmn: Task_CloseOldPrimary: can be reached without the policy's go
            switchover | Flow_CloseOldPrimary_MatchOldPrimary_InSection | Task_OpenCandidate_InSection | switchover.bpmn: Task_OpenCandidate_InSection: can be reached before MatchOldPrimary
            switchover | Flow_PrepareSwitchover_CloseOldPrimary | Task_OpenCandidate_InSection | switchover.bpmn: Task_OpenCandidate_InSection: can be reached before CloseOldPrimary
            switchover | Flow_TimedOut_RollBack | SubProcess_Finish | switchover.bpmn: Task_FollowNewPrimary: can be reached before OpenPrimary or OpenCandidate or CANDIDATE_OPEN
            approval   | Flow_Deadline_ReadAnswer | EndEvent_Silent | promote.bpmn: Task_OpenPrimary: can be reached without a person's yes (by way of failover, promote)
            approval   | Flow_Answer_ReadAnswer | EndEvent_Enough | switchover.bpmn: Task_CloseOldPrimary: can be reached without a person's yes
            switchover | Flow_GiveUp | SubProcess_RollBack | switchover.bpmn: Task_RestoreOldPrimary: can be reached without a person's yes
            """)
    void an_arrow_past_a_safeguard_is_refused(String file, String flow, String target, String why) {
        assertThat(problems(Map.of(file + ".bpmn", retarget(diagram(file), flow, target)))).contains(why);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            failover   | ${policy == 'go'} | ${policy == 'ask'} | promote.bpmn: Task_OpenPrimary: can be reached without the policy's go (by way of failover, promote)
            switchover | ${approved == 'yes'} | ${approved == 'no'} | switchover.bpmn: Task_RestoreOldPrimary: can be reached without a person's yes
            failover   | <camunda:in source="loss" target="loss" /> | <camunda:in source="policy" target="approved" /> | failover.bpmn: Call_Promote: hands policy over as approved; a variable keeps its name
            failover   | <camunda:out variables="all" /> |  | failover.bpmn: Call_ApprovePromotion: hands not all variables in and out, so that an answer may not arrive
            failover   | calledElement="promote" |  | failover.bpmn: Call_Promote: calls null, which is not there
            failover   | errorCode="PROMOTION_DECLINED" | errorCode="NEW_PRIMARY_LOST" | failover.bpmn: EndEvent_PromotionDeclined: raises NEW_PRIMARY_LOST, which only a step may
            failover   | <bpmn:errorEventDefinition id="ErrorEventDefinition_BoundaryEvent_CatchUpTimedOut" | <bpmn:errorEventDefinition camunda:errorMessageVariable="policy" id="ErrorEventDefinition_BoundaryEvent_CatchUpTimedOut" | failover.bpmn: ErrorEventDefinition_BoundaryEvent_CatchUpTimedOut: attribute errorMessageVariable="policy" is not allowed in a runbook
            failover   | calledElement="promote" | calledElement="promote" camunda:calledElementBinding="version" camunda:calledElementVersion="1" | failover.bpmn: Call_Promote: attribute calledElementBinding="version" is not allowed in a runbook
            switchover | camunda:formRefBinding="latest" | camunda:formRefBinding="deployment" | switchover.bpmn: StartEvent_1: binds its form to deployment; latest is the rule
            approval   | sourceRef="StartEvent_1" targetRef="Task_AskPerson" | sourceRef="StartEvent_1" targetRef="SubProcess_Wait" | approval.bpmn: Task_ReadAnswer: can be reached before AskPerson (by way of failover, approval)
            quarantine | targetRef="Task_ReportRun_AfterStop" | targetRef="Task_FenceReturnedServer" | quarantine.bpmn: Task_FenceReturnedServer: can be reached without a person's yes
            failover   | camunda:delegateExpression="${readServers}" | camunda:class="java.lang.Runtime" | failover.bpmn: Task_ReadServers: attribute class="java.lang.Runtime" is not allowed in a runbook
            failover   | ${policy == 'act'} | ${''.getClass()} | failover.bpmn: Flow_Policy_FailOver: a condition compares one variable with one literal, as ${policy == 'act'}: ${''.getClass()}
            """)
    void words_that_open_a_way_are_refused(String file, String good, String bad, String why) {
        assertThat(problems(Map.of(file + ".bpmn", with(diagram(file), good, bad == null ? "" : bad))))
                .contains(why);
    }

    /** Behind it the part ends as if nothing had been refused. */
    @Test
    void a_refusal_that_is_caught_inside_a_part_does_not_lead_on() {
        String switchover = with(diagram("switchover"), "<bpmn:startEvent id=\"StartEvent_HandOver\"",
                """
                                <bpmn:subProcess id="SubProcess_Refused" name="Refused" triggeredByEvent="true">
                                  <bpmn:documentation>Goes on as if nothing was.</bpmn:documentation>
                                  <bpmn:startEvent id="StartEvent_Refused" name="Refused">
                                    <bpmn:outgoing>Flow_Refused</bpmn:outgoing>
                                    <bpmn:errorEventDefinition id="Def_Refused" errorRef="Error_FENCE_REFUSED" />
                                  </bpmn:startEvent>
                                  <bpmn:endEvent id="EndEvent_Refused" name="Went on">
                                    <bpmn:incoming>Flow_Refused</bpmn:incoming>
                                  </bpmn:endEvent>
                                  <bpmn:sequenceFlow id="Flow_Refused" sourceRef="StartEvent_Refused" targetRef="EndEvent_Refused" />
                                </bpmn:subProcess>
                        <bpmn:startEvent id="StartEvent_HandOver\"""");

        assertThat(problems(Map.of("switchover.bpmn", switchover))).contains(
                "switchover.bpmn: Task_RepointReplicas: can be reached before OpenPrimary or OpenCandidate or CANDIDATE_OPEN");
    }

    @Test
    void an_end_that_is_drawn_proves_nothing() {
        String failover = with(diagram("failover"), "errorCode=\"PROMOTION_DECLINED\"", "errorCode=\"CANDIDATE_OPEN\"");

        assertThat(problems(Map.of("failover.bpmn", failover))).contains(
                "failover.bpmn: EndEvent_PromotionDeclined: raises CANDIDATE_OPEN, which only a step may");
    }

    @Test
    void a_unique_table_needs_no_row_for_the_rest() {
        String table = with(TABLES.getOrDefault("choose-primary", ""), "hitPolicy=\"FIRST\"", "hitPolicy=\"UNIQUE\"");
        int last = table.lastIndexOf("<rule ");

        assertThat(problems(Map.of("choose-primary.dmn",
                table.substring(0, last) + table.substring(table.lastIndexOf("</rule>") + "</rule>".length()))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            failover-policy | hitPolicy="FIRST" | hitPolicy="COLLECT" | hit policy COLLECT; FIRST or UNIQUE is the rule
            choose-primary | id="choose-primary" | id="choose" | choose: decision id and file name differ
            """)
    void tables_keep_their_rules(String file, String good, String bad, String why) {
        assertThat(problems(Map.of(file + ".dmn", with(TABLES.getOrDefault(file, ""), good, bad))))
                .anySatisfy(problem -> assertThat(problem).startsWith(file + ".dmn: ").endsWith(why));
    }

    @Test
    void files_that_nobody_can_read_are_named() {
        assertThat(problems(Map.of("failover.bpmn", "<bpmn"))).singleElement()
                .asString()
                .startsWith("failover.bpmn: ");
        assertThat(problems(Map.of("choose-primary.dmn", "no table"))).singleElement()
                .asString()
                .startsWith("choose-primary.dmn: cannot be read: ");
        assertThat(problems(Map.of("answer.form", "{"))).singleElement()
                .asString()
                .startsWith("answer.form: cannot be read: ");
        assertThat(problems(Map.of("answer.form", "{\"id\": \"question\"}")))
                .containsExactly("answer.form: form id and file name differ: question");
        assertThat(problems(Map.of("my table.dmn", ""))).containsExactly(
                "my table.dmn: a name is lower case with hyphens and ends in .bpmn, .dmn or .form");
        assertThat(problems(Map.of("pick.dmn", TABLES.getOrDefault("choose-primary", "")))).singleElement()
                .asString()
                .startsWith("pick.dmn: no step asks this table; there are [");
    }

    /** Edits that docs/editing-runbooks.md shows, and others of the kind. */
    @Test
    void sound_edits_pass() {
        assertThat(problems(Map.of("failover.bpmn",
                retarget(diagram("failover"), "Flow_CandidateLost_StopReceivers", "Task_ReadServers"))))
                .isEmpty();
        assertThat(problems(Map.of("failover.bpmn",
                with(diagram("failover"), "name=\"Fence old primary\"", "name=\"Shut the old primary out\""))))
                .isEmpty();
        assertThat(problems(
                Map.of("failover.bpmn", retarget(diagram("failover"), "Flow_Policy_FailOver", "Call_ApproveFailover"))))
                .as("every failover asks")
                .isEmpty();
        assertThat(problems(Map.of("switchover.bpmn",
                retarget(diagram("switchover"), "Flow_Approval_HandOver", "Call_ApproveSwitchover"))))
                .as("every switchover asks")
                .isEmpty();
        assertThat(problems(Map.of("switchover.bpmn",
                retarget(diagram("switchover"), "Flow_NotFinished_AskHowToGoOn", "Task_ReportRun"))))
                .as("no question after the opening")
                .isEmpty();
    }

    /** As docs/editing-runbooks.md tells it. */
    @ParameterizedTest
    @CsvSource({"EndEvent_Promoted, ",
            "Task_MoveVirtualIp, Task_MoveVirtualIp: can be reached without a person's yes"})
    void an_approval_before_the_virtual_ip_moves(String otherwise, String problem) {
        String promote = retarget(diagram("promote"), "Flow_OpenPrimary_MoveVirtualIp", "Call_ApproveAddress");
        promote = with(promote, "</bpmn:process>",
                EditedRunbooksTest.ASKED.replace("EndEvent_Promoted", otherwise) + "</bpmn:process>");
        promote = with(promote, "</bpmndi:BPMNPlane>",
                """
                        <bpmndi:BPMNShape id="a_di" bpmnElement="Call_ApproveAddress"><dc:Bounds x="600" y="500" width="100" height="80" /></bpmndi:BPMNShape>
                        <bpmndi:BPMNShape id="g_di" bpmnElement="Gateway_Address"><dc:Bounds x="800" y="500" width="50" height="50" /></bpmndi:BPMNShape>
                        <bpmndi:BPMNEdge id="e1_di" bpmnElement="Flow_AddressAsked"><di:waypoint x="1" y="1" /><di:waypoint x="2" y="1" /></bpmndi:BPMNEdge>
                        <bpmndi:BPMNEdge id="e2_di" bpmnElement="Flow_AddressApproved"><di:waypoint x="1" y="1" /><di:waypoint x="2" y="1" /></bpmndi:BPMNEdge>
                        <bpmndi:BPMNEdge id="e3_di" bpmnElement="Flow_AddressDeclined"><di:waypoint x="1" y="1" /><di:waypoint x="2" y="1" /></bpmndi:BPMNEdge>
                        </bpmndi:BPMNPlane>""");

        List<String> problems = problems(Map.of("promote.bpmn", promote));

        if (problem == null) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems).contains("promote.bpmn: " + problem + " (by way of failover, promote)");
        }
    }
}
