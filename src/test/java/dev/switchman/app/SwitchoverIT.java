package dev.switchman.app;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole program on three real servers with semi-sync: writes are handed over by plan while an application writes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SwitchoverIT {

    private static final Duration SOON = Eventually.PATIENCE;
    private static final String TABLE = LabCluster.APPLICATION_SCHEMA + ".held_up";

    private static Scene scene;

    private LabCluster lab;
    private LabNode old;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder());
        scene.lab()
                .execute(scene.lab().primary(), "CREATE TABLE " + TABLE
                        + " (id BIGINT AUTO_INCREMENT PRIMARY KEY, slept INT)");
    }

    @AfterAll
    static void close() {
        if (scene != null) {
            scene.close();
        }
    }

    @BeforeEach
    void settle() {
        lab = scene.lab();
        scene.awaitVerdict("healthy"::equals);
        scene.settle();
        old = scene.primary();
    }

    private JsonNode switchover() {
        JsonNode run = scene.awaitEnd(scene.start("switchover", "{\"reason\":\"a test\"}"), SOON);
        // The report is there a moment before the engine gives the cluster back.
        Eventually.until("free: the cluster", SOON, () -> scene.cluster().path("run").isNull()
                ? Optional.empty()
                : Optional.of(scene.cluster().toString()));
        return run;
    }

    @Test
    @Order(1)
    void writesAreHandedOverThereAndBackUnderLoad() {
        try (Writer writer = Writer.start(lab)) {
            List<Long> gaps = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                LabNode before = scene.primary();
                long since = System.nanoTime();

                JsonNode run = switchover();

                writer.awaitProgress(SOON);
                gaps.add(writer.longestGap(since).toMillis());
                System.out.println(gaps.getLast() + " ms: " + steps(run));
                assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
                LabNode primary = scene.primary();
                assertThat(primary).isNotEqualTo(before);
                scene.assertServedBy(primary, List.of());
                assertThat(lab.value(primary, "SELECT @@GLOBAL.rpl_semi_sync_source_enabled")).contains("1");
                scene.awaitVerdict("healthy"::equals);
            }
            System.out.println("longest gaps of a writer with a commit every 2 ms: " + gaps + " ms");
            writer.close();
            assertThat(writer.missingOn(scene.primary())).isEmpty();
            assertThat(scene.newRuns()).as("the watch took none of them for a failure")
                    .allSatisfy(run -> assertThat(run.path("runbook").asText()).isEqualTo("switchover"));
        }
    }

    private static String steps(JsonNode run) {
        StringBuilder steps = new StringBuilder();
        for (JsonNode entry : run.path("timeline")) {
            if (entry.path("tookMillis").isNumber() && entry.path("kind").asText().equals("step")) {
                steps.append(entry.path("step").asText()).append(' ').append(entry.path("tookMillis")).append(", ");
            }
        }
        return steps.toString();
    }

    @Test
    @Order(2)
    void aDryRunChangesNothingOnAnyServer() {
        // The watch writes a row every five seconds: one dry run of a few falls between two of these.
        for (int attempt = 1;; attempt++) {
            Map<LabNode, String> before = state();

            JsonNode preflight = scene.preflight();

            assertThat(preflight.path("ready").asBoolean()).as(preflight.toPrettyString()).isTrue();
            Map<LabNode, String> after = state();
            if (after.equals(before)) {
                return;
            }
            assertThat(attempt).as(before + " was before, " + after + " is after").isLessThan(5);
        }
    }

    private Map<LabNode, String> state() {
        Map<LabNode, String> state = new TreeMap<>((one, other) -> one.name().compareTo(other.name()));
        lab.nodes()
                .forEach(node -> state.put(node, lab.value(node, "SELECT @@GLOBAL.gtid_executed").orElse("")
                        + lab.rows(node, "SHOW GLOBAL VARIABLES WHERE Variable_name NOT LIKE 'gtid%'")));
        return state;
    }

    @Test
    @Order(3)
    void anIdleTransactionBlocksIt() throws SQLException {
        try (Connection client = application(old); Statement statement = client.createStatement()) {
            client.setAutoCommit(false);
            statement.execute("INSERT INTO " + TABLE + " (slept) VALUES (0)");
            Eventually.until("blocked", SOON, () -> scene.preflight().toString().contains("idles")
                    ? Optional.empty()
                    : Optional.of(scene.preflight().toPrettyString()));

            JsonNode run = switchover();

            assertThat(run.path("ending").asText()).isEqualTo("BLOCKED");
            assertThat(run.path("report").asText()).contains("no-long-transaction " + old.id());
            scene.assertServedBy(old, List.of());
            client.rollback();
        }
    }

    @Test
    @Order(4)
    void aStatementThatHoldsItUpIsGivenItsGraceAndThenEnded() {
        try (Writer writer = Writer.start(lab); Straggling straggling = new Straggling(old, 60)) {
            straggling.awaitRunning();

            JsonNode run = switchover();

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            writer.awaitProgress(SOON);
            writer.close();
            assertThat(writer.missingOn(scene.primary())).isEmpty();
            assertThat(straggling.failures.get()).isPositive();
        }
    }

    @Test
    @Order(5)
    void aCandidateKilledWhileWritesStandStillLeavesTheOldPrimaryInOffice() {
        LabNode candidate = candidate();
        try (Writer writer = Writer.start(lab); Straggling straggling = new Straggling(old, 60)) {
            straggling.awaitRunning();
            String id = scene.start("switchover", "{\"reason\":\"a test\",\"to\":\"" + candidate.id() + "\"}");
            scene.awaitStep(id, "Close old primary");
            lab.crash(candidate);

            JsonNode run = scene.awaitEnd(id, SOON);

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("ROLLED_BACK");
            writer.awaitProgress(SOON);
            assertThat(lab.isWritable(old)).isTrue();
            assertThat(lab.hasVirtualIp(old)).isTrue();
            assertThat(scene.primary()).isEqualTo(old);
            writer.close();
            assertThat(writer.missingOn(old)).isEmpty();
        } finally {
            lab.restartMysqld(candidate);
        }
    }

    @Tag("matrix")
    @Test
    @Order(6)
    void aManagerKilledWhileWritesStandStillGoesBackWhenItReturns() {
        try (Writer writer = Writer.start(lab); Straggling straggling = new Straggling(old, 60)) {
            straggling.awaitRunning();
            String id = scene.start("switchover", "{\"reason\":\"a test\"}");
            scene.awaitStep(id, "Close old primary");
            scene.killServer();

            scene.restartServer();
            JsonNode run = scene.awaitEnd(id, SOON);

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isIn("ROLLED_BACK", "DONE");
            writer.awaitProgress(SOON);
            LabNode primary = run.path("ending").asText().equals("DONE") ? scene.primary() : old;
            scene.awaitVerdict("healthy"::equals);
            scene.assertServedBy(primary, List.of());
            writer.close();
            assertThat(writer.missingOn(primary)).isEmpty();
        }
    }

    @Test
    @Order(7)
    void aPrimaryThatDiesWhileWritesStandStillIsReplacedByAFailover() {
        try (Writer writer = Writer.start(lab); Straggling straggling = new Straggling(old, 60)) {
            straggling.awaitRunning();
            String id = scene.start("switchover", "{\"reason\":\"a test\"}");
            scene.awaitStep(id, "Close old primary");
            lab.crash(old);

            JsonNode run = scene.awaitEnd(id, SOON);
            JsonNode failover = scene.awaitRun("failover");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isNotEqualTo("DONE");
            assertThat(failover.path("ending").asText()).as(failover.toPrettyString()).isEqualTo("DONE");
            writer.awaitProgress(SOON);
            LabNode primary = scene.primary();
            assertThat(primary).isNotEqualTo(old);
            scene.assertServedBy(primary, List.of(old), old);
            writer.close();
            assertThat(writer.missingOn(primary)).isEmpty();
        }
    }

    /** As the application, whose sessions are ended. */
    private Connection application(LabNode node) throws SQLException {
        return DriverManager.getConnection("jdbc:mysql://" + node.address() + "/?user="
                + lab.applicationAccount().user() + "&password=" + lab.applicationAccount().password().reveal()
                + "&sslMode=DISABLED&allowPublicKeyRetrieval=true&connectTimeout=1000&socketTimeout=20000");
    }

    private LabNode candidate() {
        String id = scene.preflight().path("candidate").asText();
        return lab.nodes().stream().filter(node -> node.id().toString().equals(id)).findFirst().orElseThrow();
    }

    /** A client whose writes run for a second and more each: never long enough to be refused, always in the way. */
    private final class Straggling implements AutoCloseable {

        private final LabNode node;
        private final Thread thread;
        private final int most;
        private volatile boolean stopped;
        private final AtomicInteger failures = new AtomicInteger();

        Straggling(LabNode node, int most) {
            this.node = node;
            this.most = most;
            this.thread = Thread.ofPlatform().name("straggling").start(this::run);
        }

        private void run() {
            for (int i = 0; i < most && !stopped; i++) {
                try (Connection client = application(node); Statement statement = client.createStatement()) {
                    while (!stopped) {
                        statement.execute("INSERT INTO " + TABLE + " (slept) SELECT SLEEP(1.8)");
                    }
                } catch (SQLException e) {
                    failures.incrementAndGet();
                    LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
                }
            }
        }

        void awaitRunning() {
            Eventually.until("running: a slow write", SOON,
                    () -> lab.value(node, "SELECT COUNT(*) FROM performance_schema.threads WHERE PROCESSLIST_INFO LIKE"
                            + " 'INSERT INTO " + TABLE + "%'").filter("1"::equals).isPresent()
                                    ? Optional.empty()
                                    : Optional.of("none"));
        }

        @Override
        public void close() {
            stopped = true;
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
