package dev.switchman.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A gigabyte is copied from the primary, where there is no other server; how far the copy is can be told meanwhile. */
@Tag("matrix")
class RebuildFromPrimaryIT {

    private static final int MIB = 1024;
    private static final Pattern PROGRESS = Pattern.compile("file copy, (\\d+) of ([1-9]\\d*) MiB");

    @Test
    void aServerOfAGigabyteBecomesACopyOfThePrimaryWithProgress() {
        try (Scene scene = Scene.open(LabCluster.builder().nodes(2).semiSync(false))) {
            LabCluster lab = scene.lab();
            LabNode primary = lab.primary();
            LabNode node = lab.nodes().getLast();
            lab.execute(primary, "CREATE TABLE app.big (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB)");
            for (int i = 0; i < MIB / 2; i++) {
                lab.execute(primary, "INSERT INTO app.big (body) VALUES (REPEAT(RANDOM_BYTES(1024), 2048))");
            }
            lab.awaitCaughtUp(node, primary);
            ownDirectories(lab, node);
            lab.execute(node, "STOP REPLICA", "SET GLOBAL super_read_only = OFF", "CREATE TABLE app.stray (id INT)",
                    "SET GLOBAL super_read_only = ON");
            lab.superviseOnce(node, Duration.ofSeconds(1));
            scene.settle();

            String id = scene.start("rejoin", "{\"node\":\"" + node.id() + "\",\"reason\":\"written by hand\"}");
            scene.answer(id, true);
            JsonNode run = scene.awaitEnd(id, Duration.ofMinutes(5));

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            assertThat(run.toString()).contains("That is the primary, since no other server can be copied");
            List<Integer> copied = new ArrayList<>();
            Matcher progress = PROGRESS.matcher(run.path("timeline").toString());
            while (progress.find()) {
                copied.add(Integer.parseInt(progress.group(1)));
                assertThat(Integer.parseInt(progress.group(2))).isGreaterThan(MIB * 9 / 10);
            }
            System.out.println("copied, in MiB: " + copied);
            assertThat(copied).as("told meanwhile").hasSizeGreaterThan(2).isSorted();
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
