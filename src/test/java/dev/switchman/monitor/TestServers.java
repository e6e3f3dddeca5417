package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.TrialWrite;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.verdict.Specimens;

/** Three servers with cables to cut. What answers, answers at once. */
final class TestServers implements NodeReader, HostReader {

    private final Clock clock;
    final Map<NodeId, ServerState> states = new ConcurrentHashMap<>();
    /** What we get instead of an answer. */
    final Map<NodeId, Failure> failures = new ConcurrentHashMap<>();
    final Map<NodeId, HostView> hosts = new ConcurrentHashMap<>();
    /** What the primary's port looks like from each other host. */
    final Map<NodeId, PortProbe> probes = new ConcurrentHashMap<>();
    final List<NodeId> forgotten = new CopyOnWriteArrayList<>();
    final BlockingQueue<NodeId> armed = new LinkedBlockingQueue<>();
    private final Map<NodeId, CompletableFuture<Failure>> wires = new ConcurrentHashMap<>();
    /** Runs before each ping is answered: lets time pass. */
    volatile Runnable beforePing = () -> {};
    /** Runs before each look at this server is answered. */
    volatile Function<NodeId, Runnable> beforeLook = node -> () -> {};
    /** Answers in place of the fresh connection. */
    volatile Optional<Ping> reconnect = Optional.empty();

    /** What a small write on the primary comes to. */
    volatile TrialWrite trial = new TrialWrite.Written(Duration.ofMillis(1));
    final List<NodeId> tried = new CopyOnWriteArrayList<>();

    TestServers(Clock clock) {
        this.clock = clock;
        states.put(Specimens.DB1, Specimens.primary(Specimens.DB1));
        states.put(Specimens.DB2, Specimens.replica(Specimens.DB2, Specimens.DB1));
        states.put(Specimens.DB3, Specimens.replica(Specimens.DB3, Specimens.DB1));
        hosts.put(Specimens.DB1, Specimens.host("10.0.0.1", Specimens.VIP));
        hosts.put(Specimens.DB2, Specimens.host("10.0.0.2"));
        hosts.put(Specimens.DB3, Specimens.host("10.0.0.3"));
    }

    /** mysqld is killed: sockets break, the host stays up. */
    void kill(NodeId node) {
        failures.put(node, new Failure.Refused("connect"));
        hosts.put(node,
                new HostView.Seen(false, false, HostView.Unit.NONE, HostView.Ending.KILLED, Set.of(), Disk.used(50)));
        states.keySet().forEach(via -> probes.put(via, new PortProbe.Refused()));
        breakWire(node);
    }

    /** The host's cable is cut: silence to everybody, and no socket breaks. */
    void silence(NodeId node) {
        isolate(node);
        states.keySet().forEach(via -> probes.put(via, new PortProbe.TimedOut()));
    }

    /** Only we lose it. */
    void isolate(NodeId node) {
        failures.put(node, new Failure.TimedOut(Duration.ofSeconds(1), "connect"));
        hosts.put(node, new HostView.Silent("no answer"));
    }

    void heal(NodeId node) {
        failures.remove(node);
        hosts.put(node, Specimens.host("10.0.0.1", Specimens.VIP));
        probes.clear();
    }

    void breakWire(NodeId node) {
        wire(node).complete(new Failure.Broken("reset"));
    }

    private CompletableFuture<Failure> wire(NodeId node) {
        return wires.computeIfAbsent(node, id -> new CompletableFuture<>());
    }

    private Ping answer(NodeId node) {
        Failure failure = failures.get(node);
        return failure == null ? new Ping.Answered(Duration.ofMillis(1)) : new Ping.Failed(failure);
    }

    @Override
    public Ping ping(Node node, PingKind kind, String schema, Duration deadline) {
        beforePing.run();
        return answer(node.id());
    }

    @Override
    public TrialWrite tryWrite(Node node, String schema, Duration deadline) {
        tried.add(node.id());
        return trial;
    }

    @Override
    public Ping reconnect(Node node, Duration deadline) {
        return reconnect.orElseGet(() -> answer(node.id()));
    }

    @Override
    public Observation observe(Node node, Duration deadline) {
        beforeLook.apply(node.id()).run();
        Failure failure = failures.get(node.id());
        return failure == null
                ? new Observation.Seen(node.id(), clock.instant(),
                        Optional.ofNullable(states.get(node.id())).orElseThrow())
                : new Observation.Unseen(node.id(), clock.instant(), failure);
    }

    @Override
    public Failure awaitBreak(Node node) throws InterruptedException {
        CompletableFuture<Failure> wire = wire(node.id());
        armed.add(node.id());
        try {
            Failure failure = wire.get();
            wires.remove(node.id(), wire);
            return failure;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void forget(Node node) {
        forgotten.add(node.id());
    }

    @Override
    public HostView look(Node node, Duration deadline) {
        return Optional.ofNullable(hosts.get(node.id())).orElseThrow();
    }

    @Override
    public PortProbe probe(Node via, NodeId target, Duration deadline) {
        return probes.getOrDefault(via.id(), new PortProbe.Greeted());
    }

    @Override
    public boolean warm(Node node, Duration deadline) {
        return true;
    }

    @Override
    public List<Finding> inspect(Node node, Duration deadline) {
        throw new UnsupportedOperationException("the watch inspects nothing");
    }

    @Override
    public List<Finding> inspect(Node node, Optional<VirtualAddress> virtualIp, Duration deadline) {
        throw new UnsupportedOperationException("the watch inspects nothing");
    }

    @Override
    public void close() {}
}
