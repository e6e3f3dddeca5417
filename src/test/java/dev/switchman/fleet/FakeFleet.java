package dev.switchman.fleet;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Pause;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Account;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Limits;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PeerView;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;
import dev.switchman.vip.VirtualIp;

/**
 * One cluster in memory: servers with GTIDs, replication, semi-sync and write mode, their hosts, a virtual IP, clients
 * that write, and cables to cut. Deterministic: no threads, no sleeps. Every call takes a millisecond of its own clock,
 * a call to somebody silent takes its whole deadline.
 */
public final class FakeFleet
        implements
            NodeReader,
            NodeOperator,
            HostReader,
            RemoteShell,
            VirtualIp,
            Watch,
            Pause {

    private static final Duration CALL = Duration.ofMillis(1);
    private static final Host ADDRESS = new Host("10.0.0.9");

    private final Map<NodeId, Server> servers = new LinkedHashMap<>();
    private final Set<NodeId> cutFromManager = new HashSet<>();
    private final Set<Set<NodeId>> cut = new HashSet<>();
    private final Map<String, Deque<Fault>> faults = new HashMap<>();
    private final Map<String, Deque<Runnable>> hooks = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final List<String> announcements = new ArrayList<>();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-02T03:04:05Z"));
    private final FakeMemory memory = new FakeMemory();
    private Cluster cluster;

    /** How an injected failure looks. */
    public enum Fault {
        UNREACHABLE, REJECTED,
        /** The answer is lost and nothing was done. */
        UNKNOWN,
        /** The answer is lost, and it was done. */
        UNKNOWN_BUT_DONE
    }

    /** What a client was told about one write. */
    public sealed interface Written {

        record Acknowledged(GtidSet gtid) implements Written {}

        /** It hangs: written to the binary log, acknowledged by too few. */
        record Waiting(GtidSet gtid) implements Written {}

        record Refused(String why) implements Written {}
    }

    private static final class Server {

        private final NodeId id;
        private final UUID uuid;
        private ServerVersion version = new ServerVersion(9, 7, 4);
        private boolean process = true;
        private boolean serverFrozen;
        private boolean host = true;
        private boolean hostFrozen;
        private boolean masked;
        private boolean holdsAddress;
        private boolean refusesFence;
        private boolean refusesStop;
        private WriteMode mode = WriteMode.SUPER_READ_ONLY;
        private BootMode boot = BootMode.READ_ONLY;
        private GtidSet executed = GtidSet.empty();
        private GtidSet logged = GtidSet.empty();
        private GtidSet relay = GtidSet.empty();
        private GtidSet purged = GtidSet.empty();
        private boolean logReplicaUpdates = true;
        private boolean schema = true;
        private int preparedXa;
        private Duration applyTime = Duration.ZERO;
        private Optional<Channel> channel = Optional.empty();
        private boolean semiSyncPlugin;
        private boolean waits;
        private int waitCount = 1;
        private Duration timeout = Duration.ofDays(365);
        private boolean acknowledges;
        private List<String> events = new ArrayList<>();

        private Server(NodeId id, int number) {
            this.id = id;
            this.uuid = new UUID(0, number);
        }

        private GtidSet holds() {
            return executed.union(relay);
        }
    }

    private static final class Channel {

        private NodeId source;
        private Optional<UUID> sourceUuid = Optional.empty();
        private boolean receiver = true;
        private boolean applier = true;
        private int receiverErrno;
        private int applierErrno;
        private Duration delay = Duration.ZERO;
        private String filters = "";

        private Channel(NodeId source) {
            this.source = source;
        }
    }

    private FakeFleet(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * A healthy cluster with semi-sync and a virtual IP; the first server is the primary and has events, the others
     * follow it. The memory knows its last healthy moment.
     */
    public static FakeFleet of(String... hosts) {
        FakeFleet fleet = new FakeFleet(cluster(hosts));
        int number = 1;
        for (Node node : fleet.cluster.nodes()) {
            fleet.servers.put(node.id(), new Server(node.id(), number++));
        }
        NodeId primary = fleet.cluster.nodes().getFirst().id();
        fleet.servers.values().forEach(server -> {
            server.semiSyncPlugin = true;
            if (server.id.equals(primary)) {
                server.mode = WriteMode.WRITABLE;
                server.waits = true;
                server.holdsAddress = true;
                server.events = new ArrayList<>(List.of("shop.nightly"));
            } else {
                server.channel = Optional.of(new Channel(primary));
                server.acknowledges = true;
            }
        });
        fleet.flow();
        for (int i = 0; i < 10; i++) {
            fleet.write(primary);
        }
        fleet.seenHealthy(primary);
        return fleet;
    }

    private static Cluster cluster(String... hosts) {
        Account account = new Account("switchman", new Secret("secret"));
        List<Node> nodes = Arrays.stream(hosts)
                .map(host -> new Node(NodeId.of(host, 3306), PromotionRole.ALLOWED, false, account, TlsMode.PREFERRED,
                        new SshAccess("root", 22, Path.of("id_ed25519"), Path.of("known_hosts")),
                        Optional.of("mysql.service")))
                .toList();
        return new Cluster(new ClusterName("shop"), "production", nodes,
                Optional.of(new VirtualAddress(ADDRESS, 32, "eth0")), new Account("replica", new Secret("secret")),
                "switchman",
                new Detection(PingKind.SELECT, Duration.ofSeconds(1), Duration.ofSeconds(1), 3, 1,
                        Duration.ofSeconds(30)),
                new Limits(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(3), Duration.ofMillis(500),
                        Duration.ofMinutes(1), Duration.ofSeconds(3), Duration.ofSeconds(5), Duration.ofSeconds(5),
                        Duration.ofSeconds(30), Duration.ofHours(8), Duration.ofMinutes(5), Duration.ofMinutes(15)),
                new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER), Optional.empty());
    }

    // What tests arrange.

    public Cluster cluster() {
        return cluster;
    }

    public ManualClock clock() {
        return clock;
    }

    public FakeMemory memory() {
        return memory;
    }

    public Node node(String host) {
        return cluster.node(NodeId.of(host, 3306));
    }

    public synchronized void configure(String host, UnaryOperator<Node> change) {
        NodeId id = NodeId.of(host, 3306);
        cluster = with(cluster.nodes().stream().map(node -> node.id().equals(id) ? change.apply(node) : node).toList(),
                cluster.virtualIp(), cluster.policies());
    }

    public synchronized void role(String host, PromotionRole role) {
        configure(host, node -> new Node(node.id(), role, node.ignoreFailure(), node.mysql(), node.tls(), node.ssh(),
                node.unit()));
    }

    public synchronized void ignoreFailure(String host) {
        configure(host, node -> new Node(node.id(), node.role(), true, node.mysql(), node.tls(), node.ssh(),
                node.unit()));
    }

    /** No service manager on this host. */
    public synchronized void withoutUnit(String host) {
        configure(host, node -> new Node(node.id(), node.role(), node.ignoreFailure(), node.mysql(), node.tls(),
                node.ssh(), Optional.empty()));
    }

    public synchronized void policies(Policies policies) {
        cluster = with(cluster.nodes(), cluster.virtualIp(), policies);
    }

    public synchronized void withoutVirtualIp() {
        cluster = with(cluster.nodes(), Optional.empty(), cluster.policies());
    }

    private Cluster with(List<Node> nodes, Optional<VirtualAddress> address, Policies policies) {
        return new Cluster(cluster.name(), cluster.tier(), nodes, address, cluster.replication(), cluster.pingSchema(),
                cluster.detection(), cluster.limits(), policies, cluster.mail());
    }

    /** Asynchronous replication, on all servers. */
    public synchronized void withoutSemiSync() {
        servers.values().forEach(server -> {
            server.semiSyncPlugin = false;
            server.waits = false;
            server.acknowledges = false;
        });
        seenHealthy(memory.knownPrimary(cluster.name()).orElseThrow());
    }

    public synchronized void waitCount(String host, int count) {
        server(host).waitCount = count;
    }

    public synchronized void semiSyncTimeout(String host, Duration timeout) {
        server(host).timeout = timeout;
    }

    public synchronized void boots(String host, BootMode mode) {
        server(host).boot = mode;
    }

    public synchronized void version(String host, String version) {
        server(host).version = ServerVersion.parse(version);
    }

    public synchronized void withoutSchema() {
        servers.values().forEach(server -> server.schema = false);
    }

    public synchronized void logReplicaUpdates(String host, boolean on) {
        server(host).logReplicaUpdates = on;
    }

    public synchronized void preparedXa(String host, int count) {
        server(host).preparedXa = count;
    }

    /** From now on this replica's applier needs that long for what it has received. */
    public synchronized void appliesSlowly(String host, Duration time) {
        server(host).applyTime = time;
    }

    public synchronized void applierFails(String host, int errno) {
        Channel channel = server(host).channel.orElseThrow();
        channel.applier = false;
        channel.applierErrno = errno;
    }

    public synchronized void purge(String host, GtidSet set) {
        server(host).purged = server(host).purged.union(set);
    }

    /** Makes a server answer that it cannot be closed. */
    public synchronized void refusesFence(String host) {
        server(host).refusesFence = true;
    }

    public synchronized void refusesStop(String host) {
        server(host).refusesStop = true;
    }

    /** Replication stops without anybody having asked for it. */
    public synchronized void receiverStops(String host) {
        server(host).channel.orElseThrow().receiver = false;
    }

    public synchronized void semiSyncOff(String host) {
        server(host).waits = false;
    }

    /** mysqld is killed; its host lives. */
    public synchronized void crash(String host) {
        server(host).process = false;
        flow();
    }

    /** The whole host goes silent: no power. */
    public synchronized void silence(String host) {
        server(host).host = false;
        flow();
    }

    /** Host and server stand still, memory intact. */
    public synchronized void freeze(String host) {
        server(host).hostFrozen = true;
        flow();
    }

    /** mysqld alone stands still: connects, and answers nobody. */
    public synchronized void freezeServer(String host) {
        server(host).serverFrozen = true;
        flow();
    }

    public synchronized void thaw(String host) {
        server(host).hostFrozen = false;
        server(host).serverFrozen = false;
        flow();
    }

    /** mysqld comes up again on a living host, as it boots. */
    public synchronized void restart(String host) {
        Server server = server(host);
        if (server.masked) {
            throw new IllegalStateException(host + " is masked and cannot be started");
        }
        server.host = true;
        server.process = true;
        server.serverFrozen = false;
        server.hostFrozen = false;
        server.mode = server.boot == BootMode.READ_ONLY ? WriteMode.SUPER_READ_ONLY : WriteMode.WRITABLE;
        server.executed = server.executed.union(server.logged);
        flow();
    }

    /** The host boots: no address, then mysqld as in {@link #restart}. */
    public synchronized void reboot(String host) {
        server(host).holdsAddress = false;
        restart(host);
    }

    public synchronized void cutFromManager(String host) {
        cutFromManager.add(server(host).id);
    }

    public synchronized void mendToManager(String host) {
        cutFromManager.remove(server(host).id);
    }

    public synchronized void cut(String one, String other) {
        cut.add(Set.of(server(one).id, server(other).id));
        flow();
    }

    public synchronized void mend(String one, String other) {
        cut.remove(Set.of(server(one).id, server(other).id));
        flow();
    }

    /** The next call of this door method for this node fails in this way. */
    public synchronized void fail(String method, String host, Fault fault) {
        faults.computeIfAbsent(method + " " + server(host).id, key -> new ArrayDeque<>()).add(fault);
    }

    /** Does something right before the next call of this door method for this node. */
    public synchronized void before(String method, String host, Runnable hook) {
        hooks.computeIfAbsent(method + " " + server(host).id, key -> new ArrayDeque<>()).add(hook);
    }

    /** A client of this server writes. */
    public synchronized Written write(String host) {
        return write(server(host).id);
    }

    /** A client writes to whoever holds the virtual IP. */
    public synchronized Written writeThroughAddress() {
        return servers.values()
                .stream()
                .filter(server -> server.holdsAddress && server.host && !server.hostFrozen)
                .findFirst()
                .map(server -> write(server.id))
                .orElse(new Written.Refused("nobody holds the address"));
    }

    private Written write(NodeId id) {
        Server server = server(id);
        if (!serves(server)) {
            return new Written.Refused("no answer");
        }
        if (server.mode != WriteMode.WRITABLE) {
            return new Written.Refused("error 1290: " + server.mode);
        }
        GtidSet own = server.executed.union(server.logged).union(server.purged).restrictedTo(Set.of(server.uuid));
        GtidSet gtid = GtidSet.of(server.uuid, own.count() + 1, own.count() + 1);
        server.logged = server.logged.union(gtid);
        flow();
        if (!server.waits) {
            server.executed = server.executed.union(gtid);
            flow();
            return new Written.Acknowledged(gtid);
        }
        long acknowledged = replicasOf(server).stream()
                .filter(replica -> replica.acknowledges && replica.holds().contains(gtid))
                .count();
        if (acknowledged < server.waitCount) {
            return new Written.Waiting(gtid);
        }
        server.executed = server.executed.union(gtid);
        flow();
        return new Written.Acknowledged(gtid);
    }

    /** A transaction of its own on a replica, past all read-only: an errant one. */
    public synchronized GtidSet writeErrant(String host) {
        Server server = server(host);
        WriteMode mode = server.mode;
        boolean waits = server.waits;
        server.mode = WriteMode.WRITABLE;
        server.waits = false;
        Written written = write(server.id);
        server.mode = mode;
        server.waits = waits;
        return ((Written.Acknowledged) written).gtid();
    }

    /** What the watch would have remembered, were this its last healthy look. */
    public synchronized void seenHealthy(NodeId primary) {
        Server server = server(primary);
        memory.rememberPrimary(cluster.name(), primary);
        memory.rememberHealthy(cluster.name(), new ClusterMemory.LastHealthy(primary, clock.instant(), server.executed,
                semiSync(server).source(), server.boot == BootMode.READ_ONLY, true, List.copyOf(server.events),
                servers.values()
                        .stream()
                        .filter(other -> other.acknowledges && !other.id.equals(primary))
                        .map(other -> other.id)
                        .collect(Collectors.toSet())));
        Map<NodeId, GtidSet> sets = new HashMap<>();
        servers.values().forEach(other -> sets.put(other.id, other.holds()));
        memory.rememberSets(cluster.name(), sets);
    }

    public void seenHealthy(String host) {
        seenHealthy(server(host).id);
    }

    // What tests look at.

    /** Every call that reached a door, in order: {@code openWrites db2:3306}. */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    public synchronized List<String> announcements() {
        return List.copyOf(announcements);
    }

    public synchronized Set<String> holders() {
        return servers.values()
                .stream()
                .filter(server -> server.holdsAddress)
                .map(server -> server.id.host().name())
                .collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    public synchronized List<String> enabledEvents(String host) {
        return List.copyOf(server(host).events);
    }

    public synchronized boolean masked(String host) {
        return server(host).masked;
    }

    /** Whether the quarantined server's fence is proven; empty when it is not in quarantine. */
    public Optional<Boolean> fenceProven(String host) {
        return Optional.ofNullable(memory.quarantined(cluster.name()).get(NodeId.of(host, 3306)))
                .map(ClusterMemory.Quarantine::fenceProven);
    }

    /** The true state, whether it can be reached or not. */
    public synchronized ServerState state(String host) {
        flow();
        return state(server(host));
    }

    // Replication.

    private boolean serves(Server server) {
        return server.host && !server.hostFrozen && server.process && !server.serverFrozen;
    }

    private boolean connected(Server replica) {
        return serves(replica) && replica.channel.filter(channel -> channel.receiver)
                .map(channel -> server(channel.source))
                .filter(source -> serves(source) && !cut.contains(Set.of(source.id, replica.id)))
                .isPresent();
    }

    private List<Server> replicasOf(Server source) {
        return servers.values()
                .stream()
                .filter(replica -> connected(replica)
                        && replica.channel.filter(channel -> channel.source.equals(source.id)).isPresent())
                .toList();
    }

    /** Lets everything flow that can flow now. */
    private void flow() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Server replica : servers.values()) {
                moved |= receive(replica) | apply(replica);
            }
        }
    }

    private boolean receive(Server replica) {
        if (!connected(replica)) {
            return false;
        }
        Channel channel = replica.channel.orElseThrow();
        Server source = server(channel.source);
        channel.sourceUuid = Optional.of(source.uuid);
        if (!replica.holds().contains(source.purged)) {
            channel.receiver = false;
            channel.receiverErrno = 1236;
            return true;
        }
        GtidSet served = source.logReplicaUpdates ? source.executed.union(source.logged) : source.logged;
        GtidSet fresh = served.minus(replica.holds());
        replica.relay = replica.relay.union(fresh);
        return !fresh.isEmpty();
    }

    private boolean apply(Server replica) {
        boolean applies = serves(replica) && replica.channel.filter(channel -> channel.applier).isPresent()
                && replica.applyTime.isZero();
        if (!applies || replica.executed.contains(replica.relay)) {
            return false;
        }
        replica.executed = replica.executed.union(replica.relay);
        return true;
    }

    private Server server(String host) {
        return server(NodeId.of(host, 3306));
    }

    private Server server(NodeId id) {
        Server server = servers.get(id);
        if (server == null) {
            throw new IllegalArgumentException("no server " + id);
        }
        return server;
    }

    // Doors: how calls travel.

    private void begin(String method, Node node) {
        clock.advance(CALL);
        Deque<Runnable> waiting = hooks.getOrDefault(method + " " + node.id(), new ArrayDeque<>());
        if (!waiting.isEmpty()) {
            waiting.remove().run();
        }
        calls.add(method + " " + node.id());
        flow();
    }

    private Optional<Fault> fault(String method, Node node) {
        Deque<Fault> waiting = faults.getOrDefault(method + " " + node.id(), new ArrayDeque<>());
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.remove());
    }

    private boolean hostAnswers(Server server) {
        return server.host && !server.hostFrozen && !cutFromManager.contains(server.id);
    }

    private Optional<Failure> failure(Node node, Duration deadline) {
        Server server = server(node.id());
        if (!hostAnswers(server) || server.serverFrozen) {
            clock.advance(deadline);
            return Optional.of(new Failure.TimedOut(deadline, "silent"));
        }
        return server.process ? Optional.empty() : Optional.of(new Failure.Refused("nobody listens"));
    }

    private synchronized Change change(String method, Node node, Duration deadline, Supplier<Change> act) {
        begin(method, node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new Change.Unreachable(failure.get().sentence());
        }
        Optional<Fault> fault = fault(method, node);
        if (fault.isEmpty()) {
            Change change = act.get();
            flow();
            return change;
        }
        return switch (fault.get()) {
            case UNREACHABLE -> new Change.Unreachable("as told");
            case REJECTED -> new Change.Rejected("as told");
            case UNKNOWN -> new Change.Unknown("the answer was lost");
            case UNKNOWN_BUT_DONE -> {
                Change done = act.get();
                flow();
                yield new Change.Unknown("the answer was lost: " + done.sentence());
            }
        };
    }

    // NodeReader

    @Override
    public synchronized Ping ping(Node node, PingKind kind, String schema, Duration deadline) {
        return reconnect(node, deadline);
    }

    @Override
    public synchronized Ping reconnect(Node node, Duration deadline) {
        begin("reconnect", node);
        return failure(node, deadline).<Ping>map(Ping.Failed::new).orElse(new Ping.Answered(CALL));
    }

    @Override
    public synchronized Observation observe(Node node, Duration deadline) {
        begin("observe", node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isEmpty() && fault("observe", node).isPresent()) {
            failure = Optional.of(new Failure.TimedOut(deadline, "as told"));
        }
        return failure.<Observation>map(why -> new Observation.Unseen(node.id(), clock.instant(), why))
                .orElseGet(() -> new Observation.Seen(node.id(), clock.instant(), state(server(node.id()))));
    }

    private ServerState state(Server server) {
        return new ServerState(server.uuid, server.version, server.mode, server.boot, false, true, server.executed,
                server.purged, true, server.logReplicaUpdates, 1, 1, false, true, List.copyOf(server.events),
                server.preparedXa, Duration.ofDays(1), semiSync(server),
                server.channel.map(channel -> replica(server, channel)));
    }

    private ReplicaState replica(Server server, Channel channel) {
        ReplicaState.Receiver receiver = !channel.receiver
                ? ReplicaState.Receiver.STOPPED
                : connected(server) ? ReplicaState.Receiver.RUNNING : ReplicaState.Receiver.CONNECTING;
        boolean applied = server.executed.contains(server.relay);
        return new ReplicaState(channel.source, channel.sourceUuid, receiver, channel.receiverErrno,
                channel.receiverErrno == 0 ? "" : "purged", channel.applier, channel.applierErrno,
                channel.applierErrno == 0 ? "" : "as told", server.relay, true,
                Optional.of(applied ? Duration.ZERO : Duration.ofSeconds(5)), channel.delay, Duration.ofSeconds(1), 7,
                Optional.of(clock.instant()), channel.filters, 1);
    }

    private SemiSync semiSync(Server server) {
        if (!server.semiSyncPlugin) {
            return SemiSync.absent();
        }
        int clients = (int) replicasOf(server).stream().filter(replica -> replica.acknowledges).count();
        return new SemiSync(
                new SemiSync.SourceSide.Present(server.waits, server.waits, server.waitCount, clients, server.timeout,
                        true, true, 0),
                new SemiSync.ReplicaSide.Present(server.acknowledges, server.acknowledges && connected(server)));
    }

    @Override
    public synchronized Failure awaitBreak(Node node) {
        return failure(node, Duration.ZERO).orElse(new Failure.Broken("a fake has nothing to wait with"));
    }

    @Override
    public List<Finding> inspect(Node node, Duration deadline) {
        return List.of();
    }

    @Override
    public void forget(Node node) {}

    // NodeOperator

    @Override
    public synchronized Fencing refuseWrites(Node node, Duration deadline) {
        begin("refuseWrites", node);
        Server server = server(node.id());
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new Fencing.Unreachable(failure.get().sentence());
        }
        Optional<Fault> fault = fault("refuseWrites", node);
        if (fault.filter(kind -> kind == Fault.UNREACHABLE).isPresent()) {
            return new Fencing.Unreachable("as told");
        }
        if (server.refusesFence || fault.filter(kind -> kind == Fault.REJECTED).isPresent()) {
            return new Fencing.Refused("a commit waits for its acknowledgement");
        }
        if (!fault.equals(Optional.of(Fault.UNKNOWN))) {
            server.mode = WriteMode.SUPER_READ_ONLY;
        }
        return fault.isPresent() ? new Fencing.Unknown("the answer was lost") : new Fencing.Closed(3);
    }

    @Override
    public Change openWrites(Node node, Duration deadline) {
        return change("openWrites", node, deadline, () -> {
            server(node.id()).mode = WriteMode.WRITABLE;
            return new Change.Done("super_read_only=0 read back");
        });
    }

    @Override
    public Change stopReceiver(Node node, Duration deadline) {
        return change("stopReceiver", node, deadline, () -> {
            server(node.id()).channel.ifPresent(channel -> channel.receiver = false);
            return new Change.Done("receiver stopped");
        });
    }

    @Override
    public Change startReplication(Node node, Duration deadline) {
        return change("startReplication", node, deadline, () -> {
            server(node.id()).channel.ifPresent(channel -> {
                channel.receiver = true;
                channel.applier = channel.applierErrno == 0;
            });
            return new Change.Done("replication started");
        });
    }

    @Override
    public synchronized CatchUp catchUp(Node node, GtidSet target, Duration deadline) {
        begin("catchUp", node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new CatchUp.Unreachable(failure.get().sentence());
        }
        if (fault("catchUp", node).isPresent()) {
            return new CatchUp.Unreachable("as told");
        }
        Server server = server(node.id());
        int errno = server.channel.map(channel -> channel.applierErrno).orElse(0);
        if (errno != 0 && !server.executed.contains(target)) {
            return new CatchUp.Stopped(errno, "as told");
        }
        server.channel.ifPresent(channel -> channel.applier = true);
        if (!server.applyTime.isZero() && server.applyTime.compareTo(deadline) <= 0) {
            clock.advance(server.applyTime);
            server.applyTime = Duration.ZERO;
        }
        flow();
        if (server.executed.contains(target)) {
            return new CatchUp.Reached(server.executed);
        }
        clock.advance(deadline);
        return new CatchUp.Behind(target.minus(server.executed));
    }

    @Override
    public Change repoint(Node replica, Node source, Account replication, Duration deadline) {
        return change("repoint", replica, deadline, () -> {
            Server server = server(replica.id());
            boolean applying = server.channel.filter(channel -> channel.applier).isPresent();
            if (!applying && !server.executed.contains(server.relay)) {
                return new Change.Rejected("the applier stands, and CHANGE would delete the relay log");
            }
            Channel channel = server.channel.orElseGet(() -> new Channel(source.id()));
            channel.source = source.id();
            channel.receiver = true;
            channel.receiverErrno = 0;
            channel.applier = channel.applierErrno == 0;
            server.channel = Optional.of(channel);
            flow();
            if (connected(server)) {
                return new Change.Done("follows " + source);
            }
            clock.advance(deadline);
            return new Change.Unknown("the receiver does not run: error " + channel.receiverErrno);
        });
    }

    @Override
    public Change forgetSource(Node node, Duration deadline) {
        return change("forgetSource", node, deadline, () -> {
            server(node.id()).channel = Optional.empty();
            server(node.id()).relay = GtidSet.empty();
            return new Change.Done("it has no source any more");
        });
    }

    @Override
    public Change semiSyncReplica(Node node, boolean on, Duration deadline) {
        return change("semiSyncReplica", node, deadline, () -> {
            Server server = server(node.id());
            if (!server.semiSyncPlugin) {
                return on ? new Change.Rejected("the plugin is not loaded") : new Change.Done("not loaded");
            }
            server.acknowledges = on;
            return new Change.Done("acknowledging side " + (on ? "on" : "off"));
        });
    }

    @Override
    public Change semiSyncSource(Node node, boolean on, Optional<Integer> waitCount, Duration deadline) {
        return change("semiSyncSource", node, deadline, () -> {
            Server server = server(node.id());
            if (!server.semiSyncPlugin) {
                return on ? new Change.Rejected("the plugin is not loaded") : new Change.Done("not loaded");
            }
            server.waits = on;
            server.waitCount = waitCount.orElse(server.waitCount);
            return new Change.Done("waiting side " + (on ? "on" : "off"));
        });
    }

    @Override
    public Change enableEvents(Node node, List<String> events, Duration deadline) {
        return change("enableEvents", node, deadline, () -> {
            server(node.id()).events = new ArrayList<>(events);
            return new Change.Done("enabled " + events);
        });
    }

    @Override
    public Change provesWritable(Node node, Optional<Host> via, String schema, Duration deadline) {
        return change("provesWritable", node, deadline, () -> {
            Server server = server(node.id());
            if (via.isPresent() && !server.holdsAddress) {
                return new Change.Rejected("another server answers at " + via.get());
            }
            if (!server.schema) {
                return new Change.Rejected("there is no schema " + schema);
            }
            return switch (write(node.id())) {
                case Written.Acknowledged(GtidSet gtid) -> new Change.Done("wrote " + gtid);
                case Written.Waiting(GtidSet gtid) -> new Change.Unknown("waits for an acknowledgement");
                case Written.Refused(String why) -> new Change.Rejected(why);
            };
        });
    }

    @Override
    public Change createSchema(Node primary, String schema, Duration deadline) {
        return change("createSchema", primary, deadline, () -> {
            server(primary.id()).schema = true;
            return new Change.Done("made");
        });
    }

    @Override
    public Change persistReadOnly(Node node, Duration deadline) {
        return change("persistReadOnly", node, deadline, () -> {
            server(node.id()).boot = BootMode.READ_ONLY;
            return new Change.Done("persisted");
        });
    }

    // HostReader and RemoteShell

    @Override
    public synchronized boolean warm(Node node, Duration deadline) {
        return hostAnswers(server(node.id()));
    }

    @Override
    public synchronized HostView look(Node node, Duration deadline) {
        begin("look", node);
        Server server = server(node.id());
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new HostView.Silent("no answer");
        }
        return new HostView.Seen(server.process, server.process,
                node.unit().isEmpty()
                        ? HostView.Unit.NONE
                        : server.masked
                                ? HostView.Unit.MASKED
                                : server.process ? HostView.Unit.ACTIVE : HostView.Unit.FAILED,
                server.process ? HostView.Ending.RUNNING : HostView.Ending.KILLED,
                server.holdsAddress ? Set.of(ADDRESS.name()) : Set.of(), 10);
    }

    @Override
    public synchronized PortProbe probe(Node via, NodeId target, Duration deadline) {
        begin("probe", via);
        if (!hostAnswers(server(via.id()))) {
            return new PortProbe.Abstained("no answer");
        }
        Server server = server(target);
        if (!server.host || server.hostFrozen || cut.contains(Set.of(via.id(), target))) {
            return new PortProbe.TimedOut();
        }
        return !server.process
                ? new PortProbe.Refused()
                : server.serverFrozen ? new PortProbe.Mute() : new PortProbe.Greeted();
    }

    @Override
    public List<Finding> inspect(Node node, Optional<VirtualAddress> virtualIp, Duration deadline) {
        return List.of();
    }

    @Override
    public synchronized Ran run(Node node, List<String> command, Duration deadline) {
        begin("run", node);
        return hostAnswers(server(node.id())) ? new Ran.Ended(0, "") : new Ran.Unreachable("no answer");
    }

    @Override
    public synchronized Stopping stopServer(Node node, Duration deadline) {
        begin("stopServer", node);
        Server server = server(node.id());
        Optional<Fault> fault = fault("stopServer", node);
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new Stopping.Unreachable("no answer within " + deadline.toMillis() + " ms");
        }
        if (fault.isPresent()) {
            return new Stopping.Unknown("the answer was lost");
        }
        if (server.refusesStop) {
            return new Stopping.Refused("mysqld is in uninterruptible sleep");
        }
        server.process = false;
        flow();
        if (node.unit().isEmpty()) {
            return new Stopping.Gone("no mysqld runs");
        }
        server.masked = true;
        return new Stopping.Masked("no mysqld runs, mysql.service is masked");
    }

    // VirtualIp

    @Override
    public synchronized Moved add(Node node, VirtualAddress address, Duration deadline) {
        return moved("add", node, deadline, () -> {
            server(node.id()).holdsAddress = true;
            return new Moved.Done(address.cidr() + " added");
        });
    }

    @Override
    public synchronized Moved remove(Node node, VirtualAddress address, Duration deadline) {
        return moved("remove", node, deadline, () -> {
            server(node.id()).holdsAddress = false;
            return new Moved.Done(address.cidr() + " removed");
        });
    }

    @Override
    public synchronized Moved announce(Node node, VirtualAddress address, Duration deadline) {
        return moved("announce", node, deadline, () -> {
            if (!server(node.id()).holdsAddress) {
                return new Moved.Failed("it does not hold " + address.cidr());
            }
            announcements.add(node.id().host().name());
            return new Moved.Done(address.cidr() + " announced");
        });
    }

    private Moved moved(String method, Node node, Duration deadline, Supplier<Moved> act) {
        begin(method, node);
        Optional<Fault> fault = fault(method, node);
        if (!hostAnswers(server(node.id()))) {
            clock.advance(deadline);
            return new Moved.Unreachable("no answer within " + deadline.toMillis() + " ms");
        }
        return fault.isPresent() ? new Moved.Failed("as told") : act.get();
    }

    @Override
    public synchronized Held look(Node node, VirtualAddress address, Duration deadline) {
        begin("look", node);
        Server server = server(node.id());
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new Held.Unknown("no answer");
        }
        return server.holdsAddress ? new Held.Here() : new Held.NotHere();
    }

    // Watch and Pause

    @Override
    public void start() {}

    @Override
    public Optional<Sight> sight(ClusterName name) {
        return Optional.empty();
    }

    @Override
    public synchronized Snapshot confirm(ClusterName name) {
        if (!name.equals(cluster.name())) {
            throw new IllegalArgumentException("no cluster " + name);
        }
        Duration deadline = cluster.detection().timeout();
        Map<NodeId, Observation> looks = new LinkedHashMap<>();
        Map<NodeId, HostView> hosts = new LinkedHashMap<>();
        for (Node node : cluster.nodes()) {
            looks.put(node.id(), observe(node, deadline));
            hosts.put(node.id(), look(node, deadline));
        }
        Optional<NodeId> primary = memory.knownPrimary(name);
        return new Snapshot(cluster, clock.instant(), primary, memory.quarantined(name).keySet(), looks, hosts,
                primary.flatMap(id -> suspicion(id, looks, hosts)));
    }

    private Optional<Suspicion> suspicion(NodeId primary, Map<NodeId, Observation> looks, Map<NodeId, HostView> hosts) {
        if (!(looks.get(primary) instanceof Observation.Unseen unseen)) {
            return Optional.empty();
        }
        List<PeerView> peers = cluster.others(primary)
                .stream()
                .map(node -> new PeerView(node.id(), seen(looks, node), hears(node, primary),
                        probe(node, primary, cluster.detection().timeout())))
                .toList();
        HostView host = hosts.get(primary);
        return Optional.of(new Suspicion(primary, clock.instant().minus(cluster.detection().interval().multipliedBy(3)),
                3, unseen.failure(), new Ping.Failed(unseen.failure()),
                host == null ? new HostView.Silent("not looked at") : host, peers));
    }

    private static Observation seen(Map<NodeId, Observation> looks, Node node) {
        Observation look = looks.get(node.id());
        if (look == null) {
            throw new IllegalStateException("no look at " + node);
        }
        return look;
    }

    private PeerView.Hearing hears(Node node, NodeId primary) {
        Server server = server(node.id());
        if (!hostAnswers(server) || !serves(server)) {
            return PeerView.Hearing.UNKNOWN;
        }
        return connected(server) && server.channel.filter(channel -> channel.source.equals(primary)).isPresent()
                ? PeerView.Hearing.HEARS
                : PeerView.Hearing.LOST;
    }

    @Override
    public void of(Duration time) {
        clock.advance(time);
    }

    @Override
    public void close() {}
}
