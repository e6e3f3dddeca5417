package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.Suspicion;
import dev.switchman.verdict.Diagnosis;
import dev.switchman.verdict.NearlyFull;
import dev.switchman.verdict.Verdict;

/**
 * Watches one cluster. {@link #tick}, {@link #glance}, {@link #broke} and {@link #confirm} may be called by hand; the first three
 * by one thread at a time.
 */
final class ClusterWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterWatch.class);

    /** Ticks from one look at everything to the next. */
    private static final int SWEEP = 3;
    /** Part of the timeout after which a ping is late enough to gather evidence beside it. */
    private static final int SOON = 4;
    /** Wait before evidence of a broken connection is gathered again; doubled each time. */
    private static final Duration AGAIN = Duration.ofMillis(50);
    /** First moment at which a crash may be told although some witness has not answered yet; doubled each time. */
    private static final Duration EARLY = Duration.ofMillis(60);
    /** For looks that must not hold up a tick. */
    private static final Duration SHORT = Duration.ofMillis(500);

    private final Cluster cluster;
    private final Eyes eyes;
    private final ClusterMemory memory;
    private final BooleanSupplier acts;
    private final VerdictListener listener;
    private final Clock clock;
    private final Pace pace;
    private final Tripwire tripwire;
    private final Recollection recollection;
    private final Duration interval;
    private final Duration timeout;

    private final Map<NodeId, Look<Observation>> servers = new ConcurrentHashMap<>();
    private Set<NodeId> nearlyFull = Set.of();
    private final Map<NodeId, Look<HostView>> hosts = new ConcurrentHashMap<>();
    private final Map<NodeId, CompletableFuture<?>> looks = new ConcurrentHashMap<>();
    private final Object pinging = new Object();
    private CompletableFuture<Ping> ping = CompletableFuture.completedFuture(new Ping.Answered(Duration.ZERO));

    private volatile Optional<Watch.Sight> sight = Optional.empty();
    private volatile Optional<Case> open = Optional.empty();
    private volatile CompletableFuture<Void> alarm = new CompletableFuture<>();
    private Optional<NodeId> followed = Optional.empty();
    private final DiskWatch disk;
    private boolean sweepDue = true;
    private final ErrantWatch errants = new ErrantWatch();
    private int ticks;

    /** What was seen, and when the looking began. */
    private record Look<T>(Instant begun, T seen) {

        /** Looks may overlap and end in any order. */
        Look<T> orLater(Look<T> other) {
            return other.begun().isBefore(begun) ? this : other;
        }
    }

    /** @param acts whether this manager acts on the cluster; else another one may, and is followed */
    ClusterWatch(Cluster cluster, Eyes eyes, ClusterMemory memory, BooleanSupplier acts, VerdictListener listener,
            Clock clock, Pace pace, Tripwire tripwire) {
        this.cluster = cluster;
        this.eyes = eyes;
        this.memory = memory;
        this.acts = acts;
        this.listener = listener;
        this.clock = clock;
        this.pace = pace;
        this.tripwire = tripwire;
        this.recollection = new Recollection(cluster, memory);
        this.disk = new DiskWatch(cluster, eyes, clock);
        this.interval = cluster.detection().interval();
        this.timeout = cluster.detection().timeout();
        // Spread over the ticks, so that a hundred clusters do not look around all at once.
        this.ticks = Math.floorMod(cluster.name().hashCode(), SWEEP);
    }

    Optional<Watch.Sight> sight() {
        return sight;
    }

    // ---- a tick ----

    /** @param due when this tick was to start; a tick that starts or runs late by our own clock counts no silence */
    void tick(Instant due) throws InterruptedException {
        Instant started = clock.instant();
        Optional<Node> primary = follow();
        boolean sweep = sweepDue || ticks++ % SWEEP == 0 || primary.isEmpty() || disk.ails();
        CompletableFuture<?> looked = lookAround(sweep);
        if (primary.isEmpty()) {
            Evidence.Waiting.settled(looked, timeout);
            conclude();
            return;
        }
        if (acts.getAsBoolean()) {
            disk.tryWrite(primary.get(), Optional.ofNullable(servers.get(primary.get().id())).map(Look::seen));
        } else {
            disk.forget();
        }
        if (ask(primary.get(), due, started) == Answer.GIVEN) {
            answered(primary.get(), looked);
        }
    }

    /**
     * Asks a primary that is under no suspicion whether it is there, between two ticks: a silence is noticed half an interval
     * earlier. Where a ping is a write or a connection of its own there are no more of them than configured.
     *
     * @param due as for {@link #tick}
     * @return whether there is a suspicion now: this was as good as a tick
     */
    boolean glance(Instant due) throws InterruptedException {
        Instant started = clock.instant();
        Optional<Node> primary = follow();
        return cluster.detection().ping() == PingKind.SELECT && open.isEmpty() && primary.isPresent()
                && ask(primary.get(), due, started) == Answer.FAILED;
    }

    private enum Answer {
        GIVEN,
        /** Evidence was gathered and judged. */
        FAILED,
        /** This manager itself was late: nothing follows from it. */
        DISCARDED
    }

    private Answer ask(Node primary, Instant due, Instant started) throws InterruptedException {
        CompletableFuture<Ping> answer = ping(primary);
        boolean soon = open.isEmpty() && Evidence.Waiting.settled(answer, timeout.dividedBy(SOON));
        if (soon && answer.join() instanceof Ping.Answered) {
            return Answer.GIVEN;
        }
        // Not answered in good time, or under suspicion already: evidence is gathered beside the ping, not after it.
        Evidence evidence = Evidence.gather(eyes, cluster, primary, clock.instant());
        if (!(answer.join() instanceof Ping.Failed(Failure failure))) {
            return Answer.GIVEN;
        }
        boolean silence = failure instanceof Failure.TimedOut;
        if (silence && (overdue(due, started) || overdue(started.plus(timeout), clock.instant()))) {
            LOG.warn("{}: a tick is discarded, because this manager itself was late: due {}, started {}, ended {}",
                    cluster.name(), due, started, clock.instant());
            return Answer.DISCARDED;
        }
        investigate(primary, evidence, open.map(Case::pingFailed)
                .orElseGet(() -> Case.open(primary.id(), clock.instant(), failure)));
        return Answer.FAILED;
    }

    /** @param failure how the tripwire's connection to this node ended */
    void broke(NodeId node, Failure failure) throws InterruptedException {
        alarm = new CompletableFuture<>();
        if (open.isPresent() || followed.filter(node::equals).isEmpty()) {
            return;
        }
        boolean telling = switch (failure) {
            case Failure.Broken broken -> true;
            case Failure.Refused refused -> true;
            case Failure.ShuttingDown down -> true;
            // Alive, or silence that pings will count, or a fault of our own: no reason to hurry.
            case Failure.ErrorPacket error -> false;
            case Failure.TimedOut silence -> false;
            case Failure.Unclear unclear -> false;
        };
        if (telling) {
            Node primary = cluster.node(node);
            investigate(primary, Evidence.gather(eyes, cluster, primary, clock.instant()),
                    Case.open(node, clock.instant(), failure));
        }
    }

    /** Ends the wait for looks that are under way: there is something to do. */
    void alarm() {
        alarm.complete(null);
    }

    /** Runbooks may have made another server the primary. */
    private Optional<Node> follow() {
        Optional<NodeId> known = memory.knownPrimary(cluster.name());
        if (!known.equals(followed)) {
            LOG.info("{}: watching {} as the primary", cluster.name(), known.map(NodeId::toString).orElse("nobody"));
            followed.flatMap(cluster::find).ifPresent(eyes::forget);
            tripwire.disarm();
            open = Optional.empty();
            followed = known;
            disk.forget();
            sweepDue = true;
        }
        return known.flatMap(cluster::find);
    }

    private boolean overdue(Instant due, Instant now) {
        return Duration.between(due, now).compareTo(interval.dividedBy(2)) > 0;
    }

    /** The loop and a runbook that confirms share one ping: both kinds keep a connection that serves one at a time. */
    private CompletableFuture<Ping> ping(Node primary) {
        synchronized (pinging) {
            if (ping.isDone()) {
                ping = eyes.ping(cluster, primary, timeout);
            }
            return ping;
        }
    }

    // ---- looking around ----

    /**
     * Looks at all servers and hosts, or at the quarantined ones alone: they must be met as soon as they return.
     *
     * @return when all these looks have ended
     */
    private CompletableFuture<?> lookAround(boolean all) {
        Set<NodeId> quarantined = memory.quarantined(cluster.name()).keySet();
        List<CompletableFuture<?>> started = new ArrayList<>();
        for (Node node : cluster.nodes()) {
            if (quarantined.contains(node.id())) {
                started.add(lookAt(node, timeout.compareTo(SHORT) < 0 ? timeout : SHORT));
            } else if (all) {
                started.add(lookAt(node, timeout));
            }
        }
        if (all) {
            cluster.detection().witnessHosts().forEach(witness -> eyes.warm(witness, timeout));
        }
        sweepDue = false;
        return CompletableFuture.allOf(started.toArray(CompletableFuture[]::new));
    }

    /** One look at a node at a time: a slow one is waited for, not doubled. */
    private CompletableFuture<?> lookAt(Node node, Duration deadline) {
        return looks.compute(node.id(),
                (id, running) -> running != null && !running.isDone() ? running : freshLookAt(node, deadline));
    }

    private CompletableFuture<?> freshLookAt(Node node, Duration deadline) {
        Instant begun = clock.instant();
        return CompletableFuture.allOf(
                eyes.observe(node, deadline)
                        .thenAccept(seen -> servers.merge(node.id(), new Look<>(begun, seen), Look::orLater)),
                eyes.host(node, deadline)
                        .thenAccept(seen -> hosts.merge(node.id(), new Look<>(begun, seen), Look::orLater)));
    }

    private void answered(Node primary, CompletableFuture<?> looked) throws InterruptedException {
        boolean recovered = open.isPresent();
        open = Optional.empty();
        tripwire.arm(primary);
        if (recovered) {
            lookAnew();
        } else {
            // A lost replica must not hold up the next ping, nor a broken connection: what comes later counts later.
            // A server in quarantine that returns is let in slowly, and must be met in this tick.
            int part = memory.quarantined(cluster.name()).isEmpty() ? 4 : 2;
            Evidence.Waiting.settled(CompletableFuture.anyOf(looked, alarm), interval.dividedBy(part));
        }
        conclude();
    }

    /** What was seen before the primary failed says nothing any more: it may have restarted. */
    private void lookAnew() throws InterruptedException {
        Evidence.Waiting.settled(CompletableFuture.allOf(cluster.nodes()
                .stream()
                .map(node -> freshLookAt(node, timeout))
                .toArray(CompletableFuture[]::new)), timeout);
    }

    // ---- a suspicion ----

    private void investigate(Node primary, Evidence first, Case suspicion) throws InterruptedException {
        Instant started = clock.instant();
        Evidence evidence = first;
        Case file = suspicion;
        for (Duration wait = AGAIN;; wait = wait.multipliedBy(2)) {
            Judged judged = judge(primary, file, evidence);
            if (judged.starved()) {
                LOG.warn("{}: evidence is discarded, because this manager itself was late: asked {}, judged {}",
                        cluster.name(), judged.evidence().asked(), judged.snapshot().at());
                return;
            }
            file = judged.file();
            open = Optional.of(file);
            if (brokenOnly(judged)) {
                open = Optional.empty();
                lookAnew();
                conclude();
                return;
            }
            if (!worthAsking(judged) || Duration.between(started, clock.instant()).plus(wait).compareTo(interval) > 0) {
                open = Optional.of(file.measuredFrom(judged.evidence().servers(judged.snapshot().at()), interval));
                tell(judged.snapshot(), judged.verdict());
                return;
            }
            if (differs(judged.verdict())) {
                tell(judged.snapshot(), judged.verdict());
            }
            pace.pause(wait);
            evidence = Evidence.gather(eyes, cluster, primary, clock.instant());
        }
    }

    private record Judged(Case file, Evidence evidence, Snapshot snapshot, Verdict verdict, boolean starved) {

        Judged starved(boolean late) {
            return new Judged(file, evidence, snapshot, verdict, late);
        }
    }

    /** A crash that the host itself confirms is told without waiting for a witness that may be lost as well. */
    private Judged judge(Node primary, Case before, Evidence evidence) throws InterruptedException {
        // Ends: each look is an answer at its deadline at the latest.
        for (Duration wait = EARLY; !evidence.settled(wait); wait = wait.multipliedBy(2)) {
            if (evidence.tellsCrash() && evidence.host() instanceof HostView.Seen) {
                Judged early = judged(primary, before, evidence);
                if (early.verdict() instanceof Verdict.Crashed) {
                    return early;
                }
            }
        }
        Judged judged = judged(primary, before, evidence);
        if (!judged.verdict().primaryLost() || !silent(evidence.reconnect())) {
            return judged;
        }
        // Silence that took longer by our own clock than we were to wait for it: we slept, not the primary.
        if (overdue(evidence.asked().plus(timeout).plus(Eyes.SLACK), judged.snapshot().at())) {
            return judged.starved(true);
        }
        // Slow is not silent: a replica that has heard it since the first look is a veto.
        Duration brief = timeout.compareTo(SHORT) < 0 ? timeout : SHORT;
        Evidence again = evidence.withSecondLook(eyes, brief);
        again.settled(brief.plus(Eyes.SLACK));
        return judged(primary, judged.file(), again);
    }

    private static boolean silent(Ping reconnect) {
        return reconnect instanceof Ping.Failed(Failure failure) && failure instanceof Failure.TimedOut;
    }

    private Judged judged(Node primary, Case before, Evidence evidence) {
        Instant now = clock.instant();
        Case file = before.reconnected(evidence.reconnect()).measuredFrom(evidence.servers(now), Duration.ofDays(1));
        Suspicion suspicion = evidence.suspicion(file, now);
        Map<NodeId, Observation> seen = seen(servers);
        suspicion.peers().forEach(peer -> seen.put(peer.replica(), peer.server()));
        if (suspicion.reconnect() instanceof Ping.Failed(Failure failure)) {
            seen.put(primary.id(), new Observation.Unseen(primary.id(), now, failure));
        }
        Map<NodeId, HostView> looked = seen(hosts);
        looked.put(primary.id(), suspicion.host());
        Snapshot snapshot = snapshot(now, seen, looked, Optional.of(suspicion));
        return new Judged(file, evidence, snapshot, Diagnosis.of(snapshot), false);
    }

    /** Somebody ended our connection, or the server restarted at once: it answers, so there is no suspicion. */
    private static boolean brokenOnly(Judged judged) {
        return judged.file().first() instanceof Failure.Broken
                && judged.evidence().reconnect() instanceof Ping.Answered;
    }

    /** What broke is settled within milliseconds; silence needs time, which the next ticks give it. */
    private static boolean worthAsking(Judged judged) {
        boolean prompt = judged.evidence().reconnect() instanceof Ping.Failed(Failure failure)
                && (failure instanceof Failure.Refused || failure instanceof Failure.Broken);
        return prompt && switch (judged.verdict()) {
            case Verdict.Suspected suspected -> true;
            case Verdict.Restarting restarting -> true;
            case Verdict.IsolatedFromUs isolated -> true;
            default -> false;
        };
    }

    // ---- confirming ----

    /** See {@link Watch#confirm}. */
    Snapshot confirm() throws InterruptedException {
        Optional<Node> known = memory.knownPrimary(cluster.name()).flatMap(cluster::find);
        if (known.isEmpty()) {
            lookAnew();
            return snapshot();
        }
        Node primary = known.get();
        Optional<Snapshot> recent = justLost(primary.id());
        if (recent.isPresent()) {
            return recent.get();
        }
        CompletableFuture<Ping> answer = ping(primary);
        CompletableFuture<?> looked = lookAround(true);
        Evidence evidence = Evidence.gather(eyes, cluster, primary, clock.instant());
        if (!(answer.join() instanceof Ping.Failed(Failure failure))) {
            Evidence.Waiting.settled(CompletableFuture.allOf(looked, disk.tryAgain(primary)), timeout.plus(Eyes.SLACK));
            return snapshot();
        }
        Case file = open.filter(running -> running.primary().equals(primary.id()))
                .map(Case::pingFailed)
                .orElseGet(() -> Case.open(primary.id(), clock.instant(), failure));
        Judged judged = judge(primary, file, evidence);
        while (judged.verdict() instanceof Verdict.Suspected
                && judged.file().failures() < cluster.detection().failures()) {
            judged = judge(primary, judged.file().pingFailed(),
                    Evidence.gather(eyes, cluster, primary, clock.instant()));
        }
        if (brokenOnly(judged)) {
            lookAnew();
            return snapshot();
        }
        return judged.snapshot();
    }

    /** What the loop gathered a moment ago is as fresh as what could be gathered now, and a second earlier. */
    private Optional<Snapshot> justLost(NodeId primary) {
        return sight.filter(last -> last.verdict().primaryLost())
                .map(Watch.Sight::snapshot)
                .filter(snapshot -> snapshot.suspicion().filter(s -> s.primary().equals(primary)).isPresent())
                .filter(snapshot -> !overdue(snapshot.at(), clock.instant()));
    }

    // ---- telling ----

    private void conclude() {
        Snapshot snapshot = snapshot();
        Verdict verdict = Diagnosis.of(snapshot);
        if (followed.isPresent()) {
            recollection.healthy(snapshot, followed.get());
        } else if (verdict instanceof Verdict.Healthy(NodeId primary)) {
            memory.rememberPrimary(cluster.name(), primary);
            // Not only with the next look: it may be lost before that.
            recollection.healthy(snapshot, primary);
        }
        tell(snapshot, verdict);
    }

    private Snapshot snapshot() {
        return snapshot(clock.instant(), seen(servers), seen(hosts), Optional.empty());
    }

    private static <T> Map<NodeId, T> seen(Map<NodeId, Look<T>> looks) {
        Map<NodeId, T> seen = new HashMap<>();
        looks.forEach((node, look) -> seen.put(node, look.seen()));
        return seen;
    }

    private Snapshot snapshot(Instant at, Map<NodeId, Observation> seen, Map<NodeId, HostView> looked,
            Optional<Suspicion> suspicion) {
        Set<NodeId> unproven = memory.quarantined(cluster.name())
                .entrySet()
                .stream()
                .filter(entry -> !entry.getValue().fenceProven())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        Instant since = Stream.concat(servers.values().stream(), hosts.values().stream())
                .map(Look::begun)
                .min(Comparator.naturalOrder())
                .orElse(at);
        return new Snapshot(cluster, at, since, memory.knownPrimary(cluster.name()), unproven, seen, looked, suspicion,
                disk.seen());
    }

    /**
     * Whoever did not act, or was away, may remember a primary that another manager has replaced. It must not take that
     * one's absence for a loss: the one writable server that all others follow is the primary.
     */
    private boolean replacedByAnother(Snapshot snapshot) {
        Snapshot afresh = new Snapshot(snapshot.cluster(), snapshot.at(), snapshot.since(), Optional.empty(),
                snapshot.quarantined(), snapshot.servers(), snapshot.hosts(), Optional.empty());
        Optional<NodeId> known = snapshot.knownPrimary();
        if (known.isPresent() && Diagnosis.of(afresh) instanceof Verdict.Healthy(NodeId primary)
                && !known.get().equals(primary)) {
            LOG.warn("{}: {} is the primary by now, made so by somebody else; {} was", cluster.name(), primary,
                    known.get());
            memory.release(cluster.name(), primary);
            memory.rememberPrimary(cluster.name(), primary);
            return true;
        }
        return false;
    }

    private boolean differs(Verdict verdict) {
        return sight.filter(last -> last.verdict().getClass() == verdict.getClass()).isEmpty();
    }

    private void tell(Snapshot snapshot, Verdict verdict) {
        if ((sight.isEmpty() || !acts.getAsBoolean()) && replacedByAnother(snapshot)) {
            return;
        }
        boolean changed = differs(verdict);
        sight = Optional.of(new Watch.Sight(snapshot, verdict, errant(snapshot)));
        if (changed) {
            LOG.info("{}: {}: {}", cluster.name(), verdict.word(), verdict.sentence());
        }
        warnOfDisks(snapshot);
        listener.told(verdict, snapshot, changed);
    }

    /** Once for each disk; again when it had room meanwhile. */
    private void warnOfDisks(Snapshot snapshot) {
        Map<NodeId, Disk> now = NearlyFull.of(snapshot);
        now.forEach((node, disk) -> {
            if (!nearlyFull.contains(node)) {
                LOG.warn("{}: {}", cluster.name(), NearlyFull.sentence(node, disk));
            }
        });
        nearlyFull = Set.copyOf(now.keySet());
    }

    /** What a person has accepted is not shown. */
    private Map<NodeId, GtidSet> unaccepted(Map<NodeId, GtidSet> all) {
        if (all.isEmpty()) {
            return all;
        }
        Map<NodeId, GtidSet> accepted = memory.acceptedErrant(cluster.name());
        Map<NodeId, GtidSet> left = new TreeMap<>();
        all.forEach((node, set) -> {
            GtidSet more = set.minus(accepted.getOrDefault(node, GtidSet.empty()));
            if (!more.isEmpty()) {
                left.put(node, more);
            }
        });
        return left;
    }

    private Map<NodeId, GtidSet> errant(Snapshot snapshot) {
        Map<NodeId, GtidSet> confirmed = unaccepted(errants.seen(snapshot));
        if (!confirmed.equals(sight.map(Watch.Sight::errant).orElse(Map.of()))) {
            LOG.info("{}: errant transactions: {}", cluster.name(), confirmed.isEmpty() ? "none" : confirmed);
        }
        return confirmed;
    }
}
