package dev.switchman.lab;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ProcessorTimeTest {

    @Test
    void what_was_withheld_is_a_share_of_what_was_wanted() {
        ProcessorTime then = ProcessorTime.parse("cpu  100 50 30 1000 7 1 2 40 0 0");
        ProcessorTime later = ProcessorTime.parse("cpu  150 60 40 9000 70 1 7 65 3 3");

        assertThat(then).isEqualTo(new ProcessorTime(183, 40));
        assertThat(later.withheldSince(then)).isEqualTo(25);
        assertThat(then.withheldSince(then)).isZero();
    }
}
