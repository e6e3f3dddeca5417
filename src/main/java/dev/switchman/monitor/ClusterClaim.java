package dev.switchman.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims.Claim;
import dev.switchman.mysql.LockLook;
import dev.switchman.mysql.NodeLocks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * One cluster's locks. {@link #pass} looks at all servers at once, takes what is free, and judges; {@link #now} is a
 * look-up.
 *
 * <p>Locks are taken in the order of the configuration, and none behind a server that another manager holds: two managers
 * that start together would else hold one half each, and neither act. For the same reason who has no majority gives back
 * what stands behind such a server.
 */
final class ClusterClaim {

    /** The same for every cluster: whatever two managers call it, a server is looked after by one of them. */
    static final String LOCK = "switchman:manager";
    /** What MHA's manager holds on the primary while it watches. */
    static final String MHA_MONITOR = "MHA_Master_High_Availability_Monitor";
    /** What MHA holds on the replicas while it fails over, and while it purges relay logs. */
    static final String MHA_FAILOVER = "MHA_Master_High_Availability_Failover";

    /** An older look proves nothing: the server may have given the lock to another. Well below the server's lease. */
    static final Duration FRESH = NodeLocks.LEASE.dividedBy(3);

    private static final Logger LOG = LoggerFactory.getLogger(ClusterClaim.class);
    private static final List<String> NAMES = List.of(LOCK, MHA_MONITOR, MHA_FAILOVER);
    private static final Duration LONGEST = Duration.ofSeconds(3);

    private final Cluster cluster;
    private final NodeLocks locks;
    private final ClusterMemory memory;
    private final Clock clock;
    private final Executor threads;
    private final Duration patience;
    private volatile Optional<Judged> last = Optional.empty();
    /** Where MHA's manager was seen to hold its lock; stays so while that server cannot be asked. */
    private Optional<String> mha = Optional.empty();

    private record Judged(Claim claim, Instant at) {}

    ClusterClaim(Cluster cluster, NodeLocks locks, ClusterMemory memory, Clock clock, Executor threads) {
        this.cluster = cluster;
        this.locks = locks;
        this.memory = memory;
        this.clock = clock;
        this.threads = threads;
        Duration timeout = cluster.detection().timeout();
        this.patience = timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
    }

    Claim now() {
        Optional<Judged> judged = last;
        if (judged.isEmpty()) {
            return new Claim.NotHeld("has not asked for the manager's locks yet");
        }
        Duration age = Duration.between(judged.get().at(), clock.instant()).abs();
        return judged.get().claim() instanceof Claim.Held && age.compareTo(FRESH) > 0
                ? new Claim.NotHeld("has not seen its locks for " + age.toSeconds() + " s")
                : judged.get().claim();
    }

    /** Looks, takes, judges. As long as one deadline and a little. */
    synchronized Claim pass() {
        // From before the look on: what was seen then may have changed since.
        Instant at = clock.instant();
        Map<NodeId, LockLook> looks = look();
        boolean majority = Ballot.of(cluster, LOCK, looks)
                .claim(cluster.policies().managerLocks()) instanceof Claim.Held;
        boolean behindAnother = false;
        for (Node node : cluster.nodes()) {
            if (looks.get(node.id()) instanceof LockLook.Seen seen) {
                switch (seen.of(LOCK)) {
                    case LockLook.State.Theirs theirs -> behindAnother = true;
                    case LockLook.State.Free free -> {
                        if (!behindAnother || majority) {
                            boolean taken = locks.take(node, LOCK, patience);
                            looks.put(node.id(), taken ? with(seen, LOCK) : locks.look(node, NAMES, patience));
                            behindAnother |= !taken && !majority;
                        }
                    }
                    case LockLook.State.Ours ours -> {
                        if (behindAnother && !majority) {
                            locks.release(node, LOCK, patience);
                            looks.put(node.id(), locks.look(node, NAMES, patience));
                        }
                    }
                }
            }
        }
        Claim claim = Ballot.of(cluster, LOCK, looks).claim(cluster.policies().managerLocks());
        Optional<String> foreign = mha(looks, claim instanceof Claim.Held);
        if (foreign.isPresent()) {
            claim = new Claim.NotHeld(foreign.get() + "; " + claim.sentence());
        }
        tell(claim);
        last = Optional.of(new Judged(claim, at));
        return claim;
    }

    private Map<NodeId, LockLook> look() {
        Map<NodeId, CompletableFuture<LockLook>> asked = new HashMap<>();
        for (Node node : cluster.nodes()) {
            asked.put(node.id(),
                    CompletableFuture.supplyAsync(() -> locks.look(node, NAMES, patience), threads));
        }
        Map<NodeId, LockLook> looks = new HashMap<>();
        asked.forEach((node, look) -> looks.put(node, look.join()));
        return looks;
    }

    private static LockLook.Seen with(LockLook.Seen seen, String ours) {
        Map<String, LockLook.State> states = new HashMap<>(seen.locks());
        states.put(ours, new LockLook.State.Ours());
        return new LockLook.Seen(states);
    }

    /** @return what MHA holds; its lock on the primary is taken, where it is free, so that it cannot begin to watch */
    private Optional<String> mha(Map<NodeId, LockLook> looks, boolean acting) {
        List<String> failingOver = new ArrayList<>();
        Optional<NodeId> primary = memory.knownPrimary(cluster.name());
        for (Node node : cluster.nodes()) {
            if (looks.get(node.id()) instanceof LockLook.Seen seen) {
                if (seen.of(MHA_FAILOVER) instanceof LockLook.State.Theirs(String holder)) {
                    failingOver.add(node + " (" + holder + ")");
                }
                boolean isPrimary = primary.equals(Optional.of(node.id()));
                switch (seen.of(MHA_MONITOR)) {
                    case LockLook.State.Theirs(String holder) -> {
                        if (isPrimary) {
                            mha = Optional.of("MHA's manager watches " + node + " (" + holder + ")");
                        }
                    }
                    case LockLook.State.Free free -> {
                        if (isPrimary) {
                            mha = Optional.empty();
                            if (acting) {
                                locks.take(node, MHA_MONITOR, patience);
                            }
                        }
                    }
                    case LockLook.State.Ours ours -> {
                        if (isPrimary) {
                            mha = Optional.empty();
                        }
                        if (!isPrimary || !acting) {
                            locks.release(node, MHA_MONITOR, patience);
                        }
                    }
                }
            }
        }
        return failingOver.isEmpty()
                ? mha
                : Optional.of("MHA holds its failover lock on " + String.join(", ", failingOver));
    }

    private void tell(Claim claim) {
        Optional<Claim> before = last.map(Judged::claim);
        boolean first = before.isEmpty();
        switch (claim) {
            case Claim.Held held -> {
                if (first || before.get() instanceof Claim.NotHeld) {
                    LOG.info("{}: acts{}: {}", cluster.name(), first ? "" : " from now on", held.sentence());
                }
            }
            case Claim.NotHeld not -> {
                if (first || before.get() instanceof Claim.Held) {
                    LOG.warn("{}: only watches{}: {}", cluster.name(), first ? "" : " from now on", not.sentence());
                }
            }
        }
    }
}
