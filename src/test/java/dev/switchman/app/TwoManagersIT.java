package dev.switchman.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.ServerProcess;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** Two programs that look after one real cluster: one acts, the other watches, until the first is gone. */
@Tag("matrix")
class TwoManagersIT {

    private static final Duration SOON = Eventually.PATIENCE;

    @Test
    void theSecondOnlyWatchesAndTakesOverOnceTheFirstIsKilled(@TempDir Path folder) throws IOException {
        try (Scene first = Scene.open(LabCluster.builder().nodes(4)); Writer writer = Writer.start(first.lab())) {
            LabCluster lab = first.lab();
            LabNode db1 = lab.primary();
            first.settle();
            awaitActing("the first manager", first::cluster);
            int port = ServerProcess.freePort();
            Path configuration = folder.resolve("switchman.yaml");
            lab.writeConfig(configuration, Scene.CLUSTER, port, "standard");
            Files.writeString(configuration, "  defaults:\n    limits: {cool-down: 0s}\n",
                    java.nio.file.StandardOpenOption.APPEND);
            try (ServerProcess second = ServerProcess.startHere(configuration, folder, port)) {
                second.awaitUp();
                awaitVerdict(second, "healthy");
                String held = "held by another manager on " + lab.nodes().getFirst().id() + ": connection ";
                Eventually.until("only watching: the second manager", SOON, () -> {
                    JsonNode watching = manager(cluster(second));
                    assertThat(watching.path("acts").asBoolean()).isFalse();
                    String sentence = watching.path("sentence").asText();
                    return sentence.contains("0 of 4") && sentence.contains(held)
                            ? Optional.empty()
                            : Optional.of(sentence);
                });

                // The first one fails over; the second sees it and does nothing.
                lab.crash(db1);
                JsonNode run = first.awaitRun("failover");
                assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
                LabNode db2 = first.primary();
                Eventually.until("followed by the second manager", SOON, () -> {
                    JsonNode cluster = cluster(second);
                    return cluster.path("primary").asText().equals(db2.id().toString())
                            ? Optional.empty()
                            : Optional.of(cluster.path("sentence").asText());
                });
                assertThat(second.get("/api/runs")).isEmpty();

                first.killServer();
                long killed = System.nanoTime();
                awaitActing("the second manager", () -> cluster(second));
                Duration took = Duration.ofNanos(System.nanoTime() - killed);
                System.out.println("the second manager acted " + took.toMillis() + " ms after the first was killed");
                assertThat(took).as("two ticks of a second, and a busy machine").isLessThan(Duration.ofSeconds(8));
                assertThat(Files.readString(folder.resolve("serve.log"))).contains("only watches", "acts from now on");

                // The first comes back: it neither takes the locks nor its former primary for lost.
                first.restartServer();
                first.awaitVerdict(verdict -> List.of("healthy", "replicas-lost", "replication-broken")
                        .contains(verdict));
                assertThat(manager(first.cluster()).path("acts").asBoolean()).isFalse();
                lab.crash(db2);
                Eventually.until("failed over by the second manager", SOON, () -> {
                    JsonNode runs = second.get("/api/runs");
                    return runs.size() == 1 && runs.get(0).path("status").asText().equals("ended")
                            ? Optional.empty()
                            : Optional.of(runs.toString());
                });
                writer.awaitProgress(SOON);
                assertThat(first.newRuns()).hasSize(1);
                LabNode db3 = node(lab, cluster(second).path("primary").asText());
                assertThat(db3).isNotIn(db1, db2);
                first.assertServedBy(db3, List.of(db1, db2));
                writer.close();
                assertThat(writer.missingOn(db3)).isEmpty();
            }
        }
    }

    private static LabNode node(LabCluster lab, String id) {
        return lab.nodes().stream().filter(node -> node.id().toString().equals(id)).findFirst().orElseThrow();
    }

    private static void awaitActing(String who, Supplier<JsonNode> cluster) {
        Eventually.until("acting: " + who, SOON, () -> {
            JsonNode manager = manager(cluster.get());
            return manager.path("acts").asBoolean() ? Optional.empty() : Optional.of(manager.toString());
        });
    }

    private static JsonNode cluster(ServerProcess manager) {
        return manager.get("/api/clusters/" + Scene.CLUSTER);
    }

    private static JsonNode manager(JsonNode cluster) {
        return cluster.path("manager");
    }

    private static void awaitVerdict(ServerProcess manager, String verdict) {
        Eventually.until("seen as " + verdict, SOON, () -> {
            JsonNode cluster = cluster(manager);
            return cluster.path("verdict").asText().equals(verdict)
                    ? Optional.empty()
                    : Optional.of(cluster.path("verdict").asText() + ": " + cluster.path("sentence").asText());
        });
    }
}
