package dev.switchman.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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

/** Losses of the primary that are hard to see, or seem to pass, on five real servers with semi-sync and an application. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HiddenLossIT {

    private static final Duration SOON = Eventually.PATIENCE;

    private static Scene scene;
    private static final List<LabNode> FORMER = new ArrayList<>();

    private LabCluster lab;
    private LabNode old;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder().nodes(5).smallLogs());
    }

    @AfterAll
    static void close() {
        if (scene != null) {
            scene.close();
        }
    }

    @BeforeEach
    void settle() {
        lab = scene.lab();
        scene.settle();
        old = scene.primary();
    }

    @AfterEach
    void heal() {
        scene.resumeServer();
        lab.heal();
    }

    /** Nobody remembers who was the primary, and no server that is left says so. */
    @Test
    @Order(0)
    void aManagerThatIsStartedWhenThePrimaryIsDeadAlreadyElectsNobody() {
        scene.killServer();
        lab.crash(old);

        scene.restartServerWithoutMemory();

        scene.awaitVerdict("no-known-primary"::equals);
        assertThat(scene.awaitLooks(4)).containsOnly("no-known-primary");
        lab.restartMysqld(old);
        assertThat(scene.awaitLooks(4)).containsOnly("no-known-primary");
        assertThat(scene.newRuns()).isEmpty();
        assertThat(lab.nodes()).noneMatch(lab::isWritable);
        lab.execute(old, "SET GLOBAL rpl_semi_sync_source_enabled = ON", "SET GLOBAL read_only = OFF");
        lab.awaitHealthy(old);
        scene.awaitVerdict("healthy"::equals);
        assertThat(scene.primary()).isEqualTo(old);
    }

    /** It still answers every question, also the look at its state. */
    @Test
    @Order(1)
    void aPrimaryWhoseDiskIsFullIsEndedAndReplaced() {
        try (Writer writer = Writer.start(lab)) {
            writer.awaitProgress(SOON);

            lab.fillDisk(old);

            JsonNode run = replaced(writer);
            assertThat(run.toString()).contains("disk-full", "KiB free");
            assertThat(lab.runsMysqld(old)).isFalse();
            lab.freeDisk(old);
            lab.restartMysqld(old);
            staysReplaced(writer);
        }
    }

    @Tag("matrix")
    @Test
    @Order(2)
    void aPrimaryThatItsSupervisorStartsAgainAfterTheFailoverStaysClosed() {
        try (Writer writer = Writer.start(lab)) {
            writer.awaitProgress(SOON);

            lab.superviseOnce(old, Duration.ofSeconds(10));
            lab.crash(old);

            replaced(writer);
            lab.awaitUp(old);
            staysReplaced(writer);
        }
    }

    /** The manager stands still; the replicas have lost it long since when it looks again. */
    @Tag("matrix")
    @Test
    @Order(3)
    void aPrimaryThatDiesWhileTheManagerIsSlowIsReplaced() {
        try (Writer writer = Writer.start(lab)) {
            writer.awaitProgress(SOON);
            LabNode replica = scene.allBut(FORMER.toArray(LabNode[]::new))
                    .stream()
                    .filter(node -> !node.equals(old))
                    .findFirst()
                    .orElseThrow();
            scene.suspendServer();
            lab.crash(old);
            Eventually.until("lost by its replica", SOON, () -> lab.replicationProblem(replica, old).isPresent()
                    ? Optional.empty()
                    : Optional.of(replica + " still hears it"));
            scene.resumeServer();

            replaced(writer);
            lab.restartMysqld(old);
            staysReplaced(writer);
        }
    }

    private JsonNode replaced(Writer writer) {
        JsonNode run = scene.awaitRun("failover");
        assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
        writer.awaitProgress(SOON);
        System.out.println("longest gap " + writer.longestGap().toMillis() + " ms");
        FORMER.add(old);
        return run;
    }

    private void staysReplaced(Writer writer) {
        Eventually.until("fenced: " + old, SOON, () -> scene.notFenced(old));
        scene.settle();
        LabNode chosen = scene.primary();
        assertThat(FORMER).doesNotContain(chosen);
        writer.awaitProgress(SOON);
        scene.assertServedBy(chosen, FORMER);
        writer.close();
        assertThat(writer.missingOn(chosen)).isEmpty();
    }
}
