package dev.switchman.rehearsal;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Account;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Limits;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;
import dev.switchman.vip.VirtualIp;

/**
 * A cluster of three servers that exist in memory only, with their hosts and a virtual IP: as much as a failover after a
 * crash and a planned switchover need to go their whole way. All doors answer at once. Their names end in {@code .invalid}, which no resolver knows.
 */
public final class Stage implements NodeReader, NodeOperator, HostReader, RemoteShell, VirtualIp {

    /** Name of the cluster, and of everything that belongs to a rehearsal. */
    public static final String NAME = "rehearsal.invalid";

    private static final int TRANSACTIONS = 10;
    private static final List<String> EVENTS = List.of("app.nightly");

    private final Clock clock;
    private final Cluster cluster = clusterOfThree();
    private final Map<NodeId, Actor> actors = new LinkedHashMap<>();
    private GtidSet executed = GtidSet.empty();
    private CountDownLatch watched = new CountDownLatch(1);
    private CountDownLatch crashed = new CountDownLatch(1);

    private static final class Actor {

        private final UUID uuid;
        private boolean up = true;
        private WriteMode mode = WriteMode.SUPER_READ_ONLY;
        private Optional<NodeId> source = Optional.empty();
        private boolean receives = true;
        private boolean applies = true;
        private boolean waits;
        private boolean acknowledges = true;
        private boolean holdsAddress;
        private List<String> events = List.of();

        private Actor(UUID uuid) {
            this.uuid = uuid;
        }

        private void replicates() {
            receives = true;
            applies = true;
        }
    }

    public Stage(Clock clock) {
        this.clock = clock;
        begin();
    }

    private static Cluster clusterOfThree() {
        Account nobody = new Account("nobody", new Secret("none"));
        SshAccess nowhere = new SshAccess("nobody", 22, Path.of("none"), Path.of("none"));
        List<Node> nodes = List.of("a", "b", "c")
                .stream()
                .map(name -> new Node(NodeId.of(name + "." + NAME, 3306), PromotionRole.ALLOWED, false, nobody,
                        TlsMode.PREFERRED, nowhere, Optional.of("mysql.service")))
                .toList();
        Duration second = Duration.ofSeconds(1);
        return new Cluster(new ClusterName(NAME), "rehearsal", nodes,
                Optional.of(new VirtualAddress(new Host("192.0.2.1"), 32, "eth0")), nobody, "switchman",
                new Detection(PingKind.SELECT, Duration.ofMillis(300), second, 2, 1, second),
                new Limits(second, second, second, second, second, second, second, second, second, second,
                        Duration.ZERO,
                        Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5), second, second, second),
                new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                        Policies.ManagerLocks.MAJORITY),
                Optional.empty(),
                Optional.empty());
    }

    public Cluster cluster() {
        return cluster;
    }

    /** @return the primary at the beginning of each rehearsal */
    public NodeId firstPrimary() {
        return cluster.nodes().getFirst().id();
    }

    /** Puts everything back: the first server is the primary, and well; the others follow it. */
    public synchronized void begin() {
        NodeId primary = firstPrimary();
        actors.clear();
        int number = 0;
        for (Node node : cluster.nodes()) {
            Actor actor = new Actor(new UUID(0, ++number));
            if (node.id().equals(primary)) {
                actor.mode = WriteMode.WRITABLE;
                actor.waits = true;
                actor.acknowledges = false;
                actor.holdsAddress = true;
                actor.events = EVENTS;
            } else {
                actor.source = Optional.of(primary);
            }
            actors.put(node.id(), actor);
        }
        executed = GtidSet.of(new UUID(0, 1), 1, TRANSACTIONS);
        watched = new CountDownLatch(1);
        // Whoever still waits for a server of the rehearsal before would wait for ever.
        crashed.countDown();
        crashed = new CountDownLatch(1);
    }

    /** @return opens as soon as somebody waits for the primary to break */
    public synchronized CountDownLatch watched() {
        return watched;
    }

    /** Kills the first primary; its host lives. */
    public synchronized void crash() {
        actor(firstPrimary()).up = false;
        crashed.countDown();
    }

    private Actor actor(NodeId node) {
        Actor actor = actors.get(node);
        if (actor == null) {
            throw new IllegalArgumentException(node + " is not part of the rehearsal");
        }
        return actor;
    }

    private Actor actor(Node node) {
        return actor(node.id());
    }

    private Optional<Failure> failure(Node node) {
        return actor(node).up ? Optional.empty() : Optional.of(new Failure.Refused("rehearsed"));
    }

    // ---- NodeReader

    @Override
    public synchronized Ping ping(Node node, PingKind kind, String schema, Duration deadline) {
        return failure(node).<Ping>map(Ping.Failed::new).orElseGet(() -> new Ping.Answered(Duration.ZERO));
    }

    @Override
    public Ping reconnect(Node node, Duration deadline) {
        return ping(node, PingKind.CONNECT, "", deadline);
    }

    @Override
    public synchronized Observation observe(Node node, Duration deadline) {
        return failure(node)
                .<Observation>map(why -> new Observation.Unseen(node.id(), clock.instant(), why))
                .orElseGet(() -> new Observation.Seen(node.id(), clock.instant(), state(node.id(), actor(node))));
    }

    private ServerState state(NodeId id, Actor actor) {
        int clients = (int) actors.values()
                .stream()
                .filter(other -> other.source.equals(Optional.of(id)) && other.receives && other.acknowledges)
                .count();
        boolean connected = actor.receives && actor.source.filter(source -> actor(source).up).isPresent();
        SemiSync semiSync = new SemiSync(
                new SemiSync.SourceSide.Present(actor.waits, actor.waits, 1, clients, Duration.ofDays(365), true, true,
                        0),
                new SemiSync.ReplicaSide.Present(actor.acknowledges, actor.acknowledges && connected));
        return new ServerState(actor.uuid, new ServerVersion(9, 7, 0), actor.mode, BootMode.READ_ONLY, false, true,
                executed, GtidSet.empty(), true, true, 1, 1, true, true, true, actor.events, 0, Duration.ofDays(1),
                semiSync,
                actor.source.map(source -> new ReplicaState(source, Optional.of(actor(source).uuid),
                        !actor.receives ? Receiver.STOPPED : connected ? Receiver.RUNNING : Receiver.CONNECTING, 0, "",
                        actor.applies, 0, "", executed, true, Optional.of(Duration.ZERO), Duration.ZERO,
                        Duration.ofMillis(250),
                        0, Optional.of(clock.instant()), "", 1)),
                LogPlaces.UNKNOWN);
    }

    @Override
    public Sessions sessions(Node node, Duration deadline) {
        return new Sessions.Seen(List.of(), new Sessions.GlobalLock.Free());
    }

    @Override
    public Failure awaitBreak(Node node) throws InterruptedException {
        CountDownLatch end;
        synchronized (this) {
            end = node.id().equals(firstPrimary()) ? crashed : new CountDownLatch(1);
            watched.countDown();
        }
        end.await();
        return new Failure.Broken("rehearsed");
    }

    @Override
    public List<Finding> inspect(Node node, Duration deadline) {
        return List.of();
    }

    @Override
    public void forget(Node node) {}

    // ---- NodeOperator

    private Change change(Node node, Runnable change) {
        return failure(node).<Change>map(why -> new Change.Unreachable(why.sentence())).orElseGet(() -> {
            change.run();
            return new Change.Done("rehearsed");
        });
    }

    @Override
    public synchronized Fencing refuseWrites(Node node, Duration deadline) {
        return switch (change(node, () -> actor(node).mode = WriteMode.SUPER_READ_ONLY)) {
            case Change.Done done -> new Fencing.Closed(0);
            case Change other -> new Fencing.Unreachable(other.sentence());
        };
    }

    @Override
    public synchronized Change openWrites(Node node, Duration deadline) {
        return change(node, () -> actor(node).mode = WriteMode.WRITABLE);
    }

    @Override
    public synchronized Change stopReceiver(Node node, Duration deadline) {
        return change(node, () -> actor(node).receives = false);
    }

    @Override
    public synchronized Change startReplication(Node node, Duration deadline) {
        return change(node, () -> actor(node).replicates());
    }

    @Override
    public synchronized CatchUp catchUp(Node node, GtidSet target, Duration deadline, Consumer<GtidSet> missing) {
        return failure(node).<CatchUp>map(why -> new CatchUp.Unreachable(why.sentence()))
                .orElseGet(() -> new CatchUp.Reached(executed));
    }

    @Override
    public synchronized Change repoint(Node replica, Node source, Account replication, Duration deadline) {
        return change(replica, () -> {
            Actor actor = actor(replica);
            actor.source = Optional.of(source.id());
            actor.replicates();
        });
    }

    @Override
    public synchronized Change stopReplication(Node node, Duration deadline) {
        return change(node, () -> {
            Actor actor = actor(node);
            actor.receives = false;
            actor.applies = false;
        });
    }

    @Override
    public synchronized Change forgetSource(Node node, Duration deadline) {
        return change(node, () -> actor(node).source = Optional.empty());
    }

    @Override
    public synchronized Change semiSyncReplica(Node node, boolean on, Duration deadline) {
        return change(node, () -> actor(node).acknowledges = on);
    }

    @Override
    public synchronized Change semiSyncSource(Node node, boolean on, Optional<Integer> waitCount, Duration deadline) {
        return change(node, () -> actor(node).waits = on);
    }

    @Override
    public synchronized Change enableEvents(Node node, List<String> events, Duration deadline) {
        return change(node, () -> actor(node).events = List.copyOf(events));
    }

    @Override
    public synchronized Change provesWritable(Node node, Optional<Host> via, String schema, Duration deadline) {
        return actor(node).mode == WriteMode.WRITABLE && (via.isEmpty() || actor(node).holdsAddress)
                ? change(node, () -> {})
                : new Change.Rejected("rehearsed");
    }

    @Override
    public synchronized Change createSchema(Node primary, String schema, Duration deadline) {
        return change(primary, () -> {});
    }

    @Override
    public CatchUp applyRelayLogs(Node node, NodeId source, String first, GtidSet target, Duration deadline,
            Consumer<GtidSet> missing) {
        return catchUp(node, target, deadline, missing);
    }

    @Override
    public synchronized Change dropRelayLogs(Node node, Duration deadline) {
        return change(node, () -> {});
    }

    @Override
    public synchronized Change persistReadOnly(Node node, Duration deadline) {
        return change(node, () -> {});
    }

    // ---- HostReader, RemoteShell

    @Override
    public boolean warm(Node node, Duration deadline) {
        return true;
    }

    @Override
    public synchronized HostView look(Node node, Duration deadline) {
        Actor actor = actor(node);
        return new HostView.Seen(actor.up, actor.up, actor.up ? HostView.Unit.ACTIVE : HostView.Unit.FAILED,
                actor.up ? HostView.Ending.RUNNING : HostView.Ending.KILLED,
                actor.holdsAddress ? Set.of(address()) : Set.of(), Disk.used(10));
    }

    private String address() {
        return cluster.virtualIp().orElseThrow().address().name();
    }

    @Override
    public synchronized PortProbe probe(Node via, NodeId target, Duration deadline) {
        return actor(target).up ? new PortProbe.Greeted() : new PortProbe.Refused();
    }

    @Override
    public List<Finding> inspect(Node node, Optional<VirtualAddress> virtualIp, Duration deadline) {
        return List.of();
    }

    @Override
    public Ran run(Node node, List<String> command, Duration deadline) {
        return new Ran.Ended(0, "");
    }

    @Override
    public LogCopy copyLogs(Node node, Wanted wanted, Path copy, Duration deadline) {
        return new LogCopy.NotFound("rehearsed");
    }

    @Override
    public Ran putRelayLogs(Node node, LogPlaces places, String channel, List<Path> files, Duration deadline) {
        return new Ran.Ended(0, "");
    }

    @Override
    public Guarding installGuard(Cluster cluster, Node node, Duration deadline) {
        return new Guarding.Runs("rehearsed");
    }

    @Override
    public synchronized Stopping stopServer(Node node, Duration deadline) {
        actor(node).up = false;
        return new Stopping.Masked("rehearsed");
    }

    // ---- VirtualIp

    @Override
    public synchronized Moved add(Node node, VirtualAddress address, Duration deadline) {
        actor(node).holdsAddress = true;
        return new Moved.Done("rehearsed");
    }

    @Override
    public synchronized Moved remove(Node node, VirtualAddress address, Duration deadline) {
        actor(node).holdsAddress = false;
        return new Moved.Done("rehearsed");
    }

    @Override
    public synchronized Moved announce(Node node, VirtualAddress address, Duration deadline) {
        return actor(node).holdsAddress ? new Moved.Done("rehearsed") : new Moved.Failed("rehearsed");
    }

    @Override
    public synchronized Held look(Node node, VirtualAddress address, Duration deadline) {
        return actor(node).holdsAddress ? new Held.Here() : new Held.NotHere();
    }

    @Override
    public void close() {
        // Nothing is held open.
    }
}
