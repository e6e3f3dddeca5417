package dev.switchman.verdict;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.switchman.topology.Account;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Disk;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Limits;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;

/** A healthy cluster of three to begin with: db1 is the primary, db2 and db3 follow it, the virtual IP is on db1. */
public final class Specimens {

    public static final NodeId DB1 = NodeId.of("db1", 3306);
    public static final NodeId DB2 = NodeId.of("db2", 3306);
    public static final NodeId DB3 = NodeId.of("db3", 3306);
    public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    public static final String VIP = "10.0.0.9";
    public static final LogPlaces LOGS = new LogPlaces("/srv/log/binlog", "/srv/log/binlog.index", "/srv/log/relay",
            "/srv/mysql/");

    private Specimens() {}

    public static Cluster cluster(int failures, int witnesses) {
        return cluster(new Detection(PingKind.SELECT, Duration.ofSeconds(1), Duration.ofSeconds(1), failures, witnesses,
                Duration.ofSeconds(30)));
    }

    public static Cluster cluster(Detection detection) {
        return cluster("orders", detection);
    }

    public static Cluster cluster(String name, Detection detection) {
        Duration some = Duration.ofSeconds(3);
        return new Cluster(new ClusterName(name), "test", List.of(node(DB1), node(DB2), node(DB3)),
                Optional.of(new VirtualAddress(new Host(VIP), 32, "eth0")), account(), "switchman", detection,
                new Limits(some, some, some, some, some, some, some, some, some, some, some, some, some, some, some,
                        some, some),
                new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                        Policies.ManagerLocks.MAJORITY),
                Optional.empty(),
                Optional.empty());
    }

    private static Node node(NodeId id) {
        return new Node(id, PromotionRole.ALLOWED, false, account(), TlsMode.PREFERRED, ssh(), Optional.empty());
    }

    private static SshAccess ssh() {
        return new SshAccess("root", 22, Path.of("id_ed25519"), Path.of("known_hosts"));
    }

    private static Account account() {
        return new Account("switchman", new Secret("secret"));
    }

    public static UUID uuid(NodeId node) {
        return UUID.nameUUIDFromBytes(node.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Transactions 1 to {@code last} of this node. */
    public static GtidSet written(NodeId by, long last) {
        return GtidSet.of(uuid(by), 1, last);
    }

    public static ServerState server(NodeId node, WriteMode mode, Optional<ReplicaState> replication) {
        return new ServerState(uuid(node), new ServerVersion(9, 7, 4), mode, BootMode.READ_ONLY, false, true,
                written(DB1, 100), GtidSet.empty(), true, true, 1, 1, true, true, true, List.of(), 0,
                Duration.ofHours(1),
                SemiSync.absent(), replication, LOGS);
    }

    public static ServerState primary(NodeId node) {
        return server(node, WriteMode.WRITABLE, Optional.empty());
    }

    public static ServerState replica(NodeId node, NodeId source) {
        return server(node, WriteMode.SUPER_READ_ONLY, Optional.of(channel(source, ReplicaState.Receiver.RUNNING, 0)));
    }

    public static ReplicaState channel(NodeId source, ReplicaState.Receiver receiver, int errno) {
        return channel(source, receiver, errno, true, 7, written(DB1, 100));
    }

    public static ReplicaState channel(NodeId source, ReplicaState.Receiver receiver, int errno, boolean applier,
            long heartbeats, GtidSet retrieved) {
        return new ReplicaState(source, Optional.of(uuid(source)), receiver, errno, errno == 0 ? "" : "error", applier,
                0, "", retrieved, true, Optional.of(Duration.ZERO), Duration.ZERO, Duration.ofMillis(500), heartbeats,
                Optional.of(NOON), "", 1);
    }

    public static Observation seen(NodeId node, ServerState state) {
        return new Observation.Seen(node, NOON, state);
    }

    public static HostView host(String... addresses) {
        return new HostView.Seen(true, true, HostView.Unit.NONE, HostView.Ending.RUNNING, Set.of(addresses),
                Disk.used(50));
    }

    public static Snapshot healthy() {
        return new Snapshot(cluster(2, 1), NOON, NOON, Optional.of(DB1), Set.of(),
                Map.of(DB1, seen(DB1, primary(DB1)), DB2, seen(DB2, replica(DB2, DB1)), DB3,
                        seen(DB3, replica(DB3, DB1))),
                Map.of(DB1, host("10.0.0.1", VIP), DB2, host("10.0.0.2"), DB3, host("10.0.0.3")), Optional.empty());
    }

    public static Snapshot with(Snapshot base, Observation observation) {
        Map<NodeId, Observation> servers = new HashMap<>(base.servers());
        servers.put(observation.node(), observation);
        return new Snapshot(base.cluster(), base.at(), base.since(), base.knownPrimary(), base.quarantined(), servers,
                base.hosts(),
                base.suspicion());
    }

    public static Snapshot with(Snapshot base, NodeId node, HostView view) {
        Map<NodeId, HostView> hosts = new HashMap<>(base.hosts());
        hosts.put(node, view);
        return new Snapshot(base.cluster(), base.at(), base.since(), base.knownPrimary(), base.quarantined(),
                base.servers(), hosts,
                base.suspicion());
    }

    public static Snapshot quarantining(Snapshot base, NodeId node) {
        return new Snapshot(base.cluster(), base.at(), base.since(), base.knownPrimary(), Set.of(node), base.servers(),
                base.hosts(),
                base.suspicion());
    }

    public static Snapshot knowing(Snapshot base, Optional<NodeId> primary) {
        return new Snapshot(base.cluster(), base.at(), base.since(), primary, base.quarantined(), base.servers(),
                base.hosts(),
                base.suspicion());
    }
}
