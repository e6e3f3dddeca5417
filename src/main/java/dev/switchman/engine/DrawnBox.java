package dev.switchman.engine;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.model.bpmn.instance.FlowElement;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaProperties;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaProperty;
import org.jspecify.annotations.Nullable;

import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/** The box of the very version of the diagram that the run goes by. */
record DrawnBox(DelegateExecution execution) implements Run.Box {

    @Override
    public Optional<String> says(String property) {
        return node().flatMap(node -> property(node, property));
    }

    @Override
    public boolean leadsTo(Class<? extends Step> step) {
        List<SequenceFlow> ways = node().map(node -> List.copyOf(node.getOutgoing())).orElse(List.of());
        String bean = Character.toLowerCase(step.getSimpleName().charAt(0)) + step.getSimpleName().substring(1);
        return ways.size() == 1 && ways.getFirst().getTarget() instanceof ServiceTask next
                && ("${" + bean + "}").equals(next.getCamundaDelegateExpression());
    }

    private Optional<FlowNode> node() {
        @Nullable
        FlowElement element = execution.getBpmnModelElementInstance();
        return element instanceof FlowNode node ? Optional.of(node) : Optional.empty();
    }

    /** @return the value of an extension property of the box */
    static Optional<String> property(FlowNode node, String name) {
        return properties(node)
                .filter(property -> name.equals(property.getCamundaName()))
                .map(CamundaProperty::getCamundaValue)
                .filter(value -> value != null && !value.isBlank())
                .map(String::strip)
                .findFirst();
    }

    private static Stream<CamundaProperty> properties(FlowNode node) {
        return node.getExtensionElements() == null
                ? Stream.of()
                : node.getExtensionElements()
                        .getElementsQuery()
                        .filterByType(CamundaProperties.class)
                        .list()
                        .stream()
                        .flatMap(all -> all.getCamundaProperties().stream());
    }
}
