package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.Pause;

/** Waits for something that has no statement to wait with. */
@Component
final class Pace {

    private static final Duration BEAT = Duration.ofMillis(5);

    private final Clock clock;
    private final Pause pause;

    Pace(Clock clock, Pause pause) {
        this.clock = clock;
        this.pause = pause;
    }

    /**
     * Asks again every 5 ms until the answer is yes.
     *
     * @return whether it was yes before the deadline; asked at least once
     */
    boolean until(BooleanSupplier done, Duration deadline) {
        Instant end = clock.instant().plus(deadline);
        while (!done.getAsBoolean()) {
            if (!clock.instant().isBefore(end)) {
                return false;
            }
            pause.of(BEAT);
        }
        return true;
    }
}
