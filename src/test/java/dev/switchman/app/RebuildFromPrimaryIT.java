package dev.switchman.app;

import java.time.Duration;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A gigabyte is copied from the primary, where there is no other server; how far the copy is can be told meanwhile. */
@Tag("matrix")
class RebuildFromPrimaryIT {

    private static final long GIB = 1 << 30;
    /** Of two MiB each. */
    private static final int ROWS = 512;

    @Test
    void aServerOfAGigabyteBecomesACopyOfThePrimaryWithProgress() {
        try (Scene scene = Scene.open(LabCluster.builder().nodes(2).semiSync(false))) {
            LabCluster lab = scene.lab();
            LabNode primary = lab.primary();
            LabNode node = lab.nodes().getLast();
            lab.execute(primary, "CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB)");
            for (int i = 0; i < ROWS; i++) {
                lab.execute(primary, "INSERT INTO app.big (body) VALUES (REPEAT(RANDOM_BYTES(1024), 2048))");
            }
            lab.awaitCaughtUp(node, primary);
            ownDirectories(lab, node);
            lab.execute(node, "STOP REPLICA", "SET GLOBAL super_read_only = OFF", "CREATE TABLE app.stray (id INT)",
                    "SET GLOBAL super_read_only = ON");
            lab.superviseOnce(node, Duration.ofSeconds(1));
            scene.settle();
            // A copy within this machine would be there before anybody could look.
            lab.exec(primary, "tc", "qdisc", "add", "dev", LabCluster.DEVICE, "root", "tbf", "rate", "800mbit", "burst",
                    "1mb",
                    "latency", "400ms");

            String id = scene.start("rejoin", "{\"node\":\"" + node.id() + "\",\"reason\":\"written by hand\"}");
            scene.answer(id, true);
            SortedSet<Long> copied = new TreeSet<>();
            Eventually.until("copied", Duration.ofMinutes(5), () -> {
                JsonNode now = scene.run(id);
                for (JsonNode each : now.path("progress")) {
                    if (each.path("stage").asText().equals("file copy")) {
                        assertThat(each.path("all").asLong()).as(each.toString()).isGreaterThan(GIB * 9 / 10);
                        copied.add(each.path("done").asLong() * 100 / GIB);
                    }
                }
                return now.path("status").asText().equals("ended")
                        ? Optional.empty()
                        : Optional.of(now.path("at").toString());
            });
            JsonNode run = scene.run(id);

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            assertThat(run.toString()).contains("That is the primary, since no other server can be copied");
            System.out.println("copied meanwhile, in hundredths of a GiB: " + copied);
            assertThat(copied).as("shown meanwhile").hasSizeGreaterThan(2);
            assertThat(run.path("timeline").findValuesAsText("detail"))
                    .anyMatch(text -> text.matches("done: \\S+ is a copy of \\S+, 1,[0-9]{3}\\.[0-9] MiB"));
            lab.awaitHealthy(primary);
            assertThat(lab.value(node, "SELECT SUM(LENGTH(body)) FROM app.big"))
                    .isEqualTo(lab.value(primary, "SELECT SUM(LENGTH(body)) FROM app.big"));
            assertThat(lab.rows(node, "SHOW TABLES IN app LIKE 'stray'")).isEmpty();
        }
    }

    /** A container's file system renames no directories that came with its image: they are made anew. */
    private static void ownDirectories(LabCluster lab, LabNode node) {
        lab.stopMysqld(node);
        lab.exec(node, "sh", "-c", "cd /var/lib && cp -a mysql own && rm -rf mysql/* && mv own/* mysql/ && rmdir own");
        lab.restartMysqld(node);
    }
}
