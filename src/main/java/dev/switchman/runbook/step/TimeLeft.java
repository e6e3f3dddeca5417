package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** What is left of a limit. */
final class TimeLeft {

    private TimeLeft() {}

    /** @return zero when it is over */
    static Duration until(Instant end, Clock clock) {
        Duration left = Duration.between(clock.instant(), end);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
