package dev.switchman.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

import dev.switchman.topology.Cluster;

/**
 * The inventory of clusters, as a YAML file describes it. Reading it either gives everything or names all that is wrong
 * with it at once; it opens no connection, and starts no framework, so that a command can do it within a moment.
 */
public final class Inventory {

    /** Name of the file where nobody named one. */
    public static final String FILE_NAME = "switchman.yaml";

    private Inventory() {}

    /** What came of reading. */
    public sealed interface Reading {}

    /** @param warnings what works and is risky, such as a password in plain text */
    public record Loaded(List<Cluster> clusters, ServerSettings settings, List<Problem> warnings)
            implements
                Reading {

        public Loaded {
            clusters = List.copyOf(clusters);
            warnings = List.copyOf(warnings);
        }
    }

    /** @param problems in the order of the file; at least one */
    public record Invalid(List<Problem> problems) implements Reading {

        public Invalid {
            problems = List.copyOf(problems);
        }
    }

    /** What came of looking for the file. */
    public sealed interface Search {}

    public record Found(Path file) implements Search {}

    /** @param looked the places where it was looked for, in order */
    public record Missing(List<Path> looked) implements Search {

        public Missing {
            looked = List.copyOf(looked);
        }

        @Override
        public String toString() {
            return "no configuration file; looked for "
                    + looked.stream().map(Path::toString).collect(Collectors.joining(", "))
                    + "; name one with --config FILE";
        }
    }

    /**
     * @param named the file that the user named; taken as it is, also when it does not exist
     * @return the named file; else the first that exists of {@code switchman.yaml} in the working directory, in
     *         {@code $XDG_CONFIG_HOME/switchman} (or {@code ~/.config/switchman}) and in {@code /etc/switchman}
     */
    public static Search find(Optional<Path> named) {
        return find(named, Path.of(""), home(), System.getenv(), Path.of("/etc"));
    }

    static Search find(Optional<Path> named, Path here, Path home, Map<String, String> environment, Path etc) {
        if (named.isPresent()) {
            return new Found(named.get());
        }
        String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path user = xdg.startsWith("/") ? Path.of(xdg) : home.resolve(".config");
        List<Path> places = Stream.of(here, user.resolve("switchman"), etc.resolve("switchman"))
                .map(folder -> folder.resolve(FILE_NAME))
                .toList();
        return places.stream()
                .filter(Files::exists)
                .findFirst()
                .<Search>map(Found::new)
                .orElseGet(() -> new Missing(places));
    }

    /** Reads the file and everything that it refers to: secret files, the environment, SSH keys. Changes nothing. */
    public static Reading read(Path file) {
        return read(file, home(), System.getenv());
    }

    static Reading read(Path file, Path home, Map<String, String> environment) {
        Problems problems = new Problems(file);
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        Optional<Node> root = parse(file, problems);
        if (root.isEmpty()) {
            return new Invalid(problems.errors());
        }
        Clusters clusters = new Clusters(problems, new Surroundings(folder, home, environment));
        Loaded loaded = clusters.read(root.get());
        return problems.errors().isEmpty() ? loaded : new Invalid(problems.errors());
    }

    private static Optional<Node> parse(Path file, Problems problems) {
        if (Files.isDirectory(file)) {
            problems.error(0, "", "is a folder, not a file");
            return Optional.empty();
        }
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            Node root = new Yaml(new LoaderOptions()).compose(reader);
            if (root == null) {
                problems.error(0, "", "the file is empty");
            }
            return Optional.ofNullable(root);
        } catch (NoSuchFileException e) {
            problems.error(0, "", "no such file");
        } catch (MalformedInputException e) {
            problems.error(0, "", "not written in UTF-8");
        } catch (IOException e) {
            problems.error(0, "", "cannot be read: " + e.getClass().getSimpleName());
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            problems.error(line, "", "not YAML: " + syntax(e));
        } catch (YAMLException e) {
            problems.error(0, "", e.getCause() instanceof MalformedInputException
                    ? "not written in UTF-8"
                    : "not YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        return Optional.empty();
    }

    private static String syntax(MarkedYAMLException e) {
        String problem = String.valueOf(e.getProblem());
        // The parser would print the word after the asterisk, and that may be a password.
        return problem.startsWith("found undefined alias")
                ? "a value that begins with * must stand in quotes (value not shown)"
                : problem;
    }

    private static Path home() {
        return Path.of(System.getProperty("user.home", "/"));
    }
}
