package dev.switchman.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import dev.switchman.cli.Ports.Adjustment;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.WriteMode;

/** Makes a cluster's servers ready to be looked after. Safe to repeat. */
final class Adoption {

    private static final Duration EACH = Duration.ofSeconds(10);
    private static final String OPTION_FILE = "make sure that its option file has, under [mysqld]: super-read-only = ON";

    private final NodeReader reader;
    private final NodeOperator operator;
    private final RemoteShell hosts;

    Adoption(NodeReader reader, NodeOperator operator, RemoteShell hosts) {
        this.reader = reader;
        this.operator = operator;
        this.hosts = hosts;
    }

    /**
     * All servers boot read-only from then on, Switchman's own schema exists, and the node guard runs where one is configured.
     *
     * @param apply false: nothing is changed
     * @return one for each change that was made, would be made, or could not be made
     * @throws IllegalStateException when a server does not answer, or not exactly one is writable and has no source: half a
     *         cluster is not taken over
     */
    List<Adjustment> of(Cluster cluster, boolean apply) {
        List<Callable<Observation>> looks = new ArrayList<>();
        cluster.nodes().forEach(node -> looks.add(() -> reader.observe(node, EACH)));
        List<Observation> seen = InParallel.all(looks);
        List<String> unseen = new ArrayList<>();
        List<Node> primaries = new ArrayList<>();
        List<Adjustment> changes = new ArrayList<>();
        for (Observation observation : seen) {
            Node node = cluster.node(observation.node());
            switch (observation) {
                case Observation.Unseen missing -> unseen.add(node + " " + missing.failure().sentence());
                case Observation.Seen server -> {
                    if (writes(server.server())) {
                        primaries.add(node);
                    }
                }
            }
        }
        if (!unseen.isEmpty()) {
            throw new IllegalStateException(
                    "not every server of " + cluster.name() + " answers: " + String.join("; ", unseen));
        }
        if (primaries.size() != 1) {
            throw new IllegalStateException("cluster " + cluster.name()
                    + " must have exactly one server that is writable and has no source; there are " + primaries);
        }
        for (Observation observation : seen) {
            Node node = cluster.node(observation.node());
            if (observation instanceof Observation.Seen server && server.server().bootMode() != BootMode.READ_ONLY) {
                changes.add(bootReadOnly(node, server.server().version(), apply));
            }
        }
        Node primary = primaries.getFirst();
        String schema = "schema " + cluster.pingSchema() + " exists";
        changes.add(apply
                ? made(primary, schema, operator.createSchema(primary, cluster.pingSchema(), EACH),
                        "the account needs ALL on " + cluster.pingSchema() + ".*")
                : planned(primary, schema));
        if (cluster.guard().isPresent()) {
            List<Callable<Adjustment>> guards = new ArrayList<>();
            cluster.nodes().forEach(node -> guards.add(() -> guarded(cluster, node, apply)));
            changes.addAll(InParallel.all(guards));
        }
        return changes;
    }

    private Adjustment bootReadOnly(Node node, ServerVersion version, boolean apply) {
        String what = "boots read-only from now on (SET PERSIST_ONLY super_read_only=1)";
        if (!version.atLeast(8, 0, 0)) {
            return new Adjustment(node.toString(), "boots read-only", Adjustment.State.BY_HAND, "MySQL " + version
                    + " can persist nothing, nor tell what its option file says: " + OPTION_FILE);
        }
        return apply ? made(node, what, operator.persistReadOnly(node, EACH), OPTION_FILE) : planned(node, what);
    }

    private Adjustment guarded(Cluster cluster, Node node, boolean apply) {
        String what = "has a node guard";
        if (!apply) {
            return planned(node, what);
        }
        return switch (hosts.installGuard(cluster, node, EACH)) {
            case RemoteShell.Guarding.Runs(String detail) ->
                new Adjustment(node.toString(), what, Adjustment.State.DONE, detail);
            case RemoteShell.Guarding.NotStarted(String command) -> new Adjustment(node.toString(), what,
                    Adjustment.State.BY_HAND,
                    "the host has no systemd: have its own supervisor run, as root, " + command);
            case RemoteShell.Guarding.Refused(String why) ->
                new Adjustment(node.toString(), what, Adjustment.State.BY_HAND, why);
            case RemoteShell.Guarding.Unreachable(String why) ->
                new Adjustment(node.toString(), what, Adjustment.State.BY_HAND, "not reached by SSH: " + why);
        };
    }

    private static Adjustment planned(Node node, String what) {
        return new Adjustment(node.toString(), what, Adjustment.State.PLANNED, "");
    }

    private static Adjustment made(Node node, String what, Change change, String otherwise) {
        return change instanceof Change.Done(String detail)
                ? new Adjustment(node.toString(), what, Adjustment.State.DONE, detail)
                : new Adjustment(node.toString(), what, Adjustment.State.BY_HAND, change.sentence() + "; " + otherwise);
    }

    private static boolean writes(ServerState server) {
        return server.writeMode() == WriteMode.WRITABLE && server.replication().isEmpty();
    }
}
