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
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

/**
 * Waits for what a server has to apply, a short piece at a time, and ends between two of them when another run has taken the
 * cluster: a failover waits for the step that it interrupts.
 */
@Component
final class CatchUpInPieces {

    /** What people read of such work. */
    static final String CATCH_UP = "catch-up";

    private static final Duration PIECE = Duration.ofMillis(500);
    private static final Duration BEAT = Duration.ofMillis(50);

    private final Hold hold;
    private final NodeOperator mysql;
    private final Clock clock;
    private final Pause pause;

    CatchUpInPieces(Hold hold, NodeOperator mysql, Clock clock, Pause pause) {
        this.hold = hold;
        this.mysql = mysql;
        this.clock = clock;
        this.pause = pause;
    }

    sealed interface Answer {

        /** The wait is over, as it would be in one piece. */
        record Ended(CatchUp how) implements Answer {}

        record Lost(Outcome refused) implements Answer {}
    }

    /**
     * Waits until the target is executed there, as long as the limit {@code catch-up} and at most a piece longer. Shows how far
     * it is.
     */
    Answer await(Run run, Node node, GtidSet target) {
        try (Progress.Work work = run.progress(node, CATCH_UP, Progress.Unit.TRANSACTIONS)) {
            return await(run, node, target, work);
        }
    }

    private Answer await(Run run, Node node, GtidSet target, Progress.Work work) {
        Duration limit = run.limits().catchUp();
        Duration piece = PIECE.compareTo(limit) < 0 ? PIECE : limit;
        Instant end = clock.instant().plus(limit);
        Optional<Instant> gone = Optional.empty();
        while (true) {
            Optional<Outcome> lost = hold.lostBy(run);
            if (lost.isPresent()) {
                return new Answer.Lost(lost.get());
            }
            CatchUp now = mysql.catchUp(node, target, piece, work::missing);
            boolean over = switch (now) {
                case CatchUp.Reached reached -> true;
                case CatchUp.Stopped stopped -> true;
                case CatchUp.Behind behind -> {
                    gone = Optional.empty();
                    yield !clock.instant().isBefore(end);
                }
                case CatchUp.Unreachable unreachable -> {
                    // One piece is too short to tell a slow answer from none.
                    Instant since = gone.orElseGet(clock::instant);
                    gone = Optional.of(since);
                    pause.of(BEAT);
                    yield !clock.instant().isBefore(since.plus(Servers.look(run.limits())));
                }
            };
            if (over) {
                return new Answer.Ended(now);
            }
        }
    }
}
