package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabException;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The primary dies while a large transaction is on its way: each replica has received a part of it, and its applier has begun.
 * An applier of several workers that is asked to stop waits a minute for the rest (sql/rpl_replica.cc, SLAVE_WAIT_GROUP_DONE).
 */
class UnfinishedTransactionIT {

    private static final String TABLE = LabCluster.APPLICATION_SCHEMA + ".large";
    /** Of 240 bytes, in one transaction: many small events, which take their time to be received. */
    private static final int ROWS = 200_000;
    /** Bytes in the relay logs. Asked of the host: a server that receives answers SHOW REPLICA STATUS when it has time. */
    private static final int TORN_AT = 1_000_000;
    /** What is to be salvaged is large, and is applied by a machine that does other things. */
    private static final String PATIENT = "limits: {salvage: 1m}\n";
    private static final Duration TORN = Duration.ofSeconds(10);

    @Test
    void aTornTransactionHoldsUpNobody() {
        try (Scene scene = Scene.open(LabCluster.builder())) {
            JsonNode run = crashedWithTornReplicas(scene, false);

            assertThat(run.path("report").asText()).contains("No acknowledged write is lost");
        }
    }

    @Test
    void norDoesItKeepFromBeingSalvagedWhatWasAcknowledged() {
        try (Scene scene = Scene.open(LabCluster.builder().semiSync(false), PATIENT)) {
            JsonNode run = crashedWithTornReplicas(scene, true);

            assertThat(run.path("report").asText()).contains("were fetched from the binary logs of");
            assertThat(scene.lab().value(scene.primary(), "SELECT COUNT(*) FROM " + TABLE))
                    .contains(Integer.toString(ROWS));
        }
    }

    /** Before 8.0.27 an applier has one thread unless somebody gave it more; that one gives up at once. */
    @ParameterizedTest
    @CsvSource({"5.7, 0", "5.7, 4", "8.0.12, 0", "8.0.12, 4", "8.0.33, 4"})
    @Tag("matrix")
    void norOnOlderServers(String version, int workers) {
        try (Scene scene = Scene.open(version, version, version)) {
            LabCluster lab = scene.lab();
            for (LabNode node : lab.replicas()) {
                lab.execute(node, "STOP SLAVE SQL_THREAD", "SET GLOBAL slave_parallel_workers = " + workers,
                        "START SLAVE SQL_THREAD");
            }

            JsonNode run = crashedWithTornReplicas(scene, true);

            assertThat(run.path("report").asText()).contains("were fetched from the binary logs of");
            assertThat(lab.value(scene.primary(), "SELECT COUNT(*) FROM " + TABLE)).contains(Integer.toString(ROWS));
        }
    }

    private static JsonNode crashedWithTornReplicas(Scene scene, boolean acknowledged) {
        LabCluster lab = scene.lab();
        LabNode old = scene.primary();
        lab.execute(old, "CREATE TABLE " + TABLE + " (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(250))");
        lab.replicas().forEach(node -> lab.awaitCaughtUp(node, old));
        scene.settle();
        try (Writer writer = Writer.start(lab); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            writer.awaitProgress(Eventually.PATIENCE);
            List<CompletableFuture<Void>> torn = lab.replicas()
                    .stream()
                    .map(node -> CompletableFuture.runAsync(() -> tear(lab, node), threads))
                    .toList();
            CompletableFuture<Void> large = CompletableFuture.runAsync(() -> insert(lab, old), threads);
            torn.forEach(CompletableFuture::join);
            if (acknowledged) {
                large.join();
            }
            lab.crash(old);

            JsonNode run = scene.awaitRun("failover");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isIn("DONE", "WRITES_MAY_BE_LOST");
            writer.awaitProgress(Eventually.PATIENCE);
            LabNode chosen = scene.primary();
            scene.assertServedBy(chosen, List.of(old));
            writer.close();
            System.out.println("longest gap between two writes: " + writer.longestGap().toMillis() + " ms");
            assertThat(writer.missingOn(chosen)).isEmpty();
            for (LabNode replica : scene.allBut(old, chosen)) {
                lab.awaitCaughtUp(replica, chosen);
                assertThat(lab.value(replica, "SELECT @@GLOBAL.gtid_owned")).as("what " + replica + " still waits for")
                        .isEmpty();
            }
            return run;
        }
    }

    /** Ends with an error where nobody acknowledges it before the server dies. */
    private static void insert(LabCluster lab, LabNode node) {
        try {
            lab.execute(node, "INSERT INTO " + TABLE + " (text) SELECT REPEAT('x', 240)"
                    + " FROM information_schema.columns a, information_schema.columns b LIMIT " + ROWS);
        } catch (LabException e) {
            System.out.println("the large transaction: " + e.getMessage());
        }
    }

    /** Stops the receiver in the middle of the large transaction, and makes sure that it did. */
    private static void tear(LabCluster lab, LabNode node) {
        String word = lab.value(node, "SELECT VERSION()").orElseThrow().startsWith("9") ? "REPLICA" : "SLAVE";
        lab.exec(node, "bash", "-c", "size() { cat /var/lib/mysql/relay.0* | wc -c; }; full=$(($(size) + " + TORN_AT
                + ")); while [ $(size) -lt $full ]; do :; done; mysql -uroot -e 'STOP " + word + " IO_THREAD'");
        Eventually.until("a part of a transaction applied by " + node, TORN,
                () -> lab.value(node, "SELECT GTID_SUBSET(SUBSTRING_INDEX(@@GLOBAL.gtid_owned, '#', 1),"
                        + " RECEIVED_TRANSACTION_SET) FROM performance_schema.replication_connection_status"
                        + " WHERE CHANNEL_NAME = ''").equals(Optional.of("0"))
                                ? Optional.empty()
                                : Optional.of("all that its applier has begun was received to its end"));
    }
}
