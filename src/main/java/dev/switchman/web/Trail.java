package dev.switchman.web;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.switchman.runbook.RunHistory.Visit;

/** The way that a run took through one diagram: which boxes, how long in each, over which flows. */
final class Trail {

    private final Map<String, State> states;
    private final Map<String, String> times;
    private final Set<String> flows;

    private Trail(Map<String, State> states, Map<String, String> times, Set<String> flows) {
        this.states = states;
        this.times = times;
        this.flows = flows;
    }

    enum State {
        /** Never come to. */
        IDLE, DONE, NOW,
        /** Left by an event at its border, or by force. */
        LEFT
    }

    /** The engine keeps no flows: of those into a box, one was taken if the run came from its other end just before. */
    static Trail of(Diagram diagram, List<Visit> visits) {
        Map<String, State> states = new LinkedHashMap<>();
        Map<String, String> times = new LinkedHashMap<>();
        Map<String, List<Visit>> byBox = new LinkedHashMap<>();
        visits.forEach(visit -> byBox.computeIfAbsent(visit.box(), box -> new ArrayList<>()).add(visit));
        byBox.forEach((box, all) -> {
            Visit last = all.getLast();
            states.put(box, last.until().isEmpty() ? State.NOW : last.interrupted() ? State.LEFT : State.DONE);
            time(box, all).ifPresent(time -> times.put(box, time));
        });
        Set<String> flows = new LinkedHashSet<>();
        Map<String, List<Diagram.Flow>> into = new LinkedHashMap<>();
        diagram.flows()
                .forEach(
                        flow -> into.computeIfAbsent(flow.target(), target -> new ArrayList<>()).add(flow));
        for (int i = 0; i < visits.size(); i++) {
            taken(visits, i, into.getOrDefault(visits.get(i).box(), List.of())).ifPresent(flows::add);
        }
        return new Trail(states, times, flows);
    }

    private static Optional<String> taken(List<Visit> visits, int to, List<Diagram.Flow> into) {
        Instant came = visits.get(to).from();
        Optional<String> best = Optional.empty();
        Instant bestLeft = Instant.MIN;
        for (Diagram.Flow flow : into) {
            for (int from = 0; from < visits.size(); from++) {
                Visit visit = visits.get(from);
                Optional<Instant> left = visit.until();
                if (from != to && visit.box().equals(flow.source()) && left.isPresent() && !left.get().isAfter(came)
                        && !left.get().isBefore(bestLeft) && !visit.interrupted()) {
                    best = Optional.of(flow.id());
                    bestLeft = left.get();
                }
            }
        }
        return best;
    }

    /** Only of what takes time: a service task, a question, a called part. */
    private static Optional<String> time(String box, List<Visit> visits) {
        if (!box.startsWith("Task_") && !box.startsWith("UserTask_") && !box.startsWith("Call_")) {
            return Optional.empty();
        }
        Duration sum = visits.stream()
                .filter(visit -> visit.until().isPresent())
                .map(visit -> Duration.between(visit.from(), visit.until().orElseThrow()))
                .reduce(Duration.ZERO, Duration::plus);
        if (visits.stream().allMatch(visit -> visit.until().isEmpty())) {
            return Optional.empty();
        }
        return Optional.of((visits.size() > 1 ? visits.size() + "× " : "") + Moments.took(sum));
    }

    State state(String box) {
        return states.getOrDefault(box, State.IDLE);
    }

    Optional<String> time(String box) {
        return Optional.ofNullable(times.get(box));
    }

    boolean took(String flow) {
        return flows.contains(flow);
    }

    Set<String> boxes(State state) {
        Set<String> boxes = new HashSet<>();
        states.forEach((box, of) -> {
            if (of == state) {
                boxes.add(box);
            }
        });
        return boxes;
    }

    Set<String> flows() {
        return Set.copyOf(flows);
    }

    Map<String, String> times() {
        return Map.copyOf(times);
    }
}
