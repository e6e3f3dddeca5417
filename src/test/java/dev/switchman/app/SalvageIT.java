package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** Without semi-sync mysqld is killed under four writers, with a tail of acknowledged writes that no replica has received. */
class SalvageIT {

    private static final Duration SOON = Eventually.PATIENCE;
    private static final int TAIL = 1_000;

    @Test
    void noAcknowledgedWriteIsLostWithACrashedPrimaryWhoseHostLives() {
        salvaged(() -> Scene.open(LabCluster.builder().semiSync(false)), "DONE",
                "No acknowledged write is lost: the old primary's binary logs were read to their end");
    }

    @Test
    @Tag("matrix")
    void noAcknowledgedWriteIsLostWithAnOldVersionEitherThoughNothingProvesIt() {
        salvaged(() -> Scene.open(LabCluster.builder().version("5.7")), "WRITES_MAY_BE_LOST",
                "Whether acknowledged writes are lost cannot be told");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.0.12", "8.0.33"})
    @Tag("matrix")
    void norWithTheVersionsBetween(String version) {
        salvaged(() -> Scene.open(version, version, version), "DONE",
                "No acknowledged write is lost: the old primary's binary logs were read to their end");
    }

    private static void salvaged(Supplier<Scene> opened, String ending, String statement) {
        try (Scene scene = opened.get(); Writer writer = Writer.start(scene.lab(), 4)) {
            LabCluster lab = scene.lab();
            LabNode old = lab.primary();
            scene.settle();
            List<LabNode> replicas = scene.allBut(old);
            replicas.forEach(lab::stopReceiver);
            writer.awaitAcknowledged(writer.acknowledged() + TAIL, SOON);
            // The manager knows that it had more than the replicas have, and not how much more.
            lab.crash(old);

            JsonNode run = scene.awaitRun("failover");

            String report = run.path("report").asText();
            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo(ending);
            writer.awaitProgress(SOON);
            System.out.println("longest gap between two writes: " + writer.longestGap().toMillis() + " ms");
            System.out.println(report);
            LabNode chosen = scene.primary();
            scene.assertServedBy(chosen, List.of(old));
            writer.close();
            assertThat(writer.missingOn(chosen)).isEmpty();
            for (LabNode replica : scene.allBut(old, chosen)) {
                lab.awaitCaughtUp(replica, chosen);
                assertThat(writer.missingOn(replica)).isEmpty();
            }
            assertThat(report)
                    .contains(statement)
                    .containsPattern("\\d{4,} transactions that no replica had were fetched from the binary logs of "
                            + old.id() + " and applied to " + chosen.id());
            assertThat(lab.exec(chosen, "sh", "-c", "ls /var/lib/mysql | grep -c salvage || true").strip())
                    .isEqualTo("0");
        }
    }
}
