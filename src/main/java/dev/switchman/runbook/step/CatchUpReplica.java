package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.CatchUp;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

/**
 * Waits until the replica has applied what the primary has executed when the step begins, or has received it, if it is delayed
 * on purpose; keeps the limit {@code catch-up}.
 * One that needs longer goes on by itself. Gives way to a run that takes the cluster meanwhile. Safe to repeat.
 */
@Component
@Follows(FollowPrimary.class)
@Raises({RunbookError.CATCH_UP_TIMED_OUT, RunbookError.NEEDS_REBUILD, RunbookError.SERVER_UNREACHABLE,
        RunbookError.PRIMARY_LOST})
final class CatchUpReplica extends ChangingStep {

    private final RejoinCheck check;
    private final CatchUpInPieces pieces;
    private final Pace pace;

    CatchUpReplica(Hold hold, RejoinCheck check, CatchUpInPieces pieces, Pace pace) {
        super(hold);
        this.pace = pace;
        this.check = check;
        this.pieces = pieces;
    }

    @Override
    Outcome change(Run run) {
        return switch (check.both(run)) {
            case RejoinCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RejoinCheck.Answer.Fit fit -> catchUp(run, fit);
        };
    }

    private Outcome catchUp(Run run, RejoinCheck.Answer.Fit fit) {
        if (fit.server().replication().filter(state -> !state.delay().isZero()).isPresent()) {
            return receive(run, fit);
        }
        return switch (pieces.await(run, run.oldPrimary(), fit.source().executed())) {
            case CatchUpInPieces.Answer.Lost(Outcome refused) -> refused;
            case CatchUpInPieces.Answer.Ended(CatchUp how) -> ended(run, fit, how);
        };
    }

    /** One that is delayed on purpose need not have applied it: its delay is kept. */
    private Outcome receive(Run run, RejoinCheck.Answer.Fit fit) {
        Node node = run.oldPrimary();
        GtidSet[] missing = {fit.source().executed()};
        boolean ended;
        try (Progress.Work work = run.progress(node, "fetching", Progress.Unit.TRANSACTIONS)) {
            ended = pace.until(() -> hold.lostBy(run).isPresent() || received(run, missing, work),
                    run.limits().catchUp());
        }
        Optional<Outcome> lost = hold.lostBy(run);
        if (lost.isPresent()) {
            return lost.get();
        }
        return ended
                ? new Outcome.Done(node + ", delayed on purpose, has received what " + fit.primary() + " has executed")
                : ended(run, fit, new CatchUp.Behind(missing[0]));
    }

    private boolean received(Run run, GtidSet[] missing, Progress.Work work) {
        if (check.both(run) instanceof RejoinCheck.Answer.Fit now) {
            missing[0] = missing[0].minus(now.server().reachable());
            work.missing(missing[0]);
            return missing[0].isEmpty();
        }
        return false;
    }

    private static Outcome ended(Run run, RejoinCheck.Answer.Fit fit, CatchUp how) {
        Node node = run.oldPrimary();
        return switch (how) {
            case CatchUp.Reached reached -> new Outcome.Done(node + " has caught up with " + fit.primary());
            case CatchUp.Behind(GtidSet missing) -> {
                run.note(Remark.TO_DO, node + " follows " + fit.primary() + " and is " + missing.count()
                        + " transactions behind: let it rejoin again once it has caught up.");
                yield new Outcome.Refused(RunbookError.CATCH_UP_TIMED_OUT, node + " was " + missing.count()
                        + " transactions behind after " + run.limits().catchUp().toSeconds() + " s");
            }
            case CatchUp.Stopped(int errno, String message) -> new Outcome.Refused(RunbookError.NEEDS_REBUILD,
                    node + " cannot apply what " + fit.primary() + " sends: error " + errno + " " + message);
            case CatchUp.Unreachable(String why) -> new Outcome.Refused(RunbookError.SERVER_UNREACHABLE, why);
        };
    }
}
