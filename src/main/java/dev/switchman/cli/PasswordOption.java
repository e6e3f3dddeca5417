package dev.switchman.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import picocli.CommandLine.Option;

/** A password comes from the terminal, a file or the standard input; what stands on a command line, others can read. */
final class PasswordOption {

    @Option(names = "--password-file", paramLabel = "FILE", description = "The password is the only line of this file; -"
            + " is the standard input. Default: ask at the terminal.")
    private Optional<String> file = Optional.empty();

    /** @throws Failed with exit code 2 when there is none */
    String read(Desk desk, String name) {
        return file.isPresent() ? line(desk, file.get()) : typed(desk, name);
    }

    private static String line(Desk desk, String file) {
        String text;
        try {
            text = file.equals("-")
                    ? desk.keyboard().input()
                    : Files.readString(Path.of(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failed(Exit.USAGE, "--password-file: cannot be read (" + e.getClass().getSimpleName() + "): "
                    + file);
        }
        List<String> lines = text.lines().toList();
        if (lines.size() != 1 || lines.getFirst().isEmpty()) {
            throw new Failed(Exit.USAGE, "--password-file: must hold one line, and holds "
                    + (text.isBlank() ? "nothing" : lines.size() + " lines") + ": " + file);
        }
        return lines.getFirst();
    }

    private static String typed(Desk desk, String name) {
        String first = desk.keyboard()
                .hidden("New password of " + name)
                .orElseThrow(() -> new Failed(Exit.USAGE,
                        "--password-file: missing, and there is no terminal to ask at; - is the standard input"));
        String second = desk.keyboard().hidden("The same again").orElse("");
        if (!first.equals(second)) {
            throw new Failed(Exit.USAGE, "the two passwords differ; nothing was changed");
        }
        return first;
    }
}
