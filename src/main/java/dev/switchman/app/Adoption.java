package dev.switchman.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

/** Makes a cluster's servers ready to be looked after. Safe to repeat. */
final class Adoption {

    private static final Duration EACH = Duration.ofSeconds(10);

    private final NodeReader reader;
    private final NodeOperator operator;

    Adoption(NodeReader reader, NodeOperator operator) {
        this.reader = reader;
        this.operator = operator;
    }

    /**
     * All servers boot read-only from then on, and Switchman's own schema exists.
     *
     * @param apply false: nothing is changed
     * @return one line for each change that was made, or would be made
     * @throws IllegalStateException when a server does not answer, or not exactly one is writable and has no source: half a
     *         cluster is not taken over
     */
    List<String> of(Cluster cluster, boolean apply) {
        List<Callable<Observation>> looks = new ArrayList<>();
        cluster.nodes().forEach(node -> looks.add(() -> reader.observe(node, EACH)));
        List<Observation> seen = InParallel.all(looks);
        List<String> unseen = new ArrayList<>();
        List<Node> primaries = new ArrayList<>();
        List<String> lines = new ArrayList<>();
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
            bootMode(observation).filter(mode -> mode != BootMode.READ_ONLY)
                    .ifPresent(mode -> lines.add(node
                            + ": boots read-only from now on (SET PERSIST_ONLY super_read_only=1)"
                            + (apply ? ": " + operator.persistReadOnly(node, EACH).sentence() : "")));
        }
        Node primary = primaries.getFirst();
        lines.add(primary + ": schema " + cluster.pingSchema() + " exists"
                + (apply ? ": " + operator.createSchema(primary, cluster.pingSchema(), EACH).sentence() : ""));
        return lines;
    }

    private static boolean writes(ServerState server) {
        return server.writeMode() == WriteMode.WRITABLE && server.replication().isEmpty();
    }

    private static Optional<BootMode> bootMode(Observation observation) {
        return observation instanceof Observation.Seen seen ? Optional.of(seen.server().bootMode()) : Optional.empty();
    }
}
