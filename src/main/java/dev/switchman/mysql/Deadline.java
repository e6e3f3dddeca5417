package dev.switchman.mysql;

import java.time.Duration;

/** A moment by which a call has returned. Monotonic: a clock that is set does not move it. */
final class Deadline {

    private final long start = System.nanoTime();
    private final long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    static Deadline in(Duration duration) {
        return new Deadline(Math.max(0, duration.toNanos()));
    }

    /** @return a part of the time that is left, at least zero */
    Deadline before(Duration reserve) {
        return in(left().minus(reserve));
    }

    Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - (System.nanoTime() - start)));
    }

    boolean passed() {
        return left().isZero();
    }

    Duration spent() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** @return milliseconds left, at least 1: to the driver 0 means for ever */
    int millis() {
        return (int) Math.clamp(left().toMillis(), 1, Integer.MAX_VALUE);
    }
}
