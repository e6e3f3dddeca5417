package dev.switchman.engine;

import java.lang.reflect.RecordComponent;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.ExecutionListener;
import org.camunda.bpm.engine.impl.cfg.TransactionState;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.form.validator.FormFieldValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Bulletins;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Orders;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Limits;

/**
 * Stands at the first and last moment of every runbook's instance, however it was started or ended: here, in Tasklist, in
 * Cockpit. Takes and gives back the cluster in the instance's own transaction. Parts that a runbook calls are not runs.
 */
@Component
class RunLifecycle {

    /** Input: why the run was started, in one line. */
    static final String CAUSE = "cause";

    private static final Logger LOG = LoggerFactory.getLogger(RunLifecycle.class);

    /** A condition on a variable that was never set is an engine fault: all that a diagram may read are set from the start. */
    private static final List<String> READ_BY_DIAGRAMS = List.of(Run.OLD_PRIMARY, Run.CANDIDATE, Run.EXCLUDED,
            Run.VERDICT, Run.FENCE,
            Run.LOSS, Run.POLICY, Run.QUESTION, Run.APPROVED, Run.ENDING, Run.REFUSAL, Run.DETAIL,
            Run.TARGET, Run.OVERRIDES, Run.ASKS, Run.FACTS, Run.FORWARD, Run.DONOR, Run.REBUILT, Run.REPLICA,
            Run.MORE, Run.CHOICE, CAUSE,
            StepDelegate.STOPPED);

    private final OpenRuns openRuns;
    private final KnownClusters clusters;
    private final Journal journal;
    private final ObjectProvider<Orders> orders;
    private final ObjectProvider<Bulletins> bulletins;
    private final Progress progress;
    private final Clock clock;

    RunLifecycle(OpenRuns openRuns, KnownClusters clusters, Journal journal, ObjectProvider<Orders> orders,
            ObjectProvider<Bulletins> bulletins, Progress progress, Clock clock) {
        this.openRuns = openRuns;
        this.clusters = clusters;
        this.journal = journal;
        this.orders = orders;
        this.bulletins = bulletins;
        this.progress = progress;
        this.clock = clock;
    }

    /** @return name of the variable that holds this limit as ISO-8601: {@code approval} is {@code limitApproval} */
    static String limitVariable(String limit) {
        return "limit" + limit.substring(0, 1).toUpperCase(Locale.ROOT) + limit.substring(1);
    }

    /** @param asks whether people are asked in it */
    ExecutionListener begins(boolean asks) {
        return execution -> {
            if (called(execution)) {
                DelegateExecution root = RunVariables.root(execution);
                execution.setProcessBusinessKey(root.getProcessBusinessKey());
                if (asks) {
                    complete(execution, root);
                }
                return;
            }
            String key = EngineFacts.processKey(execution);
            Runbook runbook = Runbook.byId(key)
                    .orElseThrow(() -> new IllegalArgumentException(
                            key + " is no runbook that can be started, only called"));
            RunId run = new RunId(execution.getProcessInstanceId());
            Optional<String> person = Signed.in();
            person.ifPresent(name -> ordered(execution, runbook, name));
            Cluster cluster = clusters.get(clusterOf(execution));
            String startedBy = new RunVariables(execution).get(Run.STARTED_BY).orElse("engine");
            execution.setProcessBusinessKey(cluster.name().value());
            execution.setVariable(Run.CLUSTER, cluster.name().value());
            execution.setVariable(Run.STARTED_BY, startedBy);
            for (String name : READ_BY_DIAGRAMS) {
                if (!execution.hasVariable(name)) {
                    execution.setVariable(name, "");
                }
            }
            limits(execution, cluster.limits());
            Optional<RunId> takenFrom = openRuns.take(run, runbook, cluster.name());
            String cause = new RunVariables(execution).get(CAUSE).orElse("");
            journal.runStarted(run.value(), cluster.name(), runbook.id(), startedBy, cause, clock.instant());
            takenFrom.ifPresent(
                    from -> journal.note(run.value(), "taken over", "cluster " + cluster.name() + " from run " + from));
            afterwards(TransactionState.COMMITTED,
                    () -> bulletins
                            .ifAvailable(told -> told.began(cluster, run, runbook, startedBy, cause)));
            afterwards(TransactionState.ROLLED_BACK, () -> journal.runEnded(run.value(), Ending.FAILED.name(),
                    "The run could not be put into the store; nothing was done.", clock.instant()));
        };
    }

    /**
     * Gives a part that asks people what it reads and its caller was not handed: whoever draws a question into a part need not
     * know which variables that part does without. Others do without them: they cost time where writes wait.
     */
    private static void complete(DelegateExecution part, DelegateExecution root) {
        Stream<String> limits = Arrays.stream(Limits.class.getRecordComponents())
                .map(limit -> limitVariable(limit.getName()));
        Stream.concat(READ_BY_DIAGRAMS.stream(), limits)
                .filter(name -> !part.hasVariable(name) && root.hasVariable(name))
                .forEach(name -> part.setVariable(name, root.getVariable(name)));
    }

    /**
     * Takes from a person, in Tasklist or through the engine's interface, what a form may bring and nothing else: whoever
     * could say by whom the run was started could approve it himself.
     */
    private void ordered(DelegateExecution execution, Runbook runbook, String person) {
        if (runbook != Runbook.SWITCHOVER) {
            throw refused(runbook.id() + " is not started here; by command: switchman failover CLUSTER");
        }
        RunVariables given = new RunVariables(execution);
        @Nullable
        String key = execution.getProcessBusinessKey();
        String name = given.get(Run.CLUSTER).orElse(key == null ? "" : key).strip();
        Cluster cluster;
        try {
            cluster = clusters.get(new ClusterName(name));
        } catch (IllegalArgumentException e) {
            throw refused("cluster: " + e.getMessage());
        }
        List<String> overrides = Arrays.stream(given.get(Run.OVERRIDES).orElse("").split(","))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
        Orders.Order order = orders.getObject()
                .switchover(cluster, given.get(Run.TARGET), given.get(CAUSE).orElse(""), overrides);
        execution.removeVariables();
        switch (order) {
            case Orders.Order.Fit(String reason, var inputs) -> {
                inputs.forEach(execution::setVariable);
                execution.setVariable(Run.CLUSTER, name);
                execution.setVariable(CAUSE, reason);
                execution.setVariable(Run.STARTED_BY, person);
            }
            case Orders.Order.Unfit(String why) -> throw refused(why);
            case Orders.Order.OnlyWatched(String why) -> throw refused(why);
        }
    }

    /** Of the engine's exceptions the one that its interface answers with 400 and the message. */
    private static FormFieldValidationException refused(String why) {
        return new FormFieldValidationException(why, why);
    }

    ExecutionListener ends() {
        return execution -> {
            if (called(execution)) {
                return;
            }
            RunId run = new RunId(execution.getProcessInstanceId());
            openRuns.release(run);
            progress.forget(run);
            Optional<String> ending = new RunVariables(execution).get(Run.ENDING);
            boolean deleted = EngineFacts.deleted(execution);
            String reason = EngineFacts.deleteReason(execution);
            afterwards(TransactionState.COMMITTED, () -> {
                if (journal.run(run.value()).flatMap(Journal.RunRecord::endedAt).isPresent()) {
                    return;
                }
                if (deleted) {
                    end(run, Ending.CANCELLED.name(), "The run was deleted from the engine: " + reason + ".");
                } else {
                    end(run, ending.orElse(Ending.FAILED.name()), "The run ended without a report.");
                }
            });
        };
    }

    /** Ends in the journal what ended in the store right before the program did. */
    void reconcile() {
        for (Journal.RunRecord record : journal.runs(Optional.empty(), 1_000)) {
            if (record.endedAt().isEmpty() && openRuns.find(new RunId(record.run())).isEmpty()) {
                end(new RunId(record.run()), Ending.FAILED.name(),
                        "The program stopped while this run began or ended; the engine has no such open run.");
            }
        }
    }

    private void end(RunId run, String ending, String report) {
        LOG.warn("run {} ended, {}: {}", run, ending, report);
        journal.runEnded(run.value(), ending, report, clock.instant());
        journal.run(run.value())
                .flatMap(record -> clusters.find(record.cluster())
                        .map(cluster -> new Ended(cluster, record.runbook())))
                .ifPresent(ended -> bulletins.ifAvailable(told -> told.ended(ended.cluster(), run, ended.runbook(),
                        Ending.valueOf(ending), ended.runbook() + " ended " + ending, report)));
    }

    private record Ended(Cluster cluster, String runbook) {}

    private static boolean called(DelegateExecution execution) {
        @Nullable
        DelegateExecution caller = execution.getSuperExecution();
        return caller != null;
    }

    private static ClusterName clusterOf(DelegateExecution execution) {
        @Nullable
        String key = execution.getProcessBusinessKey();
        return new ClusterName(new RunVariables(execution).get(Run.CLUSTER).orElse(key == null ? "" : key));
    }

    private static void limits(DelegateExecution execution, Limits limits) {
        for (RecordComponent limit : Limits.class.getRecordComponents()) {
            try {
                Duration value = (Duration) limit.getAccessor().invoke(limits);
                execution.setVariable(limitVariable(limit.getName()), value.toString());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot read limit " + limit.getName(), e);
            }
        }
    }

    private static void afterwards(TransactionState state, Runnable action) {
        Context.getCommandContext().getTransactionContext().addTransactionListener(state, context -> action.run());
    }
}
