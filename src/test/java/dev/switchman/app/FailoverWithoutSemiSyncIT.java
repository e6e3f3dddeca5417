package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** Without semi-sync an acknowledged write may be lost with the primary, and a silent one cannot be proven closed. */
class FailoverWithoutSemiSyncIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void aSilentHostIsReplacedUnprovenAndQuarantinedWhenItIsBack() throws Exception {
        try (Scene scene = Scene.open(LabCluster.builder().semiSync(false));
                Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            LabNode old = lab.primary();
            scene.settle();
            lab.silence(old);

            JsonNode run = scene.awaitRun("failover");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            LabNode chosen = scene.primary();
            scene.assertServedBy(chosen, List.of(old), old);
            assertThat(run.path("report").asText()).contains("The fence of " + old.id() + " is not proven");
            String mailed = scene.awaitMail("[Switchman] shop: " + old.id() + " failed over to " + chosen.id()
                    + " (done in ").getContent().toString();
            assertThat(mailed).contains("Make sure that " + old.id() + " is down or read-only");
            assertThat(quarantine(scene, old).path("fenceProven").asBoolean()).isFalse();
            lab.unsilence(old);
            Eventually.until("fenced: " + old, SOON, () -> scene.notFenced(old));
            scene.awaitRun("quarantine");
            Eventually.until("proven", SOON, () -> quarantine(scene, old).path("fenceProven").asBoolean()
                    ? Optional.empty()
                    : Optional.of(scene.cluster().toString()));
            writer.awaitProgress(SOON);
            scene.assertServedBy(chosen, List.of(old));
        }
    }

    @Test
    void aCrashedPrimaryOfAnOldVersionIsReplaced() {
        try (Scene scene = Scene.open(LabCluster.builder().version("5.7")); Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            LabNode old = lab.primary();
            scene.settle();
            lab.crash(old);

            JsonNode run = scene.awaitRun("failover");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            scene.assertServedBy(scene.primary(), List.of(old));
            assertThat(scene.primary()).isNotEqualTo(old);
        }
    }

    private static JsonNode quarantine(Scene scene, LabNode node) {
        for (JsonNode one : scene.cluster().path("quarantined")) {
            if (one.path("node").asText().equals(node.id().toString())) {
                return one;
            }
        }
        throw new AssertionError(node + " is not in quarantine: " + scene.cluster());
    }
}
