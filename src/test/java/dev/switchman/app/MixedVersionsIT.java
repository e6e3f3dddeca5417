package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** Clusters in the middle of an upgrade: newer servers follow older ones, and not the other way round. */
@Tag("matrix")
class MixedVersionsIT {

    private static final Duration SOON = Duration.ofMinutes(2);

    @ParameterizedTest
    @CsvSource({"5.7, 8.0.33", "5.7, 8.0.12", "8.0.33, 9.7"})
    void newerReplicasTakeOverAndTheOlderPrimaryIsKeptOut(String older, String newer) {
        try (Scene scene = Scene.open(older, newer, newer);
                Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            scene.settle();
            LabNode old = lab.primary();

            JsonNode preflight = scene.preflight();
            assertThat(failed(preflight)).as(preflight.toPrettyString())
                    .contains("version-after-switchover needs override");
            JsonNode blocked = scene.awaitEnd(scene.start("switchover", "{\"reason\":\"a test\"}"), SOON);
            assertThat(blocked.path("ending").asText()).as(blocked.toPrettyString()).isEqualTo("BLOCKED");

            scene.settle();
            lab.crash(old);
            JsonNode failover = scene.awaitEnd(scene.awaitStarted("failover"), SOON);
            assertThat(failover.path("ending").asText()).as(failover.toPrettyString())
                    .isIn("DONE", "WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            LabNode chosen = scene.primary();
            scene.assertServedBy(chosen, List.of(old));

            lab.restartMysqld(old);
            JsonNode rejoin = scene.rejoin(old, SOON);
            assertThat(rejoin.path("ending").asText()).as(rejoin.toPrettyString()).isEqualTo("KEPT_IN_QUARANTINE");
            assertThat(rejoin.path("report").asText()).contains(", which could not follow " + chosen.id() + " with ");
            assertThat(lab.source(old)).isEmpty();
            assertThat(lab.isWritable(old)).isFalse();
            writer.close();
            assertThat(writer.missingOn(chosen)).isEmpty();
        }
    }

    @Test
    void theOlderReplicaIsChosenAndTheNewerOneFollowsIt() {
        try (Scene scene = Scene.open("8.0.12", "8.0.33", "8.0.12");
                Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            LabNode old = lab.primary();
            LabNode newer = lab.nodes().get(1);
            LabNode last = lab.nodes().get(2);
            scene.settle();

            JsonNode switchover = scene.awaitEnd(scene.start("switchover", "{\"reason\":\"a test\"}"), SOON);
            assertThat(switchover.path("ending").asText()).as(switchover.toPrettyString()).isEqualTo("DONE");
            assertThat(scene.primary()).isEqualTo(last);
            scene.assertServedBy(last, List.of());

            scene.settle();
            lab.crash(last);
            JsonNode failover = scene.awaitEnd(scene.awaitStarted("failover"), SOON);
            assertThat(failover.path("ending").asText()).as(failover.toPrettyString())
                    .isIn("DONE", "WRITES_MAY_BE_LOST");
            assertThat(scene.primary()).isEqualTo(old);
            writer.awaitProgress(SOON);
            scene.assertServedBy(old, List.of(last));
            writer.close();
            lab.awaitCaughtUp(newer, old);
            assertThat(writer.missingOn(old)).isEmpty();
            assertThat(writer.missingOn(newer)).isEmpty();
        }
    }

    private static Set<String> failed(JsonNode preflight) {
        Set<String> failed = new TreeSet<>();
        for (JsonNode check : preflight.path("checks")) {
            if (check.path("result").asText().equals("failed")) {
                failed.add(check.path("check").asText() + " " + check.path("severity").asText());
            }
        }
        return failed;
    }
}
