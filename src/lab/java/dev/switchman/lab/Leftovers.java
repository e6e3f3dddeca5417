package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Network;

/** What labs leave behind whose process was killed. Labs of living processes, and kept ones, are not touched. */
final class Leftovers {

    private static final Pattern ROUTE = Pattern.compile("unreachable (\\S+) ");

    private final Engine engine;
    private final String image;

    Leftovers(Engine engine, String image) {
        this.engine = engine;
        this.image = image;
    }

    void remove() {
        // Routes are read before networks, because a lab makes its network first: none of a lab that starts just now is seen.
        Set<String> routes = unreachableRoutes();
        for (Container container : engine.containers()) {
            if (isGone(container.getLabels())) {
                engine.removeContainer(container.getId());
                Path directory = Path.of(container.getLabels().getOrDefault(Engine.DIRECTORY, ""));
                if (directory.toString().contains(container.getLabels().getOrDefault(Engine.LAB, "?"))) {
                    removeDirectory(directory);
                }
            }
        }
        for (Network network : engine.networks()) {
            if (isGone(network.getLabels())) {
                engine.removeNetwork(network.getId());
            }
        }
        routes.removeAll(engine.networks()
                .stream()
                .flatMap(network -> network.getIpam().getConfig().stream())
                .map(Network.Ipam.Config::getSubnet)
                .collect(Collectors.toSet()));
        for (String subnet : routes) {
            engine.hostIp(image, RouteGuard.removal(subnet));
        }
    }

    /** Repeatable. */
    static void removeDirectory(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Set<String> unreachableRoutes() {
        Matcher lines = ROUTE.matcher(engine.hostIp(image, RouteGuard.LISTING).output() + " ");
        Set<String> routes = new TreeSet<>();
        while (lines.find()) {
            if (Subnet.isLab(lines.group(1))) {
                routes.add(lines.group(1));
            }
        }
        return routes;
    }

    private static boolean isGone(Map<String, String> labels) {
        return Owner.parse(labels.getOrDefault(Engine.OWNER, "")).map(Owner::isGone).orElse(false);
    }
}
