package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeLocks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;

/** One loop per cluster on a virtual thread. A look also keeps the connection alive, so it comes often. */
final class LockedClaims implements Claims {

    private static final Logger LOG = LoggerFactory.getLogger(LockedClaims.class);
    private static final Duration OFTEN = Duration.ofSeconds(3);
    /** The first connections after a start may take longer than a look is given. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);
    private static final Duration BEAT = Duration.ofMillis(100);

    private final Map<ClusterName, ClusterClaim> claims = new LinkedHashMap<>();
    private final Map<ClusterName, Duration> paces = new LinkedHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final NodeLocks locks;
    private final Clock clock;
    private final Pace pace;
    private volatile boolean closed;

    LockedClaims(Collection<Cluster> clusters, NodeLocks locks, ClusterMemory memory, Clock clock, Pace pace) {
        this.locks = locks;
        this.clock = clock;
        this.pace = pace;
        for (Cluster cluster : clusters) {
            claims.put(cluster.name(), new ClusterClaim(cluster, locks, memory, clock,
                    task -> Thread.ofVirtual().name("locks").start(task)));
            Duration interval = cluster.detection().interval();
            paces.put(cluster.name(), interval.compareTo(OFTEN) < 0 ? interval : OFTEN);
        }
    }

    @Override
    public synchronized void start() {
        if (closed || !threads.isEmpty()) {
            throw new IllegalStateException("the locks were started or closed before");
        }
        claims.forEach((name, claim) -> {
            Duration every = paces.getOrDefault(name, OFTEN);
            // As the watch's ticks: not all clusters at one moment, from the second look on.
            Duration first = every.multipliedBy(threads.size() + 1L).dividedBy(claims.size());
            threads.add(Thread.ofVirtual().name("locks " + name).start(() -> hold(name, claim, first, every)));
        });
    }

    private void hold(ClusterName name, ClusterClaim claim, Duration first, Duration every) {
        MDC.put("cluster", name.value());
        Duration next = first;
        while (!closed) {
            try {
                claim.pass();
                pace.pause(next);
                next = every;
            } catch (InterruptedException e) {
                return; // closed
            } catch (RuntimeException e) {
                if (closed) {
                    // The servers' connections and the store end right after this.
                    LOG.debug("the locks of {} were being looked at when the manager ended", name, e);
                    return;
                }
                LOG.error("the locks of {} could not be looked at", name, e);
                if (!paused(every)) {
                    return;
                }
            }
        }
    }

    private boolean paused(Duration duration) {
        try {
            pace.pause(duration);
            return true;
        } catch (InterruptedException e) {
            return false; // closed
        }
    }

    @Override
    public Claim of(ClusterName cluster) {
        return claim(cluster).now();
    }

    @Override
    public Claim renewed(ClusterName cluster) {
        ClusterClaim claim = claim(cluster);
        Claim now = claim.now();
        Instant end = clock.instant().plus(PATIENCE);
        while (now instanceof Claim.NotHeld && clock.instant().isBefore(end) && !closed) {
            now = claim.pass();
            if (now instanceof Claim.NotHeld) {
                try {
                    pace.pause(BEAT);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return now;
                }
            }
        }
        return now;
    }

    private ClusterClaim claim(ClusterName cluster) {
        ClusterClaim claim = claims.get(cluster);
        if (claim == null) {
            throw new IllegalArgumentException("cluster " + cluster + " is not configured");
        }
        return claim;
    }

    @Override
    public synchronized void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        locks.close();
    }
}
