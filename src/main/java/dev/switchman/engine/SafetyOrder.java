package dev.switchman.engine;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.ErrorEventDefinition;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;

import dev.switchman.runbook.ChangesServers;
import dev.switchman.runbook.Decides;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;

/**
 * Walks every path of every runbook, through its called parts and past every caught refusal, and holds two things on each:
 * what {@link Follows} says of a step, and that no server is changed against a policy's or a person's word. A refusal
 * that is caught at a part counts for nothing that happened inside it, since nobody knows how far it came.
 */
final class SafetyOrder {

    /** Puts a question to people. */
    private static final String ASKS = "AskPerson";
    /** Reads the answer: before it, the variable holds what was answered to an earlier question. */
    private static final String ANSWERED = "ReadAnswer";

    private final Map<String, BpmnModelInstance> diagrams;
    private final DiagramRules rules;
    /** Steps and refusals that some order speaks of; all others make no difference between two paths. */
    private final Set<String> marks;
    private final Set<String> deciding;
    /** What a step or refusal makes void when it comes again: all that must follow it. */
    private final Map<String, Set<String>> behind;
    private final Set<String> problems = new TreeSet<>();

    SafetyOrder(Map<String, BpmnModelInstance> diagrams, Collection<Class<? extends Step>> steps, DiagramRules rules) {
        this.diagrams = diagrams;
        this.rules = rules;
        this.marks = Stream.concat(Stream.of(ANSWERED), steps.stream()
                .flatMap(step -> Arrays.stream(step.getAnnotationsByType(Follows.class)))
                .flatMap(SafetyOrder::names)).collect(Collectors.toUnmodifiableSet());
        this.behind = marks.stream()
                .collect(Collectors.toUnmodifiableMap(Function.identity(), mark -> behind(mark, steps)));
        this.deciding = steps.stream()
                .filter(step -> step.isAnnotationPresent(Decides.class))
                .map(Class::getSimpleName)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Set<String> behind(String mark, Collection<Class<? extends Step>> steps) {
        Set<String> behind = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(mark));
        while (!open.isEmpty()) {
            String earlier = open.pop();
            steps.stream()
                    .filter(step -> Arrays.stream(step.getAnnotationsByType(Follows.class))
                            .anyMatch(order -> names(order).anyMatch(earlier::equals)))
                    .map(Class::getSimpleName)
                    .filter(behind::add)
                    .forEach(open::push);
        }
        return Set.copyOf(behind);
    }

    private static Stream<String> names(Follows order) {
        return Stream.concat(Arrays.stream(order.value()).map(Class::getSimpleName),
                Arrays.stream(order.orCaught()).map(RunbookError::name));
    }

    /** Whether a server may be changed, as far as the path tells. */
    private enum Permission {
        /** Nobody was asked so far. */
        NOT_ASKED,
        /** A table has answered, and nothing has looked at its answer. */
        POLICY_UNREAD,
        /** A person was asked, and nothing has looked at the answer. */
        ANSWER_UNREAD, GIVEN
    }

    /** What is known at one place of one path. */
    private record State(Set<String> passed, Permission permission) {

        State with(Permission other) {
            return new State(passed, other);
        }

        State past(String mark, Set<String> voided) {
            Set<String> more = new HashSet<>(passed);
            more.removeAll(voided);
            more.add(mark);
            return new State(Set.copyOf(more), permission);
        }

        State without(String mark) {
            Set<String> fewer = new HashSet<>(passed);
            fewer.remove(mark);
            return new State(Set.copyOf(fewer), permission);
        }
    }

    /** @param beside whether the rest of the scope goes on meanwhile, and ends elsewhere */
    private record At(FlowNode node, State state, boolean beside) {}

    List<String> problems() {
        diagrams.forEach((file, model) -> {
            model.getModelElementsByType(EndEvent.class).forEach(end -> raises(file, end));
            if (Runbook.byId(file).isPresent()) {
                for (Process process : model.getModelElementsByType(Process.class)) {
                    walk(file, process, Set.of(new State(Set.of(), Permission.NOT_ASKED)), Set.of(file));
                }
            }
        });
        return List.copyOf(problems);
    }

    /** @return what may be known where this scope ends otherwise than by an error */
    private Set<State> walk(String file, ModelElementInstance scope, Set<State> entries, Set<String> underWay) {
        Deque<At> open = new ArrayDeque<>();
        for (StartEvent start : scope.getChildElementsByType(StartEvent.class)) {
            entries.forEach(entry -> open.push(new At(start, entry, false)));
        }
        Set<State> ends = new LinkedHashSet<>();
        for (SubProcess part : scope.getChildElementsByType(SubProcess.class)) {
            if (part.triggeredByEvent()) {
                // It begins wherever the rest was left, so it may change nothing.
                ends.addAll(walk(file, part, Set.of(new State(Set.of(), Permission.ANSWER_UNREAD)), underWay));
            }
        }
        Collection<BoundaryEvent> events = scope.getChildElementsByType(BoundaryEvent.class);
        Set<At> seen = new HashSet<>();
        while (!open.isEmpty()) {
            At at = open.pop();
            if (!seen.add(at)) {
                continue;
            }
            if (!at.beside() && at.node() instanceof EndEvent end
                    && end.getChildElementsByType(ErrorEventDefinition.class).isEmpty()) {
                ends.add(at.state());
            }
            for (State left : left(file, at, underWay)) {
                for (SequenceFlow flow : at.node().getOutgoing()) {
                    open.push(new At(flow.getTarget(), along(at.node(), flow, left), at.beside()));
                }
            }
            for (BoundaryEvent event : events) {
                if (event.getAttachedTo().equals(at.node())) {
                    open.push(new At(event, caught(at, event), at.beside() || !event.cancelActivity()));
                }
            }
        }
        return ends;
    }

    private Set<State> left(String file, At at, Set<String> underWay) {
        State state = at.state();
        return switch (at.node()) {
            case ServiceTask task -> rules.step(task).map(step -> {
                check(file, task, step, state, underWay);
                return Set.of(done(step, state));
            }).orElse(Set.of(state));
            case SubProcess part -> walk(file, part, Set.of(state), underWay);
            case CallActivity call -> called(file, call, state, underWay);
            default -> Set.of(state);
        };
    }

    private State done(Class<? extends Step> step, State state) {
        String name = step.getSimpleName();
        // Where a person was asked and has not said yes, no table can.
        State past = step.isAnnotationPresent(Decides.class) && state.permission() != Permission.ANSWER_UNREAD
                ? state.with(Permission.POLICY_UNREAD)
                : state;
        if (name.equals(ASKS)) {
            past = past.with(Permission.ANSWER_UNREAD);
        }
        return marks.contains(name) ? past.past(name, behind.getOrDefault(name, Set.of())) : past;
    }

    private Set<State> called(String file, CallActivity call, State state, Set<String> underWay) {
        String name = call.getCalledElement();
        BpmnModelInstance model = name == null ? null : diagrams.get(name);
        if (model == null || underWay.contains(name)) {
            return Set.of(state);
        }
        if (asks(call) && !(all(call, CamundaIn.class, CamundaIn::getCamundaVariables)
                && all(call, CamundaOut.class, CamundaOut::getCamundaVariables))) {
            problems.add(
                    file + ".bpmn: " + call.getId() + ": hands not all variables in and out, so that an answer may not"
                            + " arrive");
        }
        Set<String> deeper = new LinkedHashSet<>(underWay);
        deeper.add(name);
        Set<State> ends = new LinkedHashSet<>();
        for (Process process : model.getModelElementsByType(Process.class)) {
            ends.addAll(walk(name, process, Set.of(state), deeper));
        }
        return ends;
    }

    /** Whether this part puts a question to people itself. */
    private boolean asks(CallActivity call) {
        BpmnModelInstance model = call.getCalledElement() == null ? null : diagrams.get(call.getCalledElement());
        return model != null && model.getModelElementsByType(ServiceTask.class)
                .stream()
                .anyMatch(task -> rules.step(task).filter(step -> step.getSimpleName().equals(ASKS)).isPresent());
    }

    private static <T extends ModelElementInstance> boolean all(CallActivity call, Class<T> type,
            Function<T, String> variables) {
        return DiagramRules.parameters(call, type).map(variables).anyMatch("all"::equals);
    }

    /** What these stand for is seen on a server; drawing them proves nothing. */
    private void raises(String file, EndEvent end) {
        DiagramRules.error(end)
                .filter(error -> error == RunbookError.NEW_PRIMARY_LOST || marks.contains(error.name()))
                .ifPresent(error -> problems.add(file + ".bpmn: " + end.getId() + ": raises " + error
                        + ", which only a step may"));
    }

    private State caught(At at, BoundaryEvent event) {
        // Whoever leaves a question without its answer has none.
        State state = at.node() instanceof CallActivity call && asks(call)
                ? at.state().with(Permission.ANSWER_UNREAD).without(ANSWERED)
                : at.state();
        return DiagramRules.error(event).map(error -> {
            State known = error == RunbookError.NEW_PRIMARY_LOST ? anew(state) : state;
            return marks.contains(error.name())
                    ? known.past(error.name(), behind.getOrDefault(error.name(), Set.of()))
                    : known;
        }).orElse(state);
    }

    /** A server that was open and is lost is one more to fence, so nothing that was done for the last one counts. */
    private State anew(State state) {
        Set<String> left = new HashSet<>(state.passed());
        left.retainAll(deciding);
        return new State(Set.copyOf(left), state.permission());
    }

    private static State along(FlowNode node, SequenceFlow flow, State state) {
        if (!(node instanceof ExclusiveGateway gateway) || flow.equals(gateway.getDefault())
                || flow.getConditionExpression() == null) {
            return state;
        }
        Matcher condition = DiagramRules.CONDITION.matcher(flow.getConditionExpression().getTextContent().strip());
        if (!condition.matches()) {
            return state;
        }
        String word = condition.group(2);
        boolean given = switch (state.permission()) {
            case POLICY_UNREAD ->
                condition.group(1).equals("policy") && (word.equals("go") || word.equals("act"));
            case ANSWER_UNREAD ->
                condition.group(1).equals("approved") && word.equals("yes") && state.passed().contains(ANSWERED);
            case NOT_ASKED, GIVEN -> false;
        };
        return given ? state.with(Permission.GIVEN) : state;
    }

    private void check(String file, ServiceTask task, Class<? extends Step> step, State state, Set<String> underWay) {
        String way = underWay.size() == 1 ? "" : " (by way of " + String.join(", ", underWay) + ")";
        for (Follows order : step.getAnnotationsByType(Follows.class)) {
            if (names(order).noneMatch(state.passed()::contains)) {
                problem(file, task, "can be reached before " + names(order).collect(Collectors.joining(" or ")) + way);
            }
        }
        if (step.isAnnotationPresent(ChangesServers.class)) {
            switch (state.permission()) {
                case POLICY_UNREAD -> problem(file, task, "can be reached without the policy's go" + way);
                case ANSWER_UNREAD -> problem(file, task, "can be reached without a person's yes" + way);
                case NOT_ASKED, GIVEN -> {
                }
            }
        }
    }

    private void problem(String file, ServiceTask task, String what) {
        problems.add(file + ".bpmn: " + task.getId() + ": " + what);
    }
}
