package dev.switchman.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.camunda.bpm.engine.ParseException;
import org.camunda.bpm.engine.RepositoryService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DiagramGateTest {

    private final RepositoryService repository = ProbeEngine.shared().get(RepositoryService.class);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            camunda:delegateExpression="${act}" | camunda:delegateExpression="${nobody}" | Task_Act: no such step: ${nobody}
            camunda:delegateExpression="${act}" | camunda:delegateExpression="${dataSource}" | Task_Act: no such step: ${dataSource}
            camunda:delegateExpression="${act}" | camunda:delegateExpression="${act.run(1)}" | Task_Act: no such step: ${act.run(1)}
            camunda:delegateExpression="${act}" | camunda:expression="${''.getClass()}" | Task_Act: attribute expression="${''.getClass()}" is not allowed
            camunda:delegateExpression="${act}" | camunda:class="java.lang.Runtime" | Task_Act: attribute class="java.lang.Runtime" is not allowed
            camunda:delegateExpression="${act}" | camunda:type="external" camunda:topic="x" | Task_Act: attribute type="external" is not allowed
            camunda:delegateExpression="${act}" |  | Task_Act: a service task names its step in delegateExpression
            ${policy == 'ask'} | ${''.getClass().forName('java.lang.System') == 'ask'} | a condition compares one variable with one literal
            ${policy == 'ask'} | ${policy == 'ask' and act.run(1)} | a condition compares one variable with one literal
            ${limitApproval} | ${limits.approval()} | a timer names one variable, as ${limitApproval}: ${limits.approval()}
            name="Approve" | name="Approve ${''.getClass()}" | UserTask_Approve: expression in name is not allowed
            candidateGroups="approver" | candidateGroups="${act}" | UserTask_Approve: expression in candidateGroups is not allowed
            <bpmn:extensionElements /> | <bpmn:extensionElements><camunda:taskListener event="create" class="x" /></bpmn:extensionElements> | UserTask_Approve: <taskListener> is not allowed
            <bpmn:extensionElements /> | <bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x">1</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements> | <inputOutput> is not allowed
            <bpmn:endEvent id="End" /> | <bpmn:endEvent id="End" /><bpmn:scriptTask id="Bad" scriptFormat="juel"><bpmn:script>1</bpmn:script></bpmn:scriptTask> | Bad: <scriptTask> is not allowed
            <bpmn:endEvent id="End" /> | <bpmn:endEvent id="End" /><bpmn:businessRuleTask id="Bad" camunda:decisionRef="x" /> | Bad: <businessRuleTask> is not allowed
            <bpmn:endEvent id="End" /> | <bpmn:endEvent id="End"><bpmn:extensionElements><camunda:executionListener event="end" expression="x" /></bpmn:extensionElements></bpmn:endEvent> | End: <executionListener> is not allowed
            """)
    void aDiagramThatCouldRunAnythingButStepsIsRefused(String good, String bad, String why) throws IOException {
        String diagram = good("reopen.bpmn");
        assertThat(diagram).contains(good);
        String broken = diagram.replaceFirst(Pattern.quote(good),
                Matcher.quoteReplacement(bad == null ? "" : bad));

        assertThatThrownBy(() -> repository.createDeployment().addString("broken.bpmn", broken).deploy())
                .isInstanceOf(ParseException.class)
                .hasMessageContaining("broken.bpmn: ")
                .hasMessageContaining(why);
    }

    @Test
    void allProblemsOfADiagramAreToldAtOnce() throws IOException {
        String broken = good("reopen.bpmn").replace("${act}", "${one}").replace("${finish}", "${two}");

        assertThatThrownBy(() -> repository.createDeployment().addString("broken.bpmn", broken).deploy())
                .hasMessageContaining("${one}")
                .hasMessageContaining("${two}");
    }

    private static String good(String name) throws IOException {
        try (InputStream input = DiagramGateTest.class.getResourceAsStream("/probe/" + name)) {
            assertThat(input).isNotNull();
            return new String(input.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
