package dev.switchman.topology;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One configured cluster with all that a run may need to know of it.
 *
 * @param tier free word that the policies may decide by ({@code production}, {@code test})
 * @param nodes in the order of the configuration, which breaks ties in an election
 * @param replication account that replicas use at their source
 * @param shutdownHook program on this machine that shuts down a server's host, or otherwise proves it closed
 * @param hooks scripts that are called as MHA calls them
 * @param guard what closes a server that is cut off from everybody, on its own host
 * @param receivers who is told over HTTP what happens, in the order of the configuration
 * @param pingSchema schema of Switchman's own, for the INSERT ping and the write check
 */
public record Cluster(
        ClusterName name,
        String tier,
        List<Node> nodes,
        Optional<VirtualAddress> virtualIp,
        Account replication,
        String pingSchema,
        Detection detection,
        Limits limits,
        Policies policies,
        Optional<MailSettings> mail,
        Optional<Path> shutdownHook,
        Hooks hooks,
        Optional<Guard> guard,
        List<Receiver> receivers) {

    public Cluster {
        nodes = List.copyOf(nodes);
        receivers = List.copyOf(receivers);
    }

    /** One without receivers. */
    public Cluster(ClusterName name, String tier, List<Node> nodes, Optional<VirtualAddress> virtualIp,
            Account replication, String pingSchema, Detection detection, Limits limits, Policies policies,
            Optional<MailSettings> mail, Optional<Path> shutdownHook, Hooks hooks, Optional<Guard> guard) {
        this(name, tier, nodes, virtualIp, replication, pingSchema, detection, limits, policies, mail, shutdownHook,
                hooks, guard, List.of());
    }

    /** One without a node guard, and without receivers. */
    public Cluster(ClusterName name, String tier, List<Node> nodes, Optional<VirtualAddress> virtualIp,
            Account replication, String pingSchema, Detection detection, Limits limits, Policies policies,
            Optional<MailSettings> mail, Optional<Path> shutdownHook, Hooks hooks) {
        this(name, tier, nodes, virtualIp, replication, pingSchema, detection, limits, policies, mail, shutdownHook,
                hooks, Optional.empty(), List.of());
    }

    /** One without scripts, without a node guard, and without receivers. */
    public Cluster(ClusterName name, String tier, List<Node> nodes, Optional<VirtualAddress> virtualIp,
            Account replication, String pingSchema, Detection detection, Limits limits, Policies policies,
            Optional<MailSettings> mail, Optional<Path> shutdownHook) {
        this(name, tier, nodes, virtualIp, replication, pingSchema, detection, limits, policies, mail, shutdownHook,
                Hooks.NONE);
    }

    /** @return the same cluster with these scripts */
    public Cluster with(Hooks other) {
        return new Cluster(name, tier, nodes, virtualIp, replication, pingSchema, detection, limits, policies, mail,
                shutdownHook, other, guard, receivers);
    }

    /** @return the same cluster with these limits */
    public Cluster with(Limits other) {
        return new Cluster(name, tier, nodes, virtualIp, replication, pingSchema, detection, other, policies, mail,
                shutdownHook, hooks, guard, receivers);
    }

    /** @return the same cluster with these receivers */
    public Cluster with(List<Receiver> others) {
        return new Cluster(name, tier, nodes, virtualIp, replication, pingSchema, detection, limits, policies, mail,
                shutdownHook, hooks, guard, others);
    }

    /** @return what shuts down a server's host: the program of Switchman's own kind, else the script of MHA's */
    public Optional<String> shutdownProgram() {
        return shutdownHook.map(Path::toString).or(() -> hooks.shutdown().map(CommandWords::toString));
    }

    /** @return how long that is waited for */
    public Duration shutdownDeadline() {
        return shutdownHook.isPresent() ? limits.shutdownHook() : hooks.deadline();
    }

    /** @throws IllegalArgumentException when the cluster has no such node */
    public Node node(NodeId id) {
        return find(id).orElseThrow(() -> new IllegalArgumentException("cluster " + name + " has no node " + id));
    }

    public Optional<Node> find(NodeId id) {
        return nodes.stream().filter(node -> node.id().equals(id)).findFirst();
    }

    /** @return all nodes but this one, in configuration order */
    public List<Node> others(NodeId id) {
        return nodes.stream().filter(node -> !node.id().equals(id)).toList();
    }
}
