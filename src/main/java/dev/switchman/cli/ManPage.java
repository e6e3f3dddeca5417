package dev.switchman.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;

@Command(name = "man", description = {"Print the manual page, made of the same words as --help.",
        "To read it: switchman man | man -l -"})
final class ManPage implements Callable<Integer> {

    private final Desk desk;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    ManPage(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        StringBuilder page = new StringBuilder();
        CommandLine root = spec.root().commandLine();
        page.append(".TH SWITCHMAN 1\n.SH NAME\nswitchman \\- keeps MySQL primary/replica clusters writable\n")
                .append(".SH SYNOPSIS\n.B switchman\n.I VERB\n[\\fIOPTIONS\\fR]\n")
                .append(".SH DESCRIPTION\n")
                .append(words(root.getCommandSpec().usageMessage().description()))
                .append(".SH VERBS\n");
        verbs(root, "", page);
        page.append(
                ".SH EXIT STATUS\n0 ok, 1 failed, 2 usage or configuration, 3 waiting for a person, 4 refused, 10 done with")
                .append(" replicas lost, 11 done and writes may be lost.\n")
                .append(".SH ENVIRONMENT\n");
        Map.of("SWITCHMAN_SERVER", "Where the server is.", "SWITCHMAN_DATA", "The data folder.", "SWITCHMAN_TOKEN",
                "A robot's token.", "SWITCHMAN_USER", "With SWITCHMAN_PASSWORD: who logs in.", "SWITCHMAN_PASSWORD",
                "See SWITCHMAN_USER.")
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> page.append(".TP\n.B ")
                        .append(entry.getKey())
                        .append('\n')
                        .append(entry.getValue())
                        .append('\n'));
        desk.terminal().line(page.toString().stripTrailing());
        return Exit.OK;
    }

    private static void verbs(CommandLine above, String path, StringBuilder page) {
        above.getSubcommands().forEach((name, verb) -> {
            String whole = (path + " " + name).strip();
            CommandSpec of = verb.getCommandSpec();
            page.append(".SS \"switchman ")
                    .append(whole)
                    .append(of.positionalParameters()
                            .stream()
                            .map(PositionalParamSpec::paramLabel)
                            .map(label -> " " + label)
                            .collect(Collectors.joining()))
                    .append("\"\n")
                    .append(words(of.usageMessage().description()));
            of.positionalParameters()
                    .stream()
                    .filter(parameter -> parameter.description().length > 0)
                    .forEach(parameter -> entry(parameter.paramLabel(), parameter.description(), page));
            of.options()
                    .stream()
                    .filter(option -> !option.usageHelp() && !option.hidden())
                    .forEach(option -> entry(names(option), option.description(), page));
            List<String> examples = Examples.ALL.getOrDefault(whole, List.of());
            if (!examples.isEmpty()) {
                page.append(".PP\nExamples:\n.RS\n.nf\n");
                examples.forEach(example -> page.append(escaped("switchman " + example)).append('\n'));
                page.append(".fi\n.RE\n");
            }
            verbs(verb, whole, page);
        });
    }

    private static String names(OptionSpec option) {
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        return String.join(", ", option.names()) + value;
    }

    private static void entry(String name, String[] description, StringBuilder page) {
        page.append(".TP\n.B ").append(escaped(name)).append('\n').append(words(description));
    }

    /** @param lines as picocli has them, with its own marks */
    private static String words(String[] lines) {
        String text = Arrays.stream(lines)
                .filter(line -> !line.isBlank())
                .map(line -> Ansi.OFF.string(line.replace("$$", "$").replace("%n", " ").replace("%%", "%")))
                .collect(Collectors.joining(" "));
        return text.isEmpty() ? "" : escaped(text) + "\n";
    }

    /** What troff would read as its own: a backslash, a hyphen, a dot or an apostrophe at the beginning of a line. */
    private static String escaped(String text) {
        String plain = text.replace("\\", "\\e").replace("-", "\\-");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}
