package dev.switchman.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.ManualClock;
import dev.switchman.runbook.Progress.Unit;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;

import static org.assertj.core.api.Assertions.assertThat;

class ProgressTest {

    private static final RunId RUN = new RunId("42");
    private static final NodeId DB2 = NodeId.of("db2", 3306);
    private static final NodeId DB3 = NodeId.of("db3", 3306);
    private static final UUID SOURCE = UUID.fromString("f0f0f0f0-0000-0000-0000-000000000001");

    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T10:00:00Z"));
    private final Progress progress = new Progress(clock);
    private final List<String> journal = new ArrayList<>();

    private Progress.Work work(NodeId node, String what, Unit unit) {
        return progress.of(RUN, node, what, unit, (label, text) -> journal.add(label + " " + text));
    }

    private List<String> shown() {
        return progress.of(RUN).stream().map(Progress.Line::sentence).toList();
    }

    private static GtidSet missing(long count) {
        return count == 0 ? GtidSet.empty() : GtidSet.of(SOURCE, 1, count);
    }

    @Test
    void whatWasMissingFirstIsAllThereIs() {
        try (Progress.Work work = work(DB3, "catch-up", Unit.TRANSACTIONS)) {
            assertThat(shown()).isEmpty();
            work.missing(missing(5_000));
            assertThat(shown()).containsExactly("db3:3306: catch-up, 0 of 5,000 transactions (0 %)");
            clock.advance(Duration.ofSeconds(3));
            work.missing(missing(3_800));
            assertThat(shown())
                    .containsExactly("db3:3306: catch-up, 1,200 of 5,000 transactions (24 %), 400 a second, 9 s left");
            clock.advance(Duration.ofSeconds(9));
            work.missing(missing(0));
        }

        assertThat(shown()).isEmpty();
        assertThat(journal).containsExactly("progress db3:3306: catch-up, 5,000 transactions in 12 s, 416 a second");
    }

    @Test
    void eachStageCountsAnewAndTheTotalIsOfAll() {
        Progress.Work work = work(DB3, "copy of db2:3306", Unit.BYTES);
        work.told("drop data", 0, OptionalLong.empty());
        assertThat(shown()).containsExactly("db3:3306: copy of db2:3306, drop data, 0 bytes");
        clock.advance(Duration.ofSeconds(1));
        work.told("file copy", 0, OptionalLong.of(1L << 30));
        clock.advance(Duration.ofSeconds(4));
        work.told("file copy", 256L << 20, OptionalLong.of(1L << 30));

        assertThat(shown()).containsExactly("db3:3306: copy of db2:3306, file copy, 256 of 1,024 MiB (25 %),"
                + " 64.0 MiB a second, 12 s left");
        work.told("file copy", 1L << 30, OptionalLong.of(1L << 30));
        work.told("redo copy", 100, OptionalLong.of(100));
        assertThat(shown())
                .containsExactly("db3:3306: copy of db2:3306, redo copy, 100 of 100 bytes (100 %)");
        work.close();
        assertThat(journal).containsExactly(
                "progress db3:3306: copy of db2:3306, 1,024.0 MiB in 5 s, 204.8 MiB a second");
    }

    @Test
    void workThatIsBegunAgainGoesOnAndServersStandBesideEachOther() {
        work(DB3, "copy of db2:3306", Unit.BYTES).told("file copy", 10, OptionalLong.of(100));
        clock.advance(Duration.ofSeconds(10));
        work(DB2, "catch-up", Unit.TRANSACTIONS).missing(missing(1));
        work(DB3, "copy of db2:3306", Unit.BYTES).told("file copy", 60, OptionalLong.of(100));

        assertThat(progress.of(RUN)).extracting(Progress.Line::node).containsExactly(DB3, DB2);
        assertThat(progress.of(RUN).getFirst().perSecond()).isEqualTo(OptionalLong.of(6));
        assertThat(progress.of(RUN).getFirst().left()).isEqualTo(Optional.of(Duration.ofSeconds(6)));
        assertThat(progress.of(new RunId("43"))).isEmpty();
        progress.forget(RUN);
        assertThat(shown()).isEmpty();
    }

    /** A line costs a commit, and this may be the time in which writes stand still. */
    @Test
    void whatIsOverSoonLeavesNothing() {
        try (Progress.Work work = work(DB3, "catch-up", Unit.TRANSACTIONS)) {
            work.missing(missing(7));
            clock.advance(Duration.ofMillis(1_900));
            work.missing(missing(0));
        }

        assertThat(shown()).isEmpty();
        assertThat(journal).isEmpty();
    }
}
