package dev.switchman.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.switchman.config.Inventory;
import dev.switchman.config.Problem;
import dev.switchman.mha.Import;
import dev.switchman.mha.MhaConfigurations;
import dev.switchman.topology.Cluster;

/** What every command works with: the terminal and its keyboard, the ports, and the surroundings of the process. */
record Desk(
        Terminal terminal,
        Keyboard keyboard,
        Ports ports,
        Map<String, String> environment,
        Path home,
        String user) {

    private static final String DEFAULT_SERVER = "http://127.0.0.1:8080";

    /** @return the folder of the store: the named one; else the machine's for root, the user's for all others */
    Path data(Optional<Path> named) {
        if (named.isPresent()) {
            return named.get();
        }
        String own = environment.getOrDefault("SWITCHMAN_DATA", "");
        if (!own.isEmpty()) {
            return Path.of(own);
        }
        if (user.equals("root")) {
            return Path.of("/var/lib/switchman");
        }
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        return (state.startsWith("/") ? Path.of(state) : home.resolve(".local/state")).resolve("switchman");
    }

    Server server(ServerOptions options) {
        String text = options.server()
                .orElseGet(() -> environment.getOrDefault("SWITCHMAN_SERVER", DEFAULT_SERVER));
        URI base;
        try {
            base = URI.create(text.replaceAll("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw new Failed(Exit.USAGE, "--server: not a URL: \"" + text + "\"");
        }
        if (base.getHost() == null || !("http".equals(base.getScheme()) || "https".equals(base.getScheme()))) {
            throw new Failed(Exit.USAGE, "--server: not a URL such as " + DEFAULT_SERVER + ": \"" + text + "\"");
        }
        Login login = Login.find(environment, data(options.data()), base, options.data().isPresent());
        return new Server(base, login);
    }

    /** @return the file that was found and its clusters; tells problems and warnings */
    Configuration configuration(Optional<Path> named, boolean json) {
        Path file = switch (Inventory.find(named)) {
            case Inventory.Found found -> found.file();
            case Inventory.Missing missing -> throw new Failed(Exit.USAGE, missing.toString());
        };
        return switch (Inventory.read(file)) {
            case Inventory.Loaded loaded -> {
                loaded.warnings().forEach(warning -> terminal.error("warning: " + warning));
                yield new Configuration(file, loaded.clusters());
            }
            case Inventory.Invalid invalid -> throw refused(invalid.problems(), json);
        };
    }

    /** @return what MHA's files come to; tells problems, warnings, and what is left to do by hand */
    Import.Read fromMha(List<Path> applications, Optional<Path> global, boolean json) {
        return switch (new MhaConfigurations(home, user).read(applications, global)) {
            case Import.Read read -> {
                read.warnings().forEach(warning -> terminal.error("warning: " + warning));
                read.byHand().forEach(problem -> terminal.error("by hand: " + problem));
                yield read;
            }
            case Import.Invalid invalid -> throw refused(invalid.problems(), json);
        };
    }

    private Failed refused(List<Problem> problems, boolean json) {
        if (json) {
            terminal.json(problems(problems));
        }
        int count = problems.size();
        return new Failed(Exit.USAGE, problems.stream().map(Problem::toString).collect(Collectors.joining("\n")) + "\n"
                + count + (count == 1 ? " problem" : " problems") + " in the configuration");
    }

    private static ObjectNode problems(List<Problem> problems) {
        ObjectNode object = Json.object();
        ArrayNode array = object.putArray("problems");
        problems.forEach(problem -> array.addObject()
                .put("file", problem.file().toString())
                .put("line", problem.line())
                .put("path", problem.path())
                .put("what", problem.what()));
        return object;
    }

    record Configuration(Path file, List<Cluster> clusters) {

        Cluster cluster(String name) {
            return clusters.stream()
                    .filter(cluster -> cluster.name().value().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new Failed(Exit.USAGE, unknown(name,
                            clusters.stream().map(cluster -> cluster.name().value()).toList())));
        }

        /** @return the one of this name; all, where none is named */
        List<Cluster> wanted(Optional<String> name) {
            return name.map(one -> List.of(cluster(one))).orElse(clusters);
        }
    }

    static String unknown(String cluster, List<String> known) {
        return "no cluster \"" + cluster + "\"; known: " + (known.isEmpty() ? "none" : String.join(", ", known));
    }
}
