package dev.switchman.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A POSIX shell script of this package, run as {@code sh -c SCRIPT switchman ARGUMENTS}, so that its text is never read by the
 * user's login shell and its arguments never by any.
 */
final class Script {

    private final String text;

    private Script(String text) {
        this.text = text;
    }

    /** @param files joined in this order; comments are left out, they need not travel */
    static Script of(String... files) {
        StringBuilder text = new StringBuilder();
        for (String file : files) {
            try (InputStream in = Script.class.getResourceAsStream(file)) {
                if (in == null) {
                    throw new IllegalStateException("not in the jar: " + file);
                }
                new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .forEach(line -> text.append(line).append('\n'));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Script(text.toString());
    }

    /** @return a command line for the remote login shell */
    String with(List<String> arguments) {
        return line(List.of(), arguments);
    }

    /** @param before {@code sudo -n}, or nothing */
    String line(List<String> before, List<String> arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of("sh", "-c", text, "switchman"));
        command.addAll(arguments);
        return ShellText.line(command) + " </dev/null";
    }

    /** Like {@link #line}, with the standard input that it is given. */
    String reading(List<String> before, List<String> arguments) {
        String line = line(before, arguments);
        return line.substring(0, line.length() - " </dev/null".length());
    }
}
