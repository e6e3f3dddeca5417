package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;

/**
 * Makes the fenced server boot read-only and follow the primary; it acknowledges nothing yet, nor any more. Compares the two
 * once more before it changes anything. What the server has received and not applied is applied first; gives way to a run that
 * takes the cluster meanwhile. Safe to repeat.
 */
@Component
@Follows(ConfirmRejoin.class)
@Follows(FenceReturnedServer.class)
@Follows(CompareWithPrimary.class)
@Raises({RunbookError.NEEDS_REBUILD, RunbookError.SERVER_UNREACHABLE, RunbookError.PRIMARY_LOST,
        RunbookError.CATCH_UP_TIMED_OUT, RunbookError.FENCE_BROKEN, RunbookError.PREFLIGHT_BLOCKED})
final class FollowPrimary extends ChangingStep {

    private final RejoinCheck check;
    private final NodeOperator mysql;
    private final CatchUpInPieces pieces;

    FollowPrimary(Hold hold, RejoinCheck check, NodeOperator mysql, CatchUpInPieces pieces) {
        super(hold);
        this.check = check;
        this.mysql = mysql;
        this.pieces = pieces;
    }

    @Override
    Outcome change(Run run) {
        return hold.notOurs(run).orElseGet(() -> switch (check.compare(run)) {
            case RejoinCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RejoinCheck.Answer.Fit fit -> follow(run, fit);
        });
    }

    private Outcome follow(Run run, RejoinCheck.Answer.Fit fit) {
        Node node = run.oldPrimary();
        if (Servers.writable(fit.server())) {
            return new Outcome.Refused(RunbookError.FENCE_BROKEN, node + " accepts writes again");
        }
        bootsReadOnly(run, node, fit.server());
        Change off = semiSyncOff(run, node);
        if (!(off instanceof Change.Done)) {
            return outcome(node, fit, off);
        }
        if (Servers.follows(fit.server(), fit.primary().id())) {
            return outcome(node, fit, acknowledgesNoMore(run, node, fit.server()));
        }
        Optional<Outcome> held = applied(run, node, fit.server()).or(() -> hold.lostBy(run));
        return held.orElseGet(() -> outcome(node, fit,
                mysql.repoint(node, fit.primary(), run.cluster().replication(), run.limits().repoint())));
    }

    private static Outcome outcome(Node node, RejoinCheck.Answer.Fit fit, Change change) {
        return switch (change) {
            case Change.Done done -> new Outcome.Done(node + " follows " + fit.primary());
            case Change.Unreachable(String why) -> new Outcome.Refused(RunbookError.SERVER_UNREACHABLE, why);
            case Change.Rejected(String why) -> throw new IllegalStateException(
                    node + " does not follow " + fit.primary() + ": " + why);
            case Change.Unknown(String why) -> throw new IllegalStateException(
                    "whether " + node + " follows " + fit.primary() + " is not known: " + why);
        };
    }

    private void bootsReadOnly(Run run, Node node, ServerState server) {
        if (server.bootMode() == BootMode.READ_ONLY) {
            return;
        }
        Change persisted = mysql.persistReadOnly(node, run.limits().statement());
        if (!(persisted instanceof Change.Done)) {
            // 5.7 tells neither its option file nor persists: that it came up closed is all that is known.
            run.note(server.bootMode() == BootMode.UNKNOWN ? Remark.WARNING : Remark.TO_DO,
                    "Make sure that " + node + " boots read-only (super_read_only=ON in its option file): "
                            + persisted.sentence() + ".");
        }
    }

    /** CHANGE would delete what was received and is not applied. */
    private Optional<Outcome> applied(Run run, Node node, ServerState server) {
        // With a running applier nothing is deleted; one that is delayed on purpose is not waited for.
        boolean delayed = server.replication()
                .filter(state -> !state.delay().isZero() && state.applierRunning())
                .isPresent();
        if (server.replication().isEmpty() || delayed || server.executed().contains(server.reachable())) {
            return Optional.empty();
        }
        return switch (pieces.await(run, node, server.reachable())) {
            case CatchUpInPieces.Answer.Lost(Outcome refused) -> Optional.of(refused);
            case CatchUpInPieces.Answer.Ended(CatchUp how) -> applied(run, node, how);
        };
    }

    private static Optional<Outcome> applied(Run run, Node node, CatchUp how) {
        return switch (how) {
            case CatchUp.Reached reached -> Optional.empty();
            case CatchUp.Behind(GtidSet missing) -> Optional.of(new Outcome.Refused(RunbookError.CATCH_UP_TIMED_OUT,
                    node + " has not applied " + missing.count() + " received transactions after "
                            + run.limits().catchUp().toSeconds() + " s"));
            case CatchUp.Stopped(int errno, String message) -> Optional.of(new Outcome.Refused(
                    RunbookError.NEEDS_REBUILD, node + " cannot apply what it has received: error " + errno + " "
                            + message));
            case CatchUp.Unreachable(String why) -> Optional
                    .of(new Outcome.Refused(RunbookError.SERVER_UNREACHABLE, why));
        };
    }

    /**
     * Both sides off: the waiting one would hang its own applier, and while it is in quarantine, where no election asks it,
     * nobody may rely on what it acknowledges.
     */
    private Change semiSyncOff(Run run, Node node) {
        Change off = mysql.semiSyncSource(node, false, Optional.empty(), run.limits().statement());
        return off instanceof Change.Done ? mysql.semiSyncReplica(node, false, run.limits().statement()) : off;
    }

    /** A receiver that acknowledges goes on doing so until it connects again. */
    private Change acknowledgesNoMore(Run run, Node node, ServerState server) {
        if (!(server.semiSync().replica() instanceof SemiSync.ReplicaSide.Present side && side.operating())) {
            return new Change.Done(node + " acknowledges nothing");
        }
        Change stopped = mysql.stopReceiver(node, run.limits().statement());
        return stopped instanceof Change.Done ? mysql.startReplication(node, run.limits().statement()) : stopped;
    }
}
