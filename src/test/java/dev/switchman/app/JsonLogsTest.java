package dev.switchman.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Configuration;

import dev.switchman.config.ServerSettings;

import static org.assertj.core.api.Assertions.assertThat;

/** In a process of its own, because a log is its process'. */
class JsonLogsTest {

    @TempDir
    Path folder;

    /** Starts Spring as the server does, and says something as a step does. */
    static final class Main {

        private Main() {}

        @Configuration(proxyBeanMethods = false)
        static class Nothing {}

        public static void main(String[] args) {
            var context = new SpringApplicationBuilder(Nothing.class).web(WebApplicationType.NONE)
                    .logStartupInfo(false)
                    .properties(RunningServer.early(ServerSettings.LogFormat.valueOf(args[0])))
                    .run();
            try (context;
                    var c = MDC.putCloseable("cluster", "orders");
                    var r = MDC.putCloseable("run", "42");
                    var s = MDC.putCloseable("step", "fenceOldPrimary")) {
                LoggerFactory.getLogger("dev.switchman.engine.StepDelegate")
                        .warn("refused \"it\"", new IllegalStateException("two\nlines"));
            }
        }
    }

    private JsonNode logged(String format) throws Exception {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), Main.class.getName(), format)
                .redirectError(log.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(folder.resolve("out")).isEmptyFile();
        List<String> lines = Files.readAllLines(log).stream().filter(line -> line.contains("refused")).toList();
        assertThat(lines).as(Files.readString(log)).hasSize(1);
        return new ObjectMapper().readTree(lines.getFirst());
    }

    @Test
    void a_line_is_one_object_with_cluster_run_and_step() throws Exception {
        JsonNode line = logged("LOGSTASH");

        assertThat(line.path("message").asText()).isEqualTo("refused \"it\"");
        assertThat(line.path("level").asText()).isEqualTo("WARN");
        assertThat(line.path("cluster").asText()).isEqualTo("orders");
        assertThat(line.path("run").asText()).isEqualTo("42");
        assertThat(line.path("step").asText()).isEqualTo("fenceOldPrimary");
        assertThat(line.path("stack_trace").asText()).contains("IllegalStateException: two\nlines");
    }

    @Test
    void ecs_has_names_of_its_own() throws Exception {
        JsonNode line = logged("ECS");

        assertThat(line.path("log").path("level").asText(line.path("log.level").asText())).isEqualTo("WARN");
        assertThat(line.path("run").asText()).isEqualTo("42");
    }
}
