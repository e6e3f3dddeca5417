package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.springframework.context.SmartLifecycle;

import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;

/**
 * Keeps the connections that a runbook acts over open while nothing happens, so that its first statement pays neither for a
 * connection nor for TLS. Those that look are kept busy by the watch.
 */
final class WarmDoors implements SmartLifecycle {

    private static final Duration EACH = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofSeconds(30);

    /** So many servers, and so often each, that the code on the way to a server is compiled. */
    private static final int SERVERS = 3;
    private static final int ROUNDS = 150;
    private static final Duration AT_MOST = Duration.ofSeconds(10);

    private final List<Cluster> clusters;
    private final NodeReader reader;
    private final HostReader hosts;
    private final NodeOperator operator;
    private volatile boolean running;
    private Optional<Thread> thread = Optional.empty();

    WarmDoors(List<Cluster> clusters, NodeReader reader, HostReader hosts, NodeOperator operator) {
        this.clusters = List.copyOf(clusters);
        this.reader = reader;
        this.hosts = hosts;
        this.operator = operator;
    }

    @Override
    public synchronized void start() {
        running = true;
        thread = Optional.of(Thread.ofVirtual().name("warm").start(this::run));
    }

    private void run() {
        // Never all at once: a hundred clusters' statements would hold up the watch.
        long pauseNanos = PAUSE.toNanos() / Math.max(1, clusters.size());
        while (running && !clusters.isEmpty()) {
            for (Cluster cluster : clusters) {
                for (Node node : cluster.nodes()) {
                    Thread.ofVirtual().name("warm " + node).start(() -> operator.warm(node, EACH));
                }
                LockSupport.parkNanos(pauseNanos);
                if (!running) {
                    return;
                }
            }
        }
    }

    /**
     * Looks at a few servers again and again: nothing but a real server leads through the driver's code and SSH's. Changes
     * nothing.
     *
     * @param enough ends it early
     * @return how many looks were answered
     */
    int practise(BooleanSupplier enough) {
        long begun = System.nanoTime();
        AtomicInteger answered = new AtomicInteger();
        List<Node> nodes = clusters.stream().flatMap(cluster -> cluster.nodes().stream()).limit(SERVERS).toList();
        for (int round = 0; round < ROUNDS && !enough.getAsBoolean()
                && System.nanoTime() - begun < AT_MOST.toNanos(); round++) {
            // SSH costs the host a process each time.
            boolean host = round % 10 == 0;
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Node node : nodes) {
                    threads.execute(() -> {
                        if (look(node, host)) {
                            answered.incrementAndGet();
                        }
                    });
                }
            }
        }
        return answered.get();
    }

    private boolean look(Node node, boolean host) {
        if (host) {
            hosts.look(node, EACH);
        }
        return reader.observe(node, EACH) instanceof Observation.Seen && operator.warm(node, EACH);
    }

    @Override
    public synchronized void stop() {
        running = false;
        thread.ifPresent(LockSupport::unpark);
        thread = Optional.empty();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
