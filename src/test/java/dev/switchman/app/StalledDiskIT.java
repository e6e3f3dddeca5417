package dev.switchman.app;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** A primary that answers every question, and whose disk no longer does. */
@Tag("matrix")
class StalledDiskIT {

    @Test
    void aPrimaryWhoseDiskStandsStillIsReplacedAndClosedWhenItGoesOn() {
        try (Scene scene = Scene.open(LabCluster.builder().version("8.0.33").smallLogs())) {
            LabCluster lab = scene.lab();
            LabNode old = lab.replicas().getFirst();
            lab.ownDisk(old);
            scene.settle();
            String handover = scene.start("switchover", "{\"to\":\"" + old.id() + "\",\"reason\":\"a test\"}");
            assertThat(scene.awaitEnd(handover, Eventually.PATIENCE).path("ending").asText()).isEqualTo("DONE");
            scene.settle();
            try (Writer writer = Writer.start(lab)) {
                writer.awaitProgress(Eventually.PATIENCE);

                lab.stallDisk(old);
                JsonNode run;
                LabNode chosen;
                try {
                    run = scene.awaitRun("failover");
                    assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
                    assertThat(run.toString()).contains("disk-stalled");
                    writer.awaitProgress(Eventually.PATIENCE);
                    System.out.println("longest gap " + writer.longestGap().toMillis() + " ms");
                    chosen = scene.primary();
                    assertThat(chosen).isNotEqualTo(old);
                } finally {
                    lab.unstallDisk(old);
                }

                lab.restartMysqld(old);
                Eventually.until("fenced: " + old, Eventually.PATIENCE, () -> scene.notFenced(old));
                scene.settle();
                scene.assertServedBy(chosen, List.of(old));
                writer.close();
                assertThat(writer.missingOn(chosen)).isEmpty();
            }
        }
    }
}
