package dev.switchman.runbook;

/** How a step ended; the fourth ending is an exception, which becomes {@link RunbookError#STEP_FAILED}. */
public sealed interface Outcome {

    /** On to the next box. @param detail evidence in one line, for the journal */
    record Done(String detail) implements Outcome {}

    /** Onto the path that the diagram draws for this error. */
    record Refused(RunbookError error, String why) implements Outcome {}

    /** Whether it is done cannot be told: onto the path of {@link RunbookError#OUTCOME_UNKNOWN}. */
    record Unknown(String what) implements Outcome {}
}
