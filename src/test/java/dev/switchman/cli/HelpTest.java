package dev.switchman.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/** Help in place: examples of every verb, completion, the manual page. */
class HelpTest {

    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @TempDir
    Path home;

    private static Map<String, CommandLine> verbs(CommandLine above, String path) {
        Map<String, CommandLine> all = new TreeMap<>();
        above.getSubcommands().forEach((name, verb) -> {
            String whole = (path + " " + name).strip();
            all.put(whole, verb);
            all.putAll(verbs(verb, whole));
        });
        return all;
    }

    private CommandLine root() {
        return Verbs.commandLine(new Shell(home).desk());
    }

    @Test
    void every_verb_has_examples_and_there_is_none_of_a_verb_that_does_not_exist() {
        assertThat(Examples.ALL.keySet()).containsExactlyInAnyOrderElementsOf(verbs(root(), "").keySet());
        assertThat(Examples.ALL.values()).allSatisfy(examples -> assertThat(examples).isNotEmpty());
    }

    @Test
    void every_example_is_understood_as_it_stands() {
        Examples.ALL.forEach((verb, examples) -> examples.forEach(example -> {
            assertThat(example).startsWith(verb);
            List<String> words = new ArrayList<>();
            Matcher matcher = WORD.matcher(example.replaceAll(" >.*", ""));
            while (matcher.find()) {
                words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
            }
            assertThatCode(() -> root().parseArgs(words.toArray(String[]::new))).as("switchman " + example)
                    .doesNotThrowAnyException();
        }));
    }

    @Test
    void the_help_of_a_verb_ends_with_its_examples() {
        Shell.Result help = new Shell(home).run("switchover", "--help");

        assertThat(help.out()).contains("Examples:\n  switchman switchover orders --dry-run\n");
        assertThat(new Shell(home).run("user", "add", "--help").out().replaceAll("\\s+", " "))
                .contains("--mail anna@example.org");
    }

    /** The script is run by a real bash, as when somebody presses Tab. */
    @Test
    void bash_completes_verbs_and_their_options() throws Exception {
        Files.writeString(home.resolve("completion"), new Shell(home).run("completion", "bash").out());

        assertThat(completed("switchman", "switch")).contains("switchover");
        assertThat(completed("switchman", "switchover", "--dr")).contains("--dry-run");
        assertThat(completed("switchman", "user", "a")).contains("add");
        assertThat(new Shell(home).run("completion", "zsh").out()).startsWith("#compdef switchman\n");
        assertThat(new Shell(home).run("completion", "tcsh").exitCode()).isEqualTo(2);
    }

    private List<String> completed(String... words) throws Exception {
        Path script = Files.writeString(home.resolve("press-tab"), "source '" + home.resolve("completion") + "'\n"
                + "COMP_WORDS=(" + String.join(" ", words) + ")\nCOMP_CWORD=" + (words.length - 1) + "\n"
                + "_complete_switchman\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
        Path said = home.resolve("said");
        Process bash = new ProcessBuilder("bash", script.toString()).redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return Files.readAllLines(said).stream().map(String::strip).toList();
    }

    @Test
    void the_manual_page_has_every_verb_and_every_option_and_no_line_that_troff_takes_for_its_own() {
        String page = new Shell(home).run("man").out();

        verbs(root(), "").forEach((name, verb) -> {
            assertThat(page).contains(".SS \"switchman " + name);
            verb.getCommandSpec()
                    .options()
                    .stream()
                    .filter(option -> !option.usageHelp())
                    .forEach(option -> assertThat(page).contains(option.longestName().replace("-", "\\-")));
        });
        assertThat(page.lines().filter(line -> line.startsWith("."))).allSatisfy(
                line -> assertThat(line).matches("\\.(TH|SH|SS|TP|B|I|PP|RS|RE|nf|fi)\\b.*"));
        assertThat(page).doesNotContain("$$", "%n", "@|", "COMPLETION").contains("operator, approver, auditor, admin");
    }
}
