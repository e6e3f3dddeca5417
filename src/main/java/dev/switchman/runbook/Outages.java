package dev.switchman.runbook;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.stereotype.Component;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Histogram;

/** Counts since the start of the process how long writes stood still, as runs measured it. */
@Component
public class Outages {

    private final Map<ClusterName, Histogram.Counter> counted = new ConcurrentHashMap<>();

    /** Counts the outage of a run that ends. */
    public void measured(ClusterName cluster, Duration outage) {
        of(cluster).count(outage);
    }

    /** @return of this cluster; all bounds with nothing below where none was counted */
    public Histogram read(ClusterName cluster) {
        return of(cluster).read();
    }

    private Histogram.Counter of(ClusterName cluster) {
        return counted.computeIfAbsent(cluster, name -> Histogram.Counter.ofMillis(100, 250, 500, 1_000, 2_500, 5_000,
                10_000, 30_000, 60_000, 300_000, 1_800_000));
    }
}
