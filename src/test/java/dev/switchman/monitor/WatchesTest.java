package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
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
        Cluster cluster = Specimens.cluster(
                new Detection(PingKind.SELECT, interval, Duration.ofSeconds(1), 2, 1, Duration.ofSeconds(30)));
        return Watches.over(List.of(cluster), servers, servers, memory, Watches.unrivalled(), listener,
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
