package dev.switchman.engine;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.camunda.bpm.engine.delegate.DelegateTask;
import org.camunda.bpm.engine.delegate.TaskListener;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;

/**
 * Stands at every user task. An answer counts only from here: from the form's values in the moment in which a person who
 * may answer completes the task, whether here or in Tasklist. The values are removed at once, so that none is left over for
 * another question.
 */
@Component
class QuestionHooks {

    /** Fields of the forms. */
    static final String ANSWER = "answer";
    static final String COMMENT = "comment";

    private final Questions questions;
    private final KnownClusters clusters;
    private final Journal journal;
    private final Clock clock;

    QuestionHooks(Questions questions, KnownClusters clusters, Journal journal, Clock clock) {
        this.questions = questions;
        this.clusters = clusters;
        this.journal = journal;
        this.clock = clock;
    }

    TaskListener opens() {
        return task -> {
            forget(task);
            RunVariables variables = new RunVariables(task.getExecution());
            Cluster cluster = clusters.get(new ClusterName(variables.get(Run.CLUSTER).orElse("")));
            questions.open(RunVariables.run(task.getExecution()), cluster.name(),
                    variables.get(Run.QUESTION).orElse(task.getName()), clock.instant(), usual(cluster));
        };
    }

    TaskListener completes() {
        return task -> {
            RunId run = RunVariables.run(task.getExecution());
            Optional<String> by = Signed.in();
            if (by.isEmpty()) {
                questions.expire(run, clock.instant());
                forget(task);
                return;
            }
            if (!mayAnswer(Signed.groups())) {
                throw new IllegalStateException(
                        by.get() + " may not answer: not in group " + Role.APPROVER.group() + " or "
                                + Role.ADMIN.group());
            }
            questions.refusal(run, by.get())
                    .ifPresent(why -> {
                        throw new IllegalStateException(why);
                    });
            boolean yes = switch (value(task, ANSWER)) {
                case "yes", "true" -> true;
                case "no", "false" -> false;
                case String other -> throw new IllegalArgumentException(
                        "the form's field \"answer\" must be yes or no, not \"" + other + "\"");
            };
            String comment = value(task, COMMENT);
            questions.answer(run, yes, by.get(), comment, clock.instant());
            journal.note(run.value(), "answer",
                    (yes ? "yes" : "no") + " by " + by.get() + (comment.isEmpty() ? "" : ": " + comment));
            forget(task);
        };
    }

    /** The timer beside the task fired, or the instance was deleted. */
    TaskListener expires() {
        return task -> questions.expire(RunVariables.run(task.getExecution()), clock.instant());
    }

    /** Where no policy says otherwise: one person, and silence is a no. */
    static Approvals.Terms usual(Cluster cluster) {
        return new Approvals.Terms(1, Set.of(), cluster.limits().approval(), false);
    }

    static boolean mayAnswer(List<String> groups) {
        return groups.contains(Role.APPROVER.group()) || groups.contains(Role.ADMIN.group());
    }

    private static String value(DelegateTask task, String name) {
        @Nullable
        Object value = task.getVariable(name);
        return value == null ? "" : value.toString().strip();
    }

    private static void forget(DelegateTask task) {
        for (String name : List.of(ANSWER, COMMENT)) {
            task.removeVariable(name);
        }
    }
}
