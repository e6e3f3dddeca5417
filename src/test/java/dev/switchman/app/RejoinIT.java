package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of a primary that was replaced and is up again, on three real servers with semi-sync. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RejoinIT {

    private static final Duration SOON = Eventually.PATIENCE;
    private static final String TABLE = LabCluster.APPLICATION_SCHEMA + ".rejoined";

    private static Scene scene;
    private static LabCluster lab;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder());
        lab = scene.lab();
        lab.execute(lab.primary(), "CREATE TABLE " + TABLE + " (id INT PRIMARY KEY)");
    }

    @AfterAll
    static void close() {
        if (scene != null) {
            scene.close();
        }
    }

    /** @return the server that was the primary; it has been replaced and is up again */
    private static LabNode replaced() {
        scene.settle();
        LabNode old = scene.primary();
        // Long enough for its last healthy moment to be remembered.
        scene.awaitLooks(4);
        lab.crash(old);
        assertThat(scene.awaitRun("failover").path("ending").asText()).isEqualTo("DONE");
        lab.restartMysqld(old);
        scene.settle();
        assertThat(quarantined()).isEqualTo(List.of(old.id().toString()));
        return old;
    }

    private static List<String> quarantined() {
        return scene.cluster().path("quarantined").findValuesAsText("node");
    }

    /** @return the run */
    private static String start(LabNode node) {
        return scene.start("rejoin", "{\"node\":\"" + node.id() + "\",\"reason\":\"it is back\"}");
    }

    private static JsonNode rejoin(LabNode node) {
        return scene.awaitEnd(start(node), SOON);
    }

    private static JsonNode node(LabNode node) {
        for (JsonNode each : scene.cluster().path("nodes")) {
            if (each.path("node").asText().equals(node.id().toString())) {
                return each;
            }
        }
        throw new AssertionError("no " + node);
    }

    /** Writes through the virtual IP and waits until the row is there. */
    private static void awaitRow(LabNode node, int id) throws Exception {
        try (var connection = java.sql.DriverManager.getConnection("jdbc:mysql://" + lab.virtualIp() + "/?user="
                + lab.applicationAccount().user() + "&password=" + lab.applicationAccount().password().reveal()
                + "&sslMode=DISABLED&allowPublicKeyRetrieval=true&connectTimeout=2000&socketTimeout=5000");
                var statement = connection.createStatement()) {
            statement.execute("INSERT INTO " + TABLE + " VALUES (" + id + ")");
        }
        Eventually.until("replicated to " + node, SOON,
                () -> lab.value(node, "SELECT id FROM " + TABLE + " WHERE id = " + id).isPresent()
                        ? Optional.empty()
                        : Optional.of("row " + id + " is missing"));
    }

    @Test
    @Order(1)
    void aReplacedPrimaryIsAHealthyReplicaAgain() throws Exception {
        LabNode old = replaced();

        JsonNode run = rejoin(old);

        assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
        assertThat(quarantined()).isEmpty();
        scene.assertServedBy(scene.primary(), List.of());
        awaitRow(old, 1);
        lab.awaitHealthy(scene.primary());
        assertThat(lab.value(old, "SELECT VARIABLE_VALUE FROM performance_schema.global_status"
                + " WHERE VARIABLE_NAME = 'Rpl_semi_sync_replica_status'")).contains("ON");
        scene.awaitVerdict("healthy"::equals);
    }

    @Test
    @Order(2)
    void oneThatHoldsATransactionOfItsOwnIsRefusedAndLeftAlone() {
        LabNode old = replaced();
        lab.execute(old, "SET GLOBAL super_read_only = OFF", "CREATE TABLE " + TABLE + "_errant (id INT)",
                "SET GLOBAL super_read_only = ON");
        String held = lab.value(old, "SELECT @@GLOBAL.gtid_executed").orElseThrow();
        String errant = lab.value(scene.primary(),
                "SELECT GTID_SUBTRACT('" + held + "', @@GLOBAL.gtid_executed)").orElseThrow();
        assertThat(errant).isNotEmpty();

        Eventually.until("shown: the errant transaction", SOON, () -> node(old).path("errant").asText().equals(errant)
                ? Optional.empty()
                : Optional.of(node(old).toString()));
        String id = start(old);
        scene.answer(id, false);
        JsonNode run = scene.awaitEnd(id, SOON);

        assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("KEPT_IN_QUARANTINE");
        assertThat(run.path("exitCode").asInt()).isEqualTo(4);
        assertThat(run.path("report").asText()).contains(errant);
        assertThat(run.path("report").asText()).containsPattern("[0-9]+ of them are kept in \\S+/errant/" + id);
        assertThat(quarantined()).isEqualTo(List.of(old.id().toString()));
        assertThat(lab.source(old)).isEmpty();
        assertThat(lab.isWritable(old)).isFalse();
        assertThat(lab.value(old, "SELECT @@GLOBAL.gtid_executed")).contains(held);
    }

    /**
     * A copy takes the place of the old data by renaming directories, and a container's file system renames none that came
     * with its image: they are made anew.
     */
    private static void ownDirectories(LabNode node) {
        lab.stopMysqld(node);
        lab.exec(node, "sh", "-c", "cd /var/lib && cp -a mysql own && rm -rf mysql/* && mv own/* mysql/ && rmdir own");
        lab.restartMysqld(node);
        scene.settle();
    }

    /** @return how far the copying of files is, as the run tells it */
    private static JsonNode awaitProgress(String run) {
        JsonNode[] shown = new JsonNode[1];
        Eventually.until("shown: how far the copy is", SOON, () -> {
            for (JsonNode each : scene.run(run).path("progress")) {
                if (each.path("stage").asText().equals("file copy") && each.path("done").asLong() > 0) {
                    shown[0] = each;
                    return Optional.empty();
                }
            }
            return Optional.of(scene.run(run).path("status") + " at " + scene.run(run).path("at"));
        });
        return shown[0];
    }

    /** The server of the test before; nobody supervises its mysqld but this test. */
    @Test
    @Order(3)
    void itIsRebuiltAsACopyOfAReplicaWhenAPersonAgrees() throws Exception {
        scene.settle();
        LabNode old = lab.nodes()
                .stream()
                .filter(node -> quarantined().contains(node.id().toString()))
                .findFirst()
                .orElseThrow();
        ownDirectories(old);
        lab.superviseOnce(old, Duration.ofSeconds(1));
        // Some 60 MiB would be there before anybody could look.
        scene.allBut(old)
                .forEach(node -> lab.exec(node, "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate",
                        "150mbit", "burst", "256kb", "latency", "400ms"));

        String id = start(old);
        scene.answer(id, true);
        JsonNode shown = awaitProgress(id);
        assertThat(shown.path("node").asText()).isEqualTo(old.id().toString());
        assertThat(shown.path("what").asText()).startsWith("copy of ");
        assertThat(shown.path("unit").asText()).isEqualTo("bytes");
        assertThat(shown.path("all").asLong()).as(shown.toString()).isGreaterThan(1 << 20);
        assertThat(scene.cluster().path("progress").findValuesAsText("unit")).contains("bytes");
        JsonNode run = scene.awaitEnd(id, Duration.ofMinutes(2));
        scene.allBut(old).forEach(node -> lab.exec(node, "tc", "qdisc", "del", "dev", "eth0", "root"));
        System.out.println("shown while it was copied: " + shown.path("sentence").asText());
        assertThat(run.path("progress")).isEmpty();
        assertThat(run.path("timeline").findValuesAsText("detail"))
                .anyMatch(text -> text.matches("done: \\S+ is a copy of \\S+, [0-9.]+ MiB"));

        assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
        System.out.println("rebuilt: " + run.path("report").asText());
        assertThat(quarantined()).isEmpty();
        scene.assertServedBy(scene.primary(), List.of());
        awaitRow(old, 3);
        lab.awaitHealthy(scene.primary());
        assertThat(lab.rows(old, "SHOW TABLES IN " + LabCluster.APPLICATION_SCHEMA + " LIKE 'rejoined\\_errant'"))
                .isEmpty();
    }
}
