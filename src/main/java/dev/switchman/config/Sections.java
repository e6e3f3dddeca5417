package dev.switchman.config;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Turns YAML mappings into {@link Layer}s; finds keys that are unknown or stand there twice. */
final class Sections {

    private final Problems problems;

    Sections(Problems problems) {
        this.problems = problems;
    }

    /**
     * @param keys what may stand there, sub-sections included
     * @param others names that may stand there beside them and are read by somebody else
     */
    Layer layer(MappingNode mapping, String path, List<Key<?>> keys, Set<String> others) {
        Map<String, Layer.Value> values = new LinkedHashMap<>();
        Map<String, Integer> sections = new LinkedHashMap<>();
        fill(mapping, path, "", keys, others, values, sections);
        return new Layer(path, Layer.line(mapping), values, sections);
    }

    private void fill(MappingNode mapping, String path, String prefix, List<Key<?>> keys, Set<String> others,
            Map<String, Layer.Value> values, Map<String, Integer> sections) {
        Set<String> leaves = new LinkedHashSet<>();
        Set<String> inner = new LinkedHashSet<>();
        for (Key<?> key : keys) {
            if (key.path().startsWith(prefix)) {
                String rest = key.path().substring(prefix.length());
                int dot = rest.indexOf('.');
                if (dot < 0) {
                    leaves.add(rest);
                } else {
                    inner.add(rest.substring(0, dot));
                }
            }
        }
        Set<String> allowed = new LinkedHashSet<>(leaves);
        allowed.addAll(inner);
        allowed.addAll(others);
        for (Map.Entry<String, Node> entry : entries(mapping, path, allowed).entrySet()) {
            String name = entry.getKey();
            Node value = entry.getValue();
            String below = path + "." + name;
            if (leaves.contains(name)) {
                values.put(prefix + name, new Layer.Value(value, below, Layer.line(value)));
            } else if (inner.contains(name)) {
                if (value instanceof MappingNode section) {
                    sections.put(prefix + name, Layer.line(section));
                    fill(section, below, prefix + name + ".", keys, Set.of(), values, sections);
                } else if (value instanceof ScalarNode scalar && scalar.getValue().equals("none")
                        && NONE.contains(prefix + name)) {
                    values.put(prefix + name, new Layer.Value(value, below, Layer.line(value)));
                } else {
                    problems.error(Layer.line(value), below, Type.isEmpty(value)
                            ? "is empty"
                            : "must be a section of keys, not a " + Type.kind(value));
                }
            }
        }
    }

    /** Sections that {@code none} switches off where the defaults have them. */
    static final Set<String> NONE = Set.of("mail", "guard");

    /** @return the entries whose key is allowed; reports all others */
    Map<String, Node> entries(MappingNode mapping, String path, Set<String> allowed) {
        Map<String, Node> entries = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            int line = Layer.line(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.error(line, path, "a key must be a single word, not a " + Type.kind(tuple.getKeyNode()));
                continue;
            }
            String name = key.getValue();
            String below = path.isEmpty() ? name : path + "." + name;
            if (!allowed.contains(name)) {
                problems.error(line, below, name.equals("<<")
                        ? "merge keys are not read; put what clusters share under switchman.defaults"
                        : "unknown key" + meant(name, allowed));
            } else if (lines.containsKey(name)) {
                problems.error(line, below, "stands here twice; first in line " + lines.get(name));
            } else {
                lines.put(name, line);
                entries.put(name, tuple.getValueNode());
            }
        }
        return entries;
    }

    private static String meant(String name, Collection<String> allowed) {
        Optional<String> nearest = Optional.empty();
        int least = Math.max(2, name.length() / 3) + 1;
        for (String candidate : allowed) {
            int distance = distance(plain(name), plain(candidate));
            if (distance < least) {
                least = distance;
                nearest = Optional.of(candidate);
            }
        }
        return nearest.map(word -> "; did you mean \"" + word + "\"?")
                .orElseGet(() -> "; known here: " + String.join(", ", allowed));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }

    /** Edit distance: insertions, deletions, replacements. */
    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] current = new int[right.length() + 1];
            current[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
                current[j] = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + change);
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
