package dev.switchman.web;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.verdict.Verdict;

/** Puts together what pages show of clusters: from the last look, from what is remembered, and from the journal. */
@Component
class Board {

    private final List<Cluster> clusters;
    private final Watch watch;
    private final ClusterMemory memory;
    private final Runbooks runbooks;
    private final Claims claims;
    private final Journal journal;
    private final Progress progress;

    Board(List<Cluster> clusters, Watch watch, ClusterMemory memory, Runbooks runbooks, Claims claims,
            Journal journal, Progress progress) {
        this.progress = progress;
        this.clusters = List.copyOf(clusters);
        this.watch = watch;
        this.memory = memory;
        this.runbooks = runbooks;
        this.claims = claims;
        this.journal = journal;
    }

    List<String> names() {
        return clusters.stream().map(cluster -> cluster.name().value()).toList();
    }

    /** @throws NoSuchPage when no such cluster is configured */
    Cluster configured(String name) {
        return clusters.stream()
                .filter(cluster -> cluster.name().value().equals(name))
                .findFirst()
                .orElseThrow(() -> NoSuchPage
                        .unknown("There is no cluster \"" + name + "\"; configured are " + names() + "."));
    }

    List<ClusterCard> cards() {
        return clusters.stream().map(this::card).toList();
    }

    ClusterCard card(Cluster cluster) {
        Optional<Watch.Sight> sight = watch.sight(cluster.name());
        Claims.Claim claim = claims.of(cluster.name());
        List<ClusterCard.Quarantined> quarantined = memory.quarantined(cluster.name())
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new ClusterCard.Quarantined(entry.getKey().toString(),
                        Moments.at(entry.getValue().since()), entry.getValue().why(), entry.getValue().fenceProven()))
                .toList();
        return new ClusterCard(cluster.name().value(), cluster.tier(),
                sight.map(seen -> seen.verdict().word()).orElse("not-looked-at"),
                sight.map(seen -> mood(seen.verdict())).orElse("unknown"),
                sight.map(seen -> seen.verdict().sentence()).orElse("The first look has not ended yet."),
                memory.knownPrimary(cluster.name()).map(NodeId::toString).orElse(null),
                cluster.virtualIp().map(VirtualAddress::cidr).orElse(null),
                sight.map(seen -> Moments.at(seen.snapshot().at())).orElse(null),
                memory.pause(cluster.name())
                        .map(pause -> new ClusterCard.PauseNote(pause.by(), pause.reason(), Moments.at(pause.since()),
                                Moments.at(pause.until())))
                        .orElse(null),
                runbooks.holder(cluster.name()).map(RunId::value).orElse(null), claim instanceof Claims.Claim.Held,
                claim.sentence(), quarantined,
                sight.map(Watch.Sight::errant)
                        .orElse(Map.of())
                        .entrySet()
                        .stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> new ClusterCard.Holding(entry.getKey().toString(), entry.getValue().toString()))
                        .toList(),
                journal.runs(Optional.of(cluster.name()), 1)
                        .stream()
                        .findFirst()
                        .map(run -> new ClusterCard.LastRun(run.run(), run.runbook(), Moments.at(run.startedAt()),
                                run.ending().orElse("open")))
                        .orElse(null));
    }

    /** @return how far the long work of the run is that holds the cluster */
    List<Progress.Line> progress(Cluster cluster) {
        return runbooks.holder(cluster.name()).map(progress::of).orElse(List.of());
    }

    List<Progress.Line> progress(RunId run) {
        return progress.of(run);
    }

    Picture picture(Cluster cluster) {
        return Picture.of(cluster, watch.sight(cluster.name()).map(Watch.Sight::snapshot),
                memory.knownPrimary(cluster.name()), memory.quarantined(cluster.name()));
    }

    private static String mood(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Healthy healthy -> "good";
            case Verdict.Crashed bad -> "bad";
            case Verdict.HostLost bad -> "bad";
            case Verdict.Hung bad -> "bad";
            case Verdict.DiskFull bad -> "bad";
            case Verdict.DiskStalled bad -> "bad";
            case Verdict.EverythingLost bad -> "bad";
            case Verdict.NoKnownPrimary bad -> "bad";
            case Verdict.TwoWritable bad -> "bad";
            case Verdict.Busy warn -> "warn";
            case Verdict.Suspected warn -> "warn";
            case Verdict.IsolatedFromUs warn -> "warn";
            case Verdict.Restarting warn -> "warn";
            case Verdict.ShuttingDown warn -> "warn";
            case Verdict.PrimaryReadOnly warn -> "warn";
            case Verdict.QuarantinedReturned warn -> "warn";
            case Verdict.VirtualIpMisplaced warn -> "warn";
            case Verdict.ReplicationBroken warn -> "warn";
            case Verdict.ReplicasLost warn -> "warn";
            case Verdict.Unclear warn -> "warn";
        };
    }
}
