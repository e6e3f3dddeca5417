package dev.switchman.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.yaml.snakeyaml.nodes.Node;

/**
 * One section of the file with the values that stand in it. A setting is looked up in several layers, the most specific
 * one first: node, cluster, defaults.
 *
 * @param path of the section in the file
 * @param line where the section begins
 * @param values by key path below the section, such as {@code detection.interval}
 * @param sections names of the sub-sections that stand there
 */
record Layer(String path, int line, Map<String, Value> values, Map<String, Integer> sections) {

    /** A value as it stands in the file. */
    record Value(Node node, String path, int line) {}

    Layer {
        values = new LinkedHashMap<>(values);
        sections = new LinkedHashMap<>(sections);
    }

    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    Optional<Value> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    boolean has(String section) {
        return sections.containsKey(section);
    }
}
