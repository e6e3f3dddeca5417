package dev.switchman.app;

import java.time.Duration;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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

/**
 * Five real servers: db4 follows db3, an intermediate source; db5 is an hour late on purpose. One loss after the other, and a
 * switchover.
 */
@Tag("matrix")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ChainedAndDelayedIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int HOUR = 3600;
    /** {@code -Dswitchman.version=5.7}: on an older one. */
    private static final String VERSION = System.getProperty("switchman.version", "9.7");

    private static Scene scene;
    private static LabCluster lab;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder().nodes(5).version(VERSION),
                "policies: {rejoin: automatic}\ndetection: {restart-grace: 5s}\n");
        lab = scene.lab();
        lab.follow(lab.node("db4"), lab.node("db3"));
        lab.delay(lab.node("db5"), HOUR);
        scene.settle();
        scene.awaitLooks(2);
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    private static JsonNode seen(LabNode node) {
        for (JsonNode one : scene.cluster().path("nodes")) {
            if (one.path("node").asText().equals(node.id().toString())) {
                return one;
            }
        }
        throw new AssertionError(scene.cluster().toPrettyString());
    }

    private static void follows(String node, LabNode source) {
        Eventually.until(node + " follows " + source, SOON,
                () -> lab.replicationProblem(lab.node(node), source));
    }

    private static Optional<String> delay(String node) {
        return lab.value(lab.node(node), "SELECT DESIRED_DELAY FROM"
                + " performance_schema.replication_applier_configuration WHERE CHANNEL_NAME = ''");
    }

    @Test
    @Order(1)
    void theTreeIsSeenAndIsHealthy() {
        scene.awaitVerdict("healthy"::equals);

        String source = lab.node("db3").id().toString();
        Eventually.until("db4 seen to follow " + source, SOON,
                () -> Optional.of(seen(lab.node("db4")).path("source").asText()).filter(seen -> !seen.equals(source)));
        assertThat(seen(lab.node("db5")).path("delaySeconds").asInt()).isEqualTo(HOUR);
        assertThat(scene.newRuns()).isEmpty();
    }

    @Test
    @Order(2)
    void aSwitchoverKeepsTheTreeAndTheDelay() {
        try (Writer writer = Writer.start(lab)) {
            JsonNode run = scene.awaitEnd(scene.start("switchover", "{\"to\":\"" + lab.node("db2").id()
                    + "\",\"reason\":\"a new kernel\"}"), SOON);

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            placed("db2");
            writer.awaitProgress(SOON);
            writer.close();
            assertThat(writer.missingOn(lab.node("db2"))).isEmpty();
        }
        scene.awaitVerdict("healthy"::equals);
    }

    @Test
    @Order(3)
    void aFailoverKeepsTheTreeAndWaitsForNoDelay() {
        LabNode old = lab.node("db2");
        scene.settle();
        try (Writer writer = Writer.start(lab)) {
            writer.awaitProgress(SOON);
            lab.execute(old, "CREATE EVENT app.nightly ON SCHEDULE EVERY 1 DAY DO SELECT 1");
            scene.awaitLooks(3);
            lab.crash(old);

            JsonNode run = scene.awaitRun("failover");

            writer.awaitProgress(SOON);
            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            LabNode chosen = scene.primary();
            assertThat(chosen.name()).isIn("db1", "db3");
            placed(chosen.name());
            assertThat(writer.longestGap()).isLessThan(Duration.ofSeconds(10));
            writer.close();
            assertThat(writer.missingOn(chosen)).isEmpty();
            assertThat(writer.missingOn(lab.node("db4"))).isEmpty();
            System.out.println("longest gap " + writer.longestGap().toMillis() + " ms");
        }
        lab.restartMysqld(old);
        Eventually.until(old + " rejoined", SOON, () -> lab.replicationProblem(old, scene.primary()));
        scene.settle();
        assertThat(event(scene.primary())).contains("ENABLED");
        assertThat(event(old)).get().asString().endsWith("SIDE_DISABLED");
    }

    private static Optional<String> event(LabNode node) {
        return lab.value(node, "SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_NAME = 'nightly'");
    }

    private static void placed(String primary) {
        LabNode source = lab.node(primary);
        if (!primary.equals("db3")) {
            follows("db3", source);
        }
        follows("db4", lab.node("db3"));
        follows("db5", source);
        assertThat(delay("db5")).contains(String.valueOf(HOUR));
    }

    @Test
    @Order(4)
    void aChainedReplicaWhoseSourceIsLostFollowsThePrimary() {
        scene.settle();
        if (scene.primary().name().equals("db3")) {
            lab.follow(lab.node("db4"), lab.node("db1"));
        }
        LabNode source = lab.node(scene.primary().name().equals("db3") ? "db1" : "db3");
        scene.awaitVerdict("healthy"::equals);
        lab.crash(source);

        follows("db4", scene.primary());

        scene.settle();
        assertThat(lab.isWritable(lab.node("db4"))).isFalse();
        scene.awaitVerdict("replicas-lost"::equals);
        lab.restartMysqld(source);
        scene.awaitVerdict("healthy"::equals);
    }

    /** One after the other is lost. */
    @Test
    @Order(5)
    void theDelayedReplicaIsPromotedWhenNothingElseIsLeftAndAPersonAgrees() {
        LabNode late = lab.node("db5");
        scene.settle();
        LabNode old = scene.primary();
        lab.execute(old, "CREATE TABLE app.late (id INT PRIMARY KEY)", "INSERT INTO app.late VALUES (1)");
        String executed = lab.value(old, "SELECT @@GLOBAL.gtid_executed").orElseThrow();
        for (LabNode node : scene.allBut(old, late)) {
            lab.stopMysqld(node);
        }
        scene.awaitVerdict("replicas-lost"::equals);
        Eventually.until("received", SOON, () -> lab.value(late, "SELECT GTID_SUBSET('" + executed
                + "', CONCAT(@@GLOBAL.gtid_executed, ',', (SELECT RECEIVED_TRANSACTION_SET FROM"
                + " performance_schema.replication_connection_status WHERE CHANNEL_NAME = '')))")
                .equals(Optional.of("1"))
                        ? Optional.empty()
                        : Optional.of("not yet"));
        assertThat(lab.value(late, "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'late'"))
                .contains("0");
        lab.crash(old);

        String run = scene.awaitStarted("failover");
        scene.answer(run, true);
        JsonNode question = scene.run(run);
        assertThat(question.toString()).contains(late.id() + " is all that is left",
                "its delay of " + HOUR + " s is lifted");
        JsonNode ended = scene.awaitEnd(run, SOON);

        assertThat(ended.path("ending").asText()).as(ended.toPrettyString())
                .isIn("DONE", "REPLICAS_LOST",
                        "WRITES_MAY_BE_LOST");
        assertThat(lab.isWritable(late)).isTrue();
        assertThat(lab.value(late, "SELECT id FROM app.late")).contains("1");
    }
}
