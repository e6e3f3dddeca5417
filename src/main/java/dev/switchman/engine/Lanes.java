package dev.switchman.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;

/**
 * Lets one step at a time act on a cluster: a run that took the cluster from another begins only when the other's step has
 * ended. Waits no longer than a step may take that deals with one server; then it goes on, and says so.
 */
@Component
class Lanes {

    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private final Map<ClusterName, ReentrantLock> lanes = new ConcurrentHashMap<>();
    private final KnownClusters clusters;

    Lanes(KnownClusters clusters) {
        this.clusters = clusters;
    }

    /** Waits for the lane; closing the answer leaves it. */
    Lane enter(ClusterName name) {
        ReentrantLock lock = lanes.computeIfAbsent(name, key -> new ReentrantLock(true));
        Cluster cluster = clusters.get(name);
        long millis = cluster.limits().fence().plus(cluster.limits().statement()).toMillis();
        boolean entered;
        try {
            entered = lock.tryLock(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for another step on cluster " + name, e);
        }
        if (!entered) {
            LOG.warn("another run's step on cluster {} has not ended after {} ms: going on beside it", name, millis);
            return () -> {};
        }
        return lock::unlock;
    }

    @FunctionalInterface
    interface Lane extends AutoCloseable {
        @Override
        void close();
    }
}
