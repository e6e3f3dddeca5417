package dev.switchman.runbook.step;

import dev.switchman.runbook.ChangesServers;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;

/** A step that changes a server: refuses to once its run no longer holds the cluster. */
@ChangesServers
abstract class ChangingStep extends Step {

    final Hold hold;

    ChangingStep(Hold hold) {
        this.hold = hold;
    }

    @Override
    public final Outcome run(Run run) {
        return hold.lostBy(run).orElseGet(() -> change(run));
    }

    abstract Outcome change(Run run);
}
