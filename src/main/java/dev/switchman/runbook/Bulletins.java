package dev.switchman.runbook;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

import dev.switchman.config.ServerSettings;
import dev.switchman.notify.Notice;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Disk;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Severity;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.NearlyFull;
import dev.switchman.verdict.Verdict;

/** Says what happens to clusters, to whom it concerns: how much it matters, and who hears of it. Returns at once, always. */
@Component
public class Bulletins {

    /** Under this word a notice has the id of its run. */
    static final String RUN = "run";
    /** The same trouble is told once in this time, however often it comes and goes. */
    static final Duration QUIET = Duration.ofMinutes(10);

    private final News news;
    private final Optional<URI> pages;
    private final Clock clock;
    private final Map<ClusterName, Trouble> troubles = new ConcurrentHashMap<>();
    private final Map<ClusterName, Set<NodeId>> full = new ConcurrentHashMap<>();

    /** What was told of a cluster's state and not taken back yet. @param told when, by the verdict's word */
    private record Trouble(Severity worst, Map<String, Instant> told) {

        static final Trouble NONE = new Trouble(Severity.INFO, Map.of());

        Trouble with(Severity severity, String word, Instant at) {
            Map<String, Instant> all = new LinkedHashMap<>(told);
            all.put(word, at);
            return new Trouble(worst.or(severity), all);
        }

        Trouble over() {
            return new Trouble(Severity.INFO, told);
        }
    }

    /** What the manager does about a verdict, as far as it is not the usual. */
    record Stance(String sentence) {

        static final Stance ACTS = new Stance("");
    }

    @Autowired
    Bulletins(News news, ObjectProvider<ServerSettings> settings, Clock clock) {
        this(news, Optional.ofNullable(settings.getIfAvailable()).flatMap(ServerSettings::publicUrl), clock);
    }

    /** @param pages where browsers find the pages; empty: nothing is linked */
    public Bulletins(News news, Optional<URI> pages, Clock clock) {
        this.news = news;
        this.pages = pages;
        this.clock = clock;
    }

    /** A run has begun. Told of failovers and switchovers: others are told at their end. */
    public void began(Cluster cluster, RunId run, Runbook runbook, String startedBy, String cause) {
        if (runbook != Runbook.FAILOVER && runbook != Runbook.SWITCHOVER) {
            return;
        }
        Severity severity = onset(runbook);
        tell(cluster, Notice.Kind.RUN_BEGAN, severity, severity, runbook.id() + " began, by " + startedBy, cause,
                Map.of(RUN, run.value(), "runbook", runbook.id(), "started-by", startedBy), Optional.of(run));
    }

    /**
     * A run has ended. Who heard of its beginning hears of it, whatever its end.
     *
     * @param report plain text, with its timeline
     */
    public void ended(Cluster cluster, RunId run, String runbook, Ending ending, String headline, String report) {
        Severity severity = Runbook.byId(runbook).map(known -> outcome(known, ending)).orElse(Severity.WARNING);
        Severity reach = Runbook.byId(runbook).map(Bulletins::onset).orElse(severity);
        tell(cluster, Notice.Kind.RUN_ENDED, severity, reach, headline, report,
                Map.of(RUN, run.value(), "runbook", runbook, "ending", ending.name()), Optional.of(run));
    }

    /** A run waits for a person. @param again whether it was told before, and nobody has answered */
    public void asked(Cluster cluster, RunId run, String runbook, String question, boolean again) {
        // Whatever else asks, writes go on meanwhile.
        Severity severity = runbook.equals(Runbook.FAILOVER.id()) ? Severity.CRITICAL : Severity.WARNING;
        tell(cluster, Notice.Kind.DECISION_NEEDED, severity, severity,
                again ? "your decision is still needed" : "your decision is needed",
                question + "\n\nAnswer with: switchman approve " + run + "  or  switchman reject " + run + "\n",
                Map.of(RUN, run.value(), "runbook", runbook), Optional.of(run));
    }

    /** What the watch says, at every look. */
    void seen(Verdict verdict, Snapshot snapshot, Stance stance) {
        Cluster cluster = snapshot.cluster();
        disks(cluster, snapshot);
        Trouble before = troubles.getOrDefault(cluster.name(), Trouble.NONE);
        Optional<Severity> weight = weight(verdict);
        if (weight.isEmpty()) {
            if (verdict instanceof Verdict.Healthy && before.worst() != Severity.INFO) {
                troubles.put(cluster.name(), before.over());
                state(cluster, verdict, Severity.INFO, before.worst(), "");
            }
            return;
        }
        Instant now = clock.instant();
        boolean known = Optional.ofNullable(before.told().get(verdict.word()))
                .filter(at -> before.worst() != Severity.INFO || at.plus(QUIET).isAfter(now))
                .isPresent();
        if (!known) {
            state(cluster, verdict, weight.get(), weight.get(), stance.sentence());
            troubles.put(cluster.name(), before.with(weight.get(), verdict.word(), now));
        }
    }

    private void state(Cluster cluster, Verdict verdict, Severity severity, Severity reach, String more) {
        tell(cluster, Notice.Kind.VERDICT, severity, reach, verdict.sentence(), more,
                Map.of("verdict", verdict.word()), Optional.empty());
    }

    private void disks(Cluster cluster, Snapshot snapshot) {
        Map<NodeId, Disk> now = NearlyFull.of(snapshot);
        Set<NodeId> before = full.getOrDefault(cluster.name(), Set.of());
        if (now.keySet().equals(before)) {
            return;
        }
        now.forEach((node, disk) -> {
            if (!before.contains(node)) {
                tell(cluster, Notice.Kind.DISK, Severity.WARNING, Severity.WARNING, NearlyFull.sentence(node, disk), "",
                        Map.of("node", node.toString(), "disk",
                                disk.state().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')),
                        Optional.empty());
            }
        });
        full.put(cluster.name(), Set.copyOf(now.keySet()));
    }

    /** @return empty: nothing that people must be told */
    private static Optional<Severity> weight(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Crashed crashed -> Optional.of(Severity.CRITICAL);
            case Verdict.HostLost lost -> Optional.of(Severity.CRITICAL);
            case Verdict.Hung hung -> Optional.of(Severity.CRITICAL);
            case Verdict.DiskFull full -> Optional.of(Severity.CRITICAL);
            case Verdict.DiskStalled stalled -> Optional.of(Severity.CRITICAL);
            case Verdict.TwoWritable two -> Optional.of(Severity.CRITICAL);
            case Verdict.EverythingLost lost -> Optional.of(Severity.CRITICAL);
            case Verdict.PrimaryReadOnly readOnly -> Optional.of(Severity.CRITICAL);
            case Verdict.VirtualIpMisplaced misplaced -> Optional.of(Severity.CRITICAL);
            case Verdict.QuarantinedReturned returned -> Optional.of(Severity.WARNING);
            case Verdict.IsolatedFromUs isolated -> Optional.of(Severity.WARNING);
            case Verdict.Restarting restarting -> Optional.of(Severity.WARNING);
            case Verdict.ShuttingDown down -> Optional.of(Severity.WARNING);
            case Verdict.ReplicationBroken broken -> Optional.of(Severity.WARNING);
            case Verdict.ReplicasLost lost -> Optional.of(Severity.WARNING);
            case Verdict.NoKnownPrimary none -> Optional.of(Severity.WARNING);
            case Verdict.Unclear unclear -> Optional.of(Severity.WARNING);
            // Comes and goes by itself; what becomes of it is told.
            case Verdict.Suspected suspected -> Optional.empty();
            case Verdict.Busy busy -> Optional.empty();
            case Verdict.Healthy healthy -> Optional.empty();
        };
    }

    private static Severity onset(Runbook runbook) {
        return switch (runbook) {
            case FAILOVER -> Severity.CRITICAL;
            case QUARANTINE -> Severity.WARNING;
            case SWITCHOVER, REOPEN, REJOIN, REPAIR_ERRANT, PURGE_RELAY_LOGS, DEPLOY -> Severity.INFO;
        };
    }

    private static Severity outcome(Runbook runbook, Ending ending) {
        boolean writes = runbook == Runbook.FAILOVER || runbook == Runbook.SWITCHOVER || runbook == Runbook.REOPEN;
        return switch (ending) {
            case DONE -> runbook == Runbook.FAILOVER || runbook == Runbook.QUARANTINE
                    ? Severity.WARNING
                    : Severity.INFO;
            case WRITES_MAY_BE_LOST, NOT_FENCED, NO_ELIGIBLE_CANDIDATE, REPLICAS_DIVERGED, PROMOTION_DECLINED ->
                Severity.CRITICAL;
            case FAILED -> writes ? Severity.CRITICAL : Severity.WARNING;
            case REPLICAS_LOST, PRIMARY_ALIVE, BLOCKED, ROLLED_BACK, STOOD_DOWN, KEPT_IN_QUARANTINE, RELAY_LOGS_KEPT,
                    CANCELLED ->
                Severity.WARNING;
        };
    }

    private void tell(Cluster cluster, Notice.Kind kind, Severity severity, Severity reach, String headline,
            String text, Map<String, String> about, Optional<RunId> run) {
        if (cluster.receivers().isEmpty()) {
            return;
        }
        String path = run.map(id -> "/runs/" + id).orElse("/clusters/" + cluster.name());
        Optional<URI> link = pages.map(url -> URI.create(url.toString().replaceAll("/+$", "") + path));
        news.tell(cluster, new Notice(UUID.randomUUID().toString(), cluster.name(), cluster.tier(), clock.instant(),
                kind, severity, reach, headline, text, about, link));
    }
}
