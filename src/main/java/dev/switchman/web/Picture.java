package dev.switchman.web;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import dev.switchman.memory.ClusterMemory.Quarantine;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.WriteMode;

/**
 * A cluster's servers as they are drawn: sources above their replicas.
 *
 * @param address the virtual IP where no server's box shows it; empty when there is none
 */
record Picture(int width, int height, List<Server> servers, List<Arrow> arrows, @Nullable String address) {

    static final int BOX_WIDTH = 236;
    static final int BOX_HEIGHT = 138;
    private static final int GAP = 28;
    private static final int ROW = 86;
    private static final int TOP = 30;

    /**
     * @param role {@code primary} or {@code replica}
     * @param mood {@code good}, {@code warn}, {@code bad} or {@code unknown}
     * @param state in words: who may write
     * @param lines what is said of it, a line each
     * @param holdsAddress the virtual IP, where this server's host carries it
     */
    record Server(
            String node,
            String role,
            String mood,
            String state,
            List<String> lines,
            @Nullable String problem,
            @Nullable String holdsAddress,
            int x,
            int y) {

        Server {
            lines = List.copyOf(lines);
        }
    }

    /** From a source down to a replica. @param label lag and gap */
    record Arrow(String mood, String label, int x1, int y1, int x2, int y2) {

        public int midX() {
            return (x1 + x2) / 2;
        }

        public int midY() {
            return (y1 + y2) / 2;
        }
    }

    Picture {
        servers = List.copyOf(servers);
        arrows = List.copyOf(arrows);
    }

    static Picture of(Cluster cluster, Optional<Snapshot> snapshot, Optional<NodeId> primary,
            Map<NodeId, Quarantine> quarantined) {
        Map<NodeId, Integer> rows = rows(cluster, snapshot, primary);
        Map<Integer, List<Node>> layers = new TreeMap<>();
        cluster.nodes()
                .forEach(node -> layers
                        .computeIfAbsent(Optional.ofNullable(rows.get(node.id())).orElse(0), row -> new ArrayList<>())
                        .add(node));
        int widest = layers.values().stream().mapToInt(List::size).max().orElse(1);
        int width = widest * BOX_WIDTH + (widest + 1) * GAP;
        int height = TOP + layers.size() * BOX_HEIGHT + (layers.size() - 1) * ROW + GAP;
        Optional<GtidSet> executed = primary.flatMap(node -> snapshot.flatMap(seen -> seen.server(node)))
                .map(ServerState::executed);
        Map<NodeId, Server> servers = new LinkedHashMap<>();
        layers.forEach((row, layer) -> {
            int left = (width - layer.size() * BOX_WIDTH - (layer.size() - 1) * GAP) / 2;
            for (int i = 0; i < layer.size(); i++) {
                Node node = layer.get(i);
                servers.put(node.id(), server(cluster, node, snapshot, primary.equals(Optional.of(node.id())),
                        executed, quarantined.containsKey(node.id()), left + i * (BOX_WIDTH + GAP),
                        TOP + row * (BOX_HEIGHT + ROW)));
            }
        });
        List<Arrow> arrows = new ArrayList<>();
        snapshot.ifPresent(seen -> cluster.nodes()
                .forEach(node -> seen.server(node.id())
                        .flatMap(ServerState::replication)
                        .ifPresent(replica -> {
                            Optional<Server> from = Optional.ofNullable(servers.get(replica.source()));
                            Optional<Server> to = Optional.ofNullable(servers.get(node.id()));
                            if (from.isPresent() && to.isPresent() && from.get().y() < to.get().y()) {
                                arrows.add(arrow(from.get(), to.get(), replica));
                            }
                        })));
        Optional<String> address = servers.values().stream().anyMatch(server -> server.holdsAddress() != null)
                ? Optional.empty()
                : cluster.virtualIp().map(ip -> ip.cidr() + (hostSeen(snapshot) ? " is on no host" : ": not seen yet"));
        return new Picture(Math.max(width, 560), height, List.copyOf(servers.values()), arrows, address.orElse(null));
    }

    private static boolean hostSeen(Optional<Snapshot> snapshot) {
        return snapshot.map(seen -> seen.hosts().values().stream().anyMatch(HostView.Seen.class::isInstance))
                .orElse(false);
    }

    /** @return how far each server stands from the primary; whoever replicates from nobody that is known stands beside */
    private static Map<NodeId, Integer> rows(Cluster cluster, Optional<Snapshot> snapshot, Optional<NodeId> primary) {
        Map<NodeId, Integer> rows = new HashMap<>();
        primary.ifPresent(node -> rows.put(node, 0));
        Set<NodeId> all = cluster.nodes().stream().map(Node::id).collect(Collectors.toSet());
        for (int round = 1; round < all.size(); round++) {
            int row = round;
            snapshot.ifPresent(seen -> all.forEach(node -> seen.server(node)
                    .flatMap(ServerState::replication)
                    .filter(replica -> !rows.containsKey(node)
                            && Integer.valueOf(row - 1).equals(rows.get(replica.source())))
                    .ifPresent(replica -> rows.put(node, row))));
        }
        all.forEach(node -> rows.putIfAbsent(node, primary.isPresent() ? 1 : 0));
        return rows;
    }

    private static Arrow arrow(Server from, Server to, ReplicaState replica) {
        boolean works = replica.receiver() == ReplicaState.Receiver.RUNNING && replica.applierRunning();
        String label = works
                ? replica.lag().map(lag -> "lag " + lag.toSeconds() + " s").orElse("lag not told")
                        + (replica.delay().isZero() ? "" : " of a delay of " + replica.delay().toSeconds() + " s")
                : "receiver " + replica.receiver().name().toLowerCase(Locale.ROOT) + ", applier "
                        + (replica.applierRunning() ? "running" : "stopped");
        return new Arrow(works ? "good" : "bad", label, from.x() + BOX_WIDTH / 2, from.y() + BOX_HEIGHT,
                to.x() + BOX_WIDTH / 2, to.y());
    }

    private static Server server(Cluster cluster, Node node, Optional<Snapshot> snapshot, boolean primary,
            Optional<GtidSet> executed, boolean quarantined, int x, int y) {
        String role = primary ? "primary" : "replica";
        Optional<Observation> look = snapshot.flatMap(
                seen -> Optional.ofNullable(seen.servers().get(node.id())));
        Optional<HostView> host = snapshot.flatMap(seen -> Optional.ofNullable(seen.hosts().get(node.id())));
        String holds = cluster.virtualIp()
                .filter(ip -> host.orElse(null) instanceof HostView.Seen seen
                        && seen.addresses().contains(ip.address().name()))
                .map(ip -> "virtual IP " + ip.cidr())
                .orElse(null);
        if (look.isEmpty()) {
            return new Server(node.toString(), role, "unknown", "not looked at yet", List.of(), null, holds, x, y);
        }
        return switch (look.get()) {
            case Observation.Unseen unseen -> new Server(node.toString(), role, "bad", "does not answer",
                    quarantined ? List.of("in quarantine") : List.of(), unseen.failure().sentence(), holds, x, y);
            case Observation.Seen(var id, var at, ServerState state) -> {
                List<String> lines = new ArrayList<>();
                lines.add("MySQL " + state.version() + (quarantined ? " · in quarantine" : ""));
                if (!primary) {
                    lines.add(executed.map(all -> gap(all.minus(state.executed()).count()))
                            .orElse("GTID gap: the primary was not seen"));
                }
                lines.add("semi-sync: " + semiSync(state.semiSync(), primary));
                if (host.orElse(null) instanceof HostView.Seen seen) {
                    disk(seen.disk()).map(line -> line + (wantsRoom(cluster, host) ? ", nearly full" : ""))
                            .ifPresent(lines::add);
                }
                String problem = problem(state);
                boolean wrongMode = primary != (state.writeMode() == WriteMode.WRITABLE);
                yield new Server(node.toString(), role,
                        problem != null || wrongMode || wantsRoom(cluster, host) ? "warn" : "good",
                        mode(state.writeMode()), lines, problem, holds, x, y);
            }
        };
    }

    private static boolean wantsRoom(Cluster cluster, Optional<HostView> host) {
        return host.orElse(null) instanceof HostView.Seen seen && seen.disk().state() == Disk.State.WORKING
                && seen.disk().nearlyFull(cluster.detection().writes().warningPercent());
    }

    private static Optional<String> disk(Disk disk) {
        return switch (disk.state()) {
            case UNKNOWN -> Optional.empty();
            case WORKING -> Optional.of("disk: " + disk.usedPercent() + " % used")
                    .filter(
                            line -> disk.usedPercent() >= 0);
            case STALLED -> Optional.of("disk: does not answer");
            case FULL -> Optional.of("disk: full");
            case READ_ONLY -> Optional.of("disk: mounted read-only");
        };
    }

    private static String gap(long missing) {
        return missing == 0 ? "GTID gap: none" : "GTID gap: lacks " + missing;
    }

    private static String mode(WriteMode mode) {
        return switch (mode) {
            case WRITABLE -> "accepts writes";
            case READ_ONLY -> "read-only";
            case SUPER_READ_ONLY -> "super-read-only";
        };
    }

    private static String semiSync(SemiSync semiSync, boolean primary) {
        if (primary) {
            return semiSync.source() instanceof SemiSync.SourceSide.Present source && source.enabled()
                    ? source.operating()
                            ? "waits for " + source.waitCount() + " of " + source.clients()
                            : "fell back to asynchronous"
                    : "off";
        }
        return semiSync.replica() instanceof SemiSync.ReplicaSide.Present replica && replica.enabled()
                ? replica.operating() ? "acknowledges" : "on, does not acknowledge"
                : "off";
    }

    private static @Nullable String problem(ServerState state) {
        List<String> problems = new ArrayList<>();
        if (state.offline()) {
            problems.add("offline_mode is on");
        }
        state.replication().ifPresent(replica -> {
            if (replica.receiverErrno() != 0) {
                problems.add("receiver: error " + replica.receiverErrno() + ": " + replica.receiverError());
            }
            if (replica.applierErrno() != 0) {
                problems.add("applier: error " + replica.applierErrno() + ": " + replica.applierError());
            }
            if (replica.lag()
                    .map(lag -> lag.minus(replica.delay()).compareTo(Duration.ofSeconds(60)) > 0)
                    .orElse(false)) {
                problems.add("more than a minute behind");
            }
        });
        return problems.isEmpty() ? null : String.join("; ", problems);
    }
}
