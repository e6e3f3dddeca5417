package dev.switchman.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Crashes of the primary under four writers, each on a cluster of its own; {@code -Dswitchman.crashes=7} for so many of each
 * kind of replication, and {@code -Dswitchman.crash=APPLIERS_LAG} for one kind alone. Every acknowledged write is looked for,
 * and what the run says of lost writes must agree. One line for each goes to {@code target/crashes.txt}.
 */
@Tag("matrix")
class CrashesIT {

    private static final Duration SOON = Eventually.PATIENCE;
    private static final int WRITERS = 4;
    /** Of each test. */
    private static final int CRASHES = Integer.getInteger("switchman.crashes", 50);
    /** What a report says of lost writes: one of these. */
    private static final List<String> STATEMENTS = List.of("No acknowledged write is lost",
            "Acknowledged writes may be lost", "Whether acknowledged writes are lost cannot be told", " are lost");

    private static final List<Long> OUTAGES = new ArrayList<>();

    /** What goes wrong beside the crash. */
    enum Crash {
        NOTHING_ELSE {
            @Override
            void prepare(Chaos chaos) {}
        },
        /** Every replica has received everything, and has half a minute of it still to apply. */
        APPLIERS_LAG {
            @Override
            void prepare(Chaos chaos) {
                chaos.holdUpAppliers();
                long begun = chaos.clock();
                Eventually.until("half a minute of writes", SOON, () -> chaos.clock() - begun >= 30
                        ? Optional.empty()
                        : Optional.of(chaos.clock() - begun + " s"));
            }

            @Override
            void strike(Chaos chaos) {
                chaos.lab.crash(chaos.old);
                chaos.release();
            }
        },
        /** The same, and somebody has stopped the appliers. */
        APPLIERS_STAND {
            @Override
            void prepare(Chaos chaos) {
                chaos.replicas().forEach(node -> chaos.lab.execute(node, "STOP REPLICA SQL_THREAD"));
                chaos.writer.awaitProgress(SOON);
            }
        },
        /** What is acknowledged is on one replica that must not become the primary. */
        MOST_ADVANCED_IS_NOT_PROMOTABLE {
            @Override
            void prepare(Chaos chaos) {
                List<LabNode> replicas = chaos.replicas();
                chaos.lab.execute(replicas.getFirst(), "STOP REPLICA SQL_THREAD",
                        "CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (app.nothing)",
                        "START REPLICA SQL_THREAD");
                replicas.subList(1, replicas.size()).forEach(chaos.lab::stopReceiver);
                chaos.writer.awaitProgress(SOON);
            }
        },
        /** One that may have acknowledged what the others lack is gone with the primary: the report must say so. */
        ACKER_IS_CUT_OFF {
            @Override
            void prepare(Chaos chaos) {
                List<LabNode> replicas = chaos.replicas();
                replicas.subList(1, replicas.size()).forEach(chaos.lab::stopReceiver);
                chaos.writer.awaitProgress(SOON);
            }

            @Override
            void strike(Chaos chaos) {
                chaos.lab.silence(chaos.replicas().getFirst());
                chaos.lab.crash(chaos.old);
            }
        },
        /** Its relay log is gone, and fetched anew only if there was time. */
        REPLICA_RESTARTED_WITH_RELAY_LOG_RECOVERY {
            @Override
            void prepare(Chaos chaos) {
                LabNode node = chaos.replicas().getFirst();
                chaos.lab.execute(node, "SET PERSIST_ONLY relay_log_recovery = ON", "STOP REPLICA SQL_THREAD");
                chaos.writer.awaitProgress(SOON);
                chaos.lab.crash(node);
                Eventually.until("down: " + node, SOON,
                        () -> chaos.lab.runsMysqld(node) ? Optional.of("runs") : Optional.empty());
                chaos.lab.restartMysqld(node);
            }
        },
        CHOSEN_ONE_DIES_IN_THE_CATCH_UP {
            @Override
            void prepare(Chaos chaos) {
                chaos.holdUpAppliers();
                chaos.writer.awaitAcknowledged(chaos.writer.acknowledged() + 4_000, SOON);
            }

            @Override
            void strike(Chaos chaos) {
                chaos.lab.crash(chaos.old);
                chaos.crashChosen(Set.of("catchUpCandidate"));
                chaos.release();
            }
        },
        CHOSEN_ONE_DIES_IN_THE_PROMOTION {
            @Override
            void prepare(Chaos chaos) {}

            @Override
            void strike(Chaos chaos) {
                chaos.lab.crash(chaos.old);
                chaos.crashChosen(Set.of("stopReplication", "prepareSemiSync", "openPrimary"));
            }
        };

        abstract void prepare(Chaos chaos);

        void strike(Chaos chaos) {
            chaos.lab.crash(chaos.old);
        }
    }

    /** One cluster with its writers and its primary of the moment. */
    private record Chaos(Scene scene, LabCluster lab, LabNode old, Writer writer, List<LabNode> dead,
            List<Connection> held) {

        /** A transaction that locks every table, for as long as a backup might: appliers run on, and wait. */
        void holdUpAppliers() {
            for (LabNode node : replicas()) {
                try {
                    Connection connection = lab.connect(node);
                    held.add(connection);
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("FLUSH NO_WRITE_TO_BINLOG TABLES WITH READ LOCK");
                    }
                } catch (SQLException e) {
                    throw new IllegalStateException("no lock on " + node + ": " + e.getMessage(), e);
                }
            }
        }

        void release() {
            for (Connection connection : held) {
                try {
                    connection.close();
                } catch (SQLException e) {
                    throw new IllegalStateException("a lock could not be let go: " + e.getMessage(), e);
                }
            }
        }

        List<LabNode> replicas() {
            return scene.allBut(old);
        }

        /** Seconds, by a server's clock. */
        long clock() {
            return lab.value(old, "SELECT UNIX_TIMESTAMP()").map(Long::parseLong).orElseThrow();
        }

        /** Kills whom the run has chosen, as soon as it stands in one of these boxes, or is past them. */
        void crashChosen(Set<String> boxes) {
            String run = scene.awaitStarted("failover");
            LabNode[] chosen = new LabNode[1];
            Eventually.until("chosen", SOON, () -> {
                JsonNode now = scene.run(run);
                boolean there = false;
                for (JsonNode entry : now.path("timeline")) {
                    there |= boxes.contains(entry.path("step").asText());
                    for (LabNode node : replicas()) {
                        if (entry.path("kind").asText().equals("note") && entry.path("text").asText().equals("chosen")
                                && entry.path("detail").asText().startsWith(node.id().toString())) {
                            chosen[0] = node;
                        }
                    }
                }
                return there && chosen[0] != null ? Optional.empty() : Optional.of(now.path("at").toString());
            });
            lab.crash(chosen[0]);
            dead.add(chosen[0]);
        }
    }

    static Stream<Crash> crashes() {
        String only = System.getProperty("switchman.crash", "");
        List<Crash> kinds = Stream.of(Crash.values())
                .filter(crash -> only.isEmpty() || crash.name().equals(only))
                .toList();
        return IntStream.range(0, CRASHES).mapToObj(i -> kinds.get(i % kinds.size()));
    }

    @ParameterizedTest
    @MethodSource("crashes")
    void underSemiSyncNothingAcknowledgedIsLostOrTheReportSaysSo(Crash crash) {
        try (Scene scene = Scene.open(LabCluster.builder().nodes(4));
                Writer writer = Writer.start(scene.lab(), WRITERS)) {
            scene.settle();
            LabCluster lab = scene.lab();
            Chaos chaos = new Chaos(scene, lab, scene.primary(), writer, new ArrayList<>(List.of(scene.primary())),
                    new ArrayList<>());
            // Under way for a while, as clusters are: not in the first second of its manager.
            scene.awaitLooks(2);
            writer.awaitProgress(SOON);
            crash.prepare(chaos);

            crash.strike(chaos);

            JsonNode run = ended(scene);
            LabNode chosen = scene.primary();
            String ending = run.path("ending").asText();
            assertThat(ending).as(run.toPrettyString()).isIn("DONE", "REPLICAS_LOST", "WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            writer.close();
            List<String> missing = writer.missingOn(chosen);
            keep(crash.name(), run);
            String told = statement(run);
            tell(crash + ": " + ending + ", " + writer.acknowledged() + " acknowledged, missing " + missing.size()
                    + ", longest gap " + writer.longestGap().toMillis() + " ms. " + told);
            if (told.startsWith("No acknowledged write is lost")) {
                assertThat(missing).as(run.toPrettyString()).isEmpty();
            }
            if (crash != Crash.ACKER_IS_CUT_OFF) {
                assertThat(missing).as(run.toPrettyString()).isEmpty();
            }
            assertThat(lab.isWritable(chosen)).isTrue();
            for (LabNode node : scene.allBut(chosen)) {
                if (!node.equals(chaos.old) && !chaos.dead.contains(node) && crash != Crash.ACKER_IS_CUT_OFF) {
                    String executed = lab.value(chosen, "SELECT @@GLOBAL.gtid_executed").orElseThrow();
                    Eventually.until("caught up: " + node, SOON, () -> lab.value(node, "SELECT GTID_SUBSET('" + executed
                            + "', @@GLOBAL.gtid_executed)").equals(Optional.of("1"))
                                    ? Optional.empty()
                                    : lab.replicationProblem(node, chosen).or(() -> Optional.of("behind")));
                    assertThat(writer.missingOn(node)).isEmpty();
                }
            }
        }
    }

    private static String statement(JsonNode run) {
        return run.path("report")
                .asText()
                .lines()
                .map(String::strip)
                .map(line -> line.startsWith("- ") ? line.substring(2) : line)
                .filter(line -> STATEMENTS.stream().anyMatch(line::contains))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no statement about loss in " + run.path("report").asText()));
    }

    /** Where the time went can be read there. */
    private static void keep(String name, JsonNode run) {
        try {
            Files.writeString(Path.of("target", "crash-" + name + ".json"), run.toPrettyString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tests take long: what is done so far can be read meanwhile. */
    private static void tell(String line) {
        try {
            Files.writeString(Path.of("target", "crashes.txt"), line + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode ended(Scene scene) {
        JsonNode run = scene.awaitEnd(scene.awaitStarted("failover"), Duration.ofMinutes(3));
        if (run.path("ending").asText().equals("PRIMARY_ALIVE")) {
            // On a machine that stands still for seconds nobody answered the second look: it begins anew.
            tell("begun anew: " + run.path("report").asText().lines().findFirst().orElse(""));
            String first = run.path("run").asText();
            Eventually.until("begun anew", Duration.ofMinutes(3), () -> anew(scene, first).isPresent()
                    ? Optional.empty()
                    : Optional.of(scene.cluster().path("sentence").asText()));
            run = scene.awaitEnd(anew(scene, first).orElseThrow(), Duration.ofMinutes(3));
        }
        // A chosen one that dies right after the run's end is a failover of its own.
        scene.settle();
        return run;
    }

    private static Optional<String> anew(Scene scene, String first) {
        return scene.newRuns()
                .stream()
                .filter(run -> run.path("runbook").asText().equals("failover"))
                .map(run -> run.path("run").asText())
                .filter(run -> !run.equals(first))
                .findFirst();
    }

    /** @return the boxes that took longest, in their order */
    private static String boxes(JsonNode run) {
        List<String> boxes = new ArrayList<>();
        for (JsonNode entry : run.path("timeline")) {
            if (entry.path("kind").asText().equals("step") && entry.path("tookMillis").asLong() >= 20) {
                boxes.add(entry.path("step").asText() + " " + entry.path("tookMillis").asLong());
            }
        }
        return String.join(", ", boxes);
    }

    /** Outages of crashes with a tail of a thousand transactions to salvage. */
    @AfterAll
    static void tellMedian() {
        if (!OUTAGES.isEmpty()) {
            List<Long> sorted = OUTAGES.stream().sorted().toList();
            tell("salvaged: median outage " + sorted.get(sorted.size() / 2) + " ms over " + sorted.size()
                    + " crashes, longest " + sorted.getLast() + " ms");
        }
    }

    static Stream<Integer> numbers() {
        return IntStream.range(0, Integer.getInteger("switchman.salvages", CRASHES)).boxed();
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void withoutSemiSyncALivingHostGivesBackWhatNoReplicaHas(int number) {
        try (Scene scene = Scene.open(LabCluster.builder().semiSync(false));
                Writer writer = Writer.start(scene.lab(), WRITERS)) {
            scene.settle();
            LabNode old = scene.primary();
            scene.allBut(old).forEach(scene.lab()::stopReceiver);
            writer.awaitAcknowledged(writer.acknowledged() + 1_000, SOON);
            scene.lab().crash(old);

            JsonNode run = ended(scene);

            keep("salvaged", run);
            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            writer.awaitProgress(SOON);
            writer.close();
            assertThat(statement(run)).startsWith("No acknowledged write is lost");
            List<String> missing = writer.missingOn(scene.primary());
            OUTAGES.add(writer.longestGap().toMillis());
            tell("salvaged " + number + ": missing " + missing.size() + ", longest gap "
                    + writer.longestGap().toMillis() + " ms; " + boxes(run));
            assertThat(missing).isEmpty();
        }
    }
}
