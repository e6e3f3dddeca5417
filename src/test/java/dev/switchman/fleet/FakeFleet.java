package dev.switchman.fleet;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.Watch;
import dev.switchman.mysql.LogPoint;
import dev.switchman.runbook.Pause;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Account;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Detection;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Hooks;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Limits;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PeerView;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.TrialWrite;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;

/**
 * One cluster in memory: servers with GTIDs, replication, semi-sync and write mode, their hosts, a virtual IP, clients
 * that write, and cables to cut. Deterministic: no threads, no sleeps. Every call takes a millisecond of its own clock,
 * a call to somebody silent takes its whole deadline.
 */
public final class FakeFleet extends FakeHosts implements Watch, Claims, Pause {

    private static final TrialWrite NO_TRIAL = new TrialWrite.Untold("none was made");

    private final FakeMemory memory = new FakeMemory();
    private Claim claim = new Claim.Held("holds the manager's lock on all servers");

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

    /** What a client's session is busy with. */
    public enum Work {
        NOTHING,
        /** A statement that writes until it is ended. */
        WRITE,
        /** {@code LOCK TABLES … WRITE} */
        TABLE_LOCK
    }

    private FakeFleet(Cluster cluster) {
        super(cluster);
    }

    /**
     * A healthy cluster with semi-sync and a virtual IP; the first server is the primary and has events, the others
     * follow it. The memory knows its last healthy moment.
     */
    public static FakeFleet of(String... hosts) {
        FakeFleet fleet = new FakeFleet(cluster(hosts));
        int number = 1;
        for (Node node : fleet.cluster.nodes()) {
            fleet.servers.put(node.id(), new FakeServer(node.id(), number++));
        }
        NodeId primary = fleet.cluster.nodes().getFirst().id();
        fleet.servers.values().forEach(server -> {
            server.events.put("shop.nightly", server.id.equals(primary));
            if (server.id.equals(primary)) {
                server.mode = WriteMode.WRITABLE;
                server.waits = true;
                server.holdsAddress = true;
            } else {
                server.channel = Optional.of(new FakeChannel(primary));
                server.acknowledges = true;
            }
        });
        fleet.flow();
        fleet.schema = Optional.of(next(fleet.server(primary)));
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
                        Duration.ofSeconds(15), Duration.ofMinutes(1), Duration.ofSeconds(3), Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30), Duration.ofHours(8), Duration.ofMinutes(5), Duration.ofMinutes(15),
                        Duration.ofMinutes(5), Duration.ofSeconds(2), Duration.ofMillis(1500), Duration.ofSeconds(10)),
                new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                        Policies.ManagerLocks.MAJORITY),
                Optional.empty(),
                Optional.empty());
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

    /** Its program ends with this status; with 0 it takes the power from the host. */
    public synchronized void withHook(int status) {
        cluster = new Cluster(cluster.name(), cluster.tier(), cluster.nodes(), cluster.virtualIp(),
                cluster.replication(), cluster.pingSchema(), cluster.detection(), cluster.limits(), cluster.policies(),
                cluster.mail(), Optional.of(Path.of("/usr/local/sbin/power-off")));
        hookStatus = status;
    }

    /** Scripts of MHA's kind move the address and are told of the end; no virtual IP is configured. */
    public synchronized void withScripts() {
        withoutVirtualIp();
        cluster = cluster.with(new Hooks(Optional.of(CommandWords.parse("/etc/mha/failover --device=eth0")),
                Optional.of(CommandWords.parse("/etc/mha/online")), Optional.empty(),
                Optional.of(CommandWords.parse("/etc/mha/report")), Optional.of(CommandWords.parse("/etc/mha/second")),
                Optional.empty(), Optional.of("/etc/mha/shop.cnf"), Duration.ofSeconds(30)));
    }

    /** Commands that boxes may name. */
    public synchronized void withCommands(HostCommand... commands) {
        cluster = cluster.with(cluster.hooks().with(List.of(commands)));
    }

    /** From now on this call ends with this status. @param name such as {@code master_ip_failover_script stop} */
    public synchronized void scriptEnds(String name, int status) {
        scriptStatus.put(name, status);
    }

    public synchronized void policies(Policies policies) {
        cluster = with(cluster.nodes(), cluster.virtualIp(), policies);
    }

    public synchronized void withoutVirtualIp() {
        cluster = with(cluster.nodes(), Optional.empty(), cluster.policies());
    }

    public synchronized void tier(String tier) {
        cluster = new Cluster(cluster.name(), tier, cluster.nodes(), cluster.virtualIp(), cluster.replication(),
                cluster.pingSchema(), cluster.detection(), cluster.limits(), cluster.policies(), cluster.mail(),
                cluster.shutdownHook());
    }

    /** A client's transaction that has been open for so long. */
    public synchronized void openTransaction(String host, Duration age) {
        server(host).open = List.of(new Sessions.Open(7, "shop", age, Optional.empty()));
    }

    public synchronized void globalLock(String host) {
        server(host).globalLock = new Sessions.GlobalLock.Held(List.of("backup#9 (GLOBAL SHARED)"));
    }

    private Cluster with(List<Node> nodes, Optional<VirtualAddress> address, Policies policies) {
        return new Cluster(cluster.name(), cluster.tier(), nodes, address, cluster.replication(), cluster.pingSchema(),
                cluster.detection(), cluster.limits(), policies, cluster.mail(), cluster.shutdownHook());
    }

    /** Asynchronous replication, on all servers. */
    public synchronized void withoutSemiSync() {
        servers.values().forEach(server -> {
            server.semiSyncPlugin = false;
            server.waits = false;
            acknowledges(server, false);
        });
        seenHealthy(memory.knownPrimary(cluster.name()).orElseThrow());
    }

    private static void acknowledges(FakeServer server, boolean on) {
        server.acknowledges = on;
        server.channel.ifPresent(channel -> channel.acknowledges = on);
    }

    /** Both plugins are loaded, and neither side is on anywhere. */
    public synchronized void semiSyncIdle() {
        servers.values().forEach(server -> {
            server.waits = false;
            acknowledges(server, false);
        });
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
        schema = Optional.empty();
    }

    public synchronized void withoutEvents() {
        servers.values().forEach(server -> server.events.clear());
    }

    /** Somebody creates an event; on the replicas it is disabled. */
    public synchronized void event(String host, String name, boolean enabled) {
        servers.values().forEach(server -> server.events.putIfAbsent(name, false));
        server(host).events.put(name, enabled);
    }

    /** Switchman's account may do nothing there, as an inspection of it would tell. */
    public synchronized void revokePrivileges(String host) {
        revoked.add(NodeId.of(host, 3306));
    }

    /** The account that replicas log in with may no longer replicate from there. */
    public synchronized void closeToReplicas(String host) {
        closedToReplicas.add(NodeId.of(host, 3306));
    }

    /** An account that may log in and nothing else. */
    public synchronized Account poorAccount() {
        Account account = new Account("poor", new Secret("poor-secret"));
        poor.add(account);
        return account;
    }

    /** Somebody connects that often. @return ends what is left of these sessions */
    public synchronized Runnable sessions(String host, String user, Work work, int count) {
        FakeServer server = server(host);
        List<FakeServer.Session> sessions = IntStream.range(0, count)
                .mapToObj(i -> server.connect(user, work))
                .toList();
        return () -> disconnect(server, sessions);
    }

    private synchronized void disconnect(FakeServer server, List<FakeServer.Session> sessions) {
        server.end(sessions::contains);
    }

    public synchronized void maxConnections(String host, int most) {
        server(host).maxConnections = most;
    }

    public synchronized void logReplicaUpdates(String host, boolean on) {
        server(host).logReplicaUpdates = on;
    }

    /** What a salvage will find when it comes for this server's binary logs. */
    public synchronized void logs(String host, LogTrouble trouble) {
        server(host).logTrouble = trouble;
    }

    /** Who looks cannot tell whether it is still the life of the host in which mysqld ran. */
    public synchronized void hostLife(String host, RemoteShell.LogCopy.Life life) {
        server(host).hostLife = life;
    }

    /** What is put there takes so long. */
    public synchronized void putsSlowly(String host, Duration time) {
        server(host).putTime = time;
    }

    /** A manager that died in the middle of a salvage has left its channel there, which goes on applying. */
    public synchronized void leaveSalvage(String host) {
        server(host).salvages = true;
    }

    /** Relay logs that hold these transactions stand beside the server's own, for a salvage. */
    public synchronized void places(String host, GtidSet transactions) {
        server(host).placed = transactions;
    }

    /** {@code SET GLOBAL offline_mode=1}. */
    public synchronized void letsNobodyIn(String host) {
        server(host).offline = true;
    }

    public synchronized boolean salvages(String host) {
        return server(host).salvages;
    }

    /** {@code FLUSH BINARY LOGS}: what is written from now on stands in a new one. */
    public synchronized void rotate(String host) {
        FakeServer server = server(host);
        server.rotations.add(server.executed.union(server.logged));
    }

    /** How far this replica has come in its source's binary logs, as it will tell. */
    public synchronized void logPoint(String host, LogPosition received, LogPosition executed) {
        server(host).logPoint = new LogPoint.Seen(Optional.of(received), Optional.of(executed));
    }

    /** Where in this server's last binary log each transaction begins. */
    public synchronized List<Integer> transactionsInLastLog(String host) {
        return logs(server(host)).getLast().beginnings();
    }

    public synchronized void preparedXa(String host, int count) {
        server(host).preparedXa = count;
    }

    /** From now on this replica's applier needs that long for what it has received. */
    /** Its option file says relay_log_purge=0, and so many bytes of relay logs are there that it has applied. */
    public synchronized void keepsRelayLogs(String host, long applied) {
        server(host).relayLogPurge = false;
        server(host).keptRelayLogs = applied;
    }

    /** Somebody set relay_log_purge=1. */
    public synchronized void purgesRelayLogs(String host) {
        server(host).relayLogPurge = true;
    }

    /** @return bytes of relay logs that it has applied and that are still there */
    public synchronized long keptRelayLogs(String host) {
        return server(host).keptRelayLogs;
    }

    public synchronized void appliesSlowly(String host, Duration time) {
        server(host).applyTime = time;
    }

    /** From now on it follows that server: a chained replica, if that one is no primary. */
    public synchronized void follows(String host, String source) {
        server(host).channel.orElseThrow().source = node(source).id();
        flow();
    }

    public synchronized void delaysReplication(String host, Duration delay) {
        server(host).channel.orElseThrow().delay = delay;
    }

    public synchronized void applierStops(String host) {
        server(host).channel.orElseThrow().applier = false;
    }

    /** The applier will stumble over the next thing that it should apply. */
    public synchronized void breaksApplier(String host, int errno) {
        server(host).applyErrno = errno;
    }

    public synchronized void purge(String host, GtidSet set) {
        server(host).purged = server(host).purged.union(set);
    }

    /** Makes a server answer that it cannot be closed. */
    public synchronized void refusesFence(String host) {
        server(host).refusesFence = true;
    }

    /** What is killed there needs so long to be gone, as with much memory. */
    public synchronized void diesSlowly(String host, Duration time) {
        server(host).dying = time;
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
        flow();
    }

    /** From now on commits wait for acknowledgements there. */
    public synchronized void semiSyncOn(String host) {
        server(host).waits = true;
    }

    /** mysqld is killed; its host lives. */
    public synchronized void crash(String host) {
        end(server(host));
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
        FakeServer server = server(host);
        if (server.masked) {
            throw new IllegalStateException(host + " is masked and cannot be started");
        }
        end(server);
        server.host = true;
        server.process = true;
        server.serverFrozen = false;
        server.hostFrozen = false;
        server.mode = server.boot == BootMode.READ_ONLY ? WriteMode.SUPER_READ_ONLY : WriteMode.WRITABLE;
        server.executed = server.executed.union(server.logged);
        server.started = clock.instant();
        flow();
    }

    /** A copy onto this server takes so many looks. */
    public synchronized void copiesSlowly(String host, int looks) {
        server(host).copyLooks = looks;
    }

    /** A copy onto this server breaks off, and nobody closes it then; 0: it does not any more. */
    public synchronized void breaksCopy(String host, int errno) {
        server(host).copyErrno = errno;
    }

    /** After a copy onto this server no supervisor starts it. */
    public synchronized void staysDownAfterCopy(String host) {
        server(host).staysDownAfterCopy = true;
    }

    /** Whose copy it is. */
    public synchronized Optional<NodeId> copyOf(String host) {
        return server(host).copyOf;
    }

    /** {@code systemctl unmask}. */
    public synchronized void unmask(String host) {
        server(host).masked = false;
    }

    /** sync_binlog and innodb_flush_log_at_trx_commit are not both 1, and the watch has seen that. */
    public synchronized void notDurable(String host) {
        server(host).durable = false;
        memory.lastHealthy(cluster.name())
                .filter(moment -> moment.primary().equals(server(host).id))
                .ifPresent(moment -> seenHealthy(moment.primary()));
    }

    /** The host boots: no address, then mysqld as in {@link #restart}. */
    public synchronized void reboot(String host) {
        server(host).holdsAddress = false;
        server(host).booted = clock.instant();
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

    /** A transaction of its own on a replica, past all read-only: an errant one. */
    public synchronized GtidSet writeErrant(String host) {
        FakeServer server = server(host);
        GtidSet gtid = next(server);
        server.logged = server.logged.union(gtid);
        server.executed = server.executed.union(gtid);
        flow();
        return gtid;
    }

    /** What the watch would have remembered, were this its last healthy look. */
    public synchronized void seenHealthy(NodeId primary) {
        FakeServer server = server(primary);
        memory.rememberPrimary(cluster.name(), primary);
        memory.rememberHealthy(cluster.name(), new ClusterMemory.LastHealthy(primary, clock.instant(), server.executed,
                semiSync(server).source(), server.shownBoot() == BootMode.READ_ONLY, server.durable,
                server.enabledEvents(),
                servers.values()
                        .stream()
                        .filter(other -> other.acknowledges && !other.id.equals(primary))
                        .map(other -> other.id)
                        .collect(Collectors.toSet())));
        Map<NodeId, GtidSet> sets = new HashMap<>();
        servers.values().forEach(other -> sets.put(other.id, other.holds()));
        memory.rememberSets(cluster.name(), sets);
        Map<NodeId, LogPlaces> places = new HashMap<>();
        servers.values().forEach(other -> places.put(other.id, other.logs));
        memory.rememberLogPlaces(cluster.name(), places);
    }

    public void seenHealthy(String host) {
        seenHealthy(server(host).id);
    }

    // What tests look at.

    public synchronized List<String> enabledEvents(String host) {
        return server(host).enabledEvents();
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
        Instant begun = clock.instant();
        Map<NodeId, Observation> looks = new LinkedHashMap<>();
        Map<NodeId, HostView> hosts = new LinkedHashMap<>();
        for (Node node : cluster.nodes()) {
            looks.put(node.id(), observe(node, deadline));
            hosts.put(node.id(), look(node, deadline));
        }
        Optional<NodeId> primary = memory.knownPrimary(name);
        Set<NodeId> unproven = memory.quarantined(name)
                .entrySet()
                .stream()
                .filter(entry -> !entry.getValue().fenceProven())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return new Snapshot(cluster, clock.instant(), begun, primary, unproven, looks, hosts,
                primary.flatMap(id -> suspicion(id, looks, hosts)), primary.map(this::trial).orElse(NO_TRIAL));
    }

    private TrialWrite trial(NodeId primary) {
        FakeServer server = server(primary);
        return server.diskFull && server.process
                ? new TrialWrite.Hanging(Duration.ofMinutes(1), "waiting for handler commit", 0)
                : NO_TRIAL;
    }

    /** From now on every commit there hangs, and with them whoever wants to close it. */
    public synchronized void fillDisk(String host) {
        server(host).diskFull = true;
        server(host).refusesFence = true;
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
        FakeServer server = server(node.id());
        if (!hostAnswers(server) || !server.serves()) {
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

    /** From now on this manager does not hold the cluster's locks. */
    public synchronized void claimed(String byWhom) {
        claim = new Claim.NotHeld("holds no lock; " + byWhom + " does");
    }

    public synchronized void claimed() {
        claim = new Claim.Held("holds the manager's lock on all servers");
    }

    // Claims

    @Override
    public synchronized Claim of(ClusterName name) {
        return claim;
    }

    @Override
    public synchronized Claim renewed(ClusterName name) {
        return claim;
    }
}
