package dev.switchman.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Step;

import static org.assertj.core.api.Assertions.assertThat;

class DiagramsTest {

    private static final Map<String, String> FILES = ProjectFiles.texts("bpmn", ".bpmn");
    private static final Map<String, Class<? extends Step>> STEPS = RunbookFiles.steps();

    @Test
    void theProjectsDiagramsKeepAllRules() {
        assertThat(problems(FILES)).isEmpty();
    }

    @Test
    void everyRunbookHasItsDiagramAndEveryStepItsBox() {
        for (Runbook runbook : Runbook.values()) {
            assertThat(FILES).containsKey(runbook.id());
        }
        Set<String> drawn = new HashSet<>();
        ProjectFiles.diagrams(FILES)
                .values()
                .forEach(model -> model.getModelElementsByType(ServiceTask.class)
                        .forEach(task -> drawn.add(task.getCamundaDelegateExpression())));
        assertThat(drawn).isEqualTo(new HashSet<>(STEPS.keySet()
                .stream()
                .filter(name -> !name.equals(ElementTemplatesTest.NOT_DRAWN))
                .map(name -> "${" + name + "}")
                .toList()));
    }

    @Test
    void aStepThatOnlyLooksAfterAnotherSharesItsTransaction() {
        for (BpmnModelInstance model : ProjectFiles.diagrams(FILES).values()) {
            for (ServiceTask task : model.getModelElementsByType(ServiceTask.class)) {
                String bean = task.getCamundaDelegateExpression();
                boolean first = task.getId().startsWith("Task_Confirm");
                boolean looks = Optional.ofNullable(STEPS.get(bean.substring(2, bean.length() - 1)))
                        .orElseThrow()
                        .isAnnotationPresent(LooksOnly.class);
                assertThat(task.isCamundaAsyncBefore()).as(task.getId())
                        .isEqualTo(first || !looks && !task.getId().endsWith("_InSection"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            quarantine | <bpmn:process id="quarantine" | <bpmn:process id="other" | other: process id and file name differ
            quarantine | isExecutable="true" | isExecutable="false" | quarantine: is not executable
            quarantine |  camunda:historyTimeToLive="P180D" |  | quarantine: has no history time to live
            quarantine | <bpmn:documentation>Takes write access from the server, reads it back, and keeps it in quarantine.</bpmn:documentation> |  | Task_FenceReturnedServer: has no documentation
            quarantine | id="Task_FenceReturnedServer" name="Fence returned server" camunda:asyncBefore="true" | id="Task_FenceReturnedServer" name="Fence returned server" | Task_FenceReturnedServer: has no save point before it
            quarantine | id="EndEvent_Inner" name="Finished" | id="EndEvent_Inner" | EndEvent_Inner: has no name
            quarantine | name="Fence returned server" | name="Fence" | Task_FenceReturnedServer: name is not a verb and a noun
            quarantine | ${removeStrayAddress} | ${removeAddress} | Task_RemoveStrayAddress: delegate expression ${removeAddress} names no step
            quarantine | ${removeStrayAddress} | ${announceAddress} | Task_RemoveStrayAddress: id is not Task_AnnounceAddress
            quarantine | errorRef="Error_SERVER_UNREACHABLE" | errorRef="Error_FENCE_REFUSED" | quarantine: may raise SERVER_UNREACHABLE, which nothing in it catches
            quarantine | errorCode="SERVER_UNREACHABLE" | errorCode="NEW_PRIMARY_LOST" | BoundaryEvent_Unreachable: catches NEW_PRIMARY_LOST, which SubProcess_Fence never raises
            quarantine | errorCode="SERVER_UNREACHABLE" | errorCode="SERVER_GONE" | Error_SERVER_UNREACHABLE: error code SERVER_GONE is no RunbookError
            quarantine |  errorRef="Error_OUTCOME_UNKNOWN" |  | BoundaryEvent_Unknown: names no error
            quarantine | errorRef="Error_STEP_FAILED" | errorRef="Error_FENCE_REFUSED" | quarantine: may raise STEP_FAILED, which nothing in it catches
            quarantine | sourceRef="SubProcess_Fence" targetRef="Task_ReportRun" | sourceRef="SubProcess_Fence" targetRef="EndEvent_Done" | EndEvent_Done: can be reached without a report
            quarantine | ${ending == 'DONE'} | ${ending == 'DONE' or policy == 'go'} | Flow_EndDone: condition "${ending == 'DONE' or policy == 'go'}" is not a comparison
            quarantine | ${ending == 'DONE'} | ${policy == 'go'} | Gateway_Ending: reads
            quarantine |  default="Flow_Failed" |  | Gateway_Ending: has no default arm
            quarantine | name="How did it end?" | name="Ending" | Gateway_Ending: name is not a question
            quarantine | <bpmn:sequenceFlow id="Flow_Failed" name="Failed" | <bpmn:sequenceFlow id="Flow_Failed" | Flow_Failed: arm has no label
            quarantine | <bpmndi:BPMNShape id="EndEvent_Failed_di" bpmnElement="EndEvent_Failed"> | <bpmndi:BPMNShape id="EndEvent_Failed_di" bpmnElement="EndEvent_Done"> | EndEvent_Failed: is not in the picture
            failover | <dc:Bounds x="950" y="220" width="100" height="80" /> | <dc:Bounds x="810" y="220" width="100" height="80" /> | Task_ReadServers: lies over Task_FenceOldPrimary
            failover | <dc:Bounds x="2262" y="242" width="36" height="36" /> | <dc:Bounds x="2362" y="142" width="36" height="36" /> | EndEvent_FailedOver: lies outside of SubProcess_FailOver
            failover | calledElement="promote" | calledElement="promotion" | Call_Promote: calls promotion, which is not there
            failover | attachedToRef="Task_AskPromotionPolicy" | attachedToRef="Task_StopReceivers" | failover: may raise CANDIDATE_LOST, which nothing in it catches
            approval | camunda:formRef="answer" | camunda:formRef="question" | UserTask_Answer: form question is not there
            approval |  camunda:candidateGroups="approver" |  | UserTask_Answer: names no group of people
            switchover | <bpmn:incoming>Flow_CloseOldPrimary_MatchOldPrimary_InSection</bpmn:incoming> | <bpmn:incoming>Flow_CloseOldPrimary_MatchOldPrimary_InSection</bpmn:incoming><bpmn:incoming>Flow_HandOver_PrepareSwitchover</bpmn:incoming> | Task_MatchOldPrimary_InSection: has no save point before it
            switchover | id="Task_CloseOldPrimary" name="Close old primary" camunda:asyncBefore="true" | id="Task_CloseOldPrimary" name="Close old primary" | Task_CloseOldPrimary: has no save point before it
            switchover | errorRef="Error_FENCE_BROKEN" | errorRef="Error_FENCE_REFUSED" | switchover: may raise FENCE_BROKEN, which nothing in it catches
            promote | camunda:asyncBefore="true" camunda:delegateExpression="${openPrimary}" | camunda:delegateExpression="${openPrimary}" | Task_OpenPrimary: has no save point before it
            """)
    void aDiagramThatBreaksARuleIsRefusedAndTheBoxNamed(String file, String good, String bad, String why) {
        String text = FILES.getOrDefault(file, "");
        assertThat(text).contains(good);
        Map<String, String> broken = new TreeMap<>(FILES);
        broken.put(file, text.replace(good, bad == null ? "" : bad));

        assertThat(problems(broken)).anySatisfy(problem -> assertThat(problem).startsWith(file + ".bpmn: " + why));
    }

    @Test
    void aDiagramWithTooManyBoxesIsRefused() {
        StringBuilder boxes = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            boxes.append("<bpmn:serviceTask id=\"Task_ReportRun_")
                    .append(i)
                    .append("\" camunda:delegateExpression=\"${reportRun}\" />");
        }
        Map<String, String> broken = new TreeMap<>(FILES);
        broken.compute("promote", (name, text) -> text.replace("</bpmn:process>", boxes + "</bpmn:process>"));

        assertThat(problems(broken)).anyMatch(problem -> problem.startsWith("promote.bpmn: promote: has 17 boxes"));
    }

    @Test
    void scriptsAndGatewaysOfOtherKindsAreRefused() {
        Map<String, String> broken = new TreeMap<>(FILES);
        broken.compute("promote", (name, text) -> text.replace("</bpmn:process>",
                "<bpmn:scriptTask id=\"Bad\" name=\"Run it\"/><bpmn:parallelGateway id=\"Fork\" name=\"x\"/></bpmn:process>"));

        assertThat(problems(broken)).contains("promote.bpmn: Bad: is a script; scripts are not allowed",
                "promote.bpmn: Fork: is a parallelGateway, which the house does not use");
    }

    private static List<String> problems(Map<String, String> files) {
        return new DiagramRules(ProjectFiles.diagrams(files), STEPS, ProjectFiles.forms()).problems();
    }
}
