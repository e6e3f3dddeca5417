package dev.switchman.api;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;

import dev.switchman.audit.Counts;
import dev.switchman.audit.Journal;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Outages;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Histogram;

/**
 * What others have counted, in Prometheus' own types. They count without a lock, and know nothing of who reads. Labels have
 * few values: clusters and servers of the configuration, runbooks and their boxes, endings.
 */
final class CountedMetrics implements MultiCollector {

    private static final String RUNS = "switchman_runs_ended";
    private static final String STEPS = "switchman_step_duration_seconds";
    private static final String PROBES = "switchman_probe_duration_seconds";
    private static final String FAILURES = "switchman_probe_failures";
    private static final String OUTAGES = "switchman_outage_seconds";
    private static final String LATENESS = "switchman_watch_lateness_seconds";

    /** Help of each. Counters end in {@code _total} when they are scraped, the others in {@code _count}, {@code _sum}, {@code _bucket}. */
    static final Map<String, String> HELP = Map.of(
            RUNS, "Runs that have ended, by how; those before the last start are counted too",
            STEPS, "Seconds that steps of runs took, by how they ended, since the start",
            PROBES, "Seconds until a server answered the watch, since the start",
            FAILURES, "Looks of the watch that a server did not answer, since the start",
            OUTAGES, "Seconds for which writes stood still, as a run measured it, since the start",
            LATENESS, "Seconds by which ticks of the watch began later than they were due, since the start");

    private final List<Cluster> clusters;
    private final Journal journal;
    private final Watch watch;
    private final Outages outages;

    CountedMetrics(List<Cluster> clusters, Journal journal, Watch watch, Outages outages) {
        this.clusters = List.copyOf(clusters);
        this.journal = journal;
        this.watch = watch;
        this.outages = outages;
    }

    @Override
    public MetricSnapshots collect() {
        Counts counts = journal.counts();
        List<Watch.Probes> probed = watch.probes();
        return MetricSnapshots.of(runs(counts), steps(counts), probes(probed), failures(probed), stoodStill(),
                lateness());
    }

    private static MetricSnapshot runs(Counts counts) {
        CounterSnapshot.Builder runs = CounterSnapshot.builder().name(RUNS).help(HELP.get(RUNS));
        counts.runs()
                .forEach(run -> runs.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(Labels.of("cluster", run.cluster().value(), "runbook", run.runbook(), "ending",
                                run.ending()))
                        .value(run.count())
                        .build()));
        return runs.build();
    }

    private static MetricSnapshot steps(Counts counts) {
        SummarySnapshot.Builder steps = SummarySnapshot.builder().name(STEPS).help(HELP.get(STEPS));
        counts.steps()
                .forEach(step -> steps.dataPoint(SummarySnapshot.SummaryDataPointSnapshot.builder()
                        .labels(Labels.of("runbook", step.runbook(), "step", step.step(), "outcome", step.outcome()))
                        .count(step.count())
                        .sum(seconds(step.took()))
                        .build()));
        return steps.build();
    }

    private static MetricSnapshot probes(List<Watch.Probes> all) {
        HistogramSnapshot.Builder probes = HistogramSnapshot.builder().name(PROBES).help(HELP.get(PROBES));
        all.forEach(probed -> probes.dataPoint(point(probed.answered(), of(probed))));
        return probes.build();
    }

    private static MetricSnapshot failures(List<Watch.Probes> all) {
        CounterSnapshot.Builder failures = CounterSnapshot.builder().name(FAILURES).help(HELP.get(FAILURES));
        all
                .forEach(probed -> failures.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(of(probed))
                        .value(probed.failed())
                        .build()));
        return failures.build();
    }

    private static Labels of(Watch.Probes probed) {
        return Labels.of("cluster", probed.cluster().value(), "server", probed.server().toString(), "probe",
                probed.probe().name().toLowerCase(Locale.ROOT));
    }

    /** Of every cluster from the start on: of a series that begins with its first outage nobody would see an increase. */
    private MetricSnapshot stoodStill() {
        HistogramSnapshot.Builder all = HistogramSnapshot.builder().name(OUTAGES).help(HELP.get(OUTAGES));
        clusters.forEach(cluster -> all.dataPoint(
                point(outages.read(cluster.name()), Labels.of("cluster", cluster.name().value()))));
        return all.build();
    }

    private MetricSnapshot lateness() {
        return HistogramSnapshot.builder()
                .name(LATENESS)
                .help(HELP.get(LATENESS))
                .dataPoint(point(watch.lateness(), Labels.EMPTY))
                .build();
    }

    private static HistogramSnapshot.HistogramDataPointSnapshot point(Histogram histogram, Labels labels) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        long before = 0;
        for (Histogram.Within within : histogram.within()) {
            buckets.bucket(seconds(within.bound()), within.count() - before);
            before = within.count();
        }
        buckets.bucket(Double.POSITIVE_INFINITY, histogram.all() - before);
        return HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.build())
                .sum(seconds(histogram.sum()))
                .labels(labels)
                .build();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
