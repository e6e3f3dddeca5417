package dev.switchman.engine;

import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParse;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.jspecify.annotations.Nullable;

/** What only the engine's inner classes tell of an execution. */
final class EngineFacts {

    private EngineFacts() {}

    static @Nullable Object documentation(DelegateExecution execution) {
        return ((ExecutionEntity) execution).getActivity().getProperty(BpmnParse.PROPERTYNAME_DOCUMENTATION);
    }

    static boolean deleted(DelegateExecution execution) {
        ExecutionEntity entity = (ExecutionEntity) execution;
        return entity.isCanceled() || entity.isExternallyTerminated();
    }

    static String deleteReason(DelegateExecution execution) {
        @Nullable
        String reason = ((ExecutionEntity) execution).getDeleteReason();
        return reason == null || reason.isBlank() ? "no reason given" : reason;
    }

    static String processKey(DelegateExecution execution) {
        return ((ExecutionEntity) execution).getProcessDefinition().getKey();
    }
}
