package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.camunda.bpm.engine.ParseException;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParse;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParser;
import org.camunda.bpm.engine.impl.cfg.DefaultBpmnParseFactory;
import org.camunda.bpm.engine.impl.el.JuelExpressionManager;
import org.camunda.bpm.engine.impl.util.xml.Element;

/**
 * Refuses a diagram that could run anything but steps, before the engine parses it. What a diagram may hold is listed here;
 * whatever is not listed is refused. Hiding beans alone is no boundary: {@code ''.getClass()} still runs in an expression.
 */
final class DiagramGate extends BpmnParse {

    private static final String BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
    private static final Set<String> CAMUNDA = Set.of("http://camunda.org/schema/1.0/bpmn", "http://activiti.org/bpmn");
    private static final Set<String> DRAWING = Set.of("http://www.omg.org/spec/BPMN/20100524/DI",
            "http://www.omg.org/spec/DD/20100524/DI", "http://www.omg.org/spec/DD/20100524/DC");

    private static final Set<String> ELEMENTS = Set.of("definitions", "process", "collaboration", "participant",
            "laneSet", "lane",
            "flowNodeRef", "documentation", "extensionElements", "text", "textAnnotation", "association", "group",
            "category",
            "categoryValue", "incoming", "outgoing", "startEvent", "endEvent", "intermediateThrowEvent",
            "intermediateCatchEvent",
            "boundaryEvent", "error", "escalation", "errorEventDefinition", "escalationEventDefinition",
            "terminateEventDefinition",
            "timerEventDefinition", "timeDuration", "timeDate", "linkEventDefinition", "source", "target",
            "serviceTask", "userTask",
            "callActivity", "subProcess", "sequenceFlow", "conditionExpression", "exclusiveGateway", "parallelGateway",
            "inclusiveGateway", "eventBasedGateway");
    private static final Set<String> EXTENSIONS = Set.of("in", "out", "properties", "property");
    private static final Set<String> ATTRIBUTES = Set.of("delegateExpression", "asyncBefore", "asyncAfter", "exclusive",
            "candidateGroups", "formRef", "formRefBinding", "formRefVersion", "historyTimeToLive", "versionTag",
            "jobPriority",
            "isStartableInTasklist", "priority", "diagramRelationId");
    private static final Set<String> PARAMETERS = Set.of("variables", "source", "target", "local", "businessKey", "id",
            "name", "value");

    private static final String CALLERS_KEY = "#{execution.processBusinessKey}";
    private static final Pattern STEP = Pattern.compile("\\$\\{([a-zA-Z][a-zA-Z0-9]*)}");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{[a-zA-Z][a-zA-Z0-9]*}");
    private static final Pattern COMPARISON = Pattern.compile(
            "\\$\\{\\s*[a-zA-Z][a-zA-Z0-9]*\\s*(==|!=|<|<=|>|>=)\\s*('[^'\\\\$#{}]*'|-?[0-9]{1,9}|true|false)\\s*}");

    private final Set<String> steps;
    private final List<String> refused = new ArrayList<>();
    private boolean only;

    DiagramGate(BpmnParser parser, Set<String> steps) {
        super(parser);
        this.steps = steps;
    }

    /** @return what is refused in this file, without an engine that would parse it */
    static List<String> refusals(String file, byte[] content, Set<String> steps) {
        DiagramGate gate = new DiagramGate(
                new BpmnParser(new JuelExpressionManager(Map.of()), new DefaultBpmnParseFactory()),
                steps);
        gate.only = true;
        try {
            gate.name(file).sourceInputStream(new ByteArrayInputStream(content)).execute();
        } catch (ParseException e) {
            e.getResorceReports()
                    .forEach(report -> report.getErrors()
                            .forEach(error -> gate.refused.add("line " + error.getLine() + ": " + error.getMessage())));
        } catch (ProcessEngineException e) {
            gate.refused.add("cannot be read: " + e.getMessage());
        }
        return gate.refused.stream().map(problem -> file + ": " + problem).toList();
    }

    @Override
    protected void parseRootElement() {
        check(rootElement, "definitions", refused);
        if (only) {
            return;
        }
        if (refused.isEmpty()) {
            super.parseRootElement();
        } else {
            refused.forEach(problem -> addError(name + ": " + problem, rootElement));
        }
    }

    private void check(Element element, String box, List<String> refused) {
        String id = element.attributes().contains("id") ? element.attribute("id") : box;
        String tag = element.getTagName();
        if (DRAWING.contains(element.getUri())) {
            plain(element, id, refused);
        } else if (BPMN.equals(element.getUri()) && ELEMENTS.contains(tag)) {
            bpmn(element, id, refused);
        } else if (CAMUNDA.contains(element.getUri()) && EXTENSIONS.contains(tag)) {
            parameter(element, id, refused);
        } else {
            refused.add(id + ": <" + tag + "> is not allowed in a runbook");
        }
        element.elements().forEach(child -> check(child, id, refused));
    }

    private void bpmn(Element element, String box, List<String> refused) {
        String tag = element.getTagName();
        for (String key : element.attributes()) {
            String value = element.attribute(key);
            String local = key.substring(key.lastIndexOf(':') + 1);
            boolean camunda = CAMUNDA.stream().anyMatch(uri -> key.equals(uri + ":" + local));
            if (camunda && !ATTRIBUTES.contains(local)) {
                refused.add(box + ": attribute " + local + "=\"" + value + "\" is not allowed in a runbook");
            } else if (camunda && local.equals("delegateExpression")) {
                step(box, tag, value, refused);
            } else if (expression(value)) {
                refused.add(box + ": expression in " + local + " is not allowed: " + value);
            }
        }
        if (tag.equals("serviceTask")
                && CAMUNDA.stream().noneMatch(uri -> element.attributes().contains(uri + ":delegateExpression"))) {
            refused.add(box + ": a service task names its step in delegateExpression");
        }
        String text = element.getText();
        switch (tag) {
            case "conditionExpression" -> {
                if (element.attributes().contains("language") || !COMPARISON.matcher(text.strip()).matches()) {
                    refused.add(box + ": a condition compares one variable with one literal, as ${policy == 'act'}: "
                            + text.strip());
                }
            }
            case "timeDuration", "timeDate" -> {
                if (expression(text) && !VARIABLE.matcher(text.strip()).matches()) {
                    refused.add(box + ": a timer names one variable, as ${limitApproval}: " + text.strip());
                }
            }
            default -> {
                if (expression(text)) {
                    refused.add(box + ": expression in <" + tag + "> is not allowed: " + text.strip());
                }
            }
        }
    }

    private void step(String box, String tag, String value, List<String> refused) {
        var matcher = STEP.matcher(value);
        if (!tag.equals("serviceTask")) {
            refused.add(box + ": only a service task runs a step: " + value);
        } else if (!matcher.matches() || !steps.contains(matcher.group(1))) {
            refused.add(box + ": no such step: " + value);
        }
    }

    private static void parameter(Element element, String box, List<String> refused) {
        for (String key : element.attributes()) {
            String value = element.attribute(key);
            if (!PARAMETERS.contains(key)) {
                refused.add(box + ": attribute " + key + "=\"" + value + "\" is not allowed in <" + element.getTagName()
                        + ">");
            } else if (expression(value) && !(key.equals("businessKey") && value.equals(CALLERS_KEY))) {
                refused.add(box + ": expression in " + key + " is not allowed: " + value);
            }
        }
        if (expression(element.getText())) {
            refused.add(box + ": expression in <" + element.getTagName() + "> is not allowed: "
                    + element.getText().strip());
        }
    }

    private static void plain(Element element, String box, List<String> refused) {
        for (String key : element.attributes()) {
            if (expression(element.attribute(key))) {
                refused.add(box + ": expression in a drawing: " + element.attribute(key));
            }
        }
    }

    private static boolean expression(String text) {
        return text.contains("${") || text.contains("#{");
    }
}
