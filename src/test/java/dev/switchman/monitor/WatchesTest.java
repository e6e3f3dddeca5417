package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.switchman.fleet.FakeMemory;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Specimens;
import dev.switchman.verdict.Verdict;

import static dev.switchman.verdict.Specimens.DB1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The loop on its own threads, on the system's clock; tests wait for what it tells. */
@Timeout(30)
class WatchesTest {

    private final TestServers servers = new TestServers(Clock.systemUTC());
    private final FakeMemory memory = new FakeMemory();
    private final BlockingQueue<Verdict> told = new LinkedBlockingQueue<>();

    private Watch watch(Duration interval, VerdictListener listener) {
        return watch(List.of(Specimens.cluster(every(interval))), listener);
    }

    private static Detection every(Duration interval) {
        return new Detection(PingKind.SELECT, interval, Duration.ofSeconds(1), 2, 1, Duration.ofSeconds(30));
    }

    private Watch watch(List<Cluster> clusters, VerdictListener listener) {
        return Watches.over(clusters, servers, servers, memory, Watches.unrivalled(), listener,
                Clock.systemUTC());
    }

    @Test
    void aCrashIsToldWhenTheSocketBreaksAndNotAtTheNextTick() throws InterruptedException {
        memory.rememberPrimary(Specimens.cluster(2, 1).name(), DB1);
        try (Watch watch = watch(Duration.ofHours(1), (verdict, snapshot, changed) -> told.add(verdict))) {
            watch.start();
            assertThat(told.take()).isEqualTo(new Verdict.Healthy(DB1));
            assertThat(servers.armed.take()).isEqualTo(DB1);

            servers.kill(DB1);

            assertThat(told.take()).isInstanceOf(Verdict.Crashed.class);
            assertThat(watch.sight(new ClusterName("orders")).orElseThrow().verdict().primaryLost()).isTrue();
        }
    }

    @Test
    void thePrimaryIsAskedMoreOftenThanThereAreTicks() throws InterruptedException {
        memory.rememberPrimary(Specimens.cluster(2, 1).name(), DB1);
        AtomicInteger pings = new AtomicInteger();
        servers.beforePing = pings::incrementAndGet;
        try (Watch watch = watch(Duration.ofMillis(100), (verdict, snapshot, changed) -> told.add(verdict))) {
            watch.start();

            int ticks = 0;
            do {
                assertThat(told.take()).isEqualTo(new Verdict.Healthy(DB1));
                ticks++;
            } while (pings.get() < ticks + 3);
        }
    }

    @Test
    void clustersAreNotAllAskedAtOneMoment() throws InterruptedException {
        Duration interval = Duration.ofMillis(400);
        List<Cluster> clusters = List.of(Specimens.cluster("orders", every(interval)),
                Specimens.cluster("stock", every(interval)));
        clusters.forEach(cluster -> memory.rememberPrimary(cluster.name(), DB1));
        BlockingQueue<Snapshot> second = new LinkedBlockingQueue<>();
        try (Watch watch = watch(clusters, (verdict, snapshot, changed) -> {
            if (snapshot.cluster().equals(clusters.getLast())) {
                second.add(snapshot);
            }
        })) {
            Instant begun = Instant.now();
            watch.start();

            // Its moment is half an interval later; a wait may end a fraction of a millisecond early.
            assertThat(second.take().since()).isAfter(begun.plus(interval.dividedBy(4)));
        }
    }

    @Test
    void aListenerThatFailsDoesNotEndTheWatch() throws InterruptedException {
        memory.rememberPrimary(Specimens.cluster(2, 1).name(), DB1);
        try (Watch watch = watch(Duration.ofMillis(5), (verdict, snapshot, changed) -> {
            told.add(verdict);
            throw new IllegalStateException("the listener's store is down");
        })) {
            watch.start();

            for (int i = 0; i < 3; i++) {
                assertThat(told.take()).isEqualTo(new Verdict.Healthy(DB1));
            }
        }
    }

    @Test
    void aClusterThatIsNotConfiguredCannotBeConfirmed() {
        try (Watch watch = watch(Duration.ofHours(1), (verdict, snapshot, changed) -> told.add(verdict))) {
            assertThat(watch.sight(new ClusterName("stock"))).isEmpty();
            assertThatThrownBy(() -> watch.confirm(new ClusterName("stock")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("stock");
        }
    }
}
