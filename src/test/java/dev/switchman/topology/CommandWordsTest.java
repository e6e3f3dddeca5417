package dev.switchman.topology;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CommandWordsTest {

    @Test
    void words_are_cut_at_white_space_and_quotes_keep_them_together() {
        assertThat(words("  /etc/mha/failover   --interface=eth0\t-x ")).containsExactly("/etc/mha/failover",
                "--interface=eth0", "-x");
        assertThat(words("a 'b c' \"d \\\"e\\\" \\n\" f\\ g h'i'\"j\" ''")).containsExactly("a", "b c", "d \"e\" \\n",
                "f g", "hij", "");
        assertThat(words("a --to=x#y p{1}")).containsExactly("a", "--to=x#y", "p{1}");
    }

    @Test
    void what_only_a_shell_understands_is_refused() {
        for (String text : List.of("a | b", "a; b", "a && b", "a > f", "a $HOME", "a `b`", "a $(b)", "a *", "# a")) {
            assertThatThrownBy(() -> CommandWords.parse(text)).as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("it is run without a shell");
        }
        assertThat(words("a '|' \"$x\" \\*")).containsExactly("a", "|", "$x", "*");
    }

    @Test
    void nothing_and_open_quotes_are_refused() {
        assertThatThrownBy(() -> CommandWords.parse("  ")).hasMessage("no command");
        assertThatThrownBy(() -> CommandWords.parse("a 'b")).hasMessage("a quote is not closed: '");
    }

    @Test
    void its_text_reads_back() {
        CommandWords command = new CommandWords(List.of("/a b", "it's", "--x=1", ""));

        assertThat(CommandWords.parse(command.toString())).isEqualTo(command);
    }

    private static List<String> words(String text) {
        return CommandWords.parse(text).words();
    }
}
