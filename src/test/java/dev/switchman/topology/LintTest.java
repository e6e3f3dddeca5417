package dev.switchman.topology;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LintTest {

    private static final Path PAGE = Path.of("docs", "lints.md");

    /** After a change: {@code mvn test -Dtest=LintTest -Dswitchman.docs.write=true}. */
    @Test
    void thePageHasEachWithTheReason() throws IOException {
        StringBuilder page = new StringBuilder(
                """
                        # Lints

                        Settings of a server that work, and that cost writes, time or safety in a fault. `switchman check CLUSTER` looks at each of them on
                        every server; what is against it is a warning, and never ends the command with 1. What a version does not know is left out. The
                        names are stable over releases.

                        | check | what it costs |
                        |---|---|
                        """);
        for (Lint lint : Lint.values()) {
            page.append("| `").append(lint.word()).append("` | ").append(lint.why()).append(" |\n");
        }
        page.append(
                """

                        This page is printed from `Lint.java`. After a change there: `mvn test -Dtest=LintTest -Dswitchman.docs.write=true`.
                        """);
        if (Boolean.getBoolean("switchman.docs.write")) {
            Files.writeString(PAGE, page);
        }

        assertThat(Files.readString(PAGE)).isEqualTo(page.toString());
    }
}
