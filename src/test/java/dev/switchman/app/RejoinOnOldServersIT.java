package dev.switchman.app;

import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A primary that was replaced and is up again, on MySQL 5.7: without semi-sync, and without CLONE. */
@Tag("matrix")
class RejoinOnOldServersIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private static JsonNode rejoin(Scene scene, LabNode node) {
        return scene.awaitEnd(scene.start("rejoin",
                "{\"node\":\"" + node.id() + "\",\"reason\":\"it is back\"}"), SOON);
    }

    private static LabNode replaced(Scene scene) {
        scene.settle();
        LabNode old = scene.primary();
        scene.lab().crash(old);
        assertThat(scene.awaitRun("failover").path("ending").asText()).isIn("DONE", "WRITES_MAY_BE_LOST");
        scene.lab().restartMysqld(old);
        scene.settle();
        return old;
    }

    @Test
    void itFollowsAgainAndOneThatHoldsMoreIsRefusedWithTheReason() {
        try (Scene scene = Scene.open(LabCluster.builder().version("5.7"))) {
            JsonNode done = rejoin(scene, replaced(scene));
            assertThat(done.path("ending").asText()).as(done.toPrettyString()).isEqualTo("DONE");
            scene.assertServedBy(scene.primary(), List.of());

            LabNode old = replaced(scene);
            scene.lab()
                    .execute(old, "SET GLOBAL super_read_only = OFF", "CREATE DATABASE errant",
                            "SET GLOBAL super_read_only = ON");
            JsonNode refused = rejoin(scene, old);

            assertThat(refused.path("ending").asText()).as(refused.toPrettyString()).isEqualTo("KEPT_IN_QUARANTINE");
            assertThat(refused.path("report").asText()).contains("knows no CLONE (8.0.17 and later do)");
            assertThat(scene.lab().source(old)).isEmpty();
        }
    }
}
