package dev.switchman.app;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole program, which knows three real servers by names, and a name service that knows them no more. */
@Tag("matrix")
class NameServiceIT {

    private static final Duration SOON = Eventually.PATIENCE;

    @Test
    void nothingHappensWhenNoNameCanBeResolved() throws SQLException {
        try (Scene scene = Scene.openByNames(LabCluster.builder());
                Writer writer = Writer.start(scene.lab())) {
            LabNode primary = scene.primary();
            scene.settle();
            writer.awaitProgress(SOON);

            scene.names(false);
            endConnectionsOfTheManager(scene.lab(), primary);

            scene.awaitVerdict("unclear"::equals);
            assertThat(scene.awaitLooks(4)).containsOnly("unclear");
            writer.awaitProgress(SOON);
            assertThat(scene.newRuns()).isEmpty();
            scene.names(true);
            scene.awaitVerdict("healthy"::equals);
            assertThat(scene.newRuns()).isEmpty();
            assertThat(scene.primary()).isEqualTo(primary);
            scene.assertServedBy(primary, List.of());
            writer.close();
            assertThat(writer.missingOn(primary)).isEmpty();
        }
    }

    /** Or they would go on serving. */
    private static void endConnectionsOfTheManager(LabCluster lab, LabNode node) throws SQLException {
        try (Connection connection = lab.connect(node); Statement statement = connection.createStatement()) {
            List<String> ids = new ArrayList<>();
            try (var rows = statement.executeQuery("SELECT ID FROM performance_schema.processlist"
                    + " WHERE USER = 'switchman' AND ID <> CONNECTION_ID()")) {
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
            }
            for (String id : ids) {
                try {
                    statement.execute("KILL " + id);
                } catch (SQLException e) {
                    // 1094: it has ended meanwhile.
                    if (e.getErrorCode() != 1094) {
                        throw e;
                    }
                }
            }
        }
    }
}
