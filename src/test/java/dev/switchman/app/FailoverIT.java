package dev.switchman.app;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole program on seven real servers with semi-sync, one fault after the other, while an application writes: each loses
 * the primary of the moment. What is claimed is looked up on the servers.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FailoverIT {

    private static final Duration SOON = Eventually.PATIENCE;
    /** Two ticks of a second each; the rest is for this test's own looks into containers, and for a machine that is shared. */
    private static final Duration FENCED = Duration.ofSeconds(6);

    /** From the moment that the manager is up again to the run's end: below 5 s on a machine of its own. */
    private static final Duration RESUMED = Duration.ofSeconds(40);

    private static Scene scene;
    private static final List<LabNode> FORMER = new ArrayList<>();

    private LabCluster lab;
    private LabNode old;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder().nodes(7));
        LabCluster lab = scene.lab();
        lab.execute(lab.primary(), "CREATE TABLE " + Straggler.TABLE + " (id BIGINT AUTO_INCREMENT PRIMARY KEY)");
    }

    @AfterAll
    static void close() {
        if (scene != null) {
            scene.close();
        }
    }

    /** A cut that a failed test left would fail the others too. */
    @AfterEach
    void heal() {
        lab.nodes().stream().filter(lab::isFrozen).forEach(lab::thaw);
        lab.nodes().forEach(lab::unsilence);
        lab.nodes().forEach(lab::resumeMysqld);
        lab.heal();
    }

    @BeforeEach
    void settle() {
        lab = scene.lab();
        scene.settle();
        old = scene.primary();
    }

    @Test
    @Order(1)
    void nothingHappensWhenTheManagerAloneIsCutOff() {
        try (Writer writer = Writer.start(lab)) {
            lab.cutManagerFrom(old);
            // What was under way when the packets ended may have been answered before.
            scene.awaitLooks(2);
            scene.awaitVerdict("isolated-from-us"::equals);
            // The sentence counts the failed pings. So many later a loss would have been declared.
            Set<String> sentences = new HashSet<>();
            Eventually.until("looked at five times more", SOON, () -> {
                JsonNode cluster = scene.cluster();
                assertThat(cluster.path("verdict").asText()).isEqualTo("isolated-from-us");
                sentences.add(cluster.path("sentence").asText());
                return sentences.size() > 5 ? Optional.empty() : Optional.of(sentences.size() + " looks");
            });
            writer.awaitProgress(SOON);

            assertThat(scene.newRuns()).isEmpty();
            assertThat(scene.primary()).isEqualTo(old);
            lab.heal();
            scene.awaitVerdict("healthy"::equals);
            assertThat(scene.newRuns()).isEmpty();
            scene.assertServedBy(old, FORMER);
            nothingLost(writer, old);
        }
    }

    @Test
    @Order(2)
    void aPrimaryThatIsRestartedIsReopenedAndNotReplaced() {
        try (Writer writer = Writer.start(lab)) {
            lab.stopMysqld(old);
            lab.restartMysqld(old);

            JsonNode run = scene.awaitRun("reopen");

            writer.awaitProgress(SOON);
            assertThat(run.path("ending").asText()).as(text(run)).isEqualTo("DONE");
            lab.awaitHealthy(old);
            scene.assertServedBy(old, FORMER);
            assertThat(scene.newRuns()).allSatisfy(one -> assertThat(one.path("runbook").asText()).isEqualTo("reopen"));
            writer.close();
            assertThat(writer.missingOn(old)).isEmpty();
        }
    }

    @Test
    @Order(3)
    void aCrashedPrimaryIsReplacedAndStaysClosedWhenItIsStartedAgain() throws Exception {
        try (Writer writer = Writer.start(lab)) {
            FORMER.add(old);
            lab.crash(old);

            LabNode chosen = replaced(scene.awaitRun("failover"), "DONE", writer);

            scene.assertServedBy(chosen, FORMER);
            lab.restartMysqld(old);
            scene.settle();
            scene.assertServedBy(chosen, FORMER);
            nothingLost(writer, chosen);
            String report = scene.awaitMail("[Switchman] shop: " + old.id() + " failed over to " + chosen.id()
                    + " (done in ");
            assertThat(report).contains("The fence of " + old.id() + " is proven", "Rejoin or rebuild " + old.id(),
                    "No acknowledged write is lost");
        }
    }

    @Test
    @Order(4)
    void aSilentHostIsReplacedAndFencedWhenItIsBack() throws SQLException {
        try (Writer writer = Writer.start(lab)) {
            FORMER.add(old);
            lab.silence(old);

            LabNode chosen = replaced(scene.awaitRun("failover"), "DONE", writer);

            scene.assertServedBy(chosen, FORMER, old);
            try (Straggler straggler = Straggler.at(old, lab)) {
                lab.unsilence(old);
                fencedInTime();
                writer.awaitProgress(SOON);
                scene.settle();
                assertThat(straggler.acknowledged()).isZero();
            }
            scene.assertServedBy(chosen, FORMER);
            nothingLost(writer, chosen);
        }
    }

    @Test
    @Order(5)
    void aFrozenHostIsReplacedAndFencedWhenItThaws() throws SQLException {
        try (Writer writer = Writer.start(lab)) {
            FORMER.add(old);
            lab.freeze(old);

            LabNode chosen = replaced(scene.awaitRun("failover"), "DONE", writer);

            scene.assertServedBy(chosen, FORMER, old);
            try (Straggler straggler = Straggler.at(old, lab)) {
                lab.thaw(old);
                fencedInTime();
                writer.awaitProgress(SOON);
                scene.settle();
                assertThat(straggler.acknowledged()).isZero();
            }
            scene.assertServedBy(chosen, FORMER);
            nothingLost(writer, chosen);
        }
    }

    @Test
    @Order(6)
    void aMysqldThatStandsStillIsEndedAndReplaced() {
        try (Writer writer = Writer.start(lab)) {
            FORMER.add(old);
            lab.suspendMysqld(old);

            JsonNode run = scene.awaitRun("failover");

            LabNode chosen = replaced(run, "DONE", writer);
            assertThat(run.path("report").asText()).contains("The fence of " + old.id() + " is proven");
            assertThat(lab.runsMysqld(old)).as("mysqld runs on " + old).isFalse();
            scene.assertServedBy(chosen, FORMER);
            nothingLost(writer, chosen);
        }
    }

    @Test
    @Order(7)
    void aRunGoesOnAfterTheManagerWasKilledInItsMiddle() throws SQLException {
        List<Connection> locks = new ArrayList<>();
        try (Writer writer = Writer.start(lab)) {
            List<LabNode> replicas = scene.allBut(old).stream().filter(node -> !FORMER.contains(node)).toList();
            for (LabNode replica : replicas) {
                lab.awaitCaughtUp(replica, old);
                locks.add(holdUpApplier(replica));
            }
            writer.awaitProgress(SOON);
            FORMER.add(old);
            lab.crash(old);
            String run = scene.awaitStarted("failover");
            scene.awaitStep(run, "Catch up candidate");
            scene.killServer();
            for (Connection lock : locks) {
                lock.close();
            }

            scene.restartServer();
            long up = System.nanoTime();
            JsonNode ended = scene.awaitEnd(run, RESUMED);
            System.out.println("the run ended " + Duration.ofNanos(System.nanoTime() - up).toMillis()
                    + " ms after the manager was up again");

            LabNode chosen = replaced(ended, "DONE", writer);
            assertThat(scene.newRuns()).hasSize(1);
            scene.assertServedBy(chosen, FORMER);
            nothingLost(writer, chosen);
        }
    }

    /** Until the connection is closed, this replica receives and does not apply. */
    private Connection holdUpApplier(LabNode replica) throws SQLException {
        String tables = lab.column(replica, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '"
                + LabCluster.APPLICATION_SCHEMA + "'")
                .stream()
                .map(table -> LabCluster.APPLICATION_SCHEMA + "." + table + " READ")
                .collect(Collectors.joining(", "));
        Connection connection = lab.connect(replica);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLES " + tables);
        }
        return connection;
    }

    private LabNode replaced(JsonNode run, String ending, Writer writer) {
        assertThat(run.path("ending").asText()).as(text(run)).isEqualTo(ending);
        writer.awaitProgress(SOON);
        LabNode chosen = scene.primary();
        assertThat(chosen).isNotEqualTo(old);
        return chosen;
    }

    private void fencedInTime() {
        long healed = System.nanoTime();
        Eventually.until("fenced: " + old, FENCED, () -> scene.notFenced(old));
        System.out.println(old + " was fenced " + Duration.ofNanos(System.nanoTime() - healed).toMillis()
                + " ms after its return");
    }

    private static void nothingLost(Writer writer, LabNode chosen) {
        writer.close();
        assertThat(writer.missingOn(chosen)).isEmpty();
        System.out.println("longest gap between two writes: " + writer.longestGap().toMillis() + " ms");
    }

    private static String text(JsonNode run) {
        return run.path("report").asText() + "\n" + run.path("timeline").toPrettyString();
    }

    /** A client that writes to a server's own address, whatever the virtual IP says, as often as it can. */
    private static final class Straggler implements AutoCloseable {

        static final String TABLE = LabCluster.APPLICATION_SCHEMA + ".straggler";

        private final LabNode node;
        private final String url;
        private final AtomicInteger acknowledged = new AtomicInteger();
        private final Thread thread;
        private volatile String lastError = "";
        private volatile boolean stopped;

        private Straggler(LabNode node, String url) {
            this.node = node;
            this.url = url;
            this.thread = Thread.ofPlatform().daemon().name("straggler").start(this::write);
        }

        static Straggler at(LabNode node, LabCluster lab) {
            return new Straggler(node, "jdbc:mysql://" + node.address() + "/?user=" + lab.applicationAccount().user()
                    + "&password=" + lab.applicationAccount().password().reveal()
                    + "&sslMode=DISABLED&allowPublicKeyRetrieval=true&connectTimeout=200&socketTimeout=2000");
        }

        private void write() {
            while (!stopped) {
                try (Connection connection = DriverManager.getConnection(url);
                        Statement statement = connection.createStatement()) {
                    statement.execute("INSERT INTO " + TABLE + " VALUES ()");
                    acknowledged.incrementAndGet();
                } catch (SQLException e) {
                    lastError = String.valueOf(e.getMessage());
                    LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
                }
            }
        }

        /** Asked after the fence: it has been refused by the server, or the fence has ended the server under it. */
        int acknowledged() {
            Eventually.until("refused: the straggler", SOON,
                    () -> lastError.contains("read-only") || !scene.lab().runsMysqld(node)
                            ? Optional.empty()
                            : Optional.of(lastError));
            return acknowledged.get();
        }

        @Override
        public void close() {
            stopped = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
