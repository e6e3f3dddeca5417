package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Runbooks;

/** Whether a run still holds its cluster. Asked before every step that changes a server. */
@Component
final class Hold {

    private final Runbooks runbooks;

    /** @param runbooks lazily: the engine that implements it is built with the steps */
    Hold(@Lazy Runbooks runbooks) {
        this.runbooks = runbooks;
    }

    /** @return the refusal, when another run has taken the cluster or nobody holds it */
    Optional<Outcome> lostBy(Run run) {
        Optional<RunId> holder = runbooks.holder(run.cluster().name());
        if (holder.equals(Optional.of(run.id()))) {
            return Optional.empty();
        }
        return Optional.of(new Outcome.Refused(RunbookError.RUN_SUPERSEDED, "cluster " + run.cluster().name()
                + " is held by " + holder.map(id -> "run " + id).orElse("no run") + ", not by run " + run.id()));
    }
}
