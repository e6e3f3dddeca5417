package dev.switchman.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Waits for something to become true, looking often. */
public final class Eventually {

    /** For what usually takes a second or two: a busy machine may take many times as long, and what hangs shows in the end. */
    public static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Duration PAUSE = Duration.ofMillis(20);

    private Eventually() {}

    /**
     * @param missing looks once: empty when it is true now, else what is still missing
     * @throws LabException with what was missing at the last look
     */
    public static void until(String what, Duration deadline, Supplier<Optional<String>> missing) {
        until(what, deadline, PAUSE, missing);
    }

    /** @param pause from look to look: longer, where looking costs something */
    static void until(String what, Duration deadline, Duration pause, Supplier<Optional<String>> missing) {
        long end = System.nanoTime() + deadline.toNanos();
        Optional<String> last = missing.get();
        while (last.isPresent()) {
            if (System.nanoTime() - end >= 0) {
                throw new LabException("not " + what + " after " + deadline.toMillis() + " ms: " + last.get());
            }
            pause(pause);
            last = missing.get();
        }
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while waiting", e);
        }
    }
}
