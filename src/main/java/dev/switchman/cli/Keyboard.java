package dev.switchman.cli;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/** Where a command may ask for what must not stand on its command line. */
interface Keyboard {

    /** @return what was typed, without showing it; empty when there is no terminal, or it was left */
    Optional<String> hidden(String prompt);

    /** @return all of the standard input */
    String input();

    /** That of this process. */
    static Keyboard ofProcess(InputStream standard) {
        return new Keyboard() {

            @Override
            public Optional<String> hidden(String prompt) {
                @Nullable
                Console console = System.console();
                return console == null
                        ? Optional.empty()
                        : Optional.ofNullable(console.readPassword("%s: ", prompt)).map(String::valueOf);
            }

            @Override
            public String input() {
                try {
                    return new String(standard.readAllBytes(), StandardCharsets.UTF_8);
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot read the standard input", e);
                }
            }
        };
    }
}
