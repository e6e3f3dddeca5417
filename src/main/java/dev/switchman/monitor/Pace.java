package dev.switchman.monitor;

import java.time.Duration;

/** Waiting, so that tests can let time pass without waiting. */
@FunctionalInterface
interface Pace {

    /** Lets this much time pass. @throws InterruptedException when the watch is closed meanwhile */
    void pause(Duration duration) throws InterruptedException;
}
