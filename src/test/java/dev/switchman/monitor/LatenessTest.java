package dev.switchman.monitor;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import dev.switchman.monitor.Watch.Ticks.Within;

import static org.assertj.core.api.Assertions.assertThat;

class LatenessTest {

    @Test
    void everyTickCountsForItsOwnBoundAndAllThatAreLarger() {
        Lateness lateness = new Lateness();

        lateness.count(Duration.ZERO);
        lateness.count(Duration.ofMillis(5));
        lateness.count(Duration.ofMillis(6));
        lateness.count(Duration.ofSeconds(7));

        Watch.Ticks ticks = lateness.ticks();
        assertThat(ticks.all()).isEqualTo(4);
        assertThat(ticks.within()).contains(new Within(Duration.ofMillis(1), 1), new Within(Duration.ofMillis(2), 1),
                new Within(Duration.ofMillis(5), 2), new Within(Duration.ofMillis(10), 3),
                new Within(Duration.ofSeconds(1), 3));
    }
}
