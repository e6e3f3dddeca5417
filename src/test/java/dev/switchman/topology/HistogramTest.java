package dev.switchman.topology;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.Histogram.Within;

import static org.assertj.core.api.Assertions.assertThat;

class HistogramTest {

    @Test
    void every_duration_counts_for_its_own_bound_and_all_that_are_larger() {
        Histogram.Counter counter = Histogram.Counter.ofMillis(1, 5, 10, 1000);

        counter.count(Duration.ZERO);
        counter.count(Duration.ofMillis(5));
        counter.count(Duration.ofMillis(6));
        counter.count(Duration.ofSeconds(7));

        assertThat(counter.read()).isEqualTo(new Histogram(4, Duration.ofMillis(7011),
                java.util.List.of(new Within(Duration.ofMillis(1), 1), new Within(Duration.ofMillis(5), 2),
                        new Within(Duration.ofMillis(10), 3), new Within(Duration.ofSeconds(1), 3))));
    }
}
