package dev.switchman.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import dev.switchman.audit.Journal.Entry;
import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.topology.ClusterName;

import static org.assertj.core.api.Assertions.assertThat;

class OutageTest {

    private static final Instant BEGAN = Instant.parse("2026-11-23T10:00:00Z");

    private static RunRecord run(Runbook runbook) {
        return new RunRecord("r", new ClusterName("shop"), runbook.id(), "anna", "why", BEGAN, Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    private static Entry noted(long millis, String label, String text) {
        return new Entry.Noted(BEGAN.plusMillis(millis), "step", label, text);
    }

    @Test
    void of_a_failover_it_lasts_from_the_first_failed_look_to_the_last_opening() {
        List<Entry> entries = List.of(noted(5, Remark.FIRST_SIGN, BEGAN.minusMillis(400).toString()),
                noted(300, Remark.OPENED, "db2:3306"), noted(900, Remark.FIRST_SIGN, BEGAN.plusMillis(800).toString()),
                noted(1_600, Remark.OPENED, "db3:3306"));

        assertThat(Outage.of(run(Runbook.FAILOVER), entries).map(Outage::took)).contains(Duration.ofSeconds(2));
        assertThat(Outage.of(run(Runbook.FAILOVER), entries).orElseThrow().sentence()).isEqualTo(
                "Writes stood still for 2.000 s, from the first failed look (2026-11-23T09:59:59.600Z) to the opening of"
                        + " db3:3306 (2026-11-23T10:00:01.600Z).");
    }

    @Test
    void of_a_failover_that_nobody_saw_coming_it_lasts_from_the_beginning_of_the_run() {
        assertThat(Outage.of(run(Runbook.FAILOVER), List.of(noted(700, Remark.OPENED, "db2:3306")))
                .map(Outage::took)).contains(Duration.ofMillis(700));
    }

    @Test
    void of_a_switchover_it_lasts_from_the_order_to_close_to_the_opening_of_either_side() {
        Entry closing = new Entry.StepBegan(BEGAN.plusSeconds(60), "closeOldPrimary", "Closes.");
        Entry opened = noted(60_120, Remark.OPENED, "db2:3306");
        Entry restored = new Entry.StepEnded(BEGAN.plusMillis(60_500), "restoreOldPrimary", "DONE", "",
                Duration.ofMillis(90));

        assertThat(Outage.of(run(Runbook.SWITCHOVER), List.of(closing, opened)).map(Outage::took))
                .contains(Duration.ofMillis(120));
        assertThat(Outage.of(run(Runbook.SWITCHOVER), List.of(closing, restored)).map(Outage::took))
                .contains(Duration.ofMillis(500));
    }

    @Test
    void there_is_none_where_nothing_was_closed_or_nothing_was_opened() {
        assertThat(Outage.of(run(Runbook.SWITCHOVER), List.of())).isEmpty();
        assertThat(Outage.of(run(Runbook.FAILOVER),
                List.of(noted(5, Remark.FIRST_SIGN, BEGAN.minusMillis(400).toString())))).isEmpty();
        assertThat(Outage.of(run(Runbook.REJOIN), List.of(noted(5, Remark.OPENED, "db2:3306")))).isEmpty();
    }
}
