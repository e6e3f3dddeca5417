package dev.switchman.engine;

import java.util.Optional;

import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.jspecify.annotations.Nullable;

import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;

/**
 * A run's variables: one set for the run, in whatever called part it stands. A value is written to the part and to all its
 * callers, because an error that leaves a called part takes none of the part's variables along.
 */
final class RunVariables implements Run.Variables {

    /** The engine keeps a String in 4,000 characters and fails at the commit, after the step has acted. */
    private static final int LONGEST = 2_000;

    private final DelegateExecution execution;
    /** The engine reads a variable that is not loaded yet by this thread alone. */
    private final Thread owner = Thread.currentThread();

    RunVariables(DelegateExecution execution) {
        this.execution = execution;
    }

    /** @return the outermost caller's execution */
    static DelegateExecution root(DelegateExecution execution) {
        DelegateExecution instance = execution.getProcessInstance();
        @Nullable
        DelegateExecution caller = instance.getSuperExecution();
        return caller == null ? instance : root(caller);
    }

    static RunId run(DelegateExecution execution) {
        return new RunId(root(execution).getProcessInstanceId());
    }

    @Override
    public Optional<String> get(String name) {
        onlyByTheStep(name);
        @Nullable
        Object value = execution.getVariable(name);
        return Optional.ofNullable(value).map(Object::toString).filter(text -> !text.isEmpty());
    }

    @Override
    public void put(String name, String value) {
        onlyByTheStep(name);
        if (value.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "variable " + name + " would hold " + value.length() + " characters, and may hold "
                            + LONGEST + ": " + Text.upTo(60, value) + " (longer texts belong into the journal)");
        }
        @Nullable
        DelegateExecution part = execution;
        while (part != null) {
            part.setVariable(name, value);
            part = part.getProcessInstance().getSuperExecution();
        }
    }

    private void onlyByTheStep(String name) {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("variable " + name + " belongs to the step's own thread, " + owner.getName()
                    + ": read it before work is spread over nodes");
        }
    }
}
