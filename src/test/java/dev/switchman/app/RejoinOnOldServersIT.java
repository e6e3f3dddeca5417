package dev.switchman.app;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A primary that was replaced and is up again, on MySQL 5.7: without semi-sync, and without CLONE. */
@Tag("matrix")
class RejoinOnOldServersIT {

    private static final Duration SOON = Eventually.PATIENCE;

    private static LabNode replaced(Scene scene) {
        scene.settle();
        LabNode old = scene.primary();
        scene.lab().crash(old);
        assertThat(scene.awaitRun("failover").path("ending").asText()).isIn("DONE", "WRITES_MAY_BE_LOST");
        scene.lab().restartMysqld(old);
        scene.settle();
        return old;
    }

    @Test
    void itFollowsAgainAndOneThatHoldsMoreIsRefusedWithTheReason() {
        try (Scene scene = Scene.open(LabCluster.builder().version("5.7"))) {
            JsonNode done = scene.rejoin(replaced(scene), SOON);
            assertThat(done.path("ending").asText()).as(done.toPrettyString()).isEqualTo("DONE");
            scene.assertServedBy(scene.primary(), List.of());

            LabNode old = replaced(scene);
            scene.lab()
                    .execute(old, "SET GLOBAL super_read_only = OFF", "CREATE DATABASE errant",
                            "SET GLOBAL super_read_only = ON");
            JsonNode refused = scene.rejoin(old, SOON);

            assertThat(refused.path("ending").asText()).as(refused.toPrettyString()).isEqualTo("KEPT_IN_QUARANTINE");
            assertThat(refused.path("report").asText()).contains("knows no CLONE (8.0.17 and later do)");
            assertThat(scene.lab().source(old)).isEmpty();
        }
    }

    /** A cold copy: 5.7 comes without tools of its own here. */
    private static final String RESTORE = """
            #!/bin/sh
            set -e
            there="ssh -n -o BatchMode=yes root@$1"
            $there stop-mysqld </dev/null
            stop-mysqld
            find /var/lib/mysql -mindepth 1 -delete
            $there tar -C /var/lib/mysql -cf - . | tar -C /var/lib/mysql -xpf -
            rm -f /var/lib/mysql/auto.cnf
            $there "start-mysqld </dev/null >/dev/null 2>&1"
            start-mysqld </dev/null >/dev/null 2>&1
            """;

    @Test
    void oneThatHoldsMoreIsRebuiltByTheOperatorsCommand() throws IOException {
        try (Scene scene = Scene.open(LabCluster.builder().version("5.7"))) {
            LabCluster lab = scene.lab();
            LabNode old = scene.primary();
            LabNode donor = lab.node("db3");
            lab.write(old, "/usr/local/bin/restore", "755", RESTORE);
            lab.write(old, "/root/.ssh/id_ed25519", "600", Files.readString(lab.sshKey()));
            lab.write(old, "/root/.ssh/known_hosts", "600", Files.readString(lab.knownHosts()));
            scene.reconfigure(text -> text.replace("      nodes:\n", "      commands: [{name: rebuild, on: old-primary,"
                    + " deadline: 2m, run: [/usr/local/bin/restore, " + donor.address() + "]}]\n      nodes:\n"));
            assertThat(replaced(scene)).isEqualTo(old);
            lab.execute(old, "SET GLOBAL super_read_only = OFF", "CREATE DATABASE errant",
                    "SET GLOBAL super_read_only = ON");

            String id = scene.rejoinUntilAsked(old);
            assertThat(scene.run(id).path("status").asText()).as(scene.run(id).toPrettyString()).isEqualTo("waiting");
            scene.answer(id, true);
            assertThat(scene.run(id).toString()).contains("Run the command rebuild on its host");
            JsonNode run = scene.awaitEnd(id, SOON);

            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
            assertThat(lab.rows(old, "SHOW DATABASES LIKE 'errant'")).isEmpty();
            scene.assertServedBy(scene.primary(), List.of());
        }
    }
}
