package dev.switchman.api;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.memory.ClusterMemory.Pause;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Disk;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;
import dev.switchman.verdict.NearlyFull;

/** Puts together what is shown of clusters, from the last look and from what is remembered. */
@Component
class ClusterViews {

    private final List<Cluster> clusters;
    private final Watch watch;
    private final ClusterMemory memory;
    private final Runbooks runbooks;
    private final Claims claims;
    private final Progress progress;
    private final Clock clock;

    ClusterViews(List<Cluster> clusters, Watch watch, ClusterMemory memory, Runbooks runbooks, Claims claims,
            Progress progress, Clock clock) {
        this.clusters = List.copyOf(clusters);
        this.watch = watch;
        this.memory = memory;
        this.runbooks = runbooks;
        this.claims = claims;
        this.progress = progress;
        this.clock = clock;
    }

    /** @throws Refusal when no such cluster is configured */
    Cluster configured(String name) {
        return clusters.stream()
                .filter(cluster -> cluster.name().value().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.unknown("there is no cluster \"" + name + "\"; configured are "
                        + clusters.stream().map(cluster -> cluster.name().value()).toList()));
    }

    List<Views.ClusterSummary> summaries() {
        return clusters.stream().map(this::summary).toList();
    }

    Views.ClusterDetail detail(Cluster cluster) {
        Views.ClusterSummary head = summary(cluster);
        Optional<Watch.Sight> sight = watch.sight(cluster.name());
        Optional<NodeId> primary = memory.knownPrimary(cluster.name());
        List<Views.QuarantineView> quarantined = memory.quarantined(cluster.name())
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Views.QuarantineView(entry.getKey().toString(), entry.getValue().since(),
                        entry.getValue().why(), entry.getValue().fenceProven()))
                .toList();
        return new Views.ClusterDetail(head.name(), head.tier(), head.verdict(), head.sentence(),
                sight.map(seen -> seen.snapshot().at()).orElse(null),
                sight.map(seen -> Duration.between(seen.snapshot().at(), clock.instant()).toSeconds()).orElse(null),
                head.primary(),
                cluster.virtualIp().map(VirtualAddress::cidr).orElse(null), head.paused(), head.run(), head.manager(),
                head.warnings(), quarantined,
                cluster.nodes()
                        .stream()
                        .map(node -> node(node, primary, sight.map(seen -> seen.snapshot().servers().get(node.id())),
                                sight.map(seen -> seen.errant().get(node.id())),
                                sight.map(Watch.Sight::snapshot).map(seen -> disk(seen, node)).orElse(null)))
                        .toList(),
                head.progress());
    }

    Views.@Nullable PauseView paused(ClusterName name) {
        return memory.pause(name).map(ClusterViews::paused).orElse(null);
    }

    static Views.PauseView paused(Pause pause) {
        return new Views.PauseView(pause.by(), pause.reason(), pause.since(), pause.until());
    }

    private Views.ClusterSummary summary(Cluster cluster) {
        Optional<Watch.Sight> sight = watch.sight(cluster.name());
        Optional<RunId> holder = runbooks.holder(cluster.name());
        return new Views.ClusterSummary(cluster.name().value(), cluster.tier(),
                sight.map(seen -> seen.verdict().word()).orElse("not-looked-at"),
                sight.map(seen -> seen.verdict().sentence()).orElse("The first look has not ended yet."),
                memory.knownPrimary(cluster.name()).map(NodeId::toString).orElse(null), paused(cluster.name()),
                holder.map(RunId::value).orElse(null), manager(cluster.name()),
                sight.map(Watch.Sight::snapshot).map(ClusterViews::warnings).orElse(List.of()),
                holder.map(this::progress).orElse(List.of()));
    }

    /** @return how far the run's long work is, as far as this manager does it */
    List<Views.ProgressView> progress(RunId run) {
        return progress.of(run).stream().map(Views.ProgressView::of).toList();
    }

    private static List<String> warnings(Snapshot snapshot) {
        return NearlyFull.of(snapshot)
                .entrySet()
                .stream()
                .map(entry -> NearlyFull.sentence(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Views.@Nullable DiskView disk(Snapshot snapshot, Node node) {
        if (!(snapshot.hosts().get(node.id()) instanceof HostView.Seen host)
                || host.disk().state() == Disk.State.UNKNOWN) {
            return null;
        }
        Disk disk = host.disk();
        return new Views.DiskView(disk.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                disk.usedPercent() < 0 ? null : disk.usedPercent(),
                disk.nearlyFull(snapshot.cluster().detection().writes().warningPercent()), disk.detail());
    }

    private Views.ManagerView manager(ClusterName name) {
        Claims.Claim claim = claims.of(name);
        return new Views.ManagerView(claim instanceof Claims.Claim.Held, claim.sentence());
    }

    private static Views.NodeDetail node(Node node, Optional<NodeId> primary, Optional<Observation> seen,
            Optional<GtidSet> errant, Views.@Nullable DiskView disk) {
        String role = primary.equals(Optional.of(node.id())) ? "primary" : "replica";
        String promotion = node.role().name().toLowerCase(Locale.ROOT);
        @Nullable
        String more = errant.map(GtidSet::toString).orElse(null);
        if (seen.isEmpty()) {
            return new Views.NodeDetail(node.toString(), role, promotion, "unknown", null, null, null, null, null, null,
                    null, null, more, null, disk);
        }
        return switch (seen.get()) {
            case Observation.Unseen unseen ->
                new Views.NodeDetail(node.toString(), role, promotion, "unreachable", null,
                        null, null, null, null, null, null, null, more, unseen.failure().sentence(), disk);
            case Observation.Seen server -> node(node.toString(), role, promotion, server.server(), more, disk);
        };
    }

    private static Views.NodeDetail node(String node, String role, String promotion, ServerState server,
            @Nullable String errant, Views.@Nullable DiskView disk) {
        Optional<ReplicaState> replication = server.replication();
        return new Views.NodeDetail(node, role, promotion, state(server.writeMode()), server.version().toString(),
                server.executed().toString(),
                replication.map(replica -> replica.source().toString()).orElse(null),
                replication.map(replica -> replica.receiver().name().toLowerCase(Locale.ROOT)).orElse(null),
                replication.map(replica -> replica.applierRunning() ? "running" : "stopped").orElse(null),
                replication.flatMap(ReplicaState::lag).map(Duration::toSeconds).orElse(null),
                replication.map(ReplicaState::delay)
                        .filter(delay -> !delay.isZero())
                        .map(Duration::toSeconds)
                        .orElse(null),
                semiSync(server.semiSync()), errant, problem(server), disk);
    }

    private static String state(WriteMode mode) {
        return switch (mode) {
            case WRITABLE -> "writable";
            case READ_ONLY -> "read-only";
            case SUPER_READ_ONLY -> "super-read-only";
        };
    }

    private static String semiSync(SemiSync semiSync) {
        List<String> sides = new ArrayList<>();
        if (semiSync.source() instanceof SemiSync.SourceSide.Present source && source.enabled()) {
            sides.add("source " + (source.operating()
                    ? "waits for " + source.waitCount() + " of " + source.clients()
                    : "fell back to asynchronous"));
        }
        if (semiSync.replica() instanceof SemiSync.ReplicaSide.Present replica && replica.enabled()) {
            sides.add(replica.operating() ? "replica acknowledges" : "replica on, not acknowledging");
        }
        return sides.isEmpty() ? "off" : String.join(", ", sides);
    }

    private static @Nullable String problem(ServerState server) {
        List<String> problems = new ArrayList<>();
        if (server.offline()) {
            problems.add("offline_mode is on");
        }
        server.replication().ifPresent(replica -> {
            if (replica.receiverErrno() != 0) {
                problems.add("receiver: error " + replica.receiverErrno() + ": " + replica.receiverError());
            }
            if (replica.applierErrno() != 0) {
                problems.add("applier: error " + replica.applierErrno() + ": " + replica.applierError());
            }
        });
        return problems.isEmpty() ? null : String.join("; ", problems);
    }
}
