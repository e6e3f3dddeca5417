package dev.switchman.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The script {@code ./switchman}. */
class LauncherTest {

    private static final Path SCRIPT = Path.of("switchman").toAbsolutePath();

    @TempDir
    Path temporary;

    @Test
    void its_help_names_every_verb() throws Exception {
        Shell shell = new Shell(temporary);

        Set<String> script = verbs(run(SCRIPT.toString()));

        Set<String> program = verbs(shell.run("--help").out());
        assertThat(script).isEqualTo(program).contains("serve", "demo", "bench");
    }

    @Test
    void it_works_through_links_and_in_folders_with_spaces() throws Exception {
        Path folder = Files.createDirectories(temporary.resolve("a folder"));
        Files.createSymbolicLink(folder.resolve("first link"), SCRIPT);
        Path second = Files.createSymbolicLink(temporary.resolve("second"), Path.of("a folder", "first link"));

        assertThat(run(second.toString(), "help")).startsWith("Usage: switchman VERB");
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(temporary, "output", ".txt");
        Process process = new ProcessBuilder(command).directory(temporary.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return Files.readString(output);
    }

    private static Set<String> verbs(String help) {
        Set<String> verbs = new TreeSet<>();
        Matcher matcher = Pattern.compile("(?m)^  ([a-z]+(?:-[a-z]+)*) {2,}\\S").matcher(help);
        while (matcher.find()) {
            verbs.add(matcher.group(1));
        }
        return verbs;
    }
}
