package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.monitor.Claims;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Runbooks;

/** Whether a run still holds its cluster, and this manager the cluster's locks. Asked before every step that changes a server. */
@Component
final class Hold {

    private final Runbooks runbooks;
    private final Claims claims;

    /** @param runbooks lazily: the engine that implements it is built with the steps */
    Hold(@Lazy Runbooks runbooks, Claims claims) {
        this.runbooks = runbooks;
        this.claims = claims;
    }

    /**
     * Asked before every step that closes a server or comes before opening one, and by the step that opens. Afterwards a
     * run goes on: what it has opened is the primary, whoever holds the locks. A look-up while they are held.
     *
     * @return the refusal, when this manager does not hold the cluster's locks: another one may act
     */
    Optional<Outcome> notOurs(Run run) {
        return switch (claims.renewed(run.cluster().name())) {
            case Claims.Claim.Held held -> Optional.empty();
            case Claims.Claim.NotHeld(String why) -> {
                run.ending(Ending.STOOD_DOWN);
                yield Optional.of(new Outcome.Refused(RunbookError.RUN_SUPERSEDED,
                        "this manager may not act on cluster " + run.cluster().name() + " any more: it " + why));
            }
        };
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
