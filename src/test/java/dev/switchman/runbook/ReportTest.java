package dev.switchman.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import dev.switchman.audit.Journal.Entry;
import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.NodeId;

import static org.assertj.core.api.Assertions.assertThat;

class ReportTest {

    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    private static RunRecord run(String runbook) {
        return new RunRecord("42", new ClusterName("shop"), runbook, "monitor", "db1:3306 has crashed.", START,
                Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Report.Result result(Ending ending, String detail) {
        return new Report.Result(ending, START.plusMillis(412), Optional.of(NodeId.of("db1", 3306)),
                Optional.of(NodeId.of("db2", 3306)), detail);
    }

    private static Entry note(String label, String text) {
        return new Entry.Noted(START, "", label, text);
    }

    @Test
    void aFinishedFailoverTellsAllThatAPersonNeeds() {
        List<Entry> entries = List.of(
                note(Remark.EVIDENCE, "db1:3306 has crashed (no mysqld). A failover is due.\n  its host: no mysqld"),
                new Entry.StepBegan(START.plusMillis(10), "fenceOldPrimary", "Takes write access."),
                note(Remark.FENCE, "The fence of db1:3306 is proven: mysql.service is masked."),
                new Entry.StepEnded(START.plusMillis(130), "fenceOldPrimary", "DONE", "closed", Duration.ofMillis(120)),
                note(Remark.BALLOT, "db2:3306 is eligible (rank 30): allowed\n  facts: {}"),
                note(Remark.CHOSEN, "db2:3306: allowed"),
                note(Remark.LOSS, "No acknowledged write is lost: all reached."),
                note(Remark.WARNING, "db3:3306 does not follow."), note(Remark.TO_DO, "Rejoin or rebuild db1:3306."),
                note(Remark.TO_DO, "Rejoin or rebuild db1:3306."),
                note(Remark.SERVERS, "db1:3306 in quarantine\ndb2:3306 primary: writable"));

        Report report = Report.of(run("failover"), result(Ending.DONE, "an old refusal"), entries);

        assertThat(report.subject()).isEqualTo("[Switchman] shop: db1:3306 failed over to db2:3306 (done in 0.41 s)");
        assertThat(report.body()).isEqualTo("""
                db1:3306 failed over to db2:3306 (done in 0.41 s).

                Cluster  shop
                Runbook  failover, run 42
                Started  2026-01-02T03:04:05Z by monitor
                Ended    2026-01-02T03:04:05.412Z, DONE

                Why it ran
                  db1:3306 has crashed (no mysqld). A failover is due.
                    its host: no mysqld

                What you must do now
                  Rejoin or rebuild db1:3306.

                Fence
                  The fence of db1:3306 is proven: mysql.service is masked.

                Writes
                  No acknowledged write is lost: all reached.

                Servers
                  db1:3306 in quarantine
                  db2:3306 primary: writable

                Decisions
                  db2:3306 is eligible (rank 30): allowed
                  chosen: db2:3306: allowed

                Warnings
                  db3:3306 does not follow.

                Timeline
                  +0.010 s  fenceOldPrimary: done in 120 ms. closed
                """);
    }

    @Test
    void aStoppedFailoverSaysWhyFirst() {
        Report report = Report.of(run("failover"),
                result(Ending.NO_ELIGIBLE_CANDIDATE, "db2:3306 is delayed on purpose"),
                List.of());

        assertThat(report.subject()).isEqualTo(
                "[Switchman] shop: failover of db1:3306 (STOPPED after 0.41 s: no replica may become the primary)");
        assertThat(report.body()).isEqualTo("""
                failover of db1:3306 (STOPPED after 0.41 s: no replica may become the primary).

                Cluster  shop
                Runbook  failover, run 42
                Started  2026-01-02T03:04:05Z by monitor
                Ended    2026-01-02T03:04:05.412Z, NO_ELIGIBLE_CANDIDATE

                Why it ran
                  db1:3306 has crashed.

                Why it ended so
                  db2:3306 is delayed on purpose

                What you must do now
                  Read why it ended so, and decide: there may be no server that accepts writes.
                """);
    }

    @Test
    void everyEndingOfEveryRunbookHasASubject() {
        assertThat(Report.of(run("quarantine"), result(Ending.DONE, ""), List.of()).subject()).isEqualTo(
                "[Switchman] shop: db1:3306 is back and was fenced (done in 0.41 s)");
        assertThat(Report.of(run("reopen"), result(Ending.FAILED, ""), List.of()).subject()).isEqualTo(
                "[Switchman] shop: reopening of db2:3306 (FAILED after 0.41 s)");
        for (Ending ending : Ending.values()) {
            assertThat(Report.of(run("failover"), result(ending, ""), List.of()).subject()).endsWith(")");
        }
    }
}
