package dev.switchman.engine;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.exception.NullValueException;
import org.camunda.bpm.engine.impl.identity.Authentication;
import org.camunda.bpm.engine.task.Task;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.People.Person;
import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.Cluster;

/** Questions are the engine's user tasks; answering completes the task in the answerer's name. */
@Component
class CamundaApprovals implements Approvals {

    private final Questions questions;
    private final OpenRuns openRuns;
    private final KnownClusters clusters;
    private final Waits waits;
    private final TaskService tasks;
    private final IdentityService identity;
    private final Clock clock;

    CamundaApprovals(Questions questions, OpenRuns openRuns, KnownClusters clusters, Waits waits, TaskService tasks,
            IdentityService identity, Clock clock) {
        this.questions = questions;
        this.openRuns = openRuns;
        this.clusters = clusters;
        this.waits = waits;
        this.tasks = tasks;
        this.identity = identity;
        this.clock = clock;
    }

    @Override
    public void ask(RunId run, String question) {
        OpenRuns.Row row = openRuns.find(run).orElseThrow(() -> new IllegalArgumentException("no open run " + run));
        ask(run, question, QuestionHooks.usual(clusters.get(row.cluster())));
    }

    @Override
    public void ask(RunId run, String question, Terms terms) {
        OpenRuns.Row row = openRuns.find(run).orElseThrow(() -> new IllegalArgumentException("no open run " + run));
        Cluster cluster = clusters.get(row.cluster());
        questions.open(run, cluster.name(), question, clock.instant(), terms);
    }

    @Override
    public List<Question> waiting() {
        return questions.waiting();
    }

    @Override
    public Answered answer(RunId run, Person by, boolean yes, String comment) {
        Answered[] answered = {new Answered.NothingAsked()};
        Signed.off(identity, () -> {
            List<Task> open = waits.questions(run);
            List<String> groups = by.roles().stream().map(Role::group).toList();
            if (open.isEmpty()) {
                return;
            }
            if (!QuestionHooks.mayAnswer(groups)) {
                answered[0] = new Answered.NotAllowed(
                        by.name() + " is not in group " + Role.APPROVER.group() + " or " + Role.ADMIN.group());
                return;
            }
            Optional<String> refusal = questions.refusal(run, by.name());
            if (refusal.isPresent()) {
                answered[0] = new Answered.NotAllowed(refusal.get());
                return;
            }
            Signed.as(identity, new Authentication(by.name(), groups), () -> {
                try {
                    tasks.complete(open.get(0).getId(),
                            Map.of(QuestionHooks.ANSWER, yes ? "yes" : "no", QuestionHooks.COMMENT, comment));
                    answered[0] = new Answered.Taken();
                } catch (NullValueException | OptimisticLockingException e) {
                    // Another answer, or the end of its time, came first: nothing is asked any more.
                    answered[0] = new Answered.NothingAsked();
                }
            });
        });
        return answered[0];
    }

    @Override
    public Optional<Answer> given(RunId run) {
        return questions.last(run);
    }
}
