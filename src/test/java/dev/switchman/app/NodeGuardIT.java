package dev.switchman.app;

import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** The node guard, installed by {@code adopt}, on hosts without semi-sync: nothing else keeps a thawed primary from acknowledging. */
@Tag("matrix")
class NodeGuardIT {

    private static final Duration SOON = Eventually.PATIENCE;

    @Test
    void aReplacedPrimaryThatThawsWhenTheManagerIsGoneIsClosedByItsGuard() {
        try (Scene scene = Scene.open(LabCluster.builder().semiSync(false), NodeGuards.CONFIGURED)) {
            LabCluster lab = scene.lab();
            LabNode old = scene.primary();
            NodeGuards guards = NodeGuards.installed(lab);
            assertThat(guards.checked()).hasSize(3).allMatch("failed: is installed and does not run"::equals);
            guards.startAll();
            assertThat(guards.checked()).hasSize(3).allMatch("passed: guards it, lease 5 s"::equals);
            scene.settle();
            try (Writer writer = Writer.start(lab); Holdout holdout = Holdout.at(old, lab)) {
                lab.freeze(old);
                JsonNode run = scene.awaitRun("failover");
                assertThat(run.path("report").asText()).as(run.toPrettyString()).contains("unproven");
                LabNode chosen = scene.primary();
                writer.awaitProgress(SOON);
                scene.killServer();

                long thawed = System.nanoTime();
                lab.thaw(old);

                assertThat(guards.awaitClosed(old, Duration.ofSeconds(3)))
                        .contains("because the host stood still for ", "super_read_only after ",
                                lab.virtualIp() + " is off");
                holdout.awaitRefused();
                System.out.println("acknowledged after the thaw: "
                        + holdout.acknowledgedSince(thawed).orElse("nothing"));
                assertThat(holdout.lastSince(thawed)).isLessThan(Duration.ofSeconds(1));
                scene.assertServedBy(chosen, List.of(old));
                assertThat(lab.isWritable(old)).isFalse();
                writer.awaitProgress(SOON);
                assertThat(guards.closings(chosen)).isEmpty();
            }
        }
    }
}
