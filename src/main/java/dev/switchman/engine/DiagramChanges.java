package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.BaseElement;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnPlane;
import org.camunda.bpm.model.xml.instance.DomElement;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;

/** What a diagram has that another has not: boxes, ways, conditions, and all that is said of them. */
final class DiagramChanges {

    private static final String CAMUNDA = "http://camunda.org/schema/1.0/bpmn";

    /** What the house's rules let stand at an element, and the word for it. */
    private static final Map<String, String> ATTRIBUTES = ordered(
            "name", "label", "isExecutable", "executable", "triggeredByEvent", "begins by an event", "attachedToRef",
            "stands at", "cancelActivity", "ends what it stands at", "calledElement", "calls", "default", "default way",
            "sourceRef", "from", "targetRef", "to");
    private static final Map<String, String> CAMUNDAS = ordered(
            "delegateExpression", "step", "asyncBefore", "save point before it", "asyncAfter", "save point behind it",
            "exclusive", "exclusive", "candidateGroups", "group of people", "formRef", "form", "formRefBinding",
            "version of the form", "formRefVersion", "number of the form", "historyTimeToLive", "history is kept",
            "versionTag", "tag", "jobPriority", "priority of the job", "isStartableInTasklist", "startable in Tasklist",
            "priority", "priority");
    private static final Map<String, String> KINDS = ordered(
            "serviceTask", "box", "userTask", "box for people", "callActivity", "called part", "subProcess", "part",
            "exclusiveGateway", "question", "startEvent", "start", "endEvent", "end", "boundaryEvent", "event");
    /** Told by what refers to them, or by themselves. */
    private static final Set<String> APART = Set.of("incoming", "outgoing");

    private final BpmnModelInstance model;

    private DiagramChanges(BpmnModelInstance model) {
        this.model = model;
    }

    static List<String> between(byte[] before, byte[] after) {
        DiagramChanges was = new DiagramChanges(read(before));
        DiagramChanges is = new DiagramChanges(read(after));
        List<String> lines = new ArrayList<>(Marks.between(was.things(), is.things()));
        if (!was.picture().equals(is.picture())) {
            lines.add("~ the picture: places, sizes or lines differ");
        }
        return lines;
    }

    private static BpmnModelInstance read(byte[] content) {
        return Bpmn.readModelFromStream(new ByteArrayInputStream(content));
    }

    private Map<String, Marks.Thing> things() {
        Map<String, Marks.Thing> things = new LinkedHashMap<>();
        model.getModelElementsByType(Process.class).forEach(process -> add(things, process));
        model.getModelElementsByType(FlowNode.class).forEach(node -> add(things, node));
        model.getModelElementsByType(SequenceFlow.class).forEach(flow -> add(things, flow));
        model.getModelElementsByType(org.camunda.bpm.model.bpmn.instance.Error.class)
                .forEach(error -> add(things, error));
        return things;
    }

    private void add(Map<String, Marks.Thing> things, BaseElement element) {
        Map<String, String> traits = traits(element);
        String whole = traits.entrySet()
                .stream()
                .filter(trait -> !Set.of("label", "from", "to").contains(trait.getKey()))
                .map(trait -> trait.getKey() + " " + Marks.quoted(trait.getValue()))
                .collect(Collectors.joining(", "));
        things.put(element.getId(), new Marks.Thing(title(element), whole, traits));
    }

    private String title(BaseElement element) {
        return switch (element) {
            case Process process -> "the runbook itself";
            case SequenceFlow flow -> "way from " + label(flow.getSource()) + " to " + label(flow.getTarget())
                    + (flow.getName() == null || flow.getName().isBlank() ? "" : " (" + oneLine(flow.getName()) + ")");
            case FlowNode node -> KINDS.getOrDefault(node.getElementType().getTypeName(),
                    node.getElementType().getTypeName()) + " " + label(node) + " (" + node.getId() + ")";
            default -> "error " + element.getId();
        };
    }

    private static String label(FlowNode node) {
        return node.getName() == null || node.getName().isBlank()
                ? node.getId()
                : "\"" + oneLine(node.getName()) + "\"";
    }

    private Map<String, String> traits(BaseElement element) {
        DomElement dom = element.getDomElement();
        Map<String, String> traits = new LinkedHashMap<>();
        ATTRIBUTES.forEach((attribute, word) -> put(traits, word, dom.getAttribute(attribute)));
        CAMUNDAS.forEach((attribute, word) -> put(traits, word, dom.getAttribute(CAMUNDA, attribute)));
        if (element instanceof FlowNode && element.getParentElement() instanceof BaseElement scope
                && !(scope instanceof Process)) {
            put(traits, "inside of", scope.getId());
        }
        put(traits, "code", Optional.ofNullable(dom.getAttribute("errorCode")).orElse(""));
        for (DomElement child : dom.getChildElements()) {
            if (model.getModelElementById(String.valueOf(child.getAttribute("id"))) instanceof FlowNode
                    || child.getLocalName().equals("sequenceFlow") || APART.contains(child.getLocalName())) {
                continue;
            }
            below(traits, child);
        }
        return traits;
    }

    private void below(Map<String, String> traits, DomElement child) {
        switch (child.getLocalName()) {
            case "documentation" -> join(traits, "sentence", oneLine(child.getTextContent()));
            case "conditionExpression" -> put(traits, "condition", oneLine(child.getTextContent()));
            case "errorEventDefinition" -> put(traits, "error", code(child.getAttribute("errorRef")));
            case "timerEventDefinition" -> put(traits, "time", oneLine(child.getTextContent()));
            case "extensionElements" -> flattened(child).forEach(text -> join(traits, "hands over", text));
            default -> join(traits, child.getLocalName(), String.join(" ", flattened(child)));
        }
    }

    private static List<String> flattened(DomElement element) {
        List<String> texts = new ArrayList<>();
        List<String> own = new ArrayList<>();
        for (String attribute : List.of("variables", "source", "sourceExpression", "target", "businessKey", "local",
                "name", "value", "errorRef", "escalationRef")) {
            String value = element.getAttribute(attribute);
            if (value != null) {
                own.add(attribute + "=" + value);
            }
        }
        if (!own.isEmpty() || element.getChildElements().isEmpty()) {
            String text = element.getChildElements().isEmpty() ? oneLine(element.getTextContent()) : "";
            texts.add((element.getLocalName() + " " + String.join(" ", own) + " " + text).strip());
        }
        element.getChildElements().forEach(child -> texts.addAll(flattened(child)));
        return texts;
    }

    private String code(String error) {
        return error != null && model.getModelElementById(
                error) instanceof org.camunda.bpm.model.bpmn.instance.Error found && found.getErrorCode() != null
                        ? found.getErrorCode()
                        : String.valueOf(error);
    }

    /** @return all that is drawn, without the line breaks of whoever wrote the file */
    private List<String> picture() {
        List<String> drawn = new ArrayList<>();
        for (ModelElementInstance plane : model.getModelElementsByType(BpmnPlane.class)) {
            drawn(plane.getDomElement(), drawn);
        }
        return drawn.stream().sorted().toList();
    }

    private static void drawn(DomElement element, List<String> drawn) {
        for (DomElement child : element.getChildElements()) {
            StringBuilder text = new StringBuilder(String.valueOf(child.getAttribute("bpmnElement")));
            places(child, text);
            drawn.add(text.toString());
        }
    }

    private static void places(DomElement element, StringBuilder text) {
        for (String attribute : List.of("isExpanded", "x", "y", "width", "height")) {
            String value = element.getAttribute(attribute);
            text.append(' ').append(value == null ? "" : value);
        }
        element.getChildElements().forEach(child -> places(child, text));
    }

    private static void put(Map<String, String> traits, String word, String value) {
        if (value != null && !value.isBlank()) {
            traits.put(word, oneLine(value));
        }
    }

    private static void join(Map<String, String> traits, String word, String value) {
        if (!value.isBlank()) {
            traits.merge(word, value, (first, next) -> first + "; " + next);
        }
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private static Map<String, String> ordered(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
