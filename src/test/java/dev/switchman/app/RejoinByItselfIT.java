package dev.switchman.app;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** Where the owner wants it, a replaced primary that is up again follows without anybody doing anything. */
@Tag("matrix")
class RejoinByItselfIT {

    @Test
    void aReplacedPrimaryFollowsAsSoonAsItIsUpAgain() {
        try (Scene scene = Scene.open(LabCluster.builder(), "policies: {rejoin: automatic}\n")) {
            scene.settle();
            LabNode old = scene.primary();
            scene.awaitLooks(4);
            scene.lab().crash(old);
            scene.awaitRun("failover");

            scene.lab().restartMysqld(old);
            JsonNode run = scene.awaitRun("rejoin");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            assertThat(run.path("startedBy").asText()).isEqualTo("monitor");
            scene.awaitVerdict("healthy"::equals);
            scene.assertServedBy(scene.primary(), List.of());
            scene.lab().awaitHealthy(scene.primary());
        }
    }
}
