package dev.switchman.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.ErrorEventDefinition;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.ScriptTask;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnEdge;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnShape;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;
import org.camunda.bpm.model.bpmn.instance.dc.Bounds;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;
import org.jspecify.annotations.Nullable;

import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;

/**
 * The house rules for diagrams, over the model and not the running engine: names, save points, a place in the picture for
 * everything, every refusal drawn, every path ending in a report, and the {@linkplain SafetyOrder safety order}.
 */
final class DiagramRules {

    private static final int MOST_BOXES = 12;
    static final String SECTION = "_InSection";
    private static final String RUNS_COMMAND = "RunCommand";
    private static final String COMMAND = "command";
    private static final String COMMAND_NAME = "[a-z][a-z0-9-]{0,62}";
    static final Pattern CONDITION = Pattern.compile("\\$\\{([a-zA-Z]+) == '([A-Za-z_-]+)'}");

    private final Map<String, BpmnModelInstance> diagrams;
    private final Map<String, Class<? extends Step>> steps;
    private final Set<String> forms;

    /**
     * @param diagrams by file name without ending
     * @param steps by bean name
     * @param forms names of form files without ending
     */
    DiagramRules(Map<String, BpmnModelInstance> diagrams, Map<String, Class<? extends Step>> steps, Set<String> forms) {
        this.diagrams = new TreeMap<>(diagrams);
        this.steps = Map.copyOf(steps);
        this.forms = Set.copyOf(forms);
    }

    /** @return every broken rule as {@code file: box: what}, in a fixed order; empty when all is well */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        diagrams.forEach((file, model) -> new OneDiagram(file, model, problems).check());
        problems.addAll(new SafetyOrder(diagrams, steps.values(), this).problems());
        return problems;
    }

    /** Errors that leave the named diagram uncaught, so that its caller must draw them. */
    private Set<RunbookError> leaving(String file, Set<String> underWay) {
        BpmnModelInstance model = diagrams.get(file);
        if (model == null || !underWay.add(file)) {
            return EnumSet.noneOf(RunbookError.class);
        }
        Set<RunbookError> leaving = EnumSet.noneOf(RunbookError.class);
        for (Process process : model.getModelElementsByType(Process.class)) {
            leaving.addAll(uncaught(process, underWay));
        }
        underWay.remove(file);
        return leaving;
    }

    /** Errors raised in this scope, or below it, that nothing in it catches. */
    private Set<RunbookError> uncaught(ModelElementInstance scope, Set<String> underWay) {
        Set<RunbookError> uncaught = EnumSet.noneOf(RunbookError.class);
        for (FlowNode node : scope.getChildElementsByType(FlowNode.class)) {
            Set<RunbookError> raised = raised(node, underWay);
            raised.removeAll(caughtAt(node, scope));
            uncaught.addAll(raised);
        }
        for (SubProcess part : scope.getChildElementsByType(SubProcess.class)) {
            if (part.triggeredByEvent()) {
                part.getChildElementsByType(StartEvent.class)
                        .forEach(start -> error(start).ifPresent(uncaught::remove));
            }
        }
        return uncaught;
    }

    private Set<RunbookError> raised(FlowNode node, Set<String> underWay) {
        Set<RunbookError> raised = EnumSet.noneOf(RunbookError.class);
        switch (node) {
            case ServiceTask task -> {
                // Any step may throw, and before any step a run may be told to stop.
                raised.addAll(step(task).map(StepDelegate::declared)
                        .orElseGet(() -> EnumSet.of(RunbookError.STEP_FAILED, RunbookError.RUN_SUPERSEDED)));
            }
            case CallActivity call -> raised.addAll(leaving(String.valueOf(call.getCalledElement()), underWay));
            case SubProcess part -> raised.addAll(uncaught(part, underWay));
            case EndEvent end -> error(end).ifPresent(raised::add);
            default -> {
            }
        }
        return raised;
    }

    static <T extends ModelElementInstance> Stream<T> parameters(CallActivity call, Class<T> type) {
        return call.getExtensionElements() == null
                ? Stream.of()
                : call.getExtensionElements().getElementsQuery().filterByType(type).list().stream();
    }

    private static Set<RunbookError> caughtAt(FlowNode node, ModelElementInstance scope) {
        Set<RunbookError> caught = EnumSet.noneOf(RunbookError.class);
        for (BoundaryEvent event : scope.getChildElementsByType(BoundaryEvent.class)) {
            if (event.getAttachedTo().equals(node)) {
                error(event).ifPresent(caught::add);
            }
        }
        return caught;
    }

    Optional<Class<? extends Step>> step(ServiceTask task) {
        String expression = task.getCamundaDelegateExpression();
        if (expression == null || !expression.startsWith("${") || !expression.endsWith("}")) {
            return Optional.empty();
        }
        return Optional.ofNullable(steps.get(expression.substring(2, expression.length() - 1)));
    }

    static Optional<RunbookError> error(ModelElementInstance event) {
        return event.getChildElementsByType(ErrorEventDefinition.class)
                .stream()
                .findFirst()
                .map(definition -> definition.getError())
                .map(error -> error.getErrorCode())
                .flatMap(DiagramRules::known);
    }

    private static Optional<RunbookError> known(String code) {
        for (RunbookError error : RunbookError.values()) {
            if (error.name().equals(code)) {
                return Optional.of(error);
            }
        }
        return Optional.empty();
    }

    /** The rules that look at one diagram. */
    private final class OneDiagram {

        private final String file;
        private final BpmnModelInstance model;
        private final List<String> problems;

        private OneDiagram(String file, BpmnModelInstance model, List<String> problems) {
            this.file = file;
            this.model = model;
            this.problems = problems;
        }

        private void check() {
            Collection<Process> processes = model.getModelElementsByType(Process.class);
            if (processes.size() != 1) {
                problem("file", "has " + processes.size() + " processes; one is the rule");
                return;
            }
            Process process = processes.iterator().next();
            require(process.getId().equals(file), process.getId(), "process id and file name differ");
            require(process.isExecutable(), process.getId(), "is not executable");
            require(process.getCamundaHistoryTimeToLiveString() != null, process.getId(),
                    "has no history time to live");
            require(documented(process), process.getId(), "has no documentation");
            scope(process);
            model.getModelElementsByType(org.camunda.bpm.model.bpmn.instance.Error.class)
                    .forEach(error -> require(
                            known(String.valueOf(error.getErrorCode())).isPresent(), error.getId(),
                            "error code " + error.getErrorCode() + " is no RunbookError"));
            if (Runbook.byId(file).isPresent()) {
                uncaught(process, new HashSet<>(Set.of(file))).forEach(
                        error -> problem(process.getId(), "may raise " + error + ", which nothing in it catches"));
                everyPathReports(process);
            }
            picture();
        }

        private void scope(ModelElementInstance scope) {
            long boxes = 0;
            for (FlowNode node : scope.getChildElementsByType(FlowNode.class)) {
                boxes += box(node) ? 1 : 0;
                node(node, scope);
            }
            require(boxes <= MOST_BOXES, String.valueOf(scope.getAttributeValue("id")),
                    "has " + boxes + " boxes; more than " + MOST_BOXES + " belong into a called part");
        }

        private boolean box(FlowNode node) {
            return node instanceof org.camunda.bpm.model.bpmn.instance.Activity;
        }

        private void node(FlowNode node, ModelElementInstance scope) {
            String id = node.getId();
            require(node.getName() != null && !node.getName().isBlank(), id, "has no name");
            if (box(node)) {
                require(documented(node), id, "has no documentation: the sentence that operators read");
            }
            switch (node) {
                case ScriptTask script -> problem(id, "is a script; scripts are not allowed");
                case ServiceTask task -> serviceTask(task);
                case UserTask task -> userTask(task);
                case CallActivity call -> {
                    require(id.startsWith("Call_"), id, "id does not start with Call_");
                    require(call.getCalledElement() != null && diagrams.containsKey(call.getCalledElement()), id,
                            "calls " + call.getCalledElement() + ", which is not there");
                    handedOver(call);
                }
                case SubProcess part -> {
                    require(id.startsWith("SubProcess_"), id, "id does not start with SubProcess_");
                    scope(part);
                }
                case ExclusiveGateway gateway -> gateway(gateway);
                case EndEvent end -> require(id.startsWith("EndEvent_"), id, "id does not start with EndEvent_");
                case StartEvent start -> {
                    require(id.startsWith("StartEvent_"), id, "id does not start with StartEvent_");
                    require(start.getCamundaFormRef() == null || forms.contains(start.getCamundaFormRef()), id,
                            "form " + start.getCamundaFormRef() + " is not there");
                    binding(id, start.getCamundaFormRefBinding());
                }
                case BoundaryEvent event -> {
                    require(id.startsWith("BoundaryEvent_"), id, "id does not start with BoundaryEvent_");
                    error(event).ifPresent(error -> require(
                            raised((FlowNode) event.getAttachedTo(), new HashSet<>(Set.of(file))).contains(error), id,
                            "catches " + error + ", which " + event.getAttachedTo().getId() + " never raises"));
                    require(event.getChildElementsByType(ErrorEventDefinition.class)
                            .stream()
                            .allMatch(definition -> definition.getError() != null), id, "names no error");
                }
                default ->
                    problem(id, "is a " + node.getElementType().getTypeName() + ", which the house does not use");
            }
        }

        /** Under another name a word of a table could pass for a person's. */
        private void handedOver(CallActivity call) {
            parameters(call, CamundaIn.class)
                    .forEach(in -> sameName(call, "hands", in.getCamundaSource(), in.getCamundaTarget()));
            parameters(call, CamundaOut.class)
                    .forEach(out -> sameName(call, "takes", out.getCamundaSource(), out.getCamundaTarget()));
        }

        private void sameName(CallActivity call, String does, @Nullable String source, String target) {
            require(source == null || source.equals(target), call.getId(),
                    does + " " + source + " over as " + target + "; a variable keeps its name");
        }

        private void serviceTask(ServiceTask task) {
            String id = task.getId();
            Optional<Class<? extends Step>> step = step(task);
            if (step.isEmpty()) {
                problem(id, "delegate expression " + task.getCamundaDelegateExpression() + " names no step");
                return;
            }
            String name = step.get().getSimpleName();
            require(id.equals("Task_" + name) || id.startsWith("Task_" + name + "_"), id, "id is not Task_" + name);
            require(task.isCamundaAsyncBefore() || step.get().isAnnotationPresent(LooksOnly.class) || inSection(task),
                    id, "has no save point before it, and changes something");
            boolean named = DrawnBox.property(task, COMMAND).filter(text -> text.matches(COMMAND_NAME)).isPresent();
            require(named == name.equals(RUNS_COMMAND), id, named
                    ? "names a command, which only the step " + RUNS_COMMAND + " runs"
                    : "names no command in its property \"" + COMMAND + "\": small letters, digits and hyphens");
            require(task.getName() == null || task.getName().strip().contains(" "), id,
                    "name is not a verb and a noun");
        }

        /**
         * Where milliseconds count, boxes may share the save point of the first of them: their ids end in _InSection, and
         * each has that box, or another of the section, right before it and no other way in.
         */
        private boolean inSection(ServiceTask task) {
            return task.getId().endsWith(SECTION) && task.getIncoming().size() == 1
                    && task.getIncoming().iterator().next().getSource() instanceof ServiceTask before
                    && (before.isCamundaAsyncBefore() || inSection(before));
        }

        private void userTask(UserTask task) {
            require(task.getId().startsWith("UserTask_"), task.getId(), "id does not start with UserTask_");
            require(forms.contains(String.valueOf(task.getCamundaFormRef())), task.getId(),
                    "form " + task.getCamundaFormRef() + " is not there");
            require(task.getCamundaCandidateGroups() != null, task.getId(), "names no group of people");
            binding(task.getId(), task.getCamundaFormRefBinding());
        }

        /** A diagram that is deployed alone would have no form of its deployment. */
        private void binding(String id, @Nullable String binding) {
            require(binding == null || binding.equals("latest"), id,
                    "binds its form to " + binding + "; latest is the rule");
        }

        private void gateway(ExclusiveGateway gateway) {
            String id = gateway.getId();
            require(id.startsWith("Gateway_"), id, "id does not start with Gateway_");
            require(gateway.getName() != null && gateway.getName().endsWith("?"), id, "name is not a question");
            require(gateway.getDefault() != null, id, "has no default arm");
            Set<String> read = new HashSet<>();
            for (SequenceFlow arm : gateway.getOutgoing()) {
                require(arm.getName() != null && !arm.getName().isBlank(), arm.getId(), "arm has no label");
                if (!arm.equals(gateway.getDefault())) {
                    String condition = arm.getConditionExpression() == null
                            ? ""
                            : arm.getConditionExpression().getTextContent().strip();
                    Matcher matcher = CONDITION.matcher(condition);
                    if (matcher.matches()) {
                        read.add(matcher.group(1));
                    } else {
                        problem(arm.getId(),
                                "condition \"" + condition + "\" is not a comparison of one variable with a word");
                    }
                }
            }
            require(read.size() <= 1, id, "reads " + read + "; one variable is the rule");
        }

        private void everyPathReports(Process process) {
            for (StartEvent start : process.getChildElementsByType(StartEvent.class)) {
                reachable(start).forEach(end -> problem(end.getId(), "can be reached without a report"));
            }
            for (SubProcess part : process.getChildElementsByType(SubProcess.class)) {
                if (part.triggeredByEvent()) {
                    part.getChildElementsByType(StartEvent.class)
                            .forEach(start -> reachable(start)
                                    .forEach(end -> problem(end.getId(), "can be reached without a report")));
                }
            }
        }

        private Set<EndEvent> reachable(FlowNode from) {
            Set<EndEvent> ends = new HashSet<>();
            Set<FlowNode> seen = new HashSet<>();
            Deque<FlowNode> open = new ArrayDeque<>(List.of(from));
            while (!open.isEmpty()) {
                FlowNode node = open.pop();
                if (!seen.add(node) || node.getId().startsWith("Task_ReportRun")) {
                    continue;
                }
                if (node instanceof EndEvent end) {
                    ends.add(end);
                }
                node.getOutgoing().forEach(flow -> open.push(flow.getTarget()));
                node.getParentElement()
                        .getChildElementsByType(BoundaryEvent.class)
                        .stream()
                        .filter(event -> event.getAttachedTo().equals(node))
                        .forEach(open::push);
            }
            return ends;
        }

        private void picture() {
            // A flow node that is asked for its shape searches the whole file.
            Map<String, Bounds> shapes = new HashMap<>();
            for (BpmnShape shape : model.getModelElementsByType(BpmnShape.class)) {
                if (shape.getBpmnElement() != null) {
                    shapes.put(shape.getBpmnElement().getId(), shape.getBounds());
                }
            }
            Set<String> edges = new HashSet<>();
            for (BpmnEdge edge : model.getModelElementsByType(BpmnEdge.class)) {
                if (edge.getBpmnElement() != null) {
                    edges.add(edge.getBpmnElement().getId());
                }
            }
            Collection<FlowNode> nodes = model.getModelElementsByType(FlowNode.class);
            for (FlowNode node : nodes) {
                require(shapes.containsKey(node.getId()), node.getId(), "is not in the picture");
            }
            for (SequenceFlow flow : model.getModelElementsByType(SequenceFlow.class)) {
                require(edges.contains(flow.getId()), flow.getId(), "is not in the picture");
            }
            Map<String, Map<String, Bounds>> scopes = new TreeMap<>();
            for (FlowNode node : nodes) {
                Bounds bounds = shapes.get(node.getId());
                if (bounds != null && !(node instanceof BoundaryEvent)) {
                    String scope = String.valueOf(node.getParentElement().getAttributeValue("id"));
                    scopes.computeIfAbsent(scope, any -> new LinkedHashMap<>()).put(node.getId(), bounds);
                }
            }
            scopes.forEach((scope, drawn) -> scope(scope, Optional.ofNullable(shapes.get(scope)).map(Area::of), drawn));
        }

        private void scope(String scope, Optional<Area> around, Map<String, Bounds> drawn) {
            List<String> ids = List.copyOf(drawn.keySet());
            List<Area> areas = drawn.values().stream().map(Area::of).toList();
            for (int i = 0; i < areas.size(); i++) {
                Area area = areas.get(i);
                if (!around.map(outer -> outer.contains(area)).orElse(true)) {
                    problem(ids.get(i), "lies outside of " + scope);
                }
                for (int j = i + 1; j < areas.size(); j++) {
                    if (area.overlaps(areas.get(j))) {
                        problem(ids.get(i), "lies over " + ids.get(j));
                    }
                }
            }
        }

        private boolean documented(org.camunda.bpm.model.bpmn.instance.BaseElement element) {
            return element.getDocumentations().stream().anyMatch(text -> !text.getTextContent().isBlank());
        }

        private void require(boolean holds, String box, String otherwise) {
            if (!holds) {
                problem(box, otherwise);
            }
        }

        private void problem(String box, String what) {
            problems.add(file + ".bpmn: " + box + ": " + what);
        }
    }

    /** Where a box is drawn. */
    private record Area(double left, double top, double right, double bottom) {

        static Area of(Bounds bounds) {
            return new Area(bounds.getX(), bounds.getY(), bounds.getX() + bounds.getWidth(),
                    bounds.getY() + bounds.getHeight());
        }

        boolean contains(Area other) {
            return left <= other.left && top <= other.top && other.right <= right && other.bottom <= bottom;
        }

        boolean overlaps(Area other) {
            return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
        }
    }
}
