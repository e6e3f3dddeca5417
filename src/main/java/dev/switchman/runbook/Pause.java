package dev.switchman.runbook;

import java.time.Duration;

/** Lets time pass between two looks. The clock's other half: tests put a clock forward instead. */
@FunctionalInterface
public interface Pause {

    /** Returns after this long. @throws IllegalStateException when the thread is interrupted; its flag stays set */
    void of(Duration time);
}
