package dev.switchman.monitor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Counts by how much ticks begin later than they were due, over all clusters since the start. */
final class Lateness {

    private static final List<Duration> BOUNDS = List.of(Duration.ofMillis(1), Duration.ofMillis(2),
            Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofMillis(50),
            Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(500), Duration.ofSeconds(1));

    private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.size());
    private final LongAdder all = new LongAdder();

    void count(Duration late) {
        all.increment();
        for (int i = 0; i < BOUNDS.size(); i++) {
            if (late.compareTo(BOUNDS.get(i)) <= 0) {
                counts.incrementAndGet(i);
                return;
            }
        }
    }

    Watch.Ticks ticks() {
        List<Watch.Ticks.Within> within = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < BOUNDS.size(); i++) {
            sum += counts.get(i);
            within.add(new Watch.Ticks.Within(BOUNDS.get(i), sum));
        }
        return new Watch.Ticks(all.sum(), within);
    }
}
