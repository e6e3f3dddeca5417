package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Histogram;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Snapshot;

/** One loop per cluster, each on a virtual thread, asleep between ticks and the glances halfway. */
final class ThreadedWatch implements Watch {

    private static final Logger LOG = LoggerFactory.getLogger(ThreadedWatch.class);

    private final Map<ClusterName, Loop> loops = new LinkedHashMap<>();
    private final Histogram.Counter lateness = Histogram.Counter.ofMillis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000);
    private final Eyes eyes;

    ThreadedWatch(Collection<Cluster> clusters, Eyes eyes, ClusterMemory memory, Claims claims,
            VerdictListener listener, Clock clock) {
        this.eyes = eyes;
        int begun = 0;
        for (Cluster cluster : clusters) {
            // Each at its own moment of the second: what a hundred ask at once, all of them wait for.
            Duration offset = cluster.detection().interval().multipliedBy(begun++).dividedBy(clusters.size());
            loops.put(cluster.name(), new Loop(cluster, offset, eyes, memory, claims, listener, clock, lateness));
        }
    }

    @Override
    public void start() {
        loops.values().forEach(Loop::start);
    }

    @Override
    public Optional<Sight> sight(ClusterName cluster) {
        return Optional.ofNullable(loops.get(cluster)).flatMap(loop -> loop.watch.sight());
    }

    @Override
    public Snapshot confirm(ClusterName cluster) {
        Loop loop = loops.get(cluster);
        if (loop == null) {
            throw new IllegalArgumentException("cluster " + cluster + " is not configured");
        }
        try {
            return loop.watch.confirm();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while confirming " + cluster, e);
        }
    }

    @Override
    public Histogram lateness() {
        return lateness.read();
    }

    @Override
    public List<Probes> probes() {
        return loops.values().stream().flatMap(loop -> eyes.probes(loop.cluster)).toList();
    }

    @Override
    public void close() {
        loops.values().forEach(Loop::close);
    }

    /** Sleeps until the next tick is due or the tripwire trips. */
    private static final class Loop implements AutoCloseable {

        private record Break(NodeId node, Failure failure) {}

        private final Cluster cluster;
        private final Duration offset;
        private final Clock clock;
        private final Histogram.Counter lateness;
        private final Tripwire tripwire;
        private final ClusterWatch watch;
        private final BlockingQueue<Break> breaks = new LinkedBlockingQueue<>();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean closed;

        Loop(Cluster cluster, Duration offset, Eyes eyes, ClusterMemory memory, Claims claims,
                VerdictListener listener, Clock clock, Histogram.Counter lateness) {
            this.cluster = cluster;
            this.offset = offset;
            this.lateness = lateness;
            this.clock = clock;
            this.tripwire = new Tripwire(eyes, this::broke);
            this.watch = new ClusterWatch(cluster, eyes, memory,
                    () -> claims.of(cluster.name()) instanceof Claims.Claim.Held, listener, clock, Thread::sleep,
                    tripwire);
        }

        synchronized void start() {
            if (closed || !threads.isEmpty()) {
                throw new IllegalStateException("the watch over " + cluster.name() + " was started or closed before");
            }
            threads.add(Thread.ofVirtual().name("watch " + cluster.name()).start(this::run));
        }

        private void broke(NodeId node, Failure failure) {
            breaks.add(new Break(node, failure));
            watch.alarm();
        }

        private void run() {
            MDC.put("cluster", cluster.name().value());
            Duration interval = cluster.detection().interval();
            Instant due = clock.instant().plus(offset);
            boolean glance = false;
            while (!closed) {
                Instant next = glance ? due.minus(interval.dividedBy(2)) : due;
                try {
                    Break broken = breaks.poll(Duration.between(clock.instant(), next).toMillis(),
                            TimeUnit.MILLISECONDS);
                    if (broken != null) {
                        watch.broke(broken.node(), broken.failure());
                        continue;
                    }
                    if (glance) {
                        // The next ping comes an interval after one that failed.
                        due = watch.glance(next) ? next.plus(interval) : due;
                    } else {
                        due = next.plus(interval);
                        lateness.count(Duration.between(next, clock.instant()));
                        watch.tick(next);
                    }
                } catch (InterruptedException e) {
                    return; // closed
                } catch (RuntimeException e) {
                    // The store or the listener failed; the next tick is another attempt.
                    LOG.error("the watch over {} failed in this tick", cluster.name(), e);
                }
                // A tick that took its time is no lateness of the next one.
                if (due.isBefore(clock.instant())) {
                    due = clock.instant();
                }
                glance = !glance && clock.instant().isBefore(due.minus(interval.dividedBy(2)));
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            tripwire.close();
            threads.forEach(Thread::interrupt);
        }
    }
}
