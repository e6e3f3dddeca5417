package dev.switchman.monitor;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.TrialWrite;
import dev.switchman.topology.WriteMode;
import dev.switchman.topology.WriteWatch;

/** Tries a small write on the primary every few seconds, beside the pings: it holds up none of them. */
final class DiskWatch {

    private static final TrialWrite NONE = new TrialWrite.Untold("no trial write was made");

    private final Cluster cluster;
    private final Eyes eyes;
    private final Clock clock;
    private final WriteWatch settings;

    private Optional<NodeId> on = Optional.empty();
    private Instant due = Instant.MIN;
    private CompletableFuture<TrialWrite> running = CompletableFuture.completedFuture(NONE);
    private TrialWrite last = NONE;

    DiskWatch(Cluster cluster, Eyes eyes, Clock clock) {
        this.cluster = cluster;
        this.eyes = eyes;
        this.clock = clock;
        this.settings = cluster.detection().writes();
    }

    /**
     * Begins a write if one is due; returns at once.
     *
     * @param look the last one at the primary: a server that follows another, or is closed, is written to by nobody
     */
    synchronized void tryWrite(Node primary, Optional<Observation> look) {
        boolean open = look.filter(seen -> seen instanceof Observation.Seen server
                && server.server().writeMode() == WriteMode.WRITABLE && server.server().replication().isEmpty())
                .isPresent();
        Instant now = clock.instant();
        if (settings.interval().isZero() || !open || !running.isDone() || now.isBefore(due) && !ails()) {
            return;
        }
        due = now.plus(settings.interval());
        begin(primary);
    }

    /** What does not go well is tried anew; returns at once. @return when it has ended */
    synchronized CompletableFuture<?> tryAgain(Node primary) {
        if (ails() && running.isDone() && on.filter(primary.id()::equals).isPresent()) {
            begin(primary);
        }
        return running;
    }

    private void begin(Node primary) {
        on = Optional.of(primary.id());
        running = eyes.tryWrite(cluster, primary, cluster.detection().timeout());
        running.thenAccept(seen -> keep(primary, seen));
    }

    private synchronized void keep(Node primary, TrialWrite seen) {
        if (on.filter(primary.id()::equals).isPresent()) {
            last = seen;
        }
    }

    /** @return whether the last write hangs, or was refused by the disk */
    synchronized boolean ails() {
        return last instanceof TrialWrite.Hanging || last instanceof TrialWrite.Refused;
    }

    synchronized TrialWrite seen() {
        return last;
    }

    /** Another server is the primary. */
    synchronized void forget() {
        on = Optional.empty();
        due = Instant.MIN;
        last = NONE;
    }
}
