package dev.switchman.app;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** Replicas with relay_log_purge=0, as MHA wanted them, and a pile of relay logs on each. */
@Tag("matrix")
class PurgeRelayLogsIT {

    private static final Duration SOON = Eventually.PATIENCE;
    private static final String LIMITS = "limits: {cool-down: 0s, catch-up: %s}\n";
    private static final String TABLE = LabCluster.APPLICATION_SCHEMA + ".piled";
    private static final int PILE = 6;

    private static Scene open(String version) {
        // An idle applier of 9.7, with its several workers, moves on to the next file with the next heartbeat.
        return Scene.open(LabCluster.builder().version(version),
                LIMITS.formatted(version.equals("9.7") ? "12s" : "3s"));
    }

    /** Every replica keeps its relay logs, and has a few; the watch does nothing about it while it is paused. */
    private static void pileUp(Scene scene) {
        LabCluster lab = scene.lab();
        lab.execute(lab.primary(), "CREATE TABLE " + TABLE + " (id INT PRIMARY KEY, filler VARCHAR(200))");
        for (LabNode replica : lab.replicas()) {
            lab.execute(replica, "SET GLOBAL relay_log_purge = 0");
        }
        for (int i = 0; i < PILE; i++) {
            lab.execute(lab.primary(), "INSERT INTO " + TABLE + " VALUES (" + i + ", REPEAT('x', 200))");
            for (LabNode replica : lab.replicas()) {
                lab.awaitCaughtUp(replica, lab.primary());
                lab.execute(replica, "FLUSH NO_WRITE_TO_BINLOG RELAY LOGS");
            }
        }
        lab.replicas().forEach(replica -> assertThat(files(lab, replica)).isGreaterThan(PILE));
    }

    private static int files(LabCluster lab, LabNode node) {
        String base = lab.value(node, "SELECT @@GLOBAL.relay_log_basename").orElseThrow();
        return Integer.parseInt(lab.exec(node, "sh", "-c", "ls " + base + ".[0-9]* | wc -l").strip());
    }

    private static String keeps(LabCluster lab, LabNode node) {
        return lab.value(node, "SELECT @@GLOBAL.relay_log_purge").orElseThrow();
    }

    private static void assertNothingErrant(LabCluster lab) {
        String executed = lab.value(lab.primary(), "SELECT @@GLOBAL.gtid_executed").orElseThrow();
        for (LabNode replica : lab.replicas()) {
            assertThat(lab.value(replica, "SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '" + executed + "')"))
                    .as("errant transactions of " + replica)
                    .isEmpty();
        }
    }

    private static void assertPurged(LabCluster lab, LabNode node) {
        assertThat(keeps(lab, node)).as("relay_log_purge of " + node).isEqualTo("0");
        assertThat(files(lab, node)).as("relay logs of " + node).isLessThanOrEqualTo(2);
    }

    private static void pause(Scene scene) {
        scene.start("pause", "{\"for\":\"PT10M\",\"reason\":\"relay logs pile up\"}");
    }

    private static JsonNode purge(Scene scene) {
        return scene.awaitEnd(scene.start("purge-relay-logs", "{\"reason\":\"the disk\"}"), SOON);
    }

    private static void byItselfAndByHand(String version) throws SQLException {
        try (Scene scene = open(version)) {
            LabCluster lab = scene.lab();
            scene.settle();
            pause(scene);
            pileUp(scene);
            LabNode fast = lab.replicas().getFirst();
            LabNode slow = lab.replicas().getLast();

            JsonNode run;
            try (Connection locked = lab.connect(slow); Statement statement = locked.createStatement()) {
                // Its applier runs and comes no further.
                statement.execute("LOCK TABLES " + TABLE + " READ");
                lab.execute(lab.primary(), "INSERT INTO " + TABLE + " VALUES (100, 'needed')");
                awaitReceived(lab, slow);
                lab.execute(slow, "FLUSH NO_WRITE_TO_BINLOG RELAY LOGS");
                scene.start("resume", "{}");
                run = scene.awaitRun("purge-relay-logs");
                assertThat(keeps(lab, slow)).isEqualTo("0");
                // Servers differ in whether what was applied before goes at once.
                assertThat(files(lab, slow)).as("the one that is needed, and the newest").isGreaterThanOrEqualTo(2);
                statement.execute("UNLOCK TABLES");
            }

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("RELAY_LOGS_KEPT");
            assertThat(run.path("exitCode").asInt()).isEqualTo(1);
            assertThat(run.path("report").asText()).contains(slow.id() + " is behind");
            assertPurged(lab, fast);
            lab.awaitCaughtUp(slow, lab.primary());
            assertThat(lab.value(slow, "SELECT filler FROM " + TABLE + " WHERE id = 100")).contains("needed");

            scene.settle();
            JsonNode second = purge(scene);

            assertThat(second.path("ending").asText()).as(second.toPrettyString()).isEqualTo("DONE");
            System.out.println("purged on " + version + ": " + second.path("report").asText());
            lab.replicas().forEach(replica -> assertPurged(lab, replica));
            assertNothingErrant(lab);
            scene.assertServedBy(lab.primary(), List.of());
        }
    }

    private static void awaitReceived(LabCluster lab, LabNode node) {
        String sent = lab.value(lab.primary(), "SELECT @@GLOBAL.gtid_executed").orElseThrow();
        String missing = "SELECT GTID_SUBTRACT(GTID_SUBTRACT('" + sent + "', RECEIVED_TRANSACTION_SET),"
                + " @@GLOBAL.gtid_executed) FROM performance_schema.replication_connection_status"
                + " WHERE CHANNEL_NAME = ''";
        Eventually.until("received by " + node, SOON, () -> lab.value(node, missing)
                .filter(set -> !set.isEmpty())
                .map(set -> set + " of " + sent + "; " + lab.rows(node, "SHOW PROCESSLIST")));
    }

    @Test
    void whatIsAppliedGoesAndWhatALaggingApplierNeedsStays() throws SQLException {
        byItselfAndByHand("5.7");
    }

    @Test
    void theSameOnTheNewestServer() throws SQLException {
        byItselfAndByHand("9.7");
    }

    @Test
    void aManagerThatDiesInTheMiddlePutsTheSettingBackWhenItReturns() throws SQLException {
        try (Scene scene = open("5.7")) {
            LabCluster lab = scene.lab();
            scene.settle();
            pause(scene);
            pileUp(scene);
            LabNode first = lab.replicas().getFirst();

            String run;
            try (Connection locked = lab.connect(first); Statement statement = locked.createStatement()) {
                statement.execute("LOCK TABLES " + TABLE + " READ");
                lab.execute(lab.primary(), "INSERT INTO " + TABLE + " VALUES (200, 'needed')");
                awaitReceived(lab, first);
                run = scene.start("purge-relay-logs", "{\"reason\":\"the disk\"}");
                Eventually.until("begun on " + first, SOON, () -> keeps(lab, first).equals("1")
                        ? Optional.empty()
                        : Optional.of("relay_log_purge=" + keeps(lab, first)));
                scene.killServer();
                assertThat(keeps(lab, first)).isEqualTo("1");
                statement.execute("UNLOCK TABLES");
            }
            scene.restartServer();
            JsonNode ended = scene.awaitEnd(run, SOON);

            assertThat(ended.path("ending").asText()).as(ended.toPrettyString()).isEqualTo("DONE");
            lab.replicas().forEach(replica -> assertPurged(lab, replica));
            assertNothingErrant(lab);
        }
    }
}
