package dev.switchman.app;

import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** One application writes all the while, on each version: handed over, taken from a crashed primary, which then rejoins. */
@Tag("matrix")
class EachVersionIT {

    private static final Duration SOON = Duration.ofMinutes(2);

    @ParameterizedTest
    @ValueSource(strings = {"5.7", "8.0.12", "8.0.33", "9.7"})
    void writesAreHandedOverAndTakenOverAndWhoCrashedRejoins(String version) {
        // Where there are plugins, with semi-sync.
        try (Scene scene = version.equals("8.0.12")
                ? Scene.open(version, version, version)
                : Scene.open(LabCluster.builder().version(version));
                Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            scene.settle();
            LabNode first = scene.primary();

            assertEnding("DONE", scene.awaitEnd(scene.start("switchover", "{\"reason\":\"a test\"}"), SOON));
            writer.awaitProgress(SOON);
            LabNode second = scene.primary();
            assertThat(second).isNotEqualTo(first);
            scene.assertServedBy(second, List.of());

            scene.awaitVerdict("healthy"::equals);
            scene.settle();
            lab.crash(second);
            JsonNode failover = scene.awaitEnd(scene.awaitStarted("failover"), SOON);
            // Nothing proves to a 5.7 server's keepers that it boots closed, nor without semi-sync that no write was told.
            assertThat(failover.path("ending").asText()).as(failover.toPrettyString())
                    .isIn("DONE", "WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            LabNode third = scene.primary();
            assertThat(third).isNotEqualTo(second);
            scene.assertServedBy(third, List.of(second));

            lab.restartMysqld(second);
            assertEnding("DONE", scene.rejoin(second, SOON));
            writer.awaitProgress(SOON);
            scene.assertServedBy(third, List.of());
            System.out.println(version + ": longest gap between two writes " + writer.longestGap().toMillis() + " ms");
            writer.close();
            for (LabNode replica : scene.allBut(third)) {
                lab.awaitCaughtUp(replica, third);
            }
            for (LabNode node : lab.nodes()) {
                assertThat(writer.missingOn(node)).as(node + " lacks what was acknowledged").isEmpty();
            }
        }
    }

    private static void assertEnding(String ending, JsonNode run) {
        assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo(ending);
    }
}
