package dev.switchman.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** In a class of its own: engines of one JVM share a registry, and one that stops takes the other's entry along. */
class SecondStartTest {

    @TempDir
    Path folder;

    @Test
    void a_second_start_keeps_the_people_and_makes_a_new_token() throws Exception {
        Path data = folder.resolve("twice");

        String before;
        StringWriter first = new StringWriter();
        try (RunningServer one = start(data, first)) {
            before = Files.readString(data.resolve("cli.token"));
        }
        StringWriter second = new StringWriter();
        try (RunningServer two = start(data, second)) {
            assertThat(Files.readString(data.resolve("cli.token"))).isNotEqualTo(before);
        }

        assertThat(first.toString()).containsPattern(RunningServerTest.PASSWORD);
        assertThat(second.toString()).contains("Switchman is up").doesNotContain("password");
    }

    private RunningServer start(Path data, StringWriter out) throws Exception {
        return RunningServer.start(RunningServerTest.inventory(folder, RunningServerTest.freePort()), data,
                new PrintWriter(out, true));
    }
}
