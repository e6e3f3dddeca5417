package dev.switchman.app;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.ServerProcess;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code switchman stop --abort} while a failover waits for its candidate. */
@Tag("matrix")
class BrokenOffFailoverIT {

    private static final String HELD = LabCluster.APPLICATION_SCHEMA + ".held";

    @Test
    void nobodyIsPromotedUntilTheClusterIsResumedAndThenNothingIsLost() throws SQLException {
        try (Scene scene = Scene.open(LabCluster.builder()); Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            LabNode old = scene.primary();
            lab.execute(old, "CREATE TABLE " + HELD + " (id INT PRIMARY KEY)");
            lab.replicas().forEach(node -> lab.awaitCaughtUp(node, old));
            scene.settle();
            List<Connection> holders = new ArrayList<>();
            for (LabNode node : lab.replicas()) {
                holders.add(holdApplier(lab, node));
            }
            try {
                lab.execute(old, "INSERT INTO " + HELD + " VALUES (1)");
                int before = writer.acknowledged();
                writer.awaitProgress(Eventually.PATIENCE);
                assertThat(writer.acknowledged()).isGreaterThan(before);
                lab.crash(old);
                String failover = scene.awaitStarted("failover");
                scene.awaitStep(failover, "Catch up candidate");

                ServerProcess.Said broken = scene.verb("stop", Scene.CLUSTER, "--abort", "--abort-timeout", "15");

                assertThat(broken.status()).as(broken.output()).isZero();
                assertThat(broken.output()).contains("failover " + failover + " was broken off: CANCELLED");
                assertThat(scene.run(failover).path("report").asText()).contains("switchman stop --abort");
                for (LabNode node : lab.nodes()) {
                    assertThat(lab.runsMysqld(node) && lab.isWritable(node)).as(node + " is writable").isFalse();
                }
                assertThat(scene.newRuns()).as("nothing is started anew").hasSize(1);
            } finally {
                for (Connection holder : holders) {
                    holder.close();
                }
            }

            ServerProcess.Said resumed = scene.verb("resume", Scene.CLUSTER);

            assertThat(resumed.status()).as(resumed.output()).isZero();
            Eventually.until("done: a second failover", Eventually.PATIENCE,
                    () -> scene.newRuns().stream().anyMatch(run -> run.path("ending").asText().equals("DONE"))
                            ? Optional.empty()
                            : Optional.of(scene.cluster() + "\n" + scene.newRuns()));
            writer.awaitProgress(Eventually.PATIENCE);
            LabNode primary = scene.primary();
            scene.assertServedBy(primary, List.of(old), old);
            writer.close();
            assertThat(writer.missingOn(primary)).isEmpty();
        }
    }

    /** @return a session whose end lets the applier go on */
    private static Connection holdApplier(LabCluster lab, LabNode node) throws SQLException {
        Connection session = lab.connect(node);
        try (Statement statement = session.createStatement()) {
            statement.execute("LOCK TABLES " + HELD + " READ");
        }
        return session;
    }
}
