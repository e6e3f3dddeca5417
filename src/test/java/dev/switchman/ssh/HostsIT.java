package dev.switchman.ssh;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.ExampleClusters;
import dev.switchman.ssh.RemoteShell.Guarding;
import dev.switchman.ssh.RemoteShell.Ran;
import dev.switchman.ssh.RemoteShell.Stopping;
import dev.switchman.topology.Account;
import dev.switchman.topology.Action;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Guard;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostView;
import dev.switchman.topology.HostView.Ending;
import dev.switchman.topology.HostView.Unit;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.Secret;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WitnessHost;

import static org.assertj.core.api.Assertions.assertThat;

/** Real hosts: OpenSSH, mysqld, systemd, and their faults. Each test leaves the hosts as it found them. */
class HostsIT {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(10);
    /** How much later than its deadline a call may return on a machine with two busy cores. */
    private static final Duration SLACK = Duration.ofMillis(500);
    private static final ConcurrentLinkedQueue<Action> TOLD = new ConcurrentLinkedQueue<>();

    @TempDir
    static Path directory;

    private static TestHosts hosts;
    private static Node a;
    private static Node b;
    private static Node supervised;
    private static Ssh ssh;

    @BeforeAll
    static void start() throws Exception {
        hosts = new TestHosts("ssh", directory);
        supervised = hosts.start("c", 13, "9.7-systemd", Optional.of("mysql.service"));
        a = hosts.start("a", 11, "9.7", Optional.empty());
        b = hosts.start("b", 12, "9.7", Optional.empty());
        for (Node node : List.of(a, b, supervised)) {
            hosts.awaitReady(node);
        }
        hosts.trust(a, b, supervised);
        ssh = Ssh.open(TOLD::add);
        for (Node node : List.of(a, b, supervised)) {
            assertThat(ssh.reader().warm(node, LONG)).isTrue();
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (ssh != null) {
            ssh.close();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void aRunningServerIsSeenWithItsPortAddressAndDisk() {
        HostView.Seen seen = seen(a);

        assertThat(seen.mysqld()).isTrue();
        assertThat(seen.listening()).isTrue();
        assertThat(seen.unit()).isEqualTo(Unit.NONE);
        assertThat(seen.ending()).isEqualTo(Ending.RUNNING);
        assertThat(seen.addresses()).contains(TestHosts.address(11));
        assertThat(seen.disk().state()).as(seen.disk().detail()).isEqualTo(Disk.State.WORKING);
        assertThat(seen.disk().usedPercent()).isBetween(0, 100);
    }

    @Test
    void aKilledServerDiffersFromAStoppedOne() throws Exception {
        seen(b);

        hosts.exec(b, "pkill -9 mysqld; while pgrep -x mysqld; do sleep 0.02; done");
        HostView.Seen killed = seen(b);
        hosts.exec(b, "start-mysqld");
        HostView.Seen back = seen(b);
        hosts.exec(b, "stop-mysqld");
        HostView.Seen stopped = seen(b);
        HostView unknownToANewReader;
        try (Ssh other = Ssh.open(TOLD::add)) {
            unknownToANewReader = other.reader().look(b, LONG);
        }
        hosts.exec(b, "start-mysqld");

        assertThat(killed.mysqld()).isFalse();
        assertThat(killed.listening()).isFalse();
        assertThat(killed.ending()).isEqualTo(Ending.KILLED);
        assertThat(back.ending()).isEqualTo(Ending.RUNNING);
        assertThat(stopped.ending()).isEqualTo(Ending.CLEAN);
        assertThat(unknownToANewReader).isInstanceOfSatisfying(HostView.Seen.class,
                seen -> assertThat(seen.ending()).isEqualTo(Ending.UNKNOWN));
    }

    @Test
    void anotherNodesServerOnTheSameHostIsNotTakenForThisOne() throws Exception {
        // A process of that name and with that option, as an instance of its own port has it.
        hosts.exec(b,
                "cp /bin/bash /tmp/mysqld; mkfifo /tmp/never; (exec /tmp/mysqld -c 'read x <>/tmp/never; :' x --port=3307) >/dev/null 2>&1 & "
                        + "until [ $(pgrep -cx mysqld) = 2 ]; do sleep 0.02; done");
        HostView.Seen both = seen(b);
        hosts.exec(b,
                "own=$(cat /run/mysqld/mysqld.pid); kill $own; while [ -e /proc/$own ]; do sleep 0.02; done");
        HostView.Seen onlyTheOther = seen(b);
        Stopping stopping = ssh.shell().stopServer(b, LONG);
        String left = hosts.exec(b, "pgrep -cx mysqld");
        hosts.exec(b, "pkill -9 -x mysqld; while pgrep -x mysqld; do sleep 0.02; done; rm /tmp/never; start-mysqld");

        assertThat(both.mysqld()).isTrue();
        assertThat(onlyTheOther.mysqld()).isFalse();
        assertThat(stopping).isInstanceOf(Stopping.Gone.class);
        assertThat(left).isEqualTo("1");
    }

    @Test
    void whatAPeerFindsAtAPortIsToldApart() throws Exception {
        NodeId target = a.id();

        PortProbe greeted = ssh.reader().probe(b, target, SECOND);
        PortProbe asWitness = ssh.reader().probe(new WitnessHost(b.id().host(), b.ssh()), target, SECOND);
        hosts.exec(a, "pkill -STOP -x mysqld");
        PortProbe mute = ssh.reader().probe(b, target, SECOND);
        hosts.exec(a, "pkill -CONT -x mysqld");

        assertThat(greeted).isEqualTo(new PortProbe.Greeted());
        assertThat(asWitness).isEqualTo(new PortProbe.Greeted());
        assertThat(mute).isEqualTo(new PortProbe.Mute());
        assertThat(ssh.reader().probe(b, NodeId.of(TestHosts.address(11), 3399), SECOND))
                .isEqualTo(new PortProbe.Refused());
        assertThat(ssh.reader().probe(b, NodeId.of(TestHosts.address(99), 3306), SECOND))
                .isEqualTo(new PortProbe.TimedOut());
        assertThat(ssh.reader().probe(b, NodeId.of("no-such-host.invalid", 3306), SECOND))
                .isInstanceOf(PortProbe.Abstained.class);
        assertThat(ssh.reader().probe(b, NodeId.of(TestHosts.address(11), 22), SECOND))
                .isInstanceOf(PortProbe.Abstained.class);
    }

    @Test
    void aHostThatFreezesInTheMiddleOfACommandCostsTheDeadlineAndNoMore() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ran = CompletableFuture.supplyAsync(() -> timed(
                    () -> ssh.shell().run(a, List.of("sh", "-c", "touch /tmp/begun; sleep 30"), Duration.ofSeconds(2))),
                    threads);
            hosts.exec(a, "until [ -e /tmp/begun ]; do sleep 0.02; done; rm /tmp/begun");
            hosts.pause(a);
            Timed<HostView> frozen;
            Timed<HostView> other;
            try {
                assertThat(ran.join().result()).isInstanceOf(Ran.Unknown.class);
                assertThat(ran.join().took()).isLessThan(Duration.ofSeconds(2).plus(SLACK));
                frozen = timed(() -> ssh.reader().look(a, SECOND));
                other = timed(() -> ssh.reader().look(b, SECOND));
            } finally {
                hosts.unpause(a);
            }
            assertThat(frozen.result()).isInstanceOf(HostView.Silent.class);
            assertThat(frozen.took()).isLessThan(SECOND.plus(SLACK));
            assertThat(other.result()).isInstanceOf(HostView.Seen.class);
            assertThat(ssh.reader().look(a, LONG)).isInstanceOf(HostView.Seen.class);
        }
    }

    @Test
    void aCommandThatWasNotYetSentToAFrozenHostNeverRunsThere() throws Exception {
        seen(b);
        hosts.pause(b);
        Ran ran;
        try {
            ran = ssh.shell().run(b, List.of("touch", "/tmp/must-not-be"), Duration.ofMillis(700));
        } finally {
            hosts.unpause(b);
        }
        seen(b);

        assertThat(ran).isInstanceOf(Ran.Unreachable.class);
        assertThat(hosts.exec(b, "ls /tmp")).doesNotContain("must-not-be");
    }

    @Test
    void aHostWhoseLinkIsDownBlocksNobodyElse() throws Exception {
        hosts.exec(a, "ip link set eth0 down");
        Timed<HostView> first;
        List<Timed<HostView>> others = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var dead = CompletableFuture.supplyAsync(() -> timed(() -> ssh.reader().look(a, SECOND)), threads);
            for (int i = 0; i < 5; i++) {
                others.add(timed(() -> ssh.reader().look(b, SECOND)));
            }
            first = dead.join();
        } finally {
            hosts.exec(a, "ip link set eth0 up");
        }
        HostView back = ssh.reader().look(a, LONG);

        assertThat(first.result()).isInstanceOf(HostView.Silent.class);
        assertThat(first.took()).isLessThan(SECOND.plus(SLACK));
        assertThat(others).allSatisfy(look -> assertThat(look.result()).isInstanceOf(HostView.Seen.class));
        assertThat(back).isInstanceOf(HostView.Seen.class);
    }

    @Test
    void withoutSshdTheHostIsClosedAndWithItOpenAgain() throws Exception {
        hosts.exec(b, "pkill -9 '^sshd'; while ss -ltn | grep -q :22; do sleep 0.02; done");
        HostView closed = ssh.reader().look(b, SECOND);
        hosts.exec(b, "/usr/sbin/sshd");
        HostView open = ssh.reader().look(b, LONG);

        assertThat(closed).isInstanceOfSatisfying(HostView.Closed.class,
                view -> assertThat(view.why()).contains("refused"));
        assertThat(open).isInstanceOf(HostView.Seen.class);
    }

    @Test
    void aChangedHostKeyIsRefusedUntilKnownHostsSaysOtherwise() throws Exception {
        hosts.exec(b,
                "rm /etc/ssh/ssh_host_ed25519_key*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key; "
                        + "pkill -9 '^sshd'; while ss -ltn | grep -q :22; do sleep 0.02; done; /usr/sbin/sshd");
        HostView refused = ssh.reader().look(b, LONG);
        List<Finding> findings = ssh.reader().inspect(b, Optional.empty(), LONG);
        hosts.trust(a, b, supervised);
        HostView open = ssh.reader().look(b, LONG);

        assertThat(refused).isInstanceOfSatisfying(HostView.Closed.class,
                view -> assertThat(view.why()).contains("has changed"));
        assertThat(findings).anySatisfy(finding -> {
            assertThat(finding.check()).isEqualTo("ssh-host-key");
            assertThat(finding.grade()).isEqualTo(Grade.FAILED);
        });
        assertThat(open).isInstanceOf(HostView.Seen.class);
    }

    @Test
    void aServerWithoutAUnitIsEndedAndOnlyGone() throws Exception {
        Stopping stopping = ssh.shell().stopServer(a, LONG);
        HostView.Seen after = seen(a);
        Stopping again = ssh.shell().stopServer(a, LONG);
        hosts.exec(a, "start-mysqld");

        assertThat(stopping).isInstanceOf(Stopping.Gone.class);
        assertThat(after.mysqld()).isFalse();
        assertThat(again).isInstanceOf(Stopping.Gone.class);
        assertThat(TOLD).anySatisfy(action -> assertThat(action.text()).isEqualTo("kill mysqld of port 3306"));
    }

    @Test
    void aServerThatHangsIsKilledWithinTheDeadline() throws Exception {
        hosts.exec(a, "pkill -STOP -x mysqld");
        Timed<Stopping> stopping = timed(() -> ssh.shell().stopServer(a, Duration.ofSeconds(3)));
        hosts.exec(a, "start-mysqld");

        assertThat(stopping.result()).isInstanceOf(Stopping.Gone.class);
        assertThat(stopping.took()).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void aSupervisedServerIsStoppedAndMaskedAndCannotComeBack() throws Exception {
        HostView.Seen before = seen(supervised);
        hosts.exec(supervised,
                "pkill -9 -x mysqld; until systemctl show mysql -p SubState | grep -q auto-restart; do sleep 0.02; done");
        HostView.Seen killed = seen(supervised);

        Stopping stopping = ssh.shell().stopServer(supervised, LONG);
        HostView.Seen after = seen(supervised);
        String start = hosts.exec(supervised, "systemctl start mysql.service 2>&1 || true");
        HostView.Seen still = seen(supervised);
        hosts.exec(supervised, "systemctl unmask mysql.service && systemctl start mysql.service");
        HostView.Seen back = seen(supervised);
        Stopping ofARunningOne = ssh.shell().stopServer(supervised, LONG);
        HostView.Seen stopped = seen(supervised);

        assertThat(before.unit()).isEqualTo(Unit.ACTIVE);
        assertThat(killed.unit()).isEqualTo(Unit.CHANGING);
        assertThat(killed.ending()).isEqualTo(Ending.KILLED);
        assertThat(stopping).isInstanceOf(Stopping.Masked.class);
        assertThat(after.unit()).isEqualTo(Unit.MASKED);
        assertThat(after.mysqld()).isFalse();
        assertThat(start).contains("masked");
        assertThat(still.mysqld()).isFalse();
        assertThat(back.unit()).isEqualTo(Unit.ACTIVE);
        assertThat(ofARunningOne).isInstanceOf(Stopping.Masked.class);
        assertThat(stopped.ending()).isEqualTo(Ending.KILLED);
        hosts.exec(supervised, "systemctl unmask mysql.service && systemctl start mysql.service");
    }

    /** A guard that is ended comes back by systemd; what it guards is closed when the lease has run out, and stays closed. */
    @Test
    void aGuardIsKeptBySystemdAndClosesAServerThatHearsNobody() throws Exception {
        Node node = new Node(supervised.id(), supervised.role(), false, new Account("admin", new Secret("secret")),
                supervised.tls(), supervised.ssh(), supervised.unit());
        Cluster cluster = guarded(node, Duration.ofSeconds(4));
        String client = "mysql --defaults-file=/etc/switchman-guard/3306.cnf -h 127.0.0.1 -N -e ";
        try {
            Guarding came = ssh.shell().installGuard(cluster, node, LONG);
            assertThat(came).isEqualTo(new Guarding.Runs("switchman-guard@3306.service is enabled and started"));
            hosts.exec(node, "timeout 20 sh -c 'until [ -s /run/switchman-guard/3306 ]; do sleep 0.1; done'");
            Finding found = ssh.reader().inspectGuard(cluster, node, LONG);
            String first = hosts.exec(node, "systemctl show -P MainPID switchman-guard@3306");
            hosts.exec(node,
                    "kill -9 " + first + "; timeout 20 sh -c 'until systemctl -q is-active switchman-guard@3306"
                            + " && [ $(systemctl show -P MainPID switchman-guard@3306) != " + first
                            + " ]; do sleep 0.1; done'");
            hosts.exec(node, client + "'SET GLOBAL read_only = 0'");
            hosts.exec(node, "timeout 30 sh -c 'until [ \"$(" + client
                    + "\"SELECT @@super_read_only\")\" = 1 ]; do sleep 0.1; done'");

            assertThat(found.grade()).as(found.detail()).isEqualTo(Grade.PASSED);
            assertThat(hosts.exec(node, "systemctl is-enabled switchman-guard@3306")).isEqualTo("enabled");
            assertThat(hosts.exec(node, "timeout 10 sh -c 'until journalctl -u switchman-guard@3306 | grep closed;"
                    + " do sleep 0.1; done'")).contains("closed port 3306, because nothing was heard of the manager",
                            "super_read_only after", "no virtual IP is configured");
        } finally {
            hosts.exec(node, "systemctl disable --now switchman-guard@3306 2>&1; " + client
                    + "'SET GLOBAL super_read_only = 0; SET GLOBAL read_only = 0'; rm -rf /etc/switchman-guard");
        }
    }

    private static Cluster guarded(Node node, Duration lease) {
        Cluster plain = ExampleClusters.named("guarded");
        return new Cluster(plain.name(), plain.tier(), List.of(node), Optional.empty(), plain.replication(),
                plain.pingSchema(), plain.detection(), plain.limits(), plain.policies(), plain.mail(),
                plain.shutdownHook(), plain.hooks(), Optional.of(new Guard(lease)));
    }

    @Test
    void anInspectionNamesWhatIsMissing() {
        VirtualAddress good = new VirtualAddress(new Host(TestHosts.address(250)), 32, "eth0");
        VirtualAddress noDevice = new VirtualAddress(new Host(TestHosts.address(250)), 32, "eth7");
        VirtualAddress elsewhere = new VirtualAddress(new Host("192.0.2.200"), 32, "eth0");
        VirtualAddress own = new VirtualAddress(a.id().host(), 32, "eth0");

        List<Finding> fine = ssh.reader().inspect(a, Optional.of(good), LONG);

        assertThat(fine).filteredOn(finding -> finding.grade() != Grade.PASSED)
                .extracting(Finding::check)
                .containsExactly("host-unit");
        assertThat(failing(noDevice)).contains("virtual-ip-device");
        assertThat(failing(elsewhere)).contains("virtual-ip-address");
        assertThat(failing(own)).contains("virtual-ip-address");
        assertThat(ssh.reader().inspect(supervised, Optional.of(good), LONG)).extracting(Finding::grade)
                .containsOnly(Grade.PASSED);
    }

    private static List<String> failing(VirtualAddress address) {
        return ssh.reader()
                .inspect(a, Optional.of(address), LONG)
                .stream()
                .filter(finding -> finding.grade() != Grade.PASSED)
                .map(Finding::check)
                .toList();
    }

    private static HostView.Seen seen(Node node) {
        return switch (ssh.reader().look(node, LONG)) {
            case HostView.Seen seen -> seen;
            case HostView.Closed(String why) -> throw new AssertionError(why);
            case HostView.Silent(String why) -> throw new AssertionError(why);
        };
    }

    private record Timed<T>(T result, Duration took) {}

    private static <T> Timed<T> timed(java.util.function.Supplier<T> work) {
        long from = System.nanoTime();
        T result = work.get();
        return new Timed<>(result, Duration.ofNanos(System.nanoTime() - from));
    }
}
