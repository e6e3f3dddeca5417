package dev.switchman.app;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** A host without a database, which is asked whether it reaches the primary: its word alone decides here. */
@Tag("matrix")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WitnessHostIT {

    private static Scene scene;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder().witness());
    }

    @AfterAll
    static void close() {
        if (scene != null) {
            scene.close();
        }
    }

    @AfterEach
    void heal() {
        scene.lab().heal();
    }

    /** Everybody else has lost the primary: without this witness that is a lost host. */
    @Test
    @Order(1)
    void aWitnessThatIsGreetedKeepsAFailoverFromHappening() {
        LabCluster lab = scene.lab();
        LabNode primary = scene.primary();
        scene.settle();
        try (Writer writer = Writer.start(lab)) {
            writer.awaitProgress(Eventually.PATIENCE);

            scene.allBut(primary).forEach(replica -> lab.cut(primary, replica));
            lab.cutManagerFrom(primary);

            scene.awaitVerdict("isolated-from-us"::equals);
            assertThat(scene.awaitLooks(4)).containsOnly("isolated-from-us");
            assertThat(scene.cluster().toString()).contains(lab.witness().address());
            lab.heal();
            writer.awaitProgress(Eventually.PATIENCE);
            scene.awaitVerdict("healthy"::equals);
            assertThat(scene.newRuns()).isEmpty();
            scene.assertServedBy(primary, List.of());
            writer.close();
            assertThat(writer.missingOn(primary)).isEmpty();
        }
    }

    /** The replicas' hosts cannot be asked: they lack a program that it takes. */
    @Test
    @Order(2)
    void aWitnessThatHasLostThePrimaryTooMakesItALoss() {
        LabCluster lab = scene.lab();
        LabNode old = scene.primary();
        scene.settle();
        scene.allBut(old).forEach(replica -> lab.exec(replica, "mv", "/usr/bin/timeout", "/usr/bin/timeout.away"));
        try (Writer writer = Writer.start(lab)) {
            writer.awaitProgress(Eventually.PATIENCE);

            lab.silence(old);

            JsonNode run = scene.awaitRun("failover");
            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            assertThat(run.toString()).contains(lab.witness().address());
            writer.awaitProgress(Eventually.PATIENCE);
            LabNode chosen = scene.primary();
            assertThat(chosen).isNotEqualTo(old);
            lab.unsilence(old);
            Eventually.until("fenced: " + old, Eventually.PATIENCE, () -> scene.notFenced(old));
            scene.settle();
            scene.assertServedBy(chosen, List.of(old));
            writer.close();
            assertThat(writer.missingOn(chosen)).isEmpty();
        }
    }
}
