package dev.switchman.app;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** What must keep a switchover from touching anything, on real servers: each is named, and the old primary stays. */
class BlockedSwitchoverIT {

    private static final Duration SOON = Eventually.PATIENCE;

    private static Scene scene;

    private LabCluster lab;
    private LabNode old;
    private LabNode candidate;

    /** Who is in the way, and the check that says so. */
    enum Obstacle {
        GLOBAL_READ_LOCK("no-global-lock") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                // Locked for a moment only: while it is held, the application stands still.
                onOld.execute("FLUSH NO_WRITE_TO_BINLOG TABLES WITH READ LOCK");
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                onOld.execute("UNLOCK TABLES");
            }
        },
        BACKUP_ON_THE_PRIMARY("no-global-lock") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                onOld.execute("LOCK INSTANCE FOR BACKUP");
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                onOld.execute("UNLOCK INSTANCE");
            }
        },
        BACKUP_ON_THE_CANDIDATE("no-global-lock") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                onCandidate.execute("LOCK INSTANCE FOR BACKUP");
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                onCandidate.execute("UNLOCK INSTANCE");
            }
        },
        STOPPED_APPLIER("replication-running") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                onCandidate.execute("STOP REPLICA SQL_THREAD");
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                onCandidate.execute("START REPLICA SQL_THREAD");
            }
        },
        DELAYED_CANDIDATE("candidate-eligible") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                at.delay(onCandidate, 60);
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException {
                at.delay(onCandidate, 0);
            }
        },
        MISSING_PRIVILEGE("privileges") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) {
                at.lab.execute(at.old, "REVOKE REPLICATION_SLAVE_ADMIN, SUPER ON *.* FROM 'switchman'@'%'");
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) {
                at.lab.execute(at.old, "GRANT ALL ON *.* TO 'switchman'@'%' WITH GRANT OPTION");
            }
        },
        SSH_DOWN_ON_THE_PRIMARY("ssh") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) {
                at.lab.stopSsh(at.old);
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) {
                at.lab.startSsh(at.old);
            }
        },
        SSH_DOWN_ON_THE_CANDIDATE("ssh") {
            @Override
            void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) {
                at.lab.stopSsh(at.candidate);
            }

            @Override
            void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) {
                at.lab.startSsh(at.candidate);
            }
        };

        private final String check;

        Obstacle(String check) {
            this.check = check;
        }

        abstract void set(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException;

        abstract void lift(BlockedSwitchoverIT at, Statement onOld, Statement onCandidate) throws SQLException;
    }

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder());
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
        scene.awaitVerdict("healthy"::equals);
        scene.settle();
        old = scene.primary();
        candidate = scene.allBut(old).getFirst();
    }

    @ParameterizedTest
    @EnumSource
    void isNamedAndNothingIsTouched(Obstacle obstacle) throws SQLException {
        try (Writer writer = Writer.start(lab);
                Connection atOld = lab.connect(old);
                Statement onOld = atOld.createStatement();
                Connection atCandidate = lab.connect(candidate);
                Statement onCandidate = atCandidate.createStatement()) {
            writer.awaitProgress(SOON);
            JsonNode run;
            obstacle.set(this, onOld, onCandidate);
            try {
                run = scene.awaitEnd(scene.start("switchover",
                        "{\"reason\":\"a test\",\"to\":\"" + candidate.id() + "\"}"), SOON);
            } finally {
                obstacle.lift(this, onOld, onCandidate);
            }

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("BLOCKED");
            assertThat(run.path("report").asText()).contains(obstacle.check + " ");
            writer.awaitProgress(SOON);
            scene.awaitVerdict("healthy"::equals);
            Eventually.until("left as it was", SOON, () -> lab.replicationProblem(candidate, old)
                    .or(() -> scene.cluster().path("run").isNull() ? Optional.empty() : Optional.of("a run goes on")));
            scene.assertServedBy(old, List.of());
            writer.close();
            assertThat(writer.missingOn(old)).isEmpty();
        }
    }

    private void delay(Statement onCandidate, int seconds) throws SQLException {
        onCandidate.execute("STOP REPLICA SQL_THREAD");
        onCandidate.execute("CHANGE REPLICATION SOURCE TO SOURCE_DELAY = " + seconds);
        onCandidate.execute("START REPLICA SQL_THREAD");
    }
}
