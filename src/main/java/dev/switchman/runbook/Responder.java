package dev.switchman.runbook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.VerdictListener;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;
import dev.switchman.verdict.Lineage;
import dev.switchman.verdict.Rejoin;
import dev.switchman.verdict.Verdict;
import dev.switchman.vip.VirtualIp;

/**
 * Answers what the watch sees by starting a runbook. Starts nothing while a cluster is paused, held by another run, or
 * looked after by another manager, and
 * does not repeat a run that has just ended otherwise than done: a failover that a person declined waits until the
 * primary was seen alive again, one that failed for ten minutes, one that stood down for half a minute, one that could not
 * confirm the loss for five seconds.
 *
 * <p>What a run changed while the watch looked around was seen by half. It is looked at once more before another run is
 * started over it; a lost primary, and a server in quarantine, wait for nothing.
 *
 * <p>While a former primary's fence is not proven, it announces the virtual IP from the primary's host at every tick.
 */
@Component
final class Responder implements VerdictListener {

    static final Duration AFTER_FAILURE = Duration.ofMinutes(10);
    /** A purge of relay logs that was not done waits for so long. */
    static final Duration AFTER_KEPT_LOGS = Duration.ofHours(1);
    static final Duration AFTER_STANDING_DOWN = Duration.ofSeconds(30);
    /** A loss that the run could not confirm, and that the watch still sees: nobody answered the run, for a moment. */
    static final Duration AFTER_UNCONFIRMED = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Responder.class);
    private static final String MONITOR = "monitor";

    private final Runbooks runbooks;
    private final Approvals approvals;
    private final Claims claims;
    private final ClusterMemory memory;
    private final Journal journal;
    private final VirtualIp virtualIp;
    private final Bulletins bulletins;
    private final Clock clock;
    private final Executor aside;
    private final Map<ClusterName, Instant> lastAlive = new ConcurrentHashMap<>();
    private final Map<ClusterName, ClusterMemory.Pause> pauses = new ConcurrentHashMap<>();
    private final Map<ClusterName, Instant> lastResumed = new ConcurrentHashMap<>();
    private final Map<ClusterName, String> lastSaid = new ConcurrentHashMap<>();
    /** No purge of relay logs before. */
    private final Map<ClusterName, Instant> purgeDue = new ConcurrentHashMap<>();
    /** Since when a chained replica has been without its source. */
    private final Map<NodeId, Instant> orphans = new ConcurrentHashMap<>();
    private final Set<ClusterName> announcing = ConcurrentHashMap.newKeySet();

    @Autowired
    Responder(@Lazy Runbooks runbooks, @Lazy Approvals approvals, Claims claims, ClusterMemory memory, Journal journal,
            VirtualIp virtualIp, Bulletins bulletins, Clock clock) {
        this(runbooks, approvals, claims, memory, journal, virtualIp, bulletins, clock,
                task -> Thread.ofVirtual().name("announce").start(task));
    }

    /** @param aside runs what may wait for a host, off the watch's thread */
    Responder(Runbooks runbooks, Approvals approvals, Claims claims, ClusterMemory memory, Journal journal,
            VirtualIp virtualIp, Bulletins bulletins, Clock clock, Executor aside) {
        this.runbooks = runbooks;
        this.approvals = approvals;
        this.claims = claims;
        this.memory = memory;
        this.journal = journal;
        this.virtualIp = virtualIp;
        this.bulletins = bulletins;
        this.clock = clock;
        this.aside = aside;
    }

    @Override
    public void told(Verdict verdict, Snapshot snapshot, boolean changed) {
        Cluster cluster = snapshot.cluster();
        if (showsLife(verdict)) {
            lastAlive.put(cluster.name(), snapshot.at());
        }
        if (changed) {
            lastSaid.remove(cluster.name());
        }
        Optional<ClusterMemory.Pause> pause = memory.pause(cluster.name())
                .filter(until -> until.until().isAfter(clock.instant()));
        noticeResumption(cluster, pause);
        Claims.Claim claim = claims.of(cluster.name());
        tell(verdict, snapshot, pause, claim);
        if (pause.isPresent()) {
            if (changed) {
                LOG.info("{} is paused by {} until {}: nothing is done. {}", cluster.name(), pause.get().by(),
                        pause.get().until(), verdict.sentence());
            }
            return;
        }
        if (claim instanceof Claims.Claim.NotHeld) {
            if (wantsAction(verdict)) {
                say(cluster, "nothing is done, this manager only watches", ". " + verdict.sentence());
            }
            return;
        }
        announceWhileUnproven(cluster);
        answer(snapshot, verdict);
    }

    /**
     * A pause that is gone before its time was ended by a person: a failover that somebody broke off or declined before that holds
     * up a new one no longer. Not seen by a program that starts in between; then a person starts the failover.
     */
    private void noticeResumption(Cluster cluster, Optional<ClusterMemory.Pause> pause) {
        ClusterMemory.Pause before = pause.isPresent()
                ? pauses.put(cluster.name(), pause.get())
                : pauses.remove(cluster.name());
        if (pause.isEmpty() && before != null && before.until().isAfter(clock.instant())) {
            lastResumed.put(cluster.name(), clock.instant());
        }
    }

    /**
     * Of two managers the one that acts tells. The other one tells only where something would have to be done: perhaps nobody else is
     * there to do it.
     */
    private void tell(Verdict verdict, Snapshot snapshot, Optional<ClusterMemory.Pause> pause, Claims.Claim claim) {
        if (verdict instanceof Verdict.VirtualIpMisplaced && (moving(snapshot.cluster()) || !settled(snapshot))) {
            return;
        }
        switch (claim) {
            case Claims.Claim.Held held -> bulletins.seen(verdict, snapshot,
                    pause.map(until -> new Bulletins.Stance("Nothing is done: paused by " + until.by() + " until "
                            + until.until() + " (" + until.reason() + ")."))
                            .orElse(Bulletins.Stance.ACTS));
            case Claims.Claim.NotHeld(String sentence) -> {
                if (wantsAction(verdict) || verdict instanceof Verdict.EverythingLost
                        || verdict instanceof Verdict.Healthy) {
                    bulletins.seen(verdict, snapshot,
                            new Bulletins.Stance("This manager only watches, and does nothing: it " + sentence + "."));
                }
            }
        }
    }

    /** Whether a run moves the virtual IP: nobody is to be woken because it is on its way. */
    private boolean moving(Cluster cluster) {
        return runbooks.holder(cluster.name())
                .flatMap(runbooks::show)
                .filter(run -> Set.of(Runbook.FAILOVER, Runbook.SWITCHOVER, Runbook.REOPEN).contains(run.runbook()))
                .isPresent();
    }

    private static boolean wantsAction(Verdict verdict) {
        return verdict.primaryLost() || verdict instanceof Verdict.TwoWritable
                || verdict instanceof Verdict.QuarantinedReturned || verdict instanceof Verdict.PrimaryReadOnly;
    }

    private void answer(Snapshot snapshot, Verdict verdict) {
        Cluster cluster = snapshot.cluster();
        switch (verdict) {
            case Verdict.Crashed(NodeId primary, String evidence) -> failOver(cluster, verdict, primary);
            case Verdict.HostLost(NodeId primary, String evidence) -> failOver(cluster, verdict, primary);
            case Verdict.Hung(NodeId primary, String evidence) -> failOver(cluster, verdict, primary);
            case Verdict.DiskFull(NodeId primary, String evidence) -> failOver(cluster, verdict, primary);
            case Verdict.DiskStalled(NodeId primary, String evidence) -> failOver(cluster, verdict, primary);
            case Verdict.TwoWritable(NodeId primary, Set<NodeId> others) -> new TreeSet<>(others).stream()
                    .filter(other -> snapshot.quarantined().contains(other) || settled(snapshot))
                    .findFirst()
                    .ifPresent(other -> quarantine(cluster, verdict, other));
            case Verdict.QuarantinedReturned(NodeId primary, NodeId returned, String why) ->
                quarantine(cluster, verdict,
                        returned);
            case Verdict.PrimaryReadOnly(NodeId primary) -> reopen(snapshot, verdict);
            case Verdict.VirtualIpMisplaced(NodeId primary, Set<NodeId> holders) -> putAddressBack(snapshot, verdict);
            case Verdict.Healthy(NodeId primary) -> {
                rejoin(snapshot, verdict, primary);
                purgeRelayLogs(snapshot, primary);
            }
            case Verdict.Busy busy -> {
            }
            case Verdict.Suspected suspected -> {
            }
            case Verdict.IsolatedFromUs isolated -> {
            }
            case Verdict.Restarting restarting -> {
            }
            case Verdict.ShuttingDown down -> {
            }
            case Verdict.ReplicationBroken(NodeId primary, var replicas) -> rejoin(snapshot, verdict, primary);
            case Verdict.ReplicasLost(NodeId primary, var replicas) -> rejoin(snapshot, verdict, primary);
            case Verdict.EverythingLost lost -> {
            }
            case Verdict.NoKnownPrimary none -> {
            }
            case Verdict.Unclear unclear -> {
            }
        }
    }

    /** Whether the primary itself was seen alive: a later loss is then a new one. */
    private static boolean showsLife(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Healthy healthy -> true;
            case Verdict.Busy busy -> true;
            case Verdict.ShuttingDown down -> true;
            case Verdict.PrimaryReadOnly readOnly -> true;
            case Verdict.TwoWritable two -> true;
            case Verdict.QuarantinedReturned returned -> true;
            case Verdict.VirtualIpMisplaced misplaced -> true;
            case Verdict.ReplicationBroken broken -> true;
            case Verdict.ReplicasLost lost -> true;
            case Verdict.Crashed crashed -> false;
            case Verdict.HostLost lost -> false;
            case Verdict.Hung hung -> false;
            case Verdict.DiskFull full -> false;
            case Verdict.DiskStalled stalled -> false;
            case Verdict.Suspected suspected -> false;
            case Verdict.IsolatedFromUs isolated -> false;
            case Verdict.Restarting restarting -> false;
            case Verdict.EverythingLost lost -> false;
            case Verdict.NoKnownPrimary none -> false;
            case Verdict.Unclear unclear -> false;
        };
    }

    private void failOver(Cluster cluster, Verdict verdict, NodeId primary) {
        Optional<Journal.RunRecord> last = last(cluster, Runbook.FAILOVER);
        if (last.isPresent() && !mayTryAgain(cluster, last.get())) {
            say(cluster, "no new failover yet: run " + last.get().run() + " ended "
                    + last.get().ending().orElse("not yet"), ". " + verdict.sentence());
            return;
        }
        start(cluster, Runbook.FAILOVER, verdict,
                Map.of(Run.OLD_PRIMARY, primary.toString(), Run.VERDICT, verdict.word()));
    }

    private boolean mayTryAgain(Cluster cluster, Journal.RunRecord last) {
        if (last.endedAt().isEmpty() || last.ending().isEmpty()) {
            return true;
        }
        Instant ended = last.endedAt().get();
        if (after(lastAlive, cluster, ended) || after(lastResumed, cluster, ended)) {
            return true;
        }
        return switch (Ending.valueOf(last.ending().get())) {
            case DONE, REPLICAS_LOST, WRITES_MAY_BE_LOST -> true;
            case PRIMARY_ALIVE -> past(ended, AFTER_UNCONFIRMED);
            case STOOD_DOWN -> !declined(last) && past(ended, AFTER_STANDING_DOWN);
            case NOT_FENCED, NO_ELIGIBLE_CANDIDATE, REPLICAS_DIVERGED, FAILED -> !declined(last)
                    && past(ended, AFTER_FAILURE);
            case BLOCKED, ROLLED_BACK -> past(ended, AFTER_STANDING_DOWN);
            case PROMOTION_DECLINED, CANCELLED -> false;
            case KEPT_IN_QUARANTINE, RELAY_LOGS_KEPT -> false;
        };
    }

    private static boolean after(Map<ClusterName, Instant> times, Cluster cluster, Instant ended) {
        return Optional.ofNullable(times.get(cluster.name())).filter(time -> time.isAfter(ended)).isPresent();
    }

    private boolean past(Instant ended, Duration wait) {
        return !clock.instant().isBefore(ended.plus(wait));
    }

    /** A person's no is the last word; so is silence, which counts as no. */
    private boolean declined(Journal.RunRecord last) {
        boolean asked = journal.entries(last.run())
                .stream()
                .anyMatch(entry -> entry instanceof Journal.Entry.Noted note && note.label().equals(Remark.ANSWER));
        return asked && approvals.given(new RunId(last.run())).filter(Approvals.Answer::yes).isEmpty();
    }

    private void quarantine(Cluster cluster, Verdict verdict, NodeId server) {
        start(cluster, Runbook.QUARANTINE, verdict, Map.of(Run.OLD_PRIMARY, server.toString()));
    }

    /**
     * The run that holds the cluster may be about to move the address itself. A rejoin is not: it takes the address from one
     * server, may copy for hours, and never puts it onto the primary.
     */
    private void putAddressBack(Snapshot snapshot, Verdict verdict) {
        Optional<RunId> holder = runbooks.holder(snapshot.cluster().name());
        boolean rejoins = holder.flatMap(runbooks::show)
                .filter(view -> view.runbook() == Runbook.REJOIN)
                .isPresent();
        if (holder.isEmpty() || rejoins) {
            reopen(snapshot, verdict);
        }
    }

    /** Whether no run has ended on this cluster since the oldest look was begun. */
    private boolean settled(Snapshot snapshot) {
        return journal.runs(Optional.of(snapshot.cluster().name()), 50)
                .stream()
                .flatMap(record -> record.endedAt().stream())
                .noneMatch(ended -> !ended.isBefore(snapshot.since()));
    }

    private void reopen(Snapshot snapshot, Verdict verdict) {
        Cluster cluster = snapshot.cluster();
        Optional<Journal.RunRecord> last = last(cluster, Runbook.REOPEN);
        boolean waits = last.filter(record -> !record.ending().equals(Optional.of(Ending.DONE.name())))
                .flatMap(Journal.RunRecord::endedAt)
                .filter(ended -> !past(ended, AFTER_STANDING_DOWN))
                .isPresent();
        if (!waits && settled(snapshot)) {
            start(cluster, Runbook.REOPEN, verdict, Map.of());
        }
    }

    /**
     * Lets a server follow the primary where the owner wants that and nothing is to be decided: it is closed, holds nothing that
     * the primary lacks, and nothing that it lacks is purged. A replica whose channel somebody stopped is left alone, and so is
     * one that receives or tries to.
     */
    private void rejoin(Snapshot snapshot, Verdict verdict, NodeId primary) {
        Cluster cluster = snapshot.cluster();
        if (cluster.policies().rejoin() != Policies.Rejoin.AUTOMATIC || runbooks.holder(cluster.name()).isPresent()) {
            return;
        }
        Map<NodeId, ClusterMemory.Quarantine> quarantined = memory.quarantined(cluster.name());
        cluster.others(primary)
                .stream()
                .filter(node -> Lineage.of(snapshot).follows(node.id(), primary))
                .forEach(node -> orphans.remove(node.id()));
        List<Node> sound = cluster.others(primary)
                .stream()
                .filter(node -> sound(snapshot, primary, node, quarantined.get(node.id())))
                .toList();
        if (sound.isEmpty() || !settled(snapshot)) {
            return;
        }
        List<String> waiting = new ArrayList<>();
        for (Node node : sound) {
            Optional<String> waits = lastRejoin(cluster, node).flatMap(last -> waits(last, quarantined.get(node.id())));
            if (waits.isEmpty()) {
                start(cluster, Runbook.REJOIN, verdict, Map.of(Run.OLD_PRIMARY, node.toString()));
                return;
            }
            waiting.add("no new rejoin of " + node + " yet: " + waits.get());
        }
        say(cluster, String.join("; ", waiting), "");
    }

    /** The last one of this server: those of others say nothing about it. */
    private Optional<Journal.RunRecord> lastRejoin(Cluster cluster, Node node) {
        return journal.runs(Journal.Wanted.ALL.of(cluster.name()).ofRunbook(Runbook.REJOIN.id()), 50)
                .stream()
                .filter(record -> journal.entries(record.run())
                        .stream()
                        .anyMatch(entry -> entry instanceof Journal.Entry.Noted note
                                && note.label().equals(Remark.REJOINS) && note.text().equals(node.toString())))
                .findFirst();
    }

    /** What stays in quarantine by a person's word, or because it cannot follow as it is, is not asked about again and again. */
    private Optional<String> waits(Journal.RunRecord last, ClusterMemory.@Nullable Quarantine quarantine) {
        Optional<Instant> ended = last.endedAt();
        if (ended.isEmpty() || last.ending().equals(Optional.of(Ending.DONE.name()))) {
            return Optional.empty();
        }
        boolean kept = last.ending().equals(Optional.of(Ending.KEPT_IN_QUARANTINE.name())) && quarantine != null
                && !quarantine.since().isAfter(ended.get());
        if (kept) {
            return Optional.of("run " + last.run() + " has left it in quarantine; a person may start one");
        }
        return past(ended.get(), AFTER_FAILURE)
                ? Optional.empty()
                : Optional.of("run " + last.run() + " was not done");
    }

    private boolean sound(Snapshot snapshot, NodeId primary, Node node,
            ClusterMemory.@Nullable Quarantine quarantine) {
        Optional<ServerState> server = snapshot.server(node.id());
        Optional<ServerState> source = snapshot.server(primary);
        if (server.isEmpty() || source.isEmpty() || server.get().writeMode() != WriteMode.SUPER_READ_ONLY
                || !Rejoin.of(server.get(), source.get()).mayFit(source.get())) {
            return false;
        }
        return quarantine == null
                ? server.get()
                        .replication()
                        .map(state -> strays(snapshot, primary, node, state)
                                && state.receiver() != ReplicaState.Receiver.RUNNING && state.applierErrno() == 0)
                        .orElse(true)
                : quarantine.fenceProven()
                        && server.get().replication().map(state -> state.applierErrno() == 0).orElse(true);
    }

    /**
     * One that follows neither the primary nor a server below it. An intermediate source may be back in a moment, with all that
     * follow it: it is given its grace, and whoever stopped a channel to a living one had a reason.
     */
    private boolean strays(Snapshot snapshot, NodeId primary, Node node, ReplicaState state) {
        Lineage lineage = Lineage.of(snapshot);
        Optional<NodeId> above = lineage.source(node.id()).filter(id -> !id.equals(primary));
        if (above.isEmpty()) {
            return false;
        }
        boolean living = lineage.broken(node.id(), primary).isEmpty();
        boolean mayComeBack = living
                ? state.receiver() == ReplicaState.Receiver.CONNECTING
                : snapshot.cluster().find(above.get()).isPresent() && snapshot.server(above.get()).isEmpty()
                        && !memory.quarantined(snapshot.cluster().name()).containsKey(above.get());
        if (!mayComeBack) {
            orphans.remove(node.id());
            return !living;
        }
        Instant since = orphans.computeIfAbsent(node.id(), id -> clock.instant());
        return past(since, snapshot.cluster().detection().restartGrace());
    }

    /**
     * Every few days, where a replica keeps relay logs that it has applied. The first time as soon as that is seen; how long ago
     * the last one was stands in the journal.
     */
    private void purgeRelayLogs(Snapshot snapshot, NodeId primary) {
        Cluster cluster = snapshot.cluster();
        Duration every = cluster.policies().purgeRelayLogs();
        if (every.isZero() || Optional.ofNullable(purgeDue.get(cluster.name()))
                .filter(clock.instant()::isBefore)
                .isPresent()) {
            return;
        }
        Set<NodeId> quarantined = memory.quarantined(cluster.name()).keySet();
        List<Node> keeping = cluster.others(primary)
                .stream()
                .filter(node -> !quarantined.contains(node.id()))
                .filter(node -> snapshot.server(node.id())
                        .filter(server -> !server.relayLogPurge() && server.replication().isPresent())
                        .isPresent())
                .toList();
        if (keeping.isEmpty() || runbooks.holder(cluster.name()).isPresent() || !settled(snapshot)) {
            return;
        }
        Instant due = journal.runs(Journal.Wanted.ALL.of(cluster.name()).ofRunbook(Runbook.PURGE_RELAY_LOGS.id()), 1)
                .stream()
                .findFirst()
                .map(last -> purgeDue(last, every))
                .orElse(Instant.MIN);
        if (clock.instant().isBefore(due)) {
            purgeDue.put(cluster.name(), due);
            return;
        }
        start(cluster, Runbook.PURGE_RELAY_LOGS, keeping + " keep relay logs that they have applied"
                + " (relay_log_purge=0); they are rid of them every " + every.toHours() + " h.", Map.of());
    }

    private static Instant purgeDue(Journal.RunRecord last, Duration every) {
        boolean done = last.ending().equals(Optional.of(Ending.DONE.name()));
        return done || every.compareTo(AFTER_KEPT_LOGS) < 0
                ? last.startedAt().plus(every)
                : last.endedAt().orElse(last.startedAt()).plus(AFTER_KEPT_LOGS);
    }

    private Optional<Journal.RunRecord> last(Cluster cluster, Runbook runbook) {
        return journal.runs(Optional.of(cluster.name()), 50)
                .stream()
                .filter(record -> record.runbook().equals(runbook.id()))
                .findFirst();
    }

    private void start(Cluster cluster, Runbook runbook, Verdict verdict, Map<String, String> inputs) {
        start(cluster, runbook, verdict.sentence(), inputs);
    }

    private void start(Cluster cluster, Runbook runbook, String cause, Map<String, String> inputs) {
        Optional<RunId> holder = runbooks.holder(cluster.name());
        boolean held = holder.flatMap(runbooks::show)
                .filter(view -> view.runbook().priority() >= runbook.priority())
                .isPresent();
        if (held) {
            return;
        }
        switch (runbooks.start(new Runbooks.Request(runbook, cluster.name(), MONITOR, cause, inputs))) {
            case Runbooks.Started.Yes(RunId run) -> LOG.warn("{}: {} started, run {}. {}", cluster.name(), runbook.id(),
                    run, cause);
            case Runbooks.Started.Held(RunId by, String other) -> say(cluster,
                    runbook.id() + " waits: run " + by + " (" + other + ") holds the cluster", "");
            case Runbooks.Started.Refused(String why) -> say(cluster, runbook.id() + " was not started: " + why, "");
        }
    }

    /** Logs the same sentence once, until another one. @param detail changes from look to look */
    private void say(Cluster cluster, String sentence, String detail) {
        if (!sentence.equals(lastSaid.put(cluster.name(), sentence))) {
            LOG.warn("{}: {}{}", cluster.name(), sentence, detail);
        }
    }

    private void announceWhileUnproven(Cluster cluster) {
        Map<NodeId, ClusterMemory.Quarantine> quarantined = memory.quarantined(cluster.name());
        Optional<VirtualAddress> address = cluster.virtualIp();
        Optional<Node> primary = memory.knownPrimary(cluster.name())
                .filter(id -> !quarantined.containsKey(id))
                .flatMap(cluster::find);
        boolean unproven = quarantined.values().stream().anyMatch(quarantine -> !quarantine.fenceProven());
        if (!unproven || address.isEmpty() || primary.isEmpty() || !announcing.add(cluster.name())) {
            return;
        }
        aside.execute(() -> {
            try {
                VirtualIp.Moved moved = virtualIp.announce(primary.get(), address.get(), cluster.limits().statement());
                if (!(moved instanceof VirtualIp.Moved.Done)) {
                    LOG.warn("{}: {} was not announced from {}: {}", cluster.name(), address.get(), primary.get(),
                            moved.sentence());
                }
            } finally {
                announcing.remove(cluster.name());
            }
        });
    }
}
