package dev.switchman.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
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

/** When a node guard closes its server, and when it does not; and what a frozen host does without one. */
@Tag("matrix")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodeGuardCasesIT {

    private static final Duration SOON = Eventually.PATIENCE;
    /** Long enough for a guard to act that would. */
    private static final Duration PATIENCE = NodeGuards.LEASE.plusSeconds(4);
    private static final List<LabNode> FORMER = new ArrayList<>();

    private static Scene scene;
    private static NodeGuards guards;

    private LabCluster lab;
    private LabNode old;

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder().nodes(5).semiSync(false), NodeGuards.CONFIGURED);
        guards = NodeGuards.installed(scene.lab());
        guards.startAll();
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
        // After a cut the server keeps the manager's former session, and its lock, for some seconds: nothing is heard of it.
        Eventually.until("heard of by all", SOON, () -> {
            String locks = scene.cluster().path("manager").path("sentence").asText();
            return locks.matches(".*on (\\d+) of \\1 servers.*") ? Optional.empty() : Optional.of(locks);
        });
    }

    @Test
    @Order(1)
    void aPrimaryThatHasLostTheManagerAloneStaysOpen() {
        lab.cutManagerFrom(old);

        guards.awaitTicks(old, PATIENCE);

        lab.heal();
        assertThat(guards.closings(old)).isEmpty();
        assertThat(lab.isWritable(old)).isTrue();
    }

    @Test
    @Order(2)
    void aPrimaryThatHasLostItsReplicasAloneStaysOpen() {
        scene.allBut(old).forEach(replica -> lab.cut(old, replica));

        guards.awaitTicks(old, PATIENCE);

        assertThat(guards.closings(old)).isEmpty();
        assertThat(lab.isWritable(old)).isTrue();
        lab.heal();
        scene.settle();
    }

    /** Nobody could have replaced it; the manager opens it again when it is back. */
    @Test
    @Order(3)
    void aPrimaryThatHasLostAllOfThemIsClosedAndReopenedByTheManager() {
        scene.killServer();
        scene.allBut(old).forEach(replica -> lab.cut(old, replica));

        String said = guards.awaitClosed(old, NodeGuards.LEASE.plusSeconds(8));

        assertThat(said).contains("nothing was heard of the manager for ");
        assertThat(lab.isWritable(old)).isFalse();
        assertThat(lab.hasVirtualIp(old)).isFalse();
        lab.heal();
        scene.restartServer();
        awaitReopened();
    }

    /** The other half of the cluster has a new primary by then. */
    @Test
    @Order(4)
    void aPrimaryThatIsCutOffAndReplacedIsClosedWhileItIsStillCutOff() {
        try (Writer writer = Writer.start(lab)) {
            FORMER.add(old);
            lab.cutManagerFrom(old);
            scene.allBut(old).forEach(replica -> lab.cut(old, replica));

            JsonNode run = scene.awaitRun("failover");

            LabNode chosen = replaced(run, writer);
            guards.awaitClosed(old, NodeGuards.LEASE.plusSeconds(8));
            assertThat(lab.hasVirtualIp(old)).isFalse();
            lab.heal();
            scene.settle();
            scene.assertServedBy(chosen, FORMER);
        }
    }

    /** What a guest sees whose hypervisor had stopped its clocks: no gap, but everybody has left. No lease is waited for. */
    @Test
    @Order(5)
    void aPrimaryThatAllHaveLeftAtOnceIsClosedAtOnce() {
        guards.awaitTicks(old, Duration.ofSeconds(6));
        List<LabNode> following = scene.allBut(FORMER.toArray(LabNode[]::new))
                .stream()
                .filter(node -> !node.equals(old))
                .toList();

        following.forEach(lab::stopReceiver);
        scene.killServer();

        assertThat(guards.awaitClosed(old, NodeGuards.LEASE.minusSeconds(1))).contains("have left at once");
        assertThat(lab.isWritable(old)).isFalse();
        assertThat(lab.hasVirtualIp(old)).isFalse();
        following.forEach(node -> lab.execute(node, "START REPLICA IO_THREAD"));
        scene.restartServer();
        awaitReopened();
    }

    /** It could not be closed otherwise: its commits wait for an acknowledgement that does not come. */
    @Test
    @Order(6)
    void oneWhoseCommitsWaitForAReplicaIsEndedByItsGuard() {
        try (Scene other = Scene.open(LabCluster.builder(), NodeGuards.CONFIGURED)) {
            LabCluster waiting = other.lab();
            NodeGuards itsGuards = NodeGuards.installed(waiting);
            itsGuards.startAll();
            LabNode primary = other.primary();
            try (Holdout holdout = Holdout.at(primary, waiting)) {
                other.killServer();
                other.allBut(primary).forEach(replica -> waiting.cut(primary, replica));
                long cut = System.nanoTime();

                assertThat(itsGuards.awaitClosed(primary, NodeGuards.LEASE.plusSeconds(8))).contains(" killed after ");

                holdout.awaitRefused();
                assertThat(waiting.runsMysqld(primary)).isFalse();
                assertThat(holdout.lastSince(cut)).isLessThan(Duration.ofSeconds(1));
                waiting.restartMysqld(primary);
                assertThat(waiting.isWritable(primary)).isFalse();
            }
        }
    }

    /** Two writable servers under one address: what the guard is for. */
    @Test
    @Order(7)
    void withoutAGuardOneThatThawsGoesOnWriting() {
        guards.stop(old);
        try (Writer writer = Writer.start(lab); Holdout holdout = Holdout.at(old, lab)) {
            lab.freeze(old);
            LabNode chosen = replaced(scene.awaitRun("failover"), writer);
            scene.killServer();

            lab.thaw(old);

            holdout.awaitMore(1_000);
            assertThat(lab.isWritable(old) && lab.isWritable(chosen)).isTrue();
            assertThat(lab.hasVirtualIp(old) && lab.hasVirtualIp(chosen)).isTrue();
        }
    }

    private void awaitReopened() {
        Eventually.until("reopened: " + old, SOON,
                () -> lab.isWritable(old) && lab.hasVirtualIp(old)
                        ? Optional.empty()
                        : Optional.of(old + " is closed"));
        guards.forgetClosings(old);
        scene.settle();
        assertThat(scene.primary()).isEqualTo(old);
    }

    private LabNode replaced(JsonNode run, Writer writer) {
        assertThat(run.path("ending").asText()).as(run.toPrettyString()).isIn("DONE", "WRITES_MAY_BE_LOST");
        writer.awaitProgress(SOON);
        LabNode chosen = scene.primary();
        assertThat(FORMER).doesNotContain(chosen);
        return chosen;
    }
}
