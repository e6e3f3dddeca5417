package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Pause;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;

/**
 * Waits for what a server has to apply, a short piece at a time, and ends between two of them when a person asks the run to stop,
 * another run has taken the cluster, or nobody holds it any more: a failover waits for the step that it interrupts.
 */
@Component
final class CatchUpInPieces {

    /** What people read of such work. */
    static final String CATCH_UP = "catch-up";

    private static final Duration PIECE = Duration.ofMillis(500);
    private static final Duration BEAT = Duration.ofMillis(50);

    private final Hold hold;
    private final Servers servers;
    private final NodeOperator mysql;
    private final Clock clock;
    private final Pause pause;

    CatchUpInPieces(Hold hold, Servers servers, NodeOperator mysql, Clock clock, Pause pause) {
        this.hold = hold;
        this.servers = servers;
        this.mysql = mysql;
        this.clock = clock;
        this.pause = pause;
    }

    sealed interface Answer {

        /** The wait is over, as it would be in one piece. */
        record Ended(CatchUp how) implements Answer {}

        record Lost(Outcome refused) implements Answer {}
    }

    /** Waits as long as the limit {@code catch-up}: {@link #await(Run, Node, GtidSet, Instant)}. */
    Answer await(Run run, Node node, GtidSet target) {
        return await(run, node, target, clock.instant().plus(run.limits().catchUp()));
    }

    /**
     * Waits until the target is executed there, at most until this moment and one look longer. Shows how far it is. A server that
     * froze meanwhile is known as soon as it has not answered a look.
     */
    Answer await(Run run, Node node, GtidSet target, Instant end) {
        try (Progress.Work work = run.progress(node, CATCH_UP, Progress.Unit.TRANSACTIONS)) {
            while (true) {
                Optional<CatchUp> over = piece(run, node, target, end, work);
                if (over.isPresent()) {
                    return new Answer.Ended(over.get());
                }
                // Not before the first piece: the step itself has just asked.
                Optional<Outcome> lost = hold.lostBy(run).or(() -> stopped(run));
                if (lost.isPresent()) {
                    return new Answer.Lost(lost.get());
                }
            }
        }
    }

    private static Optional<Outcome> stopped(Run run) {
        return run.stopAsked().map(why -> new Outcome.Refused(RunbookError.RUN_SUPERSEDED, why));
    }

    /** @return how it ended; empty when there is more to wait for */
    private Optional<CatchUp> piece(Run run, Node node, GtidSet target, Instant end, Progress.Work work) {
        Duration left = TimeLeft.until(end, clock);
        Duration piece = left.compareTo(PIECE) < 0 ? left : PIECE;
        CatchUp now = mysql.catchUp(node, target, piece, work::missing);
        boolean over = switch (now) {
            case CatchUp.Reached reached -> true;
            case CatchUp.Stopped stopped -> true;
            case CatchUp.Behind behind -> !clock.instant().isBefore(end);
            // A piece is too short to tell a slow answer from none.
            case CatchUp.Unreachable unreachable -> !clock.instant().isBefore(end) || !answers(run, node);
        };
        return over ? Optional.of(now) : Optional.empty();
    }

    private boolean answers(Run run, Node node) {
        pause.of(BEAT);
        return servers.observe(node, Servers.look(run.limits())) instanceof Observation.Seen;
    }
}
