package dev.switchman.api;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.audit.Journal;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Outages;
import dev.switchman.runbook.Receivers;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ServerState;

/**
 * What Prometheus scrapes: the last look at every server, open runs, decisions that wait, how the last run ended, and the
 * process itself. Computed at the scrape; a failover does nothing for it.
 */
@RestController
class MetricsController {

    private static final String TEXT = "text/plain;version=0.0.4;charset=utf-8";

    /** Name and help of each that is read anew at the scrape; in Prometheus {@code switchman_} and an underscore for each dot. */
    static final Map<String, String> GAUGES = Map.ofEntries(
            Map.entry("cluster.verdict", "1 for the verdict that holds"),
            Map.entry("cluster.look.age", "Seconds since the verdict was reached"),
            Map.entry("cluster.paused", "1 while runbooks are kept from starting by themselves"),
            Map.entry("cluster.quarantined", "Servers in quarantine"),
            Map.entry("manager.acts", "1 if this manager holds the cluster's locks, 0 if it only watches"),
            Map.entry("server.reachable", "1 if the last look saw it"),
            Map.entry("server.writable", "1 if it accepts writes"),
            Map.entry("server.disk.used", "Percent of its disk, or of its inodes, in use, as its host says"),
            Map.entry("server.disk.nearly.full", "1 if people are to be warned of its disk"),
            Map.entry("server.primary", "1 if it is the known primary"),
            Map.entry("replica.replicates", "1 if its receiver and its applier run"),
            Map.entry("replica.lag", "Seconds behind its source, as it says itself"),
            Map.entry("replica.gtid.gap", "Transactions that the primary had executed at the last look and it had not"),
            Map.entry("notices.delivered", "Notices that arrived at the receiver since the start"),
            Map.entry("notices.failed.attempts", "Attempts to tell the receiver that failed since the start"),
            Map.entry("notices.lost", "Notices that the receiver was not told and will not be, since the start"),
            Map.entry("notices.waiting", "Notices on their way to the receiver"),
            Map.entry("decisions.waiting", "Runs that wait for a person"),
            Map.entry("decision.waiting.age", "Seconds that the cluster's oldest open question has waited"),
            Map.entry("run.open", "1 for each run that has not ended"),
            Map.entry("run.last.ended", "When the cluster's last run ended, in seconds since 1970"),
            Map.entry("run.last.duration", "Seconds that the cluster's last run took"));

    private final List<Cluster> clusters;
    private final ClusterViews views;
    private final Runbooks runbooks;
    private final Approvals approvals;
    private final Journal journal;
    private final Watch watch;
    private final Receivers receivers;
    private final Clock clock;
    private final CountedMetrics counted;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, MultiGauge> gauges = new TreeMap<>();

    MetricsController(List<Cluster> clusters, ClusterViews views, Runbooks runbooks, Approvals approvals,
            Journal journal, Watch watch, Receivers receivers, Outages outages, Clock clock) {
        this.clusters = List.copyOf(clusters);
        this.views = views;
        this.runbooks = runbooks;
        this.approvals = approvals;
        this.journal = journal;
        this.watch = watch;
        this.receivers = receivers;
        this.clock = clock;
        this.counted = new CountedMetrics(this.clusters, journal, watch, outages);
    }

    @GetMapping(path = "/api/metrics", produces = TEXT)
    synchronized String metrics() {
        if (gauges.isEmpty()) {
            begin();
        }
        Map<String, List<MultiGauge.Row<?>>> rows = new TreeMap<>();
        gauges.keySet().forEach(name -> rows.put(name, new ArrayList<>()));
        clusters.forEach(cluster -> rows(cluster, rows));
        for (Receivers.Tally tally : receivers.tallies()) {
            Tags to = Tags.of("cluster", tally.cluster(), "receiver", tally.receiver());
            add(rows, "notices.delivered", to, tally.delivered());
            add(rows, "notices.failed.attempts", to, tally.failures());
            add(rows, "notices.lost", to, tally.lost());
            add(rows, "notices.waiting", to, tally.waiting());
        }
        List<Approvals.Question> waiting = approvals.waiting();
        add(rows, "decisions.waiting", Tags.empty(), waiting.size());
        waiting.stream()
                .collect(Collectors.toMap(Approvals.Question::cluster, Approvals.Question::askedAt,
                        (one, other) -> one.isBefore(other) ? one : other))
                .forEach((cluster, asked) -> add(rows, "decision.waiting.age", Tags.of("cluster", cluster),
                        seconds(Duration.between(asked, clock.instant()))));
        runbooks.open()
                .forEach(run -> add(rows, "run.open",
                        Tags.of("cluster", run.cluster().value(), "runbook", run.runbook().id(), "waiting",
                                String.valueOf(run.waiting())),
                        1));
        gauges.forEach((name, gauge) -> gauge.register(rows.getOrDefault(name, List.of()), true));
        return registry.scrape(TEXT);
    }

    private void begin() {
        new UptimeMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        registry.getPrometheusRegistry().register(counted);
        GAUGES.forEach((name, help) -> gauges.put(name,
                MultiGauge.builder("switchman." + name).description(help).register(registry)));
    }

    private void rows(Cluster cluster, Map<String, List<MultiGauge.Row<?>>> rows) {
        Views.ClusterDetail detail = views.detail(cluster);
        Tags name = Tags.of("cluster", detail.name());
        add(rows, "cluster.verdict", name.and("verdict", detail.verdict(), "tier", detail.tier()), 1);
        @Nullable
        Instant seenAt = detail.seenAt();
        if (seenAt != null) {
            add(rows, "cluster.look.age", name, seconds(Duration.between(seenAt, clock.instant())));
        }
        add(rows, "cluster.paused", name, number(detail.paused() != null));
        add(rows, "cluster.quarantined", name, detail.quarantined().size());
        add(rows, "manager.acts", name, number(detail.manager().acts()));
        gaps(cluster, name, rows);
        for (Views.NodeDetail node : detail.nodes()) {
            Tags server = name.and("server", node.node());
            add(rows, "server.primary", server, number(node.role().equals("primary")));
            Views.@Nullable DiskView disk = node.disk();
            if (disk != null) {
                add(rows, "server.disk.nearly.full", server, number(disk.nearlyFull()));
                @Nullable
                Integer used = disk.usedPercent();
                if (used != null) {
                    add(rows, "server.disk.used", server, used);
                }
            }
            if (node.state().equals("unknown")) {
                continue;
            }
            boolean reachable = !node.state().equals("unreachable");
            add(rows, "server.reachable", server, number(reachable));
            add(rows, "server.writable", server, number(node.state().equals("writable")));
            if (node.source() != null) {
                add(rows, "replica.replicates", server,
                        number("running".equals(node.receiver()) && "running".equals(node.applier())));
            }
            @Nullable
            Long lag = node.lagSeconds();
            if (lag != null) {
                add(rows, "replica.lag", server, lag);
            }
        }
        journal.runs(Optional.of(cluster.name()), 1)
                .stream()
                .findFirst()
                .ifPresent(run -> run.endedAt().ifPresent(ended -> {
                    Tags last = name.and("runbook", run.runbook(), "ending", run.ending().orElse(""));
                    add(rows, "run.last.ended", last, ended.getEpochSecond());
                    add(rows, "run.last.duration", last, seconds(Duration.between(run.startedAt(), ended)));
                }));
    }

    /** Of a primary that was not seen nothing is known: its replicas have no gap then. */
    private void gaps(Cluster cluster, Tags name, Map<String, List<MultiGauge.Row<?>>> rows) {
        watch.sight(cluster.name()).map(Watch.Sight::snapshot).ifPresent(seen -> {
            Optional<ServerState> primary = seen.knownPrimary().flatMap(seen::server);
            primary.ifPresent(source -> cluster.nodes()
                    .stream()
                    .filter(node -> !seen.knownPrimary().equals(Optional.of(node.id())))
                    .forEach(node -> seen.server(node.id())
                            .ifPresent(server -> add(rows, "replica.gtid.gap", name.and("server", node.toString()),
                                    source.executed().minus(server.executed()).count()))));
        });
    }

    private static void add(Map<String, List<MultiGauge.Row<?>>> rows, String name, Tags tags, double value) {
        List<MultiGauge.Row<?>> list = rows.get(name);
        if (list == null) {
            throw new IllegalStateException("no gauge of the name " + name);
        }
        list.add(MultiGauge.Row.of(tags, value));
    }

    private static double number(boolean holds) {
        return holds ? 1 : 0;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
