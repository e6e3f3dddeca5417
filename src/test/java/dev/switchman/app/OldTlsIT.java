package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.cli.Cli;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A 5.7 server with certificates, whose TLS is too old for today's driver: {@code check} names it and what to do. */
@Tag("matrix")
class OldTlsIT {

    @Test
    void tlsThatIsTooOldIsNamedAndTheServerWorksWithoutIt() throws IOException {
        try (LabCluster lab = LabCluster.builder().versions("5.7", "8.0.12").start()) {
            LabNode old = lab.nodes().getFirst();
            LabNode donor = lab.nodes().getLast();
            for (String file : List.of("ca.pem", "server-cert.pem", "server-key.pem")) {
                // 8.0.12 ends what it writes with a zero byte.
                String content = lab.exec(donor, "sh", "-c", "tr -d '\\000' </var/lib/mysql/" + file);
                lab.exec(old, "sh", "-c", "printf '%s' \"$1\" >/var/lib/mysql/" + file
                        + " && chown mysql /var/lib/mysql/" + file, "sh", content);
            }
            lab.stopMysqld(old);
            lab.restartMysqld(old);
            assertThat(lab.value(old, "SELECT @@have_ssl")).contains("YES");

            assertThat(connect(lab, old, "preferred")).startsWith("failed")
                    .contains("MySQL 5.7.22 may know no TLS newer than 1.1", "set mysql.tls to disabled");
            assertThat(connect(lab, old, "required")).contains("MySQL 5.7.22 may know no TLS newer than 1.1");
            assertThat(connect(lab, old, "disabled")).startsWith("passed").contains("without TLS");
            assertThat(connect(lab, donor, "required")).startsWith("passed").contains("over TLS");
        }
    }

    private static String connect(LabCluster lab, LabNode node, String mode) throws IOException {
        Path configuration = lab.directory().resolve("switchman.yaml");
        lab.writeConfig(configuration, "shop", 18080, "standard");
        Files.writeString(configuration, Files.readString(configuration) + "  defaults:\n    mysql: {tls: " + mode
                + "}\n");
        StringWriter out = new StringWriter();
        PrintWriter print = new PrintWriter(out, true);
        Cli.run(new String[]{"check", "shop", "--json", "--config", configuration.toString()},
                new Doors(print, print), print, print);
        for (JsonNode finding : new ObjectMapper().readTree(out.toString())
                .path("clusters")
                .path(0)
                .path("findings")) {
            if (finding.path("check").asText().equals("connect")
                    && finding.path("subject").asText().equals(node.id().toString())) {
                return finding.path("grade").asText() + " " + finding.path("detail").asText();
            }
        }
        return "no finding in " + out;
    }
}
