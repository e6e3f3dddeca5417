package dev.switchman.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.WriteMode;

/** The servers, the cables between them, what flows there by itself, and how a call travels to one of them. */
abstract class FakeServers {

    static final Duration CALL = Duration.ofMillis(1);
    static final Host ADDRESS = new Host("10.0.0.9");

    final Map<NodeId, FakeServer> servers = new LinkedHashMap<>();
    final Set<NodeId> cutFromManager = new HashSet<>();
    final Set<Set<NodeId>> cut = new HashSet<>();
    final ManualClock clock = new ManualClock(Instant.parse("2026-01-02T03:04:05Z"));
    /** The transaction that made Switchman's own schema: whoever has executed it has the schema. */
    Optional<GtidSet> schema = Optional.empty();
    Cluster cluster;
    private final Map<String, Deque<Fault>> faults = new HashMap<>();
    private final Map<String, Deque<Runnable>> hooks = new HashMap<>();
    final List<String> calls = new ArrayList<>();

    FakeServers(Cluster cluster) {
        this.cluster = cluster;
    }

    final FakeServer server(String host) {
        return server(NodeId.of(host, 3306));
    }

    final FakeServer server(NodeId id) {
        FakeServer server = servers.get(id);
        if (server == null) {
            throw new IllegalArgumentException("no server " + id);
        }
        return server;
    }

    // Clients.

    final Written write(NodeId id) {
        FakeServer server = server(id);
        if (!server.serves()) {
            return new Written.Refused("no answer");
        }
        if (server.mode != WriteMode.WRITABLE) {
            return new Written.Refused("error 1290: " + server.mode);
        }
        GtidSet gtid = next(server);
        server.logged = server.logged.union(gtid);
        flow();
        return server.executed.contains(gtid) ? new Written.Acknowledged(gtid) : new Written.Waiting(gtid);
    }

    static GtidSet next(FakeServer server) {
        long number = 1 + server.executed.union(server.logged)
                .union(server.purged)
                .restrictedTo(Set.of(server.uuid))
                .count();
        return GtidSet.of(server.uuid, number, number);
    }

    final boolean hasSchema(FakeServer server) {
        return schema.filter(server.executed::contains).isPresent();
    }

    // Replication.

    final boolean connected(FakeServer replica) {
        return replica.serves() && replica.channel.filter(channel -> channel.receiver)
                .map(channel -> server(channel.source))
                .filter(source -> source.serves() && !cut.contains(Set.of(source.id, replica.id)))
                .isPresent();
    }

    final List<FakeServer> acknowledging(FakeServer source) {
        return servers.values()
                .stream()
                .filter(replica -> connected(replica)
                        && replica.channel.filter(channel -> channel.acknowledges && channel.source.equals(source.id))
                                .isPresent())
                .toList();
    }

    /** Lets everything flow that can flow now. */
    final void flow() {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (FakeServer server : servers.values()) {
                link(server);
                moved |= receive(server) | apply(server) | commit(server);
            }
        }
    }

    private void link(FakeServer replica) {
        replica.channel.ifPresent(channel -> {
            boolean up = connected(replica);
            if (up && !channel.linked) {
                channel.acknowledges = replica.acknowledges;
                channel.sourceUuid = Optional.of(server(channel.source).uuid);
            }
            channel.linked = up;
        });
    }

    private boolean receive(FakeServer replica) {
        if (!connected(replica)) {
            return false;
        }
        FakeChannel channel = replica.channel.orElseThrow();
        FakeServer source = server(channel.source);
        if (!replica.holds().contains(source.purged)) {
            channel.stopReceiver();
            channel.receiverErrno = 1236;
            return true;
        }
        GtidSet served = source.logReplicaUpdates ? source.executed.union(source.logged) : source.logged;
        GtidSet fresh = served.minus(replica.holds());
        if (fresh.isEmpty()) {
            return false;
        }
        if (replica.executed.contains(replica.relay)) {
            channel.due = clock.instant().plus(channel.delay).plus(replica.applyTime);
        }
        replica.relay = replica.relay.union(fresh);
        return true;
    }

    private boolean apply(FakeServer replica) {
        boolean applies = replica.serves()
                && replica.channel.filter(channel -> channel.applier && !clock.instant().isBefore(channel.due))
                        .isPresent();
        if (!applies || replica.executed.contains(replica.relay)) {
            return false;
        }
        if (replica.applyErrno != 0) {
            FakeChannel channel = replica.channel.orElseThrow();
            channel.applier = false;
            channel.applierErrno = replica.applyErrno;
            return true;
        }
        replica.executed = replica.executed.union(replica.relay);
        return true;
    }

    /** Commits are done once enough replicas have them, or when nobody waits for replicas any more. */
    private boolean commit(FakeServer source) {
        GtidSet waiting = source.waiting();
        if (!source.serves() || waiting.isEmpty()) {
            return false;
        }
        long acknowledged = acknowledging(source).stream().filter(replica -> replica.holds().contains(waiting)).count();
        if (source.waits && acknowledged < source.waitCount) {
            return false;
        }
        source.executed = source.executed.union(waiting);
        return true;
    }

    final SemiSync semiSync(FakeServer server) {
        if (!server.semiSyncPlugin) {
            return SemiSync.absent();
        }
        boolean acknowledges = server.channel.filter(channel -> channel.acknowledges).isPresent() && connected(server);
        return new SemiSync(
                new SemiSync.SourceSide.Present(server.waits, server.waits, server.waitCount,
                        acknowledging(server).size(), server.timeout, true, true,
                        server.waits ? (int) server.waiting().count() : 0),
                new SemiSync.ReplicaSide.Present(server.acknowledges, acknowledges));
    }

    // Calls.

    /** Called by every door method first. */
    final void begin(String method, Node node) {
        clock.advance(CALL);
        Deque<Runnable> waiting = hooks.getOrDefault(method + " " + node.id(), new ArrayDeque<>());
        if (!waiting.isEmpty()) {
            waiting.remove().run();
        }
        calls.add(method + " " + node.id());
        flow();
    }

    final Optional<Fault> fault(String method, Node node) {
        Deque<Fault> waiting = faults.getOrDefault(method + " " + node.id(), new ArrayDeque<>());
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.remove());
    }

    final boolean hostAnswers(FakeServer server) {
        return server.host && !server.hostFrozen && !cutFromManager.contains(server.id);
    }

    /** The next call of this door method for this node fails in this way. */
    public final synchronized void fail(String method, String host, Fault fault) {
        faults.computeIfAbsent(method + " " + server(host).id, key -> new ArrayDeque<>()).add(fault);
    }

    /** Called while binary logs come, or are applied. */
    Runnable coming = () -> {};

    public final synchronized void onComing(Runnable hook) {
        coming = hook;
    }

    /** Does something right before the next call of this door method for this node. */
    public final synchronized void before(String method, String host, Runnable hook) {
        hooks.computeIfAbsent(method + " " + server(host).id, key -> new ArrayDeque<>()).add(hook);
    }

    /** Every call that reached a door, in order: {@code openWrites db2:3306}. */
    public final synchronized List<String> calls() {
        return List.copyOf(calls);
    }
}
