package dev.switchman.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Adds a server to a cluster's {@code nodes} in the text of a configuration file, or takes one out. Comments, order, quotes and every
 * other character stay as they are. Touches no file, and does not say whether the result is a valid configuration:
 * {@link Inventory#read} does.
 */
public final class NodeEntries {

    private static final Set<String> KEYS = Set.of("port", "role", "ignore-failure", "unit");
    private static final String DEFAULT_PORT = "3306";

    private final String text;
    private final SequenceNode nodes;
    private final String cluster;

    private NodeEntries(String text, SequenceNode nodes, String cluster) {
        this.text = text;
        this.nodes = nodes;
        this.cluster = cluster;
    }

    /** What came of an edit. */
    public sealed interface Edited {

        record Changed(String text) implements Edited {}

        /** Nothing is changed, and nothing is wrong: it is not there. */
        record Absent(String why) implements Edited {}

        /** @param why names the argument and its value */
        record Refused(String why) implements Edited {}
    }

    /**
     * @param host name or address of the new server
     * @param keys of {@code port}, {@code role}, {@code ignore-failure}, {@code unit}: what stands beside {@code host}
     */
    public static Edited add(String text, String cluster, String host, Map<String, String> keys) {
        for (String key : keys.keySet()) {
            if (!KEYS.contains(key)) {
                return new Edited.Refused("--params: no key of a node that could be added here: \"" + key
                        + "\"; there are " + KEYS.stream().sorted().toList());
            }
        }
        return switch (find(text, cluster)) {
            case Found.No(String why) -> new Edited.Refused(why);
            case Found.Yes(NodeEntries entries) -> entries.add(host, keys);
        };
    }

    /** @param server {@code host}, or {@code host:port} */
    public static Edited delete(String text, String cluster, String server) {
        return switch (find(text, cluster)) {
            case Found.No(String why) -> new Edited.Refused(why);
            case Found.Yes(NodeEntries entries) -> entries.delete(server);
        };
    }

    private sealed interface Found {

        record Yes(NodeEntries entries) implements Found {}

        record No(String why) implements Found {}
    }

    private static Found find(String text, String cluster) {
        Node root;
        try {
            root = new Yaml(new LoaderOptions()).compose(new java.io.StringReader(text));
        } catch (YAMLException e) {
            return new Found.No("the file is not YAML: " + e.getMessage());
        }
        List<String> known = new ArrayList<>();
        if (value(root, "switchman").flatMap(top -> value(top, "clusters")).orElse(null) instanceof SequenceNode list) {
            for (Node each : list.getValue()) {
                Optional<String> name = value(each, "name").flatMap(NodeEntries::scalar);
                name.ifPresent(known::add);
                if (name.equals(Optional.of(cluster))) {
                    return value(each, "nodes").orElse(null) instanceof SequenceNode nodes
                            && !nodes.getValue().isEmpty()
                                    ? new Found.Yes(new NodeEntries(text, nodes, cluster))
                                    : new Found.No("cluster " + cluster + " has no list of nodes in the file");
                }
            }
        }
        return new Found.No("--cluster: the file has no cluster \"" + cluster + "\"; it has " + known);
    }

    private static Optional<Node> value(Node node, String key) {
        return node instanceof MappingNode mapping
                ? mapping.getValue()
                        .stream()
                        .filter(entry -> scalar(entry.getKeyNode()).equals(Optional.of(key)))
                        .map(NodeTuple::getValueNode)
                        .findFirst()
                : Optional.empty();
    }

    private static Optional<String> scalar(Node node) {
        return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
    }

    private static String name(Node entry) {
        return value(entry, "host").flatMap(NodeEntries::scalar).orElse("?") + ":"
                + value(entry, "port").flatMap(NodeEntries::scalar).orElse(DEFAULT_PORT);
    }

    private Edited add(String host, Map<String, String> keys) {
        String name = host + ":" + keys.getOrDefault("port", DEFAULT_PORT);
        if (nodes.getValue().stream().anyMatch(entry -> name(entry).equals(name))) {
            return new Edited.Refused("--hostname: cluster " + cluster + " has the server already: \"" + name + "\"");
        }
        Map<String, String> all = new LinkedHashMap<>(Map.of("host", host));
        keys.entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(key -> all.put(key.getKey(), key.getValue()));
        List<String> pairs = all.entrySet().stream().map(key -> key.getKey() + ": " + quoted(key.getValue())).toList();
        String entry = "{" + String.join(", ", pairs) + "}";
        Node last = nodes.getValue().getLast();
        if (nodes.getFlowStyle() == FlowStyle.FLOW) {
            boolean ownLine = last.getStartMark().getLine() != nodes.getStartMark().getLine();
            String between = ownLine ? "," + lineEnd() + " ".repeat(last.getStartMark().getColumn()) : ", ";
            int at = index(last.getEndMark().getIndex());
            return new Edited.Changed(text.substring(0, at) + between + entry + text.substring(at));
        }
        int at = endOfLine(index(end(last)));
        return new Edited.Changed(
                text.substring(0, at) + lineEnd() + " ".repeat(nodes.getStartMark().getColumn()) + "- "
                        + entry + text.substring(at));
    }

    private Edited delete(String server) {
        List<Node> found = nodes.getValue()
                .stream()
                .filter(entry -> name(entry).equals(server)
                        || value(entry, "host").flatMap(NodeEntries::scalar).equals(Optional.of(server)))
                .toList();
        List<String> known = nodes.getValue().stream().map(NodeEntries::name).toList();
        if (found.isEmpty()) {
            return new Edited.Absent("cluster " + cluster + " has no server \"" + server + "\"; its servers are "
                    + known);
        }
        if (found.size() > 1) {
            return new Edited.Refused("--hostname: cluster " + cluster + " has several servers \"" + server
                    + "\", name the port; its servers are " + known);
        }
        Node entry = found.getFirst();
        return new Edited.Changed(nodes.getFlowStyle() == FlowStyle.FLOW ? withoutFlow(entry) : withoutBlock(entry));
    }

    /** With the comma before it, or the one after it for the first. */
    private String withoutFlow(Node entry) {
        int place = nodes.getValue().indexOf(entry);
        if (place > 0) {
            int from = index(nodes.getValue().get(place - 1).getEndMark().getIndex());
            return text.substring(0, from) + text.substring(index(entry.getEndMark().getIndex()));
        }
        int to = nodes.getValue().size() > 1
                ? index(nodes.getValue().get(1).getStartMark().getIndex())
                : index(entry.getEndMark().getIndex());
        return text.substring(0, index(entry.getStartMark().getIndex())) + text.substring(to);
    }

    /** All its lines, from that of its hyphen on; comments between it and the next one stay. */
    private String withoutBlock(Node entry) {
        int hyphen = text.lastIndexOf('-', index(entry.getStartMark().getIndex()) - 1);
        int from = text.lastIndexOf('\n', hyphen) + 1;
        int to = endOfLine(index(end(entry)));
        if (to < text.length() && text.charAt(to) == '\r') {
            to++;
        }
        return text.substring(0, from) + text.substring(Math.min(text.length(), to + 1));
    }

    /** Where the last thing in it ends: a block's own mark stands behind the comments that follow. */
    private static int end(Node node) {
        if (node instanceof MappingNode mapping && mapping.getFlowStyle() != FlowStyle.FLOW
                && !mapping.getValue().isEmpty()) {
            return end(mapping.getValue().getLast().getValueNode());
        }
        if (node instanceof SequenceNode list && list.getFlowStyle() != FlowStyle.FLOW && !list.getValue().isEmpty()) {
            return end(list.getValue().getLast());
        }
        return node.getEndMark().getIndex();
    }

    /** @return position of the character that ends the line, or of the text's end; a comment behind the entry is passed */
    private int endOfLine(int from) {
        int at = text.indexOf('\n', from);
        if (at < 0) {
            return text.length();
        }
        return at > 0 && text.charAt(at - 1) == '\r' ? at - 1 : at;
    }

    private String lineEnd() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }

    /** The parser counts code points. */
    private int index(int codePoints) {
        return text.offsetByCodePoints(0, codePoints);
    }

    private static String quoted(String value) {
        return value.matches("[A-Za-z0-9][A-Za-z0-9._@/-]*")
                ? value
                : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
