package dev.switchman.engine;

import org.camunda.bpm.engine.impl.jobexecutor.DefaultJobPriorityProvider;
import org.camunda.bpm.engine.impl.jobexecutor.JobDeclaration;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.jspecify.annotations.Nullable;

import dev.switchman.runbook.Runbook;

/** A job is as urgent as the runbook it belongs to, in whatever called part it stands. */
final class RunbookPriority extends DefaultJobPriorityProvider {

    @Override
    public long determinePriority(@Nullable ExecutionEntity execution, JobDeclaration<?, ?> job,
            @Nullable String definition) {
        if (execution == null) {
            return getDefaultPriority();
        }
        String key = EngineFacts.processKey(RunVariables.root(execution));
        return Runbook.byId(key).map(runbook -> (long) runbook.priority()).orElseGet(this::getDefaultPriority);
    }
}
