package dev.switchman.runbook;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.ExampleClusters;
import dev.switchman.fleet.ManualClock;
import dev.switchman.notify.Notice;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Severity;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

class BulletinsTest {

    private static final NodeId DB1 = NodeId.of("db1", 3306);
    private static final NodeId DB2 = NodeId.of("db2", 3306);
    private static final Verdict HEALTHY = new Verdict.Healthy(DB1);
    private static final Verdict CRASHED = new Verdict.Crashed(DB1, "no mysqld");
    private static final Verdict LOST = new Verdict.ReplicasLost(DB1, Set.of(DB2));

    private final Cluster cluster = ExampleClusters.named("shop")
            .with(List.of(new Receiver("chat", new Secret("http://127.0.0.1/"), Receiver.Shape.JSON, Severity.INFO,
                    Optional.empty(), Duration.ofSeconds(1), Duration.ofSeconds(1))));
    private final ManualClock clock = new ManualClock(java.time.Instant.parse("2026-11-23T12:00:00Z"));
    private final List<Notice> told = new ArrayList<>();
    private final Bulletins bulletins = new Bulletins((to, notice) -> told.add(notice),
            Optional.of(URI.create("https://switchman.example.org/")), clock);

    private void seen(Verdict verdict) {
        seen(verdict, Map.of(), Bulletins.Stance.ACTS);
    }

    private void seen(Verdict verdict, Map<NodeId, HostView> hosts, Bulletins.Stance stance) {
        clock.advance(Duration.ofSeconds(1));
        bulletins.seen(verdict, new Snapshot(cluster, clock.instant(), clock.instant(), Optional.of(DB1), Set.of(),
                Map.of(), hosts, Optional.empty()), stance);
    }

    private static HostView disk(int percent) {
        return new HostView.Seen(true, true, HostView.Unit.ACTIVE, HostView.Ending.UNKNOWN, Set.of(),
                new Disk(Disk.State.WORKING, percent, "/srv " + percent + " % used"));
    }

    private List<String> words() {
        return told.stream()
                .map(notice -> notice.severity() + (notice.reach() == notice.severity() ? "" : "/" + notice.reach())
                        + " " + notice.kind().word() + " " + notice.about().getOrDefault("verdict", ""))
                .map(String::strip)
                .toList();
    }

    @Test
    void a_bad_verdict_is_told_once_and_its_end_to_whom_it_was_told() {
        seen(HEALTHY);
        seen(new Verdict.Suspected(DB1, "silent"));
        seen(CRASHED);
        seen(CRASHED);
        seen(new Verdict.Suspected(DB1, "silent"));
        seen(CRASHED);
        seen(LOST);
        seen(HEALTHY);
        seen(HEALTHY);

        assertThat(words()).containsExactly("CRITICAL verdict crashed", "WARNING verdict replicas-lost",
                "INFO/CRITICAL verdict healthy");
        assertThat(told.getFirst().headline()).isEqualTo(CRASHED.sentence());
        assertThat(told.getFirst().link()).contains(URI.create("https://switchman.example.org/clusters/shop"));
    }

    @Test
    void what_comes_and_goes_is_told_once_in_ten_minutes() {
        seen(LOST);
        seen(HEALTHY);
        seen(LOST);
        seen(HEALTHY);
        assertThat(words()).containsExactly("WARNING verdict replicas-lost", "INFO/WARNING verdict healthy");

        clock.advance(Bulletins.QUIET);
        seen(LOST);

        assertThat(words()).hasSize(3).endsWith("WARNING verdict replicas-lost");
    }

    @Test
    void busy_and_suspected_are_nobodys_business() {
        seen(new Verdict.Busy(DB1, "1040"));
        seen(new Verdict.Suspected(DB1, "silent"));
        seen(HEALTHY);

        assertThat(told).isEmpty();
    }

    @Test
    void it_says_when_nothing_is_done_about_it() {
        seen(CRASHED, Map.of(), new Bulletins.Stance("Nothing is done: paused by anna."));

        assertThat(told.getFirst().text()).isEqualTo("Nothing is done: paused by anna.");
    }

    @Test
    void a_disk_is_told_when_it_begins_to_want_room_whatever_else_is_the_matter() {
        seen(HEALTHY, Map.of(DB2, disk(89)), Bulletins.Stance.ACTS);
        seen(HEALTHY, Map.of(DB2, disk(95)), Bulletins.Stance.ACTS);
        seen(HEALTHY, Map.of(DB2, disk(96)), Bulletins.Stance.ACTS);
        seen(HEALTHY, Map.of(DB2, disk(50)), Bulletins.Stance.ACTS);
        seen(HEALTHY, Map.of(DB2, disk(95)), Bulletins.Stance.ACTS);

        assertThat(words()).containsExactly("WARNING disk", "WARNING disk");
        assertThat(told.getFirst().headline()).isEqualTo("The disk of db2:3306 is nearly full: /srv 95 % used.");
        assertThat(told.getFirst().about()).containsEntry("node", "db2:3306");
    }

    @Test
    void a_failover_is_told_at_its_beginning_and_at_its_end_to_the_same_people() {
        bulletins.began(cluster, new RunId("42"), Runbook.FAILOVER, "monitor", "no mysqld");
        bulletins.ended(cluster, new RunId("42"), "failover", Ending.DONE, "db1 failed over to db2", "Timeline\n");
        bulletins.ended(cluster, new RunId("43"), "failover", Ending.NOT_FENCED, "failover of db1", "");

        assertThat(words()).containsExactly("CRITICAL run-began", "WARNING/CRITICAL run-ended", "CRITICAL run-ended");
        assertThat(told.get(1).text()).isEqualTo("Timeline\n");
        assertThat(told.get(1).about())
                .isEqualTo(Map.of("run", "42", "runbook", "failover", "ending", "DONE"));
        assertThat(told.get(1).link()).contains(URI.create("https://switchman.example.org/runs/42"));
    }

    @Test
    void quarantine_rejoin_and_purge_are_told_at_their_end_only() {
        for (Runbook runbook : List.of(Runbook.QUARANTINE, Runbook.REJOIN, Runbook.PURGE_RELAY_LOGS)) {
            bulletins.began(cluster, new RunId("1"), runbook, "monitor", "");
            bulletins.ended(cluster, new RunId("1"), runbook.id(), Ending.DONE, "done", "");
        }

        assertThat(words()).containsExactly("WARNING run-ended", "INFO run-ended", "INFO run-ended");
    }

    @Test
    void a_question_of_a_failover_weighs_more_than_one_of_a_switchover() {
        bulletins.asked(cluster, new RunId("1"), "failover", "Go on?", false);
        bulletins.asked(cluster, new RunId("2"), "switchover", "Go on?", true);

        assertThat(words()).containsExactly("CRITICAL decision-needed", "WARNING decision-needed");
        assertThat(told.getFirst().text()).contains("switchman approve 1");
    }

    @Test
    void a_cluster_without_receivers_makes_no_notice() {
        bulletins.began(ExampleClusters.named("quiet"), new RunId("1"), Runbook.FAILOVER, "monitor", "");

        assertThat(told).isEmpty();
    }
}
