package dev.switchman.runbook.step;

import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;

/**
 * A changing step of a failover before its point of no return. In a run that was interrupted it first makes sure that the
 * run may go on, and in every run that this manager still holds the cluster's locks.
 */
abstract class PreparingStep extends ChangingStep {

    private final Resumption resumption;

    PreparingStep(Hold hold, Resumption resumption) {
        super(hold);
        this.resumption = resumption;
    }

    @Override
    final Outcome change(Run run) {
        return hold.notOurs(run).or(() -> resumption.refusal(run)).orElseGet(() -> prepare(run));
    }

    abstract Outcome prepare(Run run);
}
