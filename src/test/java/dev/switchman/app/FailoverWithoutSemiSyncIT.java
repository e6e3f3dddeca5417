package dev.switchman.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;
import dev.switchman.topology.GtidSet;

import static org.assertj.core.api.Assertions.assertThat;

/** Without semi-sync an acknowledged write may be lost with the primary, and a silent one cannot be proven closed. */
class FailoverWithoutSemiSyncIT {

    private static final Duration SOON = Eventually.PATIENCE;

    /** It takes acknowledged writes with it, which no replica got any more: once it is back they are all named, and no others. */
    @Test
    void aSilentHostIsReplacedUnprovenAndQuarantinedWhenItIsBack() throws Exception {
        try (Scene scene = Scene.open(LabCluster.builder().semiSync(false));
                Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            LabNode old = lab.primary();
            scene.settle();
            lab.replicas().forEach(replica -> lab.cut(old, replica));
            writer.awaitProgress(SOON);
            lab.silence(old);

            JsonNode run = scene.awaitRun("failover");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            LabNode chosen = scene.primary();
            scene.assertServedBy(chosen, List.of(old), old);
            assertThat(run.path("report").asText()).contains("The fence of " + old.id() + " is not proven");
            String mailed = scene.awaitMail("[Switchman] shop: " + old.id() + " failed over to " + chosen.id()
                    + " (done in ");
            assertThat(mailed).contains("Make sure that " + old.id() + " is down or read-only");
            assertThat(quarantine(scene, old).path("fenceProven").asBoolean()).isFalse();
            lab.unsilence(old);
            lab.heal();
            Eventually.until("fenced: " + old, SOON, () -> scene.notFenced(old));
            JsonNode quarantine = scene.awaitRun("quarantine");
            Eventually.until("proven", SOON, () -> quarantine(scene, old).path("fenceProven").asBoolean()
                    ? Optional.empty()
                    : Optional.of(scene.cluster().toString()));
            writer.awaitProgress(SOON);
            scene.assertServedBy(chosen, List.of(old));
            writer.close();
            assertThat(writer.missingOn(chosen)).isNotEmpty();
            assertThat(writer.missingOn(old)).as("every write that was acknowledged before")
                    .doesNotContainAnyElementsOf(
                            writer.missingOn(chosen));
            assertThat(told(quarantine)).isEqualTo(GtidSet.parse(lab.value(chosen,
                    "SELECT GTID_SUBTRACT('" + lab.value(old, "SELECT @@GLOBAL.gtid_executed").orElseThrow()
                            + "', @@GLOBAL.gtid_executed)")
                    .orElseThrow()));
        }
    }

    /** @return the transactions that the loss report names */
    private static GtidSet told(JsonNode quarantine) throws IOException {
        Matcher folder = Pattern.compile(" of them are kept in (\\S+)").matcher(quarantine.path("report").asText());
        assertThat(folder.find()).as(quarantine.toPrettyString()).isTrue();
        return Files.readAllLines(Path.of(folder.group(1)).resolve("transactions.txt"))
                .stream()
                .filter(line -> !line.startsWith(" "))
                .map(line -> GtidSet.parse(line.substring(0, line.indexOf(' '))))
                .reduce(GtidSet.empty(), GtidSet::union);
    }

    /** The policy would ask a person; the hook, which takes the power from the host, answers instead. */
    @Test
    @Tag("matrix")
    void aSilentHostIsShutDownByTheHookAndItsFenceIsProven(@TempDir Path folder) throws Exception {
        Path hook = folder.resolve("power-off");
        Path told = folder.resolve("told");
        Files.writeString(hook, """
                #!/bin/sh
                echo "$@" >>%1$s
                host=${2#--host=}
                name=$(grep -F "$host " %2$s | cut -d' ' -f2)
                docker kill "$name" && [ "$(docker inspect -f '{{.State.Running}}' "$name")" = false ]
                """.formatted(told, folder.resolve("outlets")));
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        try (Scene scene = Scene.open(LabCluster.builder().semiSync(false),
                "shutdown-hook: " + hook + "\npolicies: {unproven-fence: ask}\n");
                Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            Files.write(folder.resolve("outlets"), lab.nodes()
                    .stream()
                    .map(node -> node.address() + " " + lab.hostName(node))
                    .toList());
            LabNode old = lab.primary();
            scene.settle();
            lab.silence(old);

            JsonNode run = scene.awaitRun("failover");

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            System.out.println("longest gap between two writes: " + writer.longestGap().toMillis() + " ms");
            LabNode chosen = scene.primary();
            scene.assertServedBy(chosen, List.of(old), old);
            assertThat(Files.readString(told)).isEqualTo("--cluster=" + Scene.CLUSTER + " --host=" + old.address()
                    + " --port=3306 --ssh=silent\n");
            assertThat(run.path("report").asText())
                    .contains("The fence of " + old.id() + " is proven: the shutdown hook ended with status 0");
            assertThat(run.path("timeline").toString()).contains(lab.hostName(old));
            assertThat(quarantine(scene, old).path("fenceProven").asBoolean()).isTrue();
        }
    }

    @Test
    void aCrashedPrimaryOfAnOldVersionIsReplaced() {
        try (Scene scene = Scene.open(LabCluster.builder().version("5.7")); Writer writer = Writer.start(scene.lab())) {
            LabCluster lab = scene.lab();
            LabNode old = lab.primary();
            scene.settle();
            lab.crash(old);

            JsonNode run = scene.awaitRun("failover");

            // Without a service manager, and on 5.7, nothing proves that it stays down.
            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("WRITES_MAY_BE_LOST");
            // The last write of all may not have left it: then it is read from its logs.
            assertThat(run.path("report").asText()).containsAnyOf("lacks nothing that " + old.id() + " had",
                    "fetched from the binary logs of " + old.id() + " and applied");
            writer.awaitProgress(SOON);
            scene.assertServedBy(scene.primary(), List.of(old));
            assertThat(scene.primary()).isNotEqualTo(old);
            writer.close();
            assertThat(writer.missingOn(scene.primary())).isEmpty();
        }
    }

    private static JsonNode quarantine(Scene scene, LabNode node) {
        for (JsonNode one : scene.cluster().path("quarantined")) {
            if (one.path("node").asText().equals(node.id().toString())) {
                return one;
            }
        }
        throw new AssertionError(node + " is not in quarantine: " + scene.cluster());
    }
}
