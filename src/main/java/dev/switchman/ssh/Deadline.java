package dev.switchman.ssh;

import java.time.Duration;

/** A point in time that a call must have returned by. */
record Deadline(long atNanos, Duration whole) {

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos(), time);
    }

    /** @return nanoseconds left, 0 when it has passed */
    long leftNanos() {
        return Math.max(0, atNanos - System.nanoTime());
    }

    boolean passed() {
        return leftNanos() == 0;
    }

    @Override
    public String toString() {
        return whole.toMillis() + " ms";
    }
}
