package dev.switchman.engine;

import java.util.ArrayList;
import java.util.List;

import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.exception.NullValueException;
import org.camunda.bpm.engine.runtime.Job;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.engine.task.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.RunId;

/** The places where a run stands still: questions to people, and jobs that the engine gave up. */
@Component
class Waits {

    private static final Logger LOG = LoggerFactory.getLogger(Waits.class);

    private final RuntimeService runtime;
    private final TaskService tasks;
    private final ManagementService management;
    private final IdentityService identity;

    Waits(RuntimeService runtime, TaskService tasks, ManagementService management, IdentityService identity) {
        this.runtime = runtime;
        this.tasks = tasks;
        this.management = management;
        this.identity = identity;
    }

    /** @return ids of the run's instance and of those it called that have not ended */
    List<String> parts(RunId run) {
        return runtime.createProcessInstanceQuery()
                .rootProcessInstanceId(run.value())
                .list()
                .stream()
                .map(ProcessInstance::getProcessInstanceId)
                .toList();
    }

    List<Task> questions(RunId run) {
        List<String> parts = parts(run);
        return parts.isEmpty()
                ? List.of()
                : tasks.createTaskQuery().processInstanceIdIn(parts.toArray(new String[0])).list();
    }

    /** Lets a run that was told to stop go on to its next step, where it stops: its questions end without an answer. */
    void leave(RunId run) {
        Signed.off(identity, () -> {
            for (Task task : questions(run)) {
                try {
                    tasks.complete(task.getId());
                } catch (NullValueException | OptimisticLockingException e) {
                    // Answered, or its time ran out, in this moment: the run goes on to its next step anyway.
                    LOG.debug("question {} of run {} ended meanwhile", task.getId(), run, e);
                }
            }
            List<Job> givenUp = new ArrayList<>();
            parts(run).forEach(
                    part -> givenUp.addAll(management.createJobQuery().processInstanceId(part).noRetriesLeft().list()));
            givenUp.forEach(job -> management.setJobRetries(job.getId(), 1));
        });
    }
}
