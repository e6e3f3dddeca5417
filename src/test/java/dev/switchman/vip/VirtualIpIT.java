package dev.switchman.vip;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.lab.Eventually;
import dev.switchman.ssh.Ssh;
import dev.switchman.ssh.TestHosts;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp.Held;
import dev.switchman.vip.VirtualIp.Moved;

import static org.assertj.core.api.Assertions.assertThat;

/** A real address on real interfaces, seen by a client of another network stack: this JVM. */
class VirtualIpIT {

    private static final Duration LONG = Duration.ofSeconds(10);
    private static final int NAME_PORT = 7777;
    private static final VirtualAddress ADDRESS = new VirtualAddress(new Host(TestHosts.address(250)), 32, "eth0");

    @TempDir
    static Path directory;

    private static TestHosts hosts;
    private static Node a;
    private static Node b;
    private static Ssh ssh;
    private static VirtualIp virtualIp;

    @BeforeAll
    static void start() throws Exception {
        hosts = new TestHosts("vip", directory);
        a = hosts.start("a", 21, "9.7", Optional.empty());
        b = hosts.start("b", 22, "9.7", Optional.empty());
        for (Node node : List.of(a, b)) {
            hosts.awaitReady(node);
            // Tells its name to whoever connects.
            hosts.exec(node, "(exec perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => " + NAME_PORT
                    + ", Listen => 50, ReuseAddr => 1) or die; while (my $c = $s->accept) { print $c \""
                    + node.id().host()
                    + "\\n\"; close $c }') >/dev/null 2>&1 & until ss -ltn | grep -q :" + NAME_PORT
                    + "; do sleep 0.02; done");
        }
        hosts.trust(a, b);
        ssh = Ssh.open(action -> {});
        virtualIp = VirtualIps.over(ssh.shell(), ssh.reader());
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
    void addingAndRemovingMayBeRepeated() {
        assertThat(virtualIp.look(a, ADDRESS, LONG)).isEqualTo(new Held.NotHere());
        assertThat(virtualIp.announce(a, ADDRESS, LONG)).isInstanceOfSatisfying(Moved.Failed.class,
                failed -> assertThat(failed.why()).contains("does not hold"));

        assertThat(virtualIp.add(a, ADDRESS, LONG)).isInstanceOf(Moved.Done.class);
        assertThat(virtualIp.add(a, ADDRESS, LONG)).isInstanceOf(Moved.Done.class);
        assertThat(virtualIp.look(a, ADDRESS, LONG)).isEqualTo(new Held.Here());
        assertThat(virtualIp.look(b, ADDRESS, LONG)).isEqualTo(new Held.NotHere());

        assertThat(virtualIp.remove(a, ADDRESS, LONG)).isInstanceOf(Moved.Done.class);
        assertThat(virtualIp.remove(a, ADDRESS, LONG)).isInstanceOf(Moved.Done.class);
        assertThat(virtualIp.look(a, ADDRESS, LONG)).isEqualTo(new Held.NotHere());
    }

    @Test
    void anAddressWithAnotherPrefixIsRemovedToo() throws Exception {
        hosts.exec(a, "ip addr add " + ADDRESS.address() + "/24 dev eth0");

        assertThat(virtualIp.add(a, ADDRESS, LONG)).isInstanceOf(Moved.Done.class);
        assertThat(virtualIp.remove(a, ADDRESS, LONG)).isInstanceOf(Moved.Done.class);
        assertThat(hosts.exec(a, "ip -o addr")).doesNotContain(ADDRESS.address().name());
    }

    @Test
    void aMissingInterfaceIsNamed() {
        VirtualAddress wrong = new VirtualAddress(ADDRESS.address(), 32, "eth7");

        assertThat(virtualIp.add(a, wrong, LONG)).isInstanceOfSatisfying(Moved.Failed.class,
                failed -> assertThat(failed.why()).contains("eth7"));
    }

    @Test
    void aClientThatKeepsConnectingReachesTheNewHolderAfterTheSecondAnnouncement() throws Exception {
        moveAndExpect(a, b);
        moveAndExpect(b, a);
        virtualIp.remove(a, ADDRESS, LONG);
    }

    @Test
    void theRepeatedAnnouncementsHoldUpNobody() {
        virtualIp.add(a, ADDRESS, LONG);

        // They go on for two seconds at least; whoever ran into them would not see the end of the first one.
        assertThat(virtualIp.announce(a, ADDRESS, Duration.ofMillis(1_900))).isInstanceOf(Moved.Done.class);
        virtualIp.remove(a, ADDRESS, LONG);
    }

    @Test
    void withoutArpingThePacketIsMadeByPerl() throws Exception {
        for (Node node : List.of(a, b)) {
            hosts.exec(node, "mv /usr/bin/arping /usr/bin/arping.away");
        }
        try {
            moveAndExpect(a, b);
            assertThat(virtualIp.announce(b, ADDRESS, LONG)).isInstanceOfSatisfying(Moved.Done.class,
                    done -> assertThat(done.detail()).endsWith("by perl"));
            virtualIp.remove(b, ADDRESS, LONG);
        } finally {
            for (Node node : List.of(a, b)) {
                hosts.exec(node, "mv /usr/bin/arping.away /usr/bin/arping");
            }
        }
    }

    /** The order of both runbooks: add on the new and announce, remove on the old, announce again. */
    private static void moveAndExpect(Node from, Node to) throws Exception {
        virtualIp.add(from, ADDRESS, LONG);
        // By the announcement that the adding alone has begun.
        Eventually.until("reached: " + from, LONG, () -> held(from));
        List<Moved> moves = new ArrayList<>();
        AtomicInteger failed = new AtomicInteger();
        AtomicBoolean moving = new AtomicBoolean(true);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var client = CompletableFuture.runAsync(() -> {
                while (moving.get()) {
                    try {
                        holder();
                    } catch (IOException e) {
                        // In the overlap an attempt may fail; what counts is the one after the move.
                        failed.incrementAndGet();
                    }
                }
            }, threads);
            long start = System.nanoTime();
            moves.add(virtualIp.add(to, ADDRESS, LONG));
            moves.add(virtualIp.remove(from, ADDRESS, LONG));
            moves.add(virtualIp.announce(to, ADDRESS, LONG));
            System.out.println("virtual IP moved in " + (System.nanoTime() - start) / 1_000_000 + " ms: " + moves);
            String after = holder();
            moving.set(false);
            client.join();
            System.out.println("attempts that failed in the overlap: " + failed);

            assertThat(moves).allSatisfy(move -> assertThat(move).isInstanceOf(Moved.Done.class));
            assertThat(after).isEqualTo(to.id().host().name());
        }
    }

    /** @return why a client does not reach this node at the address */
    private static Optional<String> held(Node node) {
        try {
            return Optional.of(holder()).filter(holder -> !holder.equals(node.id().host().name()));
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static String holder() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(ADDRESS.address().name(), NAME_PORT), 200);
            socket.setSoTimeout(200);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }
}
