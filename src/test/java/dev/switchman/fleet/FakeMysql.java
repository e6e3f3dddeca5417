package dev.switchman.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.InspectedState;
import dev.switchman.mysql.LogPoint;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.mysql.RelayLogPurge;
import dev.switchman.topology.Account;
import dev.switchman.topology.Action;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Copying;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.WriteMode;

/**
 * The doors to the servers. They behave as the real ones do on a real server, and the same conformance suites say so; on
 * top of that a test may inject a {@link Fault}.
 */
abstract class FakeMysql extends FakeServers implements NodeReader, NodeOperator {

    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration TRIPWIRE = Duration.ofSeconds(3);
    private static final int READ_ONLY = 1290;
    private static final int NO_LOG = 1380;

    /** Accounts that may log in and nothing else. */
    final Set<Account> poor = new HashSet<>();
    final Set<NodeId> revoked = new HashSet<>();
    final Set<NodeId> closedToReplicas = new HashSet<>();
    private final List<Action> actions = new ArrayList<>();
    /** The life of the server that each kept connection of pings leads to. */
    private final Map<NodeId, Integer> kept = new HashMap<>();
    private final Map<NodeId, Integer> forgotten = new HashMap<>();

    FakeMysql(Cluster cluster) {
        super(cluster);
    }

    /** What was sent to servers to change them, as a listener would have been told. */
    public final synchronized List<Action> actions() {
        return List.copyOf(actions);
    }

    private void tell(Node node, String text) {
        actions.add(new Action(node.id(), Action.Channel.SQL, text, CALL, "ok"));
    }

    // How a call travels.

    private Optional<Failure> failure(Node node, Duration deadline) {
        FakeServer server = servers.get(node.id());
        if (server == null) {
            return Optional.of(new Failure.Unclear("nobody knows the host " + node.id().host()));
        }
        if (!hostAnswers(server) || server.serverFrozen) {
            clock.advance(deadline);
            return Optional.of(new Failure.TimedOut(deadline, "silent"));
        }
        if (!server.process) {
            return Optional.of(new Failure.Refused("nobody listens"));
        }
        return rejected(node, server);
    }

    private Optional<Failure> rejected(Node node, FakeServer server) {
        Account account = node.mysql();
        if (!administrator(account) && !poor.contains(account) && !account.equals(cluster.replication())) {
            return Optional.of(new Failure.ErrorPacket(1045, "Access denied for user '" + account.user() + "'"));
        }
        return server.full(administrator(account))
                ? Optional.of(new Failure.ErrorPacket(1040, "Too many connections"))
                : Optional.empty();
    }

    private boolean administrator(Account account) {
        return cluster.nodes().stream().anyMatch(node -> node.mysql().equals(account));
    }

    private Optional<Failure> denied(Node node) {
        return administrator(node.mysql())
                ? Optional.empty()
                : Optional.of(new Failure.ErrorPacket(1227, "Access denied; you need some more privileges"));
    }

    /** Time passes until this is so, or the deadline comes. @return whether it is so */
    private boolean comes(BooleanSupplier what, Duration deadline) {
        Instant end = clock.instant().plus(deadline);
        flow();
        while (!what.getAsBoolean()) {
            if (!clock.instant().isBefore(end)) {
                return false;
            }
            clock.advance(POLL);
            flow();
        }
        return true;
    }

    private Change change(String method, Node node, Duration deadline, Supplier<Change> act) {
        begin(method, node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new Change.Unreachable(failure.get().sentence());
        }
        Optional<Failure> denied = denied(node);
        if (denied.isPresent()) {
            return new Change.Rejected(denied.get().sentence());
        }
        Optional<Fault> fault = fault(method, node);
        if (fault.isEmpty()) {
            return done(act);
        }
        return switch (fault.get()) {
            case UNREACHABLE -> new Change.Unreachable("as told");
            case REJECTED -> new Change.Rejected("as told");
            case UNKNOWN -> new Change.Unknown("the answer was lost");
            case UNKNOWN_BUT_DONE -> new Change.Unknown("the answer was lost: " + done(act).sentence());
        };
    }

    private Change done(Supplier<Change> act) {
        Change change = act.get();
        flow();
        return change;
    }

    // NodeReader

    @Override
    public final synchronized Ping ping(Node node, PingKind kind, String schemaName, Duration deadline) {
        if (kind == PingKind.CONNECT) {
            return reconnect(node, deadline);
        }
        begin("ping", node);
        Integer life = kept.remove(node.id());
        FakeServer server = servers.get(node.id());
        if (life != null && server != null && life != server.life && hostAnswers(server)) {
            return new Ping.Failed(new Failure.Broken("closed by the other side"));
        }
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isEmpty() && kind == PingKind.INSERT) {
            failure = beat(server(node.id()), schemaName, deadline);
        }
        if (failure.isEmpty()) {
            kept.put(node.id(), server(node.id()).life);
        }
        return failure.<Ping>map(Ping.Failed::new).orElse(new Ping.Answered(CALL));
    }

    private Optional<Failure> beat(FakeServer server, String schemaName, Duration deadline) {
        if (!hasSchema(server)) {
            return Optional.of(new Failure.ErrorPacket(1049, "Unknown database '" + schemaName + "'"));
        }
        return switch (write(server.id)) {
            case Written.Acknowledged(GtidSet gtid) -> Optional.empty();
            case Written.Waiting(GtidSet gtid) -> {
                clock.advance(deadline);
                yield Optional.of(new Failure.TimedOut(deadline, "waits for an acknowledgement"));
            }
            case Written.Refused(String why) -> Optional.of(new Failure.ErrorPacket(READ_ONLY, why));
        };
    }

    @Override
    public final synchronized Ping reconnect(Node node, Duration deadline) {
        begin("reconnect", node);
        return failure(node, deadline).<Ping>map(Ping.Failed::new).orElse(new Ping.Answered(CALL));
    }

    @Override
    public final synchronized Observation observe(Node node, Duration deadline) {
        begin("observe", node);
        Optional<Failure> failure = failure(node, deadline).or(() -> denied(node));
        if (failure.isEmpty() && fault("observe", node).isPresent()) {
            failure = Optional.of(new Failure.TimedOut(deadline, "as told"));
        }
        return failure.<Observation>map(why -> new Observation.Unseen(node.id(), clock.instant(), why))
                .orElseGet(() -> new Observation.Seen(node.id(), clock.instant(), state(server(node.id()))));
    }

    @Override
    public final synchronized Sessions sessions(Node node, Duration deadline) {
        begin("sessions", node);
        Optional<Failure> failure = failure(node, deadline);
        return failure.isPresent()
                ? new Sessions.Unseen(failure.get().sentence())
                : new Sessions.Seen(server(node.id()).open, server(node.id()).globalLock);
    }

    final ServerState state(FakeServer server) {
        return new ServerState(server.uuid, server.version, server.mode, server.shownBoot(), server.offline, true,
                server.executed, server.purged, true, server.logReplicaUpdates, server.durable ? 1 : 0,
                server.durable ? 1 : 2, false, server.relayLogPurge, true, server.enabledEvents(), server.preparedXa,
                Duration.between(server.started, clock.instant()), semiSync(server),
                server.channel.map(channel -> replica(server, channel)), server.logs);
    }

    private ReplicaState replica(FakeServer server, FakeChannel channel) {
        ReplicaState.Receiver receiver = !channel.receiver
                ? ReplicaState.Receiver.STOPPED
                : connected(server) ? ReplicaState.Receiver.RUNNING : ReplicaState.Receiver.CONNECTING;
        boolean applied = server.executed.contains(server.relay);
        return new ReplicaState(channel.source, channel.sourceUuid, receiver, channel.receiverErrno,
                channel.receiverErrno == 0 ? "" : "purged", channel.applier, channel.applierErrno,
                channel.applierErrno == 0 ? "" : "as told", server.relay, true,
                Optional.of(applied ? Duration.ZERO : Duration.ofSeconds(5)), channel.delay, Duration.ofSeconds(1), 7,
                Optional.of(clock.instant()), channel.filters, server.salvages ? 2 : 1);
    }

    @Override
    public final synchronized Copying copying(Node node, Duration deadline) {
        begin("copying", node);
        FakeServer server = server(node.id());
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new Copying.Unseen(failure.get().sentence());
        }
        if (server.copyOf.isEmpty()) {
            return new Copying.None();
        }
        if (server.copyErrno != 0) {
            return new Copying.Failed(server.copyErrno, "as told");
        }
        if (server.copyLooks > 0) {
            server.copyLooks--;
            return new Copying.UnderWay("FILE COPY", 100 - server.copyLooks, 100);
        }
        return new Copying.Completed(100);
    }

    @Override
    public final synchronized Change beginCopy(Node recipient, Node donor, Duration deadline) {
        return change("beginCopy", recipient, deadline, () -> {
            FakeServer server = server(recipient.id());
            FakeServer from = server(donor.id());
            tell(recipient, "CLONE INSTANCE FROM " + donor);
            server.copyOf = Optional.of(donor.id());
            if (server.copyErrno != 0) {
                server.mode = WriteMode.READ_ONLY;
                server.offline = true;
                return new Change.Done("copies");
            }
            server.offline = false;
            server.executed = from.executed;
            server.logged = from.executed;
            server.purged = from.executed;
            server.relay = GtidSet.empty();
            server.channel = from.channel.map(channel -> {
                FakeChannel copy = new FakeChannel(channel.source);
                copy.stop();
                return copy;
            });
            server.mode = server.boot == BootMode.READ_ONLY ? WriteMode.SUPER_READ_ONLY : WriteMode.WRITABLE;
            server.process = !server.staysDownAfterCopy;
            return new Change.Done("copies");
        });
    }

    @Override
    public final synchronized Change endCopy(Node recipient, Duration deadline) {
        return change("endCopy", recipient, deadline, () -> {
            FakeServer server = server(recipient.id());
            if (server.mode != WriteMode.SUPER_READ_ONLY) {
                return new Change.Rejected(recipient + " is " + server.mode);
            }
            server.offline = false;
            tell(recipient, "SET GLOBAL offline_mode = 0");
            return new Change.Done("offline_mode=0");
        });
    }

    @Override
    public final synchronized Failure awaitBreak(Node node) throws InterruptedException {
        Optional<Failure> failure = failure(node, TRIPWIRE);
        if (failure.isPresent()) {
            return failure.get();
        }
        FakeServer server = server(node.id());
        int life = server.life;
        int since = forgotten.getOrDefault(node.id(), 0);
        server.sleepers++;
        try {
            while (server.life == life) {
                if (forgotten.getOrDefault(node.id(), 0) != since) {
                    return new Failure.Unclear("no longer watched");
                }
                wait();
            }
            return new Failure.Broken("closed by the other side");
        } finally {
            server.sleepers--;
        }
    }

    /** Tripwires that hang at this server. */
    public final synchronized int sleepers(String host) {
        return server(host).sleepers;
    }

    /** {@code KILL QUERY} of every tripwire there: each begins again. */
    public final synchronized void killSleepers(String host) {
        if (server(host).sleepers == 0) {
            throw new IllegalStateException("nothing sleeps at " + host);
        }
        notifyAll();
    }

    @Override
    public final synchronized List<Finding> inspect(Node node, Duration deadline) {
        begin("inspect", node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return List.of(new Finding("connect", node.toString(), Grade.FAILED, failure.get().sentence()));
        }
        return InspectedState.findings(node, state(server(node.id())), revoked.contains(node.id())
                ? Optional.of(new Failure.ErrorPacket(1227, "Access denied; you need some more privileges"))
                : denied(node));
    }

    @Override
    public final synchronized Finding inspectReplicationAccount(Node source, Account replication, Duration deadline) {
        begin("inspectReplicationAccount", source);
        Node asReplica = new Node(source.id(), source.role(), source.ignoreFailure(), replication, source.tls(),
                source.ssh(), source.unit());
        Optional<Failure> failure = failure(asReplica, deadline);
        if (failure.isPresent()) {
            return new Finding("replication-account", source.toString(), Grade.FAILED, failure.get().sentence());
        }
        return poor.contains(replication) || closedToReplicas.contains(source.id())
                ? new Finding("replication-account", source.toString(), Grade.FAILED, "REPLICATION SLAVE is missing")
                : new Finding("replication-account", source.toString(), Grade.PASSED, replication.user());
    }

    @Override
    public final synchronized void forget(Node node) {
        kept.remove(node.id());
        forgotten.merge(node.id(), 1, Integer::sum);
        notifyAll();
    }

    @Override
    public void close() {
        cluster.nodes().forEach(this::forget);
    }

    // NodeOperator: writes

    @Override
    public final synchronized Fencing refuseWrites(Node node, Duration deadline) {
        begin("refuseWrites", node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new Fencing.Unreachable(failure.get().sentence());
        }
        Optional<Fault> fault = fault("refuseWrites", node);
        if (fault.isEmpty()) {
            return refuseWrites(node, server(node.id()), deadline);
        }
        return switch (fault.get()) {
            case UNREACHABLE -> new Fencing.Unreachable("as told");
            case REJECTED -> new Fencing.Refused("as told");
            case UNKNOWN -> new Fencing.Unknown("the answer was lost");
            case UNKNOWN_BUT_DONE -> {
                refuseWrites(node, server(node.id()), deadline);
                yield new Fencing.Unknown("the answer was lost");
            }
        };
    }

    private Fencing refuseWrites(Node node, FakeServer server, Duration deadline) {
        Instant began = clock.instant();
        // A quarter is the grace of those who block, a quarter is kept back to take the own statement away again.
        Duration grace = deadline.dividedBy(4);
        int ended = 0;
        if (server.mode != WriteMode.SUPER_READ_ONLY) {
            if (server.full(false)) {
                ended += endSessions(node, server);
            }
            if (blocked(server) && !comes(() -> !blocked(server), grace) && commits(server) == 0) {
                ended += endSessions(node, server);
            }
            if (!comes(() -> !blocked(server), grace.multipliedBy(3).minus(Duration.between(began, clock.instant())))) {
                return new Fencing.Refused(node + " kept super_read_only=OFF after "
                        + Duration.between(began, clock.instant()).toMillis() + " ms: " + obstacle(server));
            }
            server.mode = WriteMode.SUPER_READ_ONLY;
            tell(node, "SET GLOBAL super_read_only = 1");
        }
        return new Fencing.Closed(ended + endSessions(node, server));
    }

    private static boolean blocked(FakeServer server) {
        return server.refusesFence || commits(server) > 0 || !server.blocking().isEmpty();
    }

    /** Commits that wait for an acknowledgement. */
    private static long commits(FakeServer server) {
        return server.waits ? server.waiting().count() : 0;
    }

    private static String obstacle(FakeServer server) {
        return commits(server) > 0
                ? "Rpl_semi_sync_source_wait_sessions=" + commits(server) + ": commits wait for an acknowledgement"
                : "the global lock is held against it by " + server.blocking();
    }

    private int endSessions(Node node, FakeServer server) {
        List<FakeServer.Session> ended = server.end(session -> !session.user().equals(node.mysql().user()));
        if (!ended.isEmpty()) {
            tell(node, "KILL " + ended.stream()
                    .map(session -> session.user() + "#" + session.id())
                    .collect(Collectors.joining(", ")));
        }
        return ended.size();
    }

    @Override
    public final synchronized Change openWrites(Node node, Duration deadline) {
        return change("openWrites", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (server.mode == WriteMode.WRITABLE) {
                return new Change.Done(node + " accepts writes already");
            }
            server.mode = WriteMode.WRITABLE;
            tell(node, "SET GLOBAL super_read_only = 0, GLOBAL read_only = 0");
            return new Change.Done("super_read_only=0 read back");
        });
    }

    @Override
    public final synchronized Change provesWritable(Node node, Optional<Host> via, String schemaName,
            Duration deadline) {
        return change("provesWritable", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (via.isPresent() && !answersAt(server, via.get())) {
                if (servers.values().stream().noneMatch(other -> answersAt(other, via.get()))) {
                    clock.advance(deadline);
                    return new Change.Unreachable("nobody answers at " + via.get());
                }
                return new Change.Rejected("another server answers at " + via.get());
            }
            if (server.mode != WriteMode.WRITABLE) {
                return new Change.Rejected(node + " is " + server.mode + ": clients cannot write");
            }
            if (!hasSchema(server)) {
                return new Change.Rejected("there is no schema " + schemaName);
            }
            tell(node, "REPLACE INTO " + schemaName + ".ping");
            return written(server, "wrote", deadline);
        });
    }

    private boolean answersAt(FakeServer server, Host address) {
        return server.serves() && hostAnswers(server)
                && (server.id.host().equals(address) || server.holdsAddress && address.equals(ADDRESS));
    }

    private Change written(FakeServer server, String done, Duration deadline) {
        return switch (write(server.id)) {
            case Written.Acknowledged(GtidSet gtid) -> new Change.Done(done + " " + gtid);
            case Written.Waiting(GtidSet gtid) -> {
                clock.advance(deadline);
                yield new Change.Unknown("waits for an acknowledgement");
            }
            case Written.Refused(String why) -> new Change.Rejected(why);
        };
    }

    @Override
    public final synchronized Change createSchema(Node primary, String schemaName, Duration deadline) {
        return change("createSchema", primary, deadline, () -> {
            FakeServer server = server(primary.id());
            if (hasSchema(server)) {
                return new Change.Done("schema " + schemaName + " is there");
            }
            tell(primary, "CREATE DATABASE " + schemaName);
            if (server.mode == WriteMode.WRITABLE) {
                schema = Optional.of(next(server));
            }
            return written(server, "made", deadline);
        });
    }

    @Override
    public final synchronized Change persistReadOnly(Node node, Duration deadline) {
        return change("persistReadOnly", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (!server.persists()) {
                return new Change.Rejected(node + " is " + server.version + " and persists nothing");
            }
            server.boot = BootMode.READ_ONLY;
            tell(node, "SET PERSIST_ONLY super_read_only = ON");
            return new Change.Done("persisted");
        });
    }

    @Override
    public final synchronized Change enableEvents(Node node, List<String> events, Duration deadline) {
        return change("enableEvents", node, deadline, () -> {
            Map<String, Boolean> there = server(node.id()).events;
            for (String event : events) {
                Boolean enabled = there.get(event);
                if (enabled == null) {
                    return new Change.Rejected(node + " has no event " + event);
                }
                if (!enabled) {
                    there.put(event, true);
                    tell(node, "ALTER EVENT " + event + " ENABLE");
                }
            }
            return new Change.Done("enabled " + events);
        });
    }

    // NodeOperator: replication

    @Override
    public final synchronized Change stopReceiver(Node node, Duration deadline) {
        return change("stopReceiver", node, deadline, () -> {
            Optional<FakeChannel> channel = server(node.id()).channel.filter(found -> found.receiver);
            if (channel.isEmpty()) {
                return new Change.Done("nothing to stop at " + node);
            }
            channel.get().stopReceiver();
            tell(node, "STOP REPLICA IO_THREAD");
            return new Change.Done("receiver stopped");
        });
    }

    @Override
    public final synchronized Change startReplication(Node node, Duration deadline) {
        return change("startReplication", node, deadline, () -> {
            Optional<FakeChannel> found = server(node.id()).channel;
            if (found.isEmpty()) {
                return new Change.Rejected(node + " has no source to replicate from");
            }
            FakeChannel channel = found.get();
            if (channel.applier && channel.receiver) {
                return new Change.Done(node + " replicates from " + channel.source + " already");
            }
            channel.start();
            tell(node, "START REPLICA");
            flow();
            if (!channel.applier) {
                return new Change.Rejected("applier of " + node + " stopped: " + channel.applierErrno);
            }
            return channel.receiver
                    ? new Change.Done(node + " replicates from " + channel.source)
                    : new Change.Rejected("receiver of " + node + " stopped: " + channel.receiverErrno);
        });
    }

    private CatchUp caughtUp(Node node, GtidSet target, Duration deadline) {
        begin("catchUp", node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new CatchUp.Unreachable(failure.get().sentence());
        }
        if (fault("catchUp", node).isPresent()) {
            return new CatchUp.Unreachable("as told");
        }
        FakeServer server = server(node.id());
        if (server.executed.contains(target)) {
            return new CatchUp.Reached(server.executed);
        }
        if (server.channel.isEmpty()) {
            return new CatchUp.Stopped(0, node + " has no source to apply from");
        }
        FakeChannel channel = server.channel.get();
        if (!channel.applier && channel.applierErrno == 0) {
            channel.startApplier();
            tell(node, "START REPLICA SQL_THREAD");
        }
        boolean ended = comes(() -> server.executed.contains(target) || !channel.applier, deadline);
        if (server.executed.contains(target)) {
            return new CatchUp.Reached(server.executed);
        }
        return ended
                ? new CatchUp.Stopped(channel.applierErrno, "as told")
                : new CatchUp.Behind(target.minus(server.executed));
    }

    @Override
    public final synchronized LogPoint logPoint(Node node, Duration deadline) {
        begin("logPoint", node);
        return failure(node, deadline).<LogPoint>map(why -> new LogPoint.Unseen(why.sentence()))
                .orElseGet(() -> server(node.id()).logPoint);
    }

    /** Says what is missing before, and after. */
    @Override
    public final synchronized CatchUp catchUp(Node node, GtidSet target, Duration deadline,
            Consumer<GtidSet> missing) {
        if (server(node.id()).process) {
            missing.accept(target.minus(server(node.id()).executed));
        }
        CatchUp answer = caughtUp(node, target, deadline);
        if (answer instanceof CatchUp.Reached) {
            missing.accept(GtidSet.empty());
        }
        return answer;
    }

    @Override
    public final synchronized CatchUp applyRelayLogs(Node node, NodeId source, String first, GtidSet target,
            Duration deadline, Consumer<GtidSet> missing) {
        if (server(node.id()).process) {
            missing.accept(target.minus(server(node.id()).executed));
            coming.run();
        }
        begin("applyRelayLogs", node);
        Optional<Failure> failure = failure(node, deadline);
        if (failure.isPresent()) {
            return new CatchUp.Unreachable(failure.get().sentence());
        }
        FakeServer server = server(node.id());
        Optional<Fault> fault = fault("applyRelayLogs", node);
        if (fault.filter(Fault.UNREACHABLE::equals).isPresent()) {
            return new CatchUp.Unreachable("as told");
        }
        server.salvages = true;
        server.channel.ifPresent(channel -> channel.applier = false);
        if (fault.isPresent() || server.applyErrno != 0) {
            return new CatchUp.Stopped(server.applyErrno, "as told");
        }
        tell(node, "START REPLICA SQL_THREAD FOR CHANNEL '" + SALVAGE_CHANNEL + "'");
        clock.advance(server.applyTime.compareTo(deadline) < 0 ? server.applyTime : deadline);
        if (server.applyTime.compareTo(deadline) >= 0) {
            return new CatchUp.Behind(target.minus(server.executed));
        }
        if (server.placed.isEmpty()) {
            return new CatchUp.Stopped(NO_LOG, "no such relay log");
        }
        server.executed = server.executed.union(server.placed);
        server.placed = GtidSet.empty();
        if (server.executed.contains(target)) {
            return new CatchUp.Reached(server.executed);
        }
        // It waits for more.
        clock.advance(deadline);
        return new CatchUp.Behind(target.minus(server.executed));
    }

    @Override
    public final synchronized Change dropRelayLogs(Node node, Duration deadline) {
        return change("dropRelayLogs", node, deadline, () -> {
            server(node.id()).placed = GtidSet.empty();
            server(node.id()).salvages = false;
            return new Change.Done("no such channel");
        });
    }

    @Override
    public final synchronized RelayLogPurge purgeRelayLogs(Node node, boolean begun, Duration patience,
            Duration statement) {
        begin("purgeRelayLogs", node);
        FakeServer server = server(node.id());
        Optional<Failure> failure = failure(node, statement);
        if (failure.isPresent()) {
            return begun
                    ? new RelayLogPurge.Unrestored(failure.get().sentence())
                    : new RelayLogPurge.Failed(failure.get().sentence());
        }
        Optional<Fault> fault = fault("purgeRelayLogs", node);
        if (fault.isPresent()) {
            if (fault.get() == Fault.REJECTED || fault.get() == Fault.UNREACHABLE) {
                return new RelayLogPurge.Failed("the server refused it");
            }
            server.relayLogPurge = true;
            return new RelayLogPurge.Unrestored("the answer was lost");
        }
        if (server.relayLogPurge && !begun) {
            return new RelayLogPurge.Unneeded("relay_log_purge=1");
        }
        server.relayLogPurge = false;
        if (server.channel.isEmpty()) {
            return new RelayLogPurge.Unneeded("no source");
        }
        if (!server.channel.get().applier) {
            return new RelayLogPurge.Stopped("the applier of " + node + " stands");
        }
        long before = server.keptRelayLogs + server.neededRelayLogs;
        if (!server.executed.contains(server.relay)) {
            clock.advance(patience);
            return new RelayLogPurge.Behind(before, before);
        }
        server.keptRelayLogs = 0;
        return new RelayLogPurge.Purged(before, server.neededRelayLogs);
    }

    @Override
    public final synchronized Change repoint(Node replica, Node source, Account replication, Duration deadline) {
        if (replica.id().equals(source.id())) {
            return new Change.Rejected(replica + " cannot follow itself");
        }
        return change("repoint", replica, deadline, () -> {
            FakeServer server = server(replica.id());
            boolean fresh = server.channel.isEmpty();
            FakeChannel channel = server.channel.orElseGet(() -> new FakeChannel(source.id()));
            if (!fresh && channel.source.equals(source.id()) && connected(server) && channel.applier) {
                return new Change.Done(replica + " follows " + source + " already");
            }
            if (!channel.applier) {
                if (!server.executed.contains(server.relay)) {
                    return new Change.Rejected("the applier stands, and CHANGE would delete the relay log");
                }
                server.relay = GtidSet.empty();
            }
            channel.stopReceiver();
            channel.source = source.id();
            server.channel = Optional.of(channel);
            tell(replica, "CHANGE REPLICATION SOURCE TO SOURCE_HOST='" + source.id().host() + "', SOURCE_USER='"
                    + replication.user() + "', SOURCE_PASSWORD='" + replication.password() + "'");
            channel.start();
            tell(replica, "START REPLICA");
            return follows(replica, source, server, channel, deadline);
        });
    }

    private Change follows(Node replica, Node source, FakeServer server, FakeChannel channel, Duration deadline) {
        if (!comes(() -> connected(server) || !channel.receiver, deadline)) {
            return new Change.Unknown("the receiver of " + replica + " is not connected to " + source);
        }
        if (!channel.receiver) {
            return new Change.Rejected("the receiver of " + replica + " stopped: error " + channel.receiverErrno);
        }
        return channel.applier
                ? new Change.Done("follows " + source)
                : new Change.Rejected("the applier of " + replica + " stopped: error " + channel.applierErrno);
    }

    @Override
    public final synchronized Change disableEvents(Node node, List<String> events, Duration deadline) {
        return change("disableEvents", node, deadline, () -> {
            FakeServer server = server(node.id());
            events.forEach(event -> server.events.put(event, false));
            return new Change.Done(events.size() + " events are disabled");
        });
    }

    @Override
    public final synchronized Change injectEmpty(Node primary, GtidSet gtids, Duration deadline) {
        return change("injectEmpty", primary, deadline, () -> {
            FakeServer server = server(primary.id());
            GtidSet left = gtids.minus(server.executed);
            server.logged = server.logged.union(left);
            server.executed = server.executed.union(left);
            tell(primary, "SET GTID_NEXT '" + left + "'");
            flow();
            return new Change.Done(left.count() + " empty transactions");
        });
    }

    @Override
    public final synchronized Change liftDelay(Node node, Duration deadline) {
        return change("liftDelay", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (server.channel.isEmpty()) {
                return new Change.Rejected(node + " has no source to be behind");
            }
            FakeChannel channel = server.channel.get();
            channel.delay = Duration.ZERO;
            channel.due = Instant.MIN;
            channel.startApplier();
            tell(node, "CHANGE REPLICATION SOURCE TO SOURCE_DELAY=0");
            return new Change.Done("it is not delayed any more");
        });
    }

    @Override
    public final synchronized Change stopReplication(Node node, Duration deadline) {
        return change("stopReplication", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (server.channel.isEmpty()) {
                return new Change.Done(node + " has no source");
            }
            server.channel.get().stop();
            tell(node, "STOP REPLICA");
            return new Change.Done("it replicates no more");
        });
    }

    @Override
    public final synchronized Change forgetSource(Node node, Duration deadline) {
        return change("forgetSource", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (server.channel.isEmpty()) {
                return new Change.Done(node + " has no source");
            }
            server.channel = Optional.empty();
            server.relay = GtidSet.empty();
            tell(node, "RESET REPLICA ALL");
            return new Change.Done("it has no source any more");
        });
    }

    @Override
    public final synchronized Change semiSyncReplica(Node node, boolean on, Duration deadline) {
        return change("semiSyncReplica", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (!server.semiSyncPlugin) {
                return absent(on);
            }
            if (server.acknowledges != on) {
                server.acknowledges = on;
                tell(node, "SET GLOBAL rpl_semi_sync_replica_enabled = " + (on ? 1 : 0));
            }
            return new Change.Done("acknowledging side " + (on ? "on" : "off"));
        });
    }

    private static Change absent(boolean on) {
        return on ? new Change.Rejected("the plugin is not loaded") : new Change.Done("not loaded");
    }

    @Override
    public final synchronized Change semiSyncSource(Node node, boolean on, Optional<Integer> waitCount,
            Duration deadline) {
        return change("semiSyncSource", node, deadline, () -> {
            FakeServer server = server(node.id());
            if (!server.semiSyncPlugin) {
                return absent(on);
            }
            if (server.waits != on || waitCount.filter(count -> count != server.waitCount).isPresent()) {
                server.waits = on;
                server.waitCount = waitCount.orElse(server.waitCount);
                tell(node, "SET GLOBAL rpl_semi_sync_source_enabled = " + (on ? 1 : 0));
            }
            return new Change.Done("waiting side " + (on ? "on" : "off"));
        });
    }
}
