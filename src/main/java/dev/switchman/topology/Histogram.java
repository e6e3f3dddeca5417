package dev.switchman.topology;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/**
 * How durations were spread when they were counted.
 *
 * @param within how many of all took at most so long, smallest bound first
 * @param sum of all of them
 */
public record Histogram(long all, Duration sum, List<Within> within) {

    /** Nothing was counted. */
    public static final Histogram NONE = new Histogram(0, Duration.ZERO, List.of());

    public Histogram {
        within = List.copyOf(within);
    }

    /** So many took no longer than that. */
    public record Within(Duration bound, long count) {}

    /** Counts durations. Whoever counts waits for nobody, and takes no lock. */
    public static final class Counter {

        private final List<Duration> bounds;
        private final AtomicLongArray counts;
        private final LongAdder nanos = new LongAdder();

        /** @param bounds smallest first; what is longer than the last one is counted too */
        public Counter(List<Duration> bounds) {
            this.bounds = List.copyOf(bounds);
            this.counts = new AtomicLongArray(bounds.size() + 1);
        }

        /** @param millis bounds in milliseconds, smallest first */
        public static Counter ofMillis(long... millis) {
            return new Counter(LongStream.of(millis).mapToObj(Duration::ofMillis).toList());
        }

        public void count(Duration took) {
            nanos.add(took.toNanos());
            int at = 0;
            while (at < bounds.size() && took.compareTo(bounds.get(at)) > 0) {
                at++;
            }
            counts.incrementAndGet(at);
        }

        /** @return what was counted so far; what is counted meanwhile may be in it or not */
        public Histogram read() {
            List<Within> within = new ArrayList<>();
            long sum = 0;
            for (int i = 0; i < bounds.size(); i++) {
                sum += counts.get(i);
                within.add(new Within(bounds.get(i), sum));
            }
            return new Histogram(sum + counts.get(bounds.size()), Duration.ofNanos(nanos.sum()), within);
        }
    }
}
