package dev.switchman.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Host;
import dev.switchman.topology.Secret;

/** How the value of a key is read from its YAML node. */
@FunctionalInterface
interface Type<T> {

    /** Hosts that nobody stands before. */
    Set<String> OWN_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /** @param warnings takes what is risky but works */
    T read(Node node, Surroundings surroundings, Consumer<String> warnings) throws Unfit;

    /** Reads a plain text. */
    @FunctionalInterface
    interface Words<T> {

        T read(String text) throws Unfit;
    }

    static <T> Type<T> scalar(Words<T> words) {
        return (node, surroundings, warnings) -> words.read(text(node, surroundings));
    }

    /** A text that the whole pattern matches. @param meaning completes "not …" */
    static Type<String> text(String pattern, String meaning) {
        Pattern compiled = Pattern.compile(pattern);
        return scalar(text -> {
            if (!compiled.matcher(text).matches()) {
                throw new Unfit("not " + meaning + ": \"" + text + "\"");
            }
            return text;
        });
    }

    static Type<Integer> number(int least, int most) {
        return scalar(text -> {
            if (!text.matches("-?\\d{1,18}")) {
                throw new Unfit("not a whole number: \"" + text + "\"");
            }
            long value = Long.parseLong(text);
            if (value < least || value > most) {
                throw new Unfit("must be " + least + " to " + most + ": " + text);
            }
            return (int) value;
        });
    }

    static Type<Duration> duration(String least, String most) {
        Duration from = Durations.parse(least);
        Duration to = Durations.parse(most);
        return scalar(text -> {
            Duration value;
            try {
                value = Durations.parse(text);
            } catch (IllegalArgumentException e) {
                throw new Unfit(String.valueOf(e.getMessage()));
            }
            if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
                throw new Unfit("must be " + least + " to " + most + ": " + text);
            }
            return value;
        });
    }

    /** How old something may become: days, or years of the calendar. */
    static Type<Period> age(int leastDays) {
        Pattern valid = Pattern.compile("(\\d{1,5})([dy])");
        return scalar(text -> {
            Matcher matcher = valid.matcher(text);
            if (!matcher.matches()) {
                throw new Unfit("not an age such as 7y or 3650d: \"" + text + "\"");
            }
            int count = Integer.parseInt(matcher.group(1));
            boolean years = matcher.group(2).equals("y");
            if (years ? count < 1 || count > 100 : count < leastDays || count > 36_500) {
                throw new Unfit("must be " + leastDays + "d to 100y: " + text);
            }
            return years ? Period.ofYears(count) : Period.ofDays(count);
        });
    }

    /** A file that the server may write, or make in a folder that is there. */
    static Type<Path> writtenFile() {
        return (node, surroundings, warnings) -> {
            Path path = surroundings.path(text(node, surroundings)).toAbsolutePath();
            Optional<Path> folder = Optional.ofNullable(path.getParent()).filter(Files::isDirectory);
            if (Files.isDirectory(path)) {
                throw new Unfit("is a folder, not a file: " + path);
            }
            if (folder.isEmpty()) {
                throw new Unfit("no such folder: " + path.getParent());
            }
            if (!Files.isWritable(Files.exists(path) ? path : folder.get())) {
                throw new Unfit("may not be written by the user that runs this: " + path);
            }
            return path;
        };
    }

    static Type<Boolean> yesOrNo() {
        return scalar(text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Unfit("not true or false: \"" + text + "\"");
        });
    }

    /** One of an enum's constants, in small letters with hyphens. */
    static <E extends Enum<E>> Type<E> word(Class<E> words) {
        List<E> all = Arrays.asList(words.getEnumConstants());
        return scalar(text -> {
            for (E constant : all) {
                if (word(constant).equals(text)) {
                    return constant;
                }
            }
            throw new Unfit("not one of " + all.stream().map(Type::word).collect(Collectors.joining(", ")) + ": \""
                    + text + "\"");
        });
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Type<Host> host() {
        return scalar(Type::host);
    }

    static Host host(String text) throws Unfit {
        try {
            return new Host(text);
        } catch (IllegalArgumentException e) {
            throw new Unfit(String.valueOf(e.getMessage()));
        }
    }

    static Type<Host> ipv4() {
        String octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
        Pattern pattern = Pattern.compile(octet + "(\\." + octet + "){3}");
        return scalar(text -> {
            if (!pattern.matcher(text).matches()) {
                throw new Unfit("not an IPv4 address: \"" + text + "\"");
            }
            return host(text);
        });
    }

    /** An address without a query. Plain HTTP gets a warning, unless it is this machine's. */
    static Type<URI> url() {
        return (node, surroundings, warnings) -> {
            String text = text(node, surroundings);
            URI url;
            try {
                url = new URI(text);
            } catch (URISyntaxException e) {
                throw new Unfit("not a URL such as https://login.example.org: \"" + text + "\"");
            }
            boolean plain = "http".equals(url.getScheme());
            if (url.getHost() == null || !plain && !"https".equals(url.getScheme()) || url.getRawQuery() != null
                    || url.getRawFragment() != null || url.getRawUserInfo() != null) {
                throw new Unfit("not a URL such as https://login.example.org: \"" + text + "\"");
            }
            if (plain && !OWN_MACHINE.contains(url.getHost())) {
                warnings.accept("is not https: who stands in between could log in as anybody: " + text);
            }
            return url;
        };
    }

    /**
     * A web address that may hold a key in its path or its query, so that it may be written like a password and is never shown.
     * Plain HTTP gets a warning, unless it is this machine's.
     */
    static Type<Secret> webAddress() {
        return (node, surroundings, warnings) -> {
            boolean plainText = node instanceof ScalarNode;
            String text = plainText ? text(node, surroundings) : secret(node, surroundings, warnings).reveal();
            boolean shown = plainText && !((ScalarNode) node).getValue().contains("${");
            String told = "not a web address such as https://chat.example.org/hooks/1"
                    + (shown ? ": \"" + text + "\"" : " (value not shown)");
            URI url;
            try {
                url = new URI(text);
            } catch (URISyntaxException e) {
                throw new Unfit(told);
            }
            boolean http = "http".equals(url.getScheme());
            if (url.getHost() == null || !http && !"https".equals(url.getScheme()) || url.getRawFragment() != null
                    || url.getRawUserInfo() != null) {
                throw new Unfit(told);
            }
            if (http && !OWN_MACHINE.contains(url.getHost())) {
                warnings.accept("is not https: who stands in between can read and change what is sent to "
                        + url.getHost());
            }
            return new Secret(text);
        };
    }

    /** One, or a list of at least one. */
    static <T> Type<List<T>> oneOrMore(Type<T> each) {
        return (node, surroundings, warnings) -> {
            List<T> all = new ArrayList<>();
            if (node instanceof SequenceNode sequence) {
                for (Node item : sequence.getValue()) {
                    all.add(each.read(item, surroundings, warnings));
                }
            } else {
                all.add(each.read(node, surroundings, warnings));
            }
            if (all.isEmpty()) {
                throw new Unfit("the list is empty");
            }
            return List.copyOf(all);
        };
    }

    /** A file that exists and can be read. @param confidential whether others should not be able to read it */
    static Type<Path> file(boolean confidential) {
        return (node, surroundings, warnings) -> {
            Path path = surroundings.path(text(node, surroundings));
            if (confidential) {
                warnIfOpen(path, warnings);
            }
            return readable(path);
        };
    }

    /** A program that exists and that this user may run. */
    static Type<Path> program() {
        return (node, surroundings, warnings) -> program(
                surroundings.path(text(node, surroundings)).toAbsolutePath());
    }

    private static Path program(Path path) throws Unfit {
        if (!Files.exists(path)) {
            throw new Unfit("no such program: " + path);
        }
        if (!Files.isRegularFile(path)) {
            throw new Unfit("not a program: " + path);
        }
        if (!Files.isExecutable(path)) {
            throw new Unfit("may not be run by the user that runs this (chmod +x?): " + path);
        }
        return path;
    }

    /** A program and its first arguments; a program without a slash is looked for in {@code PATH}. */
    static Type<CommandWords> command() {
        return (node, surroundings, warnings) -> {
            CommandWords command;
            try {
                command = CommandWords.parse(text(node, surroundings));
            } catch (IllegalArgumentException e) {
                throw new Unfit(String.valueOf(e.getMessage()));
            }
            if (command.program().indexOf('/') < 0) {
                String path = surroundings.environment().getOrDefault("PATH", "");
                boolean found = Arrays.stream(path.split(":", -1))
                        .filter(folder -> !folder.isEmpty())
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, command.program())));
                if (!found) {
                    throw new Unfit("no such program in PATH: " + command.program());
                }
                return command;
            }
            List<String> words = new ArrayList<>(command.words());
            words.set(0, program(surroundings.path(command.program()).toAbsolutePath()).toString());
            return new CommandWords(words);
        };
    }

    /** A program by its whole path, and its arguments: a list of words, or a text that is cut into them. It need not be there. */
    static Type<CommandWords> words() {
        return (node, surroundings, warnings) -> {
            CommandWords command;
            if (node instanceof SequenceNode list) {
                List<String> words = new ArrayList<>();
                for (Node word : list.getValue()) {
                    words.add(text(word, surroundings));
                }
                if (words.isEmpty()) {
                    throw new Unfit("is empty");
                }
                command = new CommandWords(words);
            } else {
                try {
                    command = CommandWords.parse(text(node, surroundings));
                } catch (IllegalArgumentException e) {
                    throw new Unfit(String.valueOf(e.getMessage()));
                }
            }
            if (!command.program().startsWith("/")) {
                throw new Unfit("must begin with the program's whole path: " + command.program());
            }
            return command;
        };
    }

    /** {@code {file: PATH}}, {@code {env: NAME}}, {@code {plain: TEXT}}, or {@code ${env:NAME}}. */
    static Type<Secret> secret() {
        return Type::secret;
    }

    private static Secret secret(Node node, Surroundings surroundings, Consumer<String> warnings) throws Unfit {
        if (node instanceof ScalarNode scalar) {
            if (isEmpty(scalar)) {
                throw new Unfit("has no value");
            }
            Matcher reference = References.WHOLE.matcher(scalar.getValue());
            if (reference.matches()) {
                return fromEnvironment(reference.group(1), surroundings);
            }
            throw new Unfit("a password may not stand in the file like this (value not shown); write"
                    + " {file: PATH}, {env: NAME} or \"${env:NAME}\"");
        }
        if (!(node instanceof MappingNode mapping) || mapping.getValue().size() != 1) {
            throw new Unfit("must be one of {file: PATH}, {env: NAME} and {plain: TEXT} (value not shown)");
        }
        NodeTuple tuple = mapping.getValue().getFirst();
        String kind = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
        if (!Set.of("file", "env", "plain").contains(kind)) {
            throw new Unfit("must be one of {file: PATH}, {env: NAME} and {plain: TEXT} (value not shown)");
        }
        if (!(tuple.getValueNode() instanceof ScalarNode value) || isEmpty(value)) {
            throw new Unfit("{" + kind + ": …} has no value");
        }
        return switch (kind) {
            case "file" -> fromFile(surroundings.path(value.getValue()), warnings);
            case "env" -> fromEnvironment(value.getValue(), surroundings);
            default -> {
                warnings.accept("the password stands in the file in plain text");
                yield new Secret(value.getValue());
            }
        };
    }

    private static Secret fromFile(Path file, Consumer<String> warnings) throws Unfit {
        readable(file);
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new Unfit("cannot read the file (" + e.getClass().getSimpleName() + "): " + file);
        }
        if (text.isEmpty()) {
            throw new Unfit("the file is empty: " + file);
        }
        if (text.lines().count() > 1) {
            throw new Unfit("the file has more than one line: " + file);
        }
        warnIfOpen(file, warnings);
        return new Secret(text);
    }

    private static Secret fromEnvironment(String name, Surroundings surroundings) throws Unfit {
        return new Secret(References.value(name, surroundings));
    }

    private static Path readable(Path file) throws Unfit {
        if (!Files.exists(file)) {
            throw new Unfit("no such file: " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw new Unfit("not a file: " + file);
        }
        if (!Files.isReadable(file)) {
            throw new Unfit("may not be read by the user that runs this: " + file);
        }
        return file;
    }

    private static void warnIfOpen(Path file, Consumer<String> warnings) throws Unfit {
        try {
            if (Files.exists(file)
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                warnings.accept("every user of this machine can read " + file + "; chmod o-r it");
            }
        } catch (UnsupportedOperationException e) {
            return; // a file system without such permissions: nothing to judge
        } catch (IOException e) {
            throw new Unfit("cannot read the permissions (" + e.getClass().getSimpleName() + "): " + file);
        }
    }

    /** @return the text of a scalar, with {@code ${env:NAME}} replaced */
    static String text(Node node, Surroundings surroundings) throws Unfit {
        if (!(node instanceof ScalarNode scalar)) {
            throw new Unfit("must be one value, not a " + kind(node));
        }
        if (isEmpty(scalar)) {
            throw new Unfit("has no value");
        }
        return References.resolve(scalar.getValue(), surroundings);
    }

    static boolean isEmpty(@Nullable Node node) {
        return node instanceof ScalarNode scalar && (Tag.NULL.equals(scalar.getTag()) || scalar.getValue().isEmpty());
    }

    static String kind(Node node) {
        if (node instanceof MappingNode) {
            return "section of keys";
        }
        return node instanceof SequenceNode ? "list" : "single value";
    }
}
