package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Histogram;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/** Takes the time of looks, on the thread that looks: the watch waits for none of it. */
final class Stopwatch {

    private final Clock clock;
    private final Map<Key, Times> times = new ConcurrentHashMap<>();

    private record Key(NodeId server, Watch.Probe probe) {}

    private record Times(Histogram.Counter answered, LongAdder failed) {}

    Stopwatch(Clock clock) {
        this.clock = clock;
    }

    /** @param answer what the look returns when it brought an answer; everything else, and what it throws, has failed */
    <T> T time(NodeId server, Watch.Probe probe, Supplier<T> look, Class<? extends T> answer) {
        Times mine = times(new Key(server, probe));
        Instant started = clock.instant();
        boolean answered = false;
        try {
            T seen = look.get();
            answered = answer.isInstance(seen);
            return seen;
        } finally {
            if (answered) {
                mine.answered.count(Duration.between(started, clock.instant()));
            } else {
                mine.failed.increment();
            }
        }
    }

    /** After the first time without any lock. */
    private Times times(Key key) {
        return Optional.ofNullable(times.get(key))
                .orElseGet(() -> times.computeIfAbsent(key, first -> new Times(
                        Histogram.Counter.ofMillis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500),
                        new LongAdder())));
    }

    Stream<Watch.Probes> read(Cluster cluster) {
        return cluster.nodes()
                .stream()
                .map(Node::id)
                .flatMap(server -> Stream.of(Watch.Probe.values())
                        .flatMap(probe -> Optional.ofNullable(times.get(new Key(server, probe)))
                                .map(found -> new Watch.Probes(cluster.name(), server, probe, found.answered.read(),
                                        found.failed.sum()))
                                .stream()));
    }
}
