package dev.switchman.app;

import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** The last writes were received by a replica alone that is an hour late on purpose, and the primary's host is gone. */
@Tag("matrix")
class DelayedRelayLogIT {

    private static final int HOUR = 3600;
    private static final int TAIL = 500;

    @ParameterizedTest
    @ValueSource(strings = {"9.7", "5.7", "8.0.33"})
    void theyAreFetchedFromItsRelayLogsAndItStaysAnHourLate(String version) {
        try (Scene scene = Scene.open(version, version, version); Writer writer = Writer.start(scene.lab(), 2)) {
            LabCluster lab = scene.lab();
            LabNode old = lab.primary();
            LabNode behind = lab.node("db2");
            LabNode late = lab.node("db3");
            lab.delay(late, HOUR);
            scene.settle();
            lab.stopReceiver(behind);
            int half = writer.acknowledged() + TAIL / 2;
            writer.awaitAcknowledged(half, Eventually.PATIENCE);
            lab.execute(late, "FLUSH NO_WRITE_TO_BINLOG RELAY LOGS");
            writer.awaitAcknowledged(half + TAIL / 2, Eventually.PATIENCE);
            writer.close();
            String executed = lab.value(old, "SELECT @@GLOBAL.gtid_executed").orElseThrow();
            Eventually.until("received", Eventually.PATIENCE, () -> lab.value(late, "SELECT GTID_SUBSET('" + executed
                    + "', CONCAT(@@GLOBAL.gtid_executed, ',', (SELECT RECEIVED_TRANSACTION_SET FROM"
                    + " performance_schema.replication_connection_status WHERE CHANNEL_NAME = '')))")
                    .equals(Optional.of("1"))
                            ? Optional.empty()
                            : Optional.of("not yet"));
            assertThat(writer.missingOn(behind)).hasSizeGreaterThanOrEqualTo(TAIL / 2);
            lab.silence(old);

            JsonNode run = scene.awaitRun("failover");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("WRITES_MAY_BE_LOST");
            System.out.println(run.path("report").asText());
            assertThat(scene.primary()).isEqualTo(behind);
            assertThat(writer.missingOn(behind)).isEmpty();
            assertThat(run.path("report").asText())
                    .containsPattern("\\d{3,} transactions that only " + late.id()
                            + ", delayed on purpose, had received were fetched from its relay logs and applied to "
                            + behind.id())
                    .contains("Whether acknowledged writes are lost cannot be told");
            assertThat(lab.replicationProblem(late, behind)).isEmpty();
            assertThat(lab.value(late, "SELECT DESIRED_DELAY FROM performance_schema.replication_applier_configuration"
                    + " WHERE CHANNEL_NAME = ''")).contains(String.valueOf(HOUR));
            assertThat(writer.missingOn(late)).as("still late").hasSizeGreaterThanOrEqualTo(TAIL / 2);
        }
    }
}
