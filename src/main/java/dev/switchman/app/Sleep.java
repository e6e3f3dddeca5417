package dev.switchman.app;

import java.time.Duration;

import dev.switchman.runbook.Pause;

/** Real time passes. The only place in the program that sleeps. */
final class Sleep implements Pause {

    @Override
    public void of(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        }
    }
}
