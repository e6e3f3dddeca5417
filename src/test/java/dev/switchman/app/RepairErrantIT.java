package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** What somebody has written on a replica by hand: shown, and repaired in the ways that people choose. */
@Tag("matrix")
class RepairErrantIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    /** {@code -Dswitchman.version=5.7}: on an older one. */
    private static final String VERSION = System.getProperty("switchman.version", "9.7");

    private static Scene scene;
    private static LabCluster lab;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder().version(VERSION));
        lab = scene.lab();
        lab.execute(lab.primary(), "CREATE TABLE app.stray (id INT PRIMARY KEY)");
        lab.replicas().forEach(node -> lab.awaitCaughtUp(node, lab.primary()));
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    private static String executed(LabCluster lab, LabNode node) {
        return lab.value(node, "SELECT @@GLOBAL.gtid_executed").orElse("");
    }

    /** @return the transactions that it has now and had not before */
    private static String stray(LabCluster lab, LabNode node, int id) {
        String before = executed(lab, node);
        lab.execute(node, "SET GLOBAL super_read_only = OFF", "INSERT INTO app.stray VALUES (" + id + ")",
                "SET GLOBAL super_read_only = ON");
        return lab.value(node, "SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '" + before + "')").orElseThrow();
    }

    private static Optional<String> shown(LabNode node) {
        for (JsonNode one : scene.cluster().path("nodes")) {
            if (one.path("node").asText().equals(node.id().toString()) && one.hasNonNull("errant")) {
                return Optional.of(one.path("errant").asText());
            }
        }
        return Optional.empty();
    }

    private static void awaitShown(LabNode node, Optional<String> errant) {
        Eventually.until("shown of " + node + ": " + errant, SOON,
                () -> shown(node).map(String::toLowerCase).equals(errant.map(String::toLowerCase))
                        ? Optional.empty()
                        : Optional.of(shown(node).toString()));
    }

    private static JsonNode repaired(LabNode node, String choice) {
        scene.settle();
        String run = scene.start("repair-errant", "{\"node\":\"" + node.id() + "\",\"choice\":\"" + choice
                + "\",\"reason\":\"written by hand\"}");
        scene.answer(run, true);
        JsonNode ended = scene.awaitEnd(run, SOON);
        assertThat(ended.path("ending").asText()).as(ended.toPrettyString()).isEqualTo("DONE");
        return ended;
    }

    @Test
    void emptyTransactionsMakeItAReplicaLikeTheOthers() {
        LabNode node = lab.nodes().get(1);
        LabNode other = lab.nodes().get(2);
        String errant = stray(lab, node, 1);
        awaitShown(node, Optional.of(errant));

        JsonNode run = repaired(node, "inject-empty");

        assertThat(run.path("report").asText()).contains("Empty transactions on " + scene.primary().id(), errant,
                "app.stray");
        awaitShown(node, Optional.empty());
        lab.awaitCaughtUp(other, scene.primary());
        assertThat(lab.value(other, "SELECT GTID_SUBSET('" + errant + "', @@GLOBAL.gtid_executed)")).contains("1");
        assertThat(lab.column(other, "SELECT id FROM app.stray WHERE id = 1")).as("empty").isEmpty();
        assertThat(lab.column(node, "SELECT id FROM app.stray WHERE id = 1")).containsExactly("1");
        lab.awaitHealthy(scene.primary());
    }

    @Test
    void acceptedOnesAreNotShownAnyMore() {
        LabNode node = lab.nodes().get(2);
        String errant = stray(lab, node, 2);
        awaitShown(node, Optional.of(errant));

        repaired(node, "accept");

        awaitShown(node, Optional.empty());
        scene.awaitLooks(4);
        assertThat(shown(node)).isEmpty();
        assertThat(lab.value(scene.primary(), "SELECT GTID_SUBSET('" + errant + "', @@GLOBAL.gtid_executed)"))
                .contains("0");
    }

    /** On servers that do not persist, or know other words. */
    @Test
    void alsoOn57() {
        try (Scene old = Scene.open("5.7", "5.7", "5.7")) {
            LabNode node = old.lab().nodes().get(1);
            old.lab().execute(old.lab().primary(), "CREATE TABLE app.stray (id INT PRIMARY KEY)");
            old.lab().awaitCaughtUp(node, old.lab().primary());
            String errant = stray(old.lab(), node, 1);
            String run = old.start("repair-errant", "{\"node\":\"" + node.id()
                    + "\",\"choice\":\"inject-empty\",\"reason\":\"written by hand\"}");
            old.answer(run, true);

            assertThat(old.awaitEnd(run, SOON).path("ending").asText()).isEqualTo("DONE");

            List<LabNode> all = old.lab().nodes();
            old.lab().awaitCaughtUp(all.get(2), all.getFirst());
            assertThat(old.lab().value(all.get(2), "SELECT GTID_SUBSET('" + errant + "', @@GLOBAL.gtid_executed)"))
                    .contains("1");
        }
    }
}
