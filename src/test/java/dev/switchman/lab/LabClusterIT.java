package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.KnownHostsServerKeyVerifier;
import org.apache.sshd.client.keyverifier.RejectAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import dev.switchman.config.Inventory;
import dev.switchman.topology.Host;
import dev.switchman.topology.VirtualAddress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The lab does what it says; one cluster for all but the last. */
@Tag("matrix")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LabClusterIT {

    private static final Duration SOON = Duration.ofSeconds(10);

    private static LabCluster lab;
    private static LabNode primary;
    private static LabNode replica;

    @BeforeAll
    static void start() {
        lab = LabCluster.builder().start();
        primary = lab.primary();
        replica = lab.replicas().getFirst();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    @Order(1)
    void onePrimaryIsOpenAndTheOthersFollowItBySemiSync() {
        lab.awaitHealthy(primary);

        assertThat(lab.nodes()).filteredOn(lab::isWritable).containsExactly(primary);
        assertThat(lab.nodes()).filteredOn(lab::hasVirtualIp).containsExactly(primary);
        assertThat(lab.replicas()).allSatisfy(node -> assertThat(lab.source(node)).contains(primary.address()));
        assertThat(lab.value(primary, "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source_clients'")).isPresent();
        assertThat(lab.nodes()).allSatisfy(node -> assertThat(lab.column(node, """
                SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables
                 WHERE VARIABLE_NAME = 'super_read_only'""")).containsExactly("ON"));
        assertThat(lab.nodes()).allSatisfy(node -> assertThat(lab.exec(node, "sysctl", "-n", "net.ipv4.ip_forward"))
                .isEqualTo("0"));
    }

    @Test
    @Order(1)
    void theKeyLogsInWhereTheHostKeyIsKnown() throws IOException {
        try (SshClient client = SshClient.setUpDefaultClient()) {
            client.setServerKeyVerifier(
                    new KnownHostsServerKeyVerifier(RejectAllServerKeyVerifier.INSTANCE, lab.knownHosts()));
            client.setKeyIdentityProvider(new FileKeyPairProvider(lab.sshKey()));
            client.start();
            try (ClientSession session = client.connect("root", replica.address(), 22).verify(SOON).getSession()) {
                session.auth().verify(SOON);

                assertThat(session.executeRemoteCommand("hostname")).startsWith("switchman-lab-" + lab.id() + "-db2");
            }
        }
    }

    @Test
    @Order(1)
    void theConfigurationIsOneThatTheProductReads() {
        Path file = lab.directory().resolve("switchman.yaml");
        lab.writeConfig(file, "demo", 18080, "fast");

        assertThat(Inventory.read(file)).isInstanceOfSatisfying(Inventory.Loaded.class, loaded -> {
            assertThat(loaded.warnings()).isEmpty();
            assertThat(loaded.clusters()).singleElement().satisfies(cluster -> {
                assertThat(cluster.name()).hasToString("demo");
                assertThat(cluster.nodes()).isEqualTo(lab.nodes().stream().map(lab::topologyNode).toList());
                assertThat(cluster.virtualIp()).contains(
                        new VirtualAddress(new Host(lab.virtualIp()), 32, LabCluster.DEVICE));
                assertThat(cluster.replication()).isEqualTo(lab.replicationAccount());
                assertThat(cluster.pingSchema()).isEqualTo(LabCluster.PING_SCHEMA);
            });
        });
    }

    @Test
    @Order(2)
    void aWriterKnowsWhatWasAcknowledgedAndWhatIsMissing() {
        Writer writer = Writer.start(lab, 2);
        writer.awaitProgress(SOON);
        lab.awaitCaughtUp(replica, primary);
        lab.execute(replica, "STOP REPLICA SQL_THREAD");
        writer.awaitProgress(SOON);
        writer.close();

        assertThat(writer.acknowledged()).isGreaterThanOrEqualTo(8);
        assertThat(writer.longestGap()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(3));
        assertThat(writer.missingOn(primary)).isEmpty();
        assertThat(writer.missingOn(replica)).hasSizeBetween(2, writer.acknowledged() - 4);
        lab.execute(replica, "START REPLICA");
        lab.awaitCaughtUp(replica, primary);
        assertThat(writer.missingOn(replica)).isEmpty();
        assertThat(writer.lastError()).isEmpty();
    }

    @Test
    @Order(3)
    void aCrashEndsTheServerAndLeavesItsHostAndComesBackClosed() {
        try (Writer writer = Writer.start(lab)) {
            lab.crash(primary);

            Eventually.until("dead", SOON, () -> lab.runsMysqld(primary) ? Optional.of("it runs") : Optional.empty());
            assertThat(portAnswers(primary.address())).isEqualTo("refused");
            assertThat(lab.hasVirtualIp(primary)).isTrue();
            long noticed = System.nanoTime();
            lab.restartMysqld(primary);
            assertThat(lab.isWritable(primary)).isFalse();
            reopen();
            writer.awaitProgress(SOON);
            assertThat(writer.longestGap(noticed)).isGreaterThan(Duration.ofMillis(100));
            assertThat(writer.lastError()).isPresent();
        }
    }

    @Test
    @Order(4)
    void aSilentHostAnswersNobodyAndKeepsItsAddresses() {
        lab.silence(primary);

        assertThat(portAnswers(primary.address())).isEqualTo("silent");
        assertThat(portAnswers(lab.virtualIp())).isEqualTo("silent");
        assertThat(lab.runsMysqld(primary)).isTrue();
        assertThat(lab.hasVirtualIp(primary)).isTrue();
        lab.unsilence(primary);
        Eventually.until("back", SOON, () -> portAnswers(lab.virtualIp()).equals("open")
                ? Optional.empty()
                : Optional.of("silent"));
        lab.awaitHealthy(primary);
    }

    @Test
    @Order(5)
    void aFrozenHostAcceptsConnectionsAndSaysNothing() throws IOException {
        lab.freeze(primary);

        assertThat(lab.isFrozen(primary)).isTrue();
        assertThat(portAnswers(primary.address())).isEqualTo("open");
        assertThatThrownBy(() -> LabCluster.connect(primary.address(), lab.account(), "", Duration.ofMillis(300),
                Duration.ofMillis(300)).close()).isInstanceOf(SQLException.class);
        lab.thaw(primary);
        assertThat(lab.isFrozen(primary)).isFalse();
        lab.awaitHealthy(primary);
        assertThat(lab.isWritable(primary)).isTrue();
    }

    @Test
    @Order(6)
    void aManagerCutOffFromANodeLeavesItsClientsAndItsReplicasAlone() {
        try (Writer writer = Writer.start(lab)) {
            lab.cutManagerFrom(primary);

            assertThat(portAnswers(primary.address())).isEqualTo("silent");
            assertThat(portAnswers(replica.address())).isEqualTo("open");
            writer.awaitProgress(SOON);
            assertThat(lab.exec(replica, "bash", "-c", "</dev/tcp/" + primary.address() + "/3306 && echo open"))
                    .isEqualTo("open");
            lab.heal();
            assertThat(portAnswers(primary.address())).isEqualTo("open");
        }
    }

    @Test
    @Order(7)
    void aCutBetweenTwoNodesIsNoCutToOthers() {
        lab.cut(primary, replica);

        assertThatThrownBy(() -> lab.exec(replica, "timeout", "0.3", "bash", "-c",
                "</dev/tcp/" + primary.address() + "/3306")).hasMessageContaining("status 124");
        assertThat(portAnswers(primary.address())).isEqualTo("open");
        assertThat(portAnswers(replica.address())).isEqualTo("open");
        lab.heal();
        lab.exec(replica, "timeout", "3", "bash", "-c", "</dev/tcp/" + primary.address() + "/3306");
        lab.awaitHealthy(primary);
    }

    @Test
    @Order(8)
    void nothingIsLeftBehindInWhateverStateItIs() throws IOException {
        Path directory = lab.directory();
        String network = "switchman-lab-" + lab.id();
        assertThat(route()).contains("unreachable " + lab.subnet());
        lab.freeze(primary);
        lab.silence(replica);

        lab.close();

        assertThat(run("docker", "ps", "-aq", "--filter", "label=dev.switchman.lab=" + lab.id())).isEmpty();
        assertThat(run("docker", "network", "ls", "-q", "--filter", "name=" + network)).isEmpty();
        assertThat(route()).doesNotContain(lab.subnet());
        assertThat(Files.exists(directory)).isFalse();
        lab.close();
    }

    @Test
    @Order(9)
    void anOldVersionComesUpTooAndWhatADeadProcessLeftIsRemoved() throws Exception {
        String program = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process dead = new ProcessBuilder(program, "-cp", System.getProperty("java.class.path"),
                Abandoned.class.getName()).redirectErrorStream(true).start();
        String output = new String(dead.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(dead.waitFor()).describedAs(output).isEqualTo(7);
        String abandoned = output.lines().toList().getLast();
        assertThat(run("docker", "ps", "-q", "--filter", "label=dev.switchman.lab=" + abandoned)).hasLineCount(2);

        try (LabCluster old = LabCluster.builder().version("5.7").nodes(2).start()) {
            assertThat(old.hasSemiSync()).isFalse();
            assertThat(old.value(old.primary(), "SELECT VERSION()")).hasValueSatisfying(
                    version -> assertThat(version).startsWith("5.7."));
            try (Writer writer = Writer.start(old)) {
                writer.awaitProgress(SOON);
            }
            assertThat(run("docker", "ps", "-aq", "--filter", "label=dev.switchman.lab=" + abandoned)).isEmpty();
            assertThat(run("docker", "network", "ls", "-q", "--filter", "label=dev.switchman.lab=" + abandoned))
                    .isEmpty();
        }
    }

    @Test
    void aLabThatCannotBeIsRefused() {
        assertThatThrownBy(() -> LabCluster.builder().nodes(0)).hasMessage("a lab has 1 to 9 nodes, not 0");
        assertThatThrownBy(() -> LabCluster.builder().version("5.7").semiSync(true).start())
                .hasMessage("the lab's MySQL 5.7 comes without semi-sync plugins");
        assertThatThrownBy(() -> LabCluster.builder().version("4.1").start())
                .hasMessage("the lab has no MySQL 4.1; it has 9.7, 8.0.33, 8.0.12 and 5.7");
    }

    /** Makes a lab and is gone without closing it. */
    static final class Abandoned {

        public static void main(String[] arguments) {
            LabCluster lost = LabCluster.builder().version("5.7").nodes(2).start();
            System.out.println(lost.id());
            Runtime.getRuntime().halt(7);
        }
    }

    private static void reopen() {
        lab.execute(primary, "SET GLOBAL super_read_only = OFF, read_only = OFF",
                "SET GLOBAL rpl_semi_sync_source_enabled = ON");
        lab.awaitHealthy(primary);
    }

    /** @return open, refused or silent: what a client of this machine meets at port 3306 */
    private static String portAnswers(String address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(address), LabNode.PORT), 300);
            return "open";
        } catch (SocketTimeoutException | NoRouteToHostException e) {
            return "silent";
        } catch (ConnectException e) {
            return "refused";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String route() {
        return run("ip", "-4", "route");
    }

    private static String run(String... command) {
        Shell.Ended ended = Shell.run(List.of(command), SOON);
        assertThat(ended.status()).describedAs(ended.output()).isZero();
        return ended.output();
    }
}
