package dev.switchman.app;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole program beside faults that are none of the primary's: it must leave the cluster alone, and say what it sees.
 * Three real servers with semi-sync, an application that writes through the virtual IP.
 */
class UntouchedIT {

    private static final Duration SOON = Eventually.PATIENCE;
    /** At an interval of a second, longer than a silent host takes to be declared lost. */
    private static final int LOOKS = 4;

    private static Scene scene;

    private LabCluster lab;
    private LabNode primary;
    private List<LabNode> replicas;

    /** What happens, and the verdict that it must bring. */
    enum Harmless {
        MANAGER_CUT_FROM_EVERYBODY("everything-lost") {
            @Override
            void happen(UntouchedIT at) {
                at.lab.nodes().forEach(at.lab::cutManagerFrom);
            }
        },
        ONE_REPLICA_CUT_FROM_THE_PRIMARY("replication-broken") {
            @Override
            void happen(UntouchedIT at) {
                at.lab.cut(at.primary, at.replicas.getFirst());
            }
        },
        ALL_REPLICAS_CUT_FROM_THE_PRIMARY("replication-broken") {
            @Override
            void happen(UntouchedIT at) {
                at.replicas.forEach(replica -> at.lab.cut(at.primary, replica));
            }
        },
        ALL_REPLICAS_STOPPED_BY_A_DBA("replication-broken") {
            @Override
            void happen(UntouchedIT at) {
                at.replicas.forEach(replica -> at.lab.execute(replica, "STOP REPLICA"));
            }

            @Override
            void pass(UntouchedIT at) {
                at.replicas.forEach(replica -> at.lab.execute(replica, "START REPLICA"));
            }
        },
        ONE_BROKEN_REPLICA_AND_A_MANAGER_CUT_FROM_THE_PRIMARY("isolated-from-us") {
            @Override
            void happen(UntouchedIT at) {
                at.lab.execute(at.replicas.getFirst(), "STOP REPLICA");
                at.scene().awaitVerdict("replication-broken"::equals);
                at.lab.cutManagerFrom(at.primary);
            }

            @Override
            void pass(UntouchedIT at) {
                at.lab.execute(at.replicas.getFirst(), "START REPLICA");
            }
        },
        /** Commits hang, and so does the trial write: they wait for nothing that a failover would help. */
        GLOBAL_LOCK_HELD("healthy") {
            @Override
            void happen(UntouchedIT at) throws SQLException {
                at.onPrimary("FLUSH TABLES WITH READ LOCK");
            }

            @Override
            void pass(UntouchedIT at) throws SQLException {
                at.onPrimary("UNLOCK TABLES");
            }
        },
        TOO_MANY_CONNECTIONS("busy") {
            @Override
            void happen(UntouchedIT at) throws SQLException {
                at.onPrimary("SET GLOBAL max_connections = 1");
                at.endConnectionsOfTheManager();
            }

            @Override
            void pass(UntouchedIT at) throws SQLException {
                at.onPrimary("SET GLOBAL max_connections = 200");
            }
        },
        PASSWORD_CHANGED("busy") {
            @Override
            void happen(UntouchedIT at) throws SQLException {
                at.onPrimary("ALTER USER 'switchman'@'%' IDENTIFIED BY 'another'");
                at.endConnectionsOfTheManager();
            }

            @Override
            void pass(UntouchedIT at) throws SQLException {
                at.onPrimary("ALTER USER 'switchman'@'%' IDENTIFIED BY '"
                        + at.lab.account().password().reveal() + "'");
            }
        },
        FEW_CPU_CYCLES_ON_THE_PRIMARY("") {
            @Override
            void happen(UntouchedIT at) {
                at.lab.limitCpu(at.primary, 0.02);
            }

            @Override
            void pass(UntouchedIT at) {
                at.lab.limitCpu(at.primary, 0);
            }
        },
        PRIMARY_FROZEN_FOR_A_SECOND("") {
            @Override
            void happen(UntouchedIT at) {
                at.lab.freeze(at.primary);
                CompletableFuture.runAsync(() -> at.lab.thaw(at.primary),
                        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)).join();
            }
        },
        SSH_DOWN_EVERYWHERE("healthy") {
            @Override
            void happen(UntouchedIT at) {
                at.lab.nodes().forEach(at.lab::stopSsh);
            }

            @Override
            void pass(UntouchedIT at) {
                at.lab.nodes().forEach(at.lab::startSsh);
            }
        },
        FLAPPING_LINK_OF_THE_MANAGER("") {
            @Override
            void happen(UntouchedIT at) {
                for (int i = 0; i < LOOKS; i++) {
                    at.lab.cutManagerFrom(at.primary);
                    at.scene().awaitLooks(1);
                    at.lab.heal();
                    at.scene().awaitLooks(1);
                }
            }
        };

        private final String verdict;

        Harmless(String verdict) {
            this.verdict = verdict;
        }

        abstract void happen(UntouchedIT at) throws SQLException;

        /** Takes back what {@link LabCluster#heal} does not. */
        void pass(UntouchedIT at) throws SQLException {}
    }

    private Optional<Connection> administrator = Optional.empty();

    @BeforeAll
    static void open() {
        scene = Scene.open(LabCluster.builder(),
                // Within the looks that a row takes, a trial write that hangs would count.
                "detection: {write-interval: 1s, write-timeout: 2s}\n");
    }

    @AfterAll
    static void close() {
        if (scene != null) {
            scene.close();
        }
    }

    @BeforeEach
    void settle() throws SQLException {
        lab = scene.lab();
        scene.awaitVerdict("healthy"::equals);
        scene.settle();
        primary = scene.primary();
        replicas = scene.allBut(primary);
        administrator = Optional.of(lab.connect(primary));
    }

    @AfterEach
    void heal() throws SQLException {
        lab.nodes().stream().filter(lab::isFrozen).forEach(lab::thaw);
        lab.heal();
        administrator.orElseThrow().close();
    }

    private Scene scene() {
        return scene;
    }

    @ParameterizedTest
    @EnumSource
    void isLeftAlone(Harmless fault) throws SQLException {
        try (Writer writer = Writer.start(lab)) {
            writer.awaitProgress(SOON);
            try {
                fault.happen(this);
                if (!fault.verdict.isEmpty()) {
                    // What was under way when it happened may have been answered before.
                    scene.awaitLooks(1);
                    scene.awaitVerdict(fault.verdict::equals);
                }
                List<String> seen = scene.awaitLooks(LOOKS);
                System.out.println(fault + ": " + seen);
                if (!fault.verdict.isEmpty()) {
                    assertThat(seen).containsOnly(fault.verdict);
                }
            } finally {
                fault.pass(this);
                lab.heal();
            }

            writer.awaitProgress(SOON);
            scene.awaitVerdict("healthy"::equals);
            assertThat(scene.newRuns()).isEmpty();
            assertThat(scene.primary()).isEqualTo(primary);
            lab.awaitHealthy(primary);
            scene.assertServedBy(primary, List.of());
            writer.close();
            assertThat(writer.missingOn(primary)).isEmpty();
        }
    }

    static Stream<Harmless> severalTimes() {
        return IntStream.range(0, 5).boxed().flatMap(round -> Stream.of(Harmless.values()));
    }

    @Tag("matrix")
    @ParameterizedTest
    @MethodSource("severalTimes")
    void isLeftAloneEachTime(Harmless fault) throws SQLException {
        isLeftAlone(fault);
    }

    private void onPrimary(String sql) throws SQLException {
        try (Statement statement = administrator.orElseThrow().createStatement()) {
            statement.execute(sql);
        }
    }

    /** But for the one that this test keeps. */
    private void endConnectionsOfTheManager() throws SQLException {
        List<String> ids = new ArrayList<>();
        try (Statement statement = administrator.orElseThrow().createStatement();
                var rows = statement.executeQuery("SELECT ID FROM performance_schema.processlist"
                        + " WHERE USER = 'switchman' AND ID <> CONNECTION_ID()")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        for (String id : ids) {
            try {
                onPrimary("KILL " + id);
            } catch (SQLException e) {
                // 1094: it has ended meanwhile.
                if (e.getErrorCode() != 1094) {
                    throw e;
                }
            }
        }
    }
}
