package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Failure;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.TrialWrite;
import dev.switchman.topology.WitnessHost;

/**
 * Looks at servers and hosts, each look on a virtual thread of its own. A look that breaks its promise to return in time,
 * or throws, ends as one that saw nothing: it can hold up nobody.
 */
final class Eyes {

    private static final Logger LOG = LoggerFactory.getLogger(Eyes.class);

    /** What a look may take beyond its deadline before it is given up. */
    static final Duration SLACK = Duration.ofMillis(250);

    private final NodeReader mysql;
    private final HostReader hosts;
    private final Clock clock;
    private final Stopwatch stopwatch;
    private final Executor threads = task -> Thread.ofVirtual().name("look").start(task);

    Eyes(NodeReader mysql, HostReader hosts, Clock clock) {
        this.mysql = mysql;
        this.hosts = hosts;
        this.clock = clock;
        this.stopwatch = new Stopwatch(clock);
    }

    /** @return what pings and looks at this cluster's servers have taken since the start */
    Stream<Watch.Probes> probes(Cluster cluster) {
        return stopwatch.read(cluster);
    }

    CompletableFuture<Ping> ping(Cluster cluster, Node node, Duration deadline) {
        return look("ping " + node, deadline,
                () -> stopwatch.time(node.id(), Watch.Probe.PING,
                        () -> mysql.ping(node, cluster.detection().ping(), cluster.pingSchema(), deadline),
                        Ping.Answered.class),
                why -> new Ping.Failed(why));
    }

    CompletableFuture<Ping> reconnect(Node node, Duration deadline) {
        return look("reconnect to " + node, deadline, () -> mysql.reconnect(node, deadline),
                why -> new Ping.Failed(why));
    }

    CompletableFuture<TrialWrite> tryWrite(Cluster cluster, Node node, Duration deadline) {
        return look("trial write on " + node, deadline, () -> mysql.tryWrite(node, cluster.pingSchema(), deadline),
                why -> new TrialWrite.Untold(why.sentence()));
    }

    CompletableFuture<Observation> observe(Node node, Duration deadline) {
        return look("look at " + node, deadline,
                () -> stopwatch.time(node.id(), Watch.Probe.LOOK, () -> mysql.observe(node, deadline),
                        Observation.Seen.class),
                why -> new Observation.Unseen(node.id(), clock.instant(), why));
    }

    CompletableFuture<HostView> host(Node node, Duration deadline) {
        return look("look at the host of " + node, deadline, () -> hosts.look(node, deadline),
                why -> new HostView.Silent(why.sentence()));
    }

    CompletableFuture<PortProbe> probe(Node via, NodeId target, Duration deadline) {
        return look("probe of " + target + " from " + via, deadline, () -> hosts.probe(via, target, deadline),
                why -> new PortProbe.Abstained(why.sentence()));
    }

    CompletableFuture<PortProbe> probe(WitnessHost via, NodeId target, Duration deadline) {
        return look("probe of " + target + " from " + via, deadline, () -> hosts.probe(via, target, deadline),
                why -> new PortProbe.Abstained(why.sentence()));
    }

    /** Keeps the way to a witness open; nobody waits for it. */
    void warm(WitnessHost witness, Duration deadline) {
        look("session to " + witness, deadline, () -> hosts.warm(witness, deadline), why -> false);
    }

    /** @return how the next connection of its own to the node ends; interrupt the thread to stop waiting */
    Failure awaitBreak(Node node) throws InterruptedException {
        return mysql.awaitBreak(node);
    }

    void forget(Node node) {
        mysql.forget(node);
    }

    private <T> CompletableFuture<T> look(String what, Duration deadline, Supplier<T> look,
            Function<Failure, T> blind) {
        Instant started = clock.instant();
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(look, threads);
        return answer
                .orTimeout(deadline.plus(SLACK).toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(thrown -> {
                    Duration took = Duration.between(started, clock.instant());
                    if (thrown instanceof TimeoutException) {
                        LOG.warn("{} did not return within {} ms", what, took.toMillis());
                        return blind.apply(new Failure.TimedOut(deadline.plus(SLACK), what + " did not return"));
                    }
                    LOG.warn("{} ended without an answer after {} ms", what, took.toMillis(), thrown);
                    return blind.apply(new Failure.Unclear(what + ": " + thrown));
                });
    }
}
