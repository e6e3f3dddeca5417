package dev.switchman.runbook;

/**
 * One box of a diagram: one verb on one door. Safe to repeat: it looks at the world first and then acts, because a step
 * that was interrupted runs again from its start. Keeps its own deadline. Knows nothing of the engine.
 *
 * <p>A subclass is a Spring bean whose name is the class name with a small first letter, as the diagram's
 * {@code ${fenceOldPrimary}} says.
 */
public abstract class Step {

    public abstract Outcome run(Run run);
}
