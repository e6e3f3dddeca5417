package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import dev.switchman.fleet.FakeMemory;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.mysql.MySql;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.Ssh;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Host;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.verdict.Diagnosis;
import dev.switchman.verdict.Specimens;
import dev.switchman.verdict.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

/** Three MySQL servers, the faults that a failover is made for, and the two that look like one. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WatchOnRealServersIT {

    private static final ClusterName NAME = new ClusterName("lab");
    private static final Duration LONG = Duration.ofSeconds(30);

    private static LabCluster lab;
    private static NodeReader mysql;
    private static Ssh ssh;

    private record Told(Instant at, Verdict verdict) {}

    private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
    private Watch watch;

    @BeforeAll
    static void open() {
        lab = LabCluster.builder().start();
        mysql = MySql.reader(Clock.systemUTC());
        ssh = Ssh.open(action -> {});
    }

    @AfterAll
    static void close() {
        ssh.close();
        mysql.close();
        lab.close();
    }

    @BeforeEach
    void watch() throws InterruptedException {
        watch = Watches.over(List.of(cluster()), mysql, ssh.reader(), new FakeMemory(), Watches.unrivalled(),
                (verdict, snapshot, changed) -> told.add(new Told(Clock.systemUTC().instant(), verdict)),
                Clock.systemUTC());
        watch.start();
        next(Verdict.Healthy.class::isInstance);
        next(Verdict.Healthy.class::isInstance);
    }

    @AfterEach
    void unwatch() {
        watch.close();
    }

    private static Cluster cluster() {
        Cluster plain = Specimens.cluster(2, 1);
        return new Cluster(NAME, "test", lab.nodes().stream().map(lab::topologyNode).toList(),
                Optional.of(new VirtualAddress(new Host(lab.virtualIp()), 32, LabCluster.DEVICE)),
                lab.replicationAccount(), LabCluster.PING_SCHEMA, new Detection(PingKind.SELECT, Duration.ofSeconds(1),
                        Duration.ofSeconds(1), 2, 1, LONG),
                plain.limits(), plain.policies(), Optional.empty(), Optional.empty());
    }

    private Told next(Predicate<Verdict> wanted) throws InterruptedException {
        Instant end = Clock.systemUTC().instant().plus(LONG);
        Verdict last = new Verdict.NoKnownPrimary("nothing was told");
        while (Clock.systemUTC().instant().isBefore(end)) {
            Told one = told.poll(1, TimeUnit.SECONDS);
            if (one != null && wanted.test(one.verdict())) {
                return one;
            }
            last = one == null ? last : one.verdict();
        }
        throw new AssertionError("not told within " + LONG + "; the last was: " + last.sentence());
    }

    @Test
    @Order(1)
    void aFrozenPrimaryIsHungAndHealthyAgainAfterTheThaw() throws InterruptedException {
        LabNode primary = lab.primary();
        Instant frozen = lab.freeze(primary);

        Told loss = next(Verdict::primaryLost);

        assertThat(loss.verdict()).as(loss.verdict().sentence()).isInstanceOf(Verdict.Hung.class);
        assertThat(Duration.between(frozen, loss.at())).isLessThan(Duration.ofMillis(3500));
        lab.thaw(primary);
        next(Verdict.Healthy.class::isInstance);
    }

    @Test
    @Order(2)
    void aSilentHostIsLost() throws InterruptedException {
        LabNode primary = lab.primary();
        Instant silent = lab.silence(primary);

        Told loss = next(Verdict::primaryLost);

        assertThat(loss.verdict()).as(loss.verdict().sentence()).isInstanceOf(Verdict.HostLost.class);
        assertThat(Duration.between(silent, loss.at())).isLessThan(Duration.ofMillis(3500));
        lab.unsilence(primary);
        next(verdict -> !(verdict.primaryLost() || verdict instanceof Verdict.Suspected));
    }

    @Test
    @Order(3)
    void aManagerThatIsCutOffAloneDeclaresNoLoss() throws InterruptedException {
        lab.cutManagerFrom(lab.primary());
        for (int i = 0; i < 4; i++) {
            Told isolated = next(Verdict.IsolatedFromUs.class::isInstance);
            assertThat(isolated.verdict().primaryLost()).isFalse();
        }
        assertThat(told).noneMatch(one -> one.verdict().primaryLost());
        lab.heal();
        next(verdict -> !(verdict instanceof Verdict.IsolatedFromUs));
    }

    @Test
    @Order(4)
    void aKilledServerIsDeclaredWithinMillisecondsAndConfirmed() throws InterruptedException {
        Instant killed = lab.crash(lab.primary());

        Told loss = next(Verdict::primaryLost);

        assertThat(loss.verdict()).as(loss.verdict().sentence()).isInstanceOf(Verdict.Crashed.class);
        assertThat(Duration.between(killed, loss.at())).isLessThan(Duration.ofMillis(900));
        assertThat(Diagnosis.of(watch.confirm(NAME))).isInstanceOf(Verdict.Crashed.class);
        System.out.println("crash declared after " + Duration.between(killed, loss.at()));
    }
}
