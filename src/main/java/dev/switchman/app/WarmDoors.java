package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

import org.springframework.context.SmartLifecycle;

import dev.switchman.mysql.NodeOperator;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;

/**
 * Keeps the connections that a runbook acts over open while nothing happens, so that its first statement pays neither for a
 * connection nor for TLS. Those that look are kept busy by the watch.
 */
final class WarmDoors implements SmartLifecycle {

    private static final Duration EACH = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final List<Cluster> clusters;
    private final NodeOperator operator;
    private volatile boolean running;
    private Optional<Thread> thread = Optional.empty();

    WarmDoors(List<Cluster> clusters, NodeOperator operator) {
        this.clusters = List.copyOf(clusters);
        this.operator = operator;
    }

    @Override
    public synchronized void start() {
        running = true;
        thread = Optional.of(Thread.ofVirtual().name("warm").start(this::run));
    }

    private void run() {
        while (running) {
            for (Cluster cluster : clusters) {
                for (Node node : cluster.nodes()) {
                    Thread.ofVirtual().name("warm " + node).start(() -> operator.warm(node, EACH));
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
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
