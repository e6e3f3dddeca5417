package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

import dev.switchman.cli.Cli;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code switchman adopt} on real servers: what it says is done is done, and what it could not do is not called done. */
class AdoptIT {

    private record Adopted(int exitCode, JsonNode json, String err) {

        List<String> states() {
            return json.path("changes").findValuesAsText("state");
        }
    }

    @Test
    void serversThatBootWritableBootReadOnlyAfterwards() throws IOException {
        try (LabCluster lab = LabCluster.builder().start()) {
            LabNode primary = lab.primary();
            for (LabNode node : lab.nodes()) {
                lab.execute(node, "SET PERSIST_ONLY super_read_only = OFF");
            }

            assertThat(adopt(lab)).satisfies(shown -> {
                assertThat(shown.exitCode()).isZero();
                assertThat(shown.states()).containsExactly("planned", "planned", "planned", "planned");
            });
            assertThat(persisted(lab)).containsOnly("OFF");

            assertThat(adopt(lab, "--yes")).satisfies(made -> {
                assertThat(made.exitCode()).as(made.json() + made.err()).isZero();
                assertThat(made.states()).containsExactly("done", "done", "done", "done");
                assertThat(made.json().path("complete").asBoolean()).isTrue();
            });

            assertThat(persisted(lab)).containsOnly("ON");
            lab.stopMysqld(lab.replicas().getFirst());
            lab.restartMysqld(lab.replicas().getFirst());
            assertThat(lab.isWritable(lab.replicas().getFirst())).isFalse();
            assertThat(lab.isWritable(primary)).as("nothing is closed or opened").isTrue();
            assertThat(adopt(lab, "--yes").states()).as("the second time only the schema is looked at")
                    .containsExactly("done");
        }
    }

    @Test
    void whatAnOldServerCannotPersistIsLeftToAPersonAndIsAFailure() throws IOException {
        try (LabCluster lab = LabCluster.builder().version("5.7").start()) {
            Adopted made = adopt(lab, "--yes");

            assertThat(made.exitCode()).isEqualTo(1);
            assertThat(made.states()).containsExactly("by-hand", "by-hand", "by-hand", "done");
            for (int i = 0; i < 3; i++) {
                JsonNode change = made.json().path("changes").path(i);
                assertThat(change.path("node").asText()).isEqualTo(lab.nodes().get(i).id().toString());
                assertThat(change.path("detail").asText()).startsWith("MySQL 5.7.22 can persist nothing")
                        .endsWith("under [mysqld]: super-read-only = ON");
            }
            assertThat(made.json().path("complete").asBoolean()).isFalse();
        }
    }

    private static List<String> persisted(LabCluster lab) {
        return lab.nodes()
                .stream()
                .flatMap(node -> lab.column(node, "SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables"
                        + " WHERE VARIABLE_NAME = 'super_read_only'").stream())
                .toList();
    }

    private static Adopted adopt(LabCluster lab, String... more) throws IOException {
        Path configuration = lab.directory().resolve("switchman.yaml");
        lab.writeConfig(configuration, "shop", 18080, "standard");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        PrintWriter printOut = new PrintWriter(out, true);
        PrintWriter printErr = new PrintWriter(err, true);
        List<String> arguments = new java.util.ArrayList<>(
                List.of("adopt", "shop", "--json", "--config", configuration.toString()));
        arguments.addAll(List.of(more));
        int exitCode = Cli.run(arguments.toArray(String[]::new), new Doors(printOut, printErr), printOut, printErr);
        return new Adopted(exitCode, new ObjectMapper().readTree(out.toString()), err.toString());
    }
}
