package dev.switchman.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import org.camunda.bpm.engine.delegate.BpmnError;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;

/**
 * Stands for one step in the diagrams, under the step's bean name. Journals the intent, runs the step, journals the
 * outcome, and turns all but "done" into the error that the diagram draws. Before that it asks whether the run may still
 * go on; if not, {@link RunbookError#RUN_SUPERSEDED} is raised once, and the steps on the path drawn for it run.
 */
final class StepDelegate implements JavaDelegate {

    /** Set when the run was told to stop, so that the drawn path is not stopped as well. */
    static final String STOPPED = "stopped";

    private static final Logger LOG = LoggerFactory.getLogger(StepDelegate.class);
    private static final int DETAIL = 1_000;

    private final String name;
    private final Supplier<Step> step;
    private final StepRoom room;

    StepDelegate(String name, Supplier<Step> step, StepRoom room) {
        this.name = name;
        this.step = step;
        this.room = room;
    }

    @Override
    public void execute(DelegateExecution execution) {
        RunId run = RunVariables.run(execution);
        RunVariables variables = new RunVariables(execution);
        ClusterName cluster = new ClusterName(variables.get(Run.CLUSTER)
                .orElseThrow(() -> new IllegalStateException("run " + run + " has no variable " + Run.CLUSTER)));
        try (var c = MDC.putCloseable("cluster", cluster.value());
                var r = MDC.putCloseable("run", run.value());
                var s = MDC.putCloseable("step", name);
                var alone = room.lanes().enter(cluster)) {
            Optional<String> stop = stopAsked(variables, run, cluster);
            if (stop.isPresent()) {
                variables.put(STOPPED, "yes");
                room.journal().note(run.value(), "stopped", stop.get());
                LOG.warn("{} before step {}", stop.get(), name);
                throw raise(variables, RunbookError.RUN_SUPERSEDED, stop.get());
            }
            run(run, room.clusters().get(cluster), variables, new DrawnBox(execution), sentence(execution),
                    execution.getCurrentActivityId().endsWith(DiagramRules.SECTION));
        }
    }

    /** @return why the run is to stop; empty on the path that is drawn for a stop, and where it can only go forward */
    private Optional<String> stopAsked(RunVariables variables, RunId run, ClusterName cluster) {
        return variables.get(STOPPED).isPresent() || onlyForward(variables, run, cluster)
                ? Optional.empty()
                : room.openRuns().find(run).flatMap(OpenRuns.Row::stop);
    }

    /** What has opened its candidate is not stopped by a person any more: stopping would leave the cluster in halves. */
    private boolean onlyForward(RunVariables variables, RunId run, ClusterName cluster) {
        return variables.get(Run.FORWARD).isPresent()
                && room.openRuns().holder(cluster).filter(row -> row.run().equals(run)).isPresent();
    }

    private void run(RunId run, Cluster cluster, RunVariables variables, Run.Box box, String sentence,
            boolean inSection) {
        Instant begin = room.clock().instant();
        // Writes stand still: the store's commits would take half of the time.
        Journal.StepEntry entry = inSection
                ? room.journal().stepFollows(run.value(), name, sentence, begin)
                : room.journal().stepBegins(run.value(), name, sentence, begin);
        Outcome outcome;
        try {
            outcome = step.get()
                    .run(new Run(run, cluster, variables,
                            (label, text) -> room.journal().note(run.value(), label, text),
                            () -> stopAsked(variables, run, cluster.name()), box,
                            room.progress()));
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
            entry.ended("THROWN", thrown.getClass().getSimpleName() + ": " + Text.of(thrown), since(begin));
            LOG.error("step {} threw", name, thrown);
            throw raise(variables, RunbookError.STEP_FAILED, name + ": " + Text.of(thrown));
        }
        Duration took = since(begin);
        Optional<RunbookError> undeclared = undeclared(outcome);
        if (undeclared.isPresent()) {
            // No diagram need have drawn it: raised as it is, it would leave the run hanging.
            String what = name + " ended in " + undeclared.get() + ", which its @Raises does not declare: " + outcome;
            entry.ended("THROWN", what, took);
            LOG.error("{}", what);
            throw raise(variables, RunbookError.STEP_FAILED, what);
        }
        switch (outcome) {
            case Outcome.Done(String detail) -> {
                entry.ended("DONE", detail, took);
                LOG.info("done in {} ms: {}", took.toMillis(), detail);
            }
            case Outcome.Refused(RunbookError error, String why) -> {
                entry.ended("REFUSED", error + ": " + why, took);
                LOG.warn("refused after {} ms, {}: {}", took.toMillis(), error, why);
                if (error == RunbookError.RUN_SUPERSEDED) {
                    // The step has noticed it itself: the path drawn for it is not stopped as well.
                    variables.put(STOPPED, "yes");
                }
                throw raise(variables, error, why);
            }
            case Outcome.Unknown(String what) -> {
                entry.ended("UNKNOWN", what, took);
                LOG.warn("outcome unknown after {} ms: {}", took.toMillis(), what);
                throw raise(variables, RunbookError.OUTCOME_UNKNOWN, what);
            }
        }
    }

    /** @return the error of an outcome that no diagram was asked to draw */
    private Optional<RunbookError> undeclared(Outcome outcome) {
        Optional<RunbookError> error = switch (outcome) {
            case Outcome.Done done -> Optional.empty();
            case Outcome.Refused refused -> Optional.of(refused.error());
            case Outcome.Unknown unknown -> Optional.of(RunbookError.OUTCOME_UNKNOWN);
        };
        return error.filter(raised -> !declared(step.get().getClass()).contains(raised));
    }

    /** @return all errors that a step of this class may raise: those of its {@link Raises}, and what any step may */
    static Set<RunbookError> declared(Class<? extends Step> type) {
        Set<RunbookError> declared = EnumSet.of(RunbookError.STEP_FAILED, RunbookError.RUN_SUPERSEDED);
        @Nullable
        Raises raises = type.getAnnotation(Raises.class);
        if (raises != null) {
            declared.addAll(List.of(raises.value()));
        }
        return declared;
    }

    private Duration since(Instant begin) {
        return Duration.between(begin, room.clock().instant());
    }

    private static BpmnError raise(RunVariables variables, RunbookError error, String why) {
        variables.put(Run.REFUSAL, error.name());
        variables.put(Run.DETAIL, Text.upTo(DETAIL, why));
        return new BpmnError(error.name(), Text.upTo(DETAIL, why));
    }

    /** @return the box's documentation, which is the operator's sentence; else its label */
    private static String sentence(DelegateExecution execution) {
        @Nullable
        Object documentation = EngineFacts.documentation(execution);
        @Nullable
        String label = execution.getCurrentActivityName();
        String text = documentation == null ? "" : documentation.toString().strip().replaceAll("\\s+", " ");
        return !text.isEmpty() ? text : label != null ? label : execution.getCurrentActivityId();
    }
}
