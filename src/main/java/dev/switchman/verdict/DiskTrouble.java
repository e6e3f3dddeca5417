package dev.switchman.verdict;

import java.time.Duration;
import java.util.Optional;

import dev.switchman.topology.Disk;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.TrialWrite;

/**
 * What a trial write and the host say together of the primary's disk. Neither is enough alone: a write may wait for a
 * replica, a lock or a slow machine, and a disk without room may serve for hours.
 */
final class DiskTrouble {

    private DiskTrouble() {}

    /** @return empty while nothing is wrong, or too little is known */
    static Optional<Verdict> of(Snapshot snapshot, NodeId primary) {
        Duration timeout = snapshot.cluster().detection().writes().timeout();
        return switch (snapshot.trialWrite()) {
            case TrialWrite.Written written -> Optional.empty();
            case TrialWrite.Untold untold -> Optional.empty();
            case TrialWrite.Refused(Duration since, int errno, String message) -> since.compareTo(timeout) < 0
                    ? Optional.empty()
                    : judged(snapshot, primary, "for " + since.toSeconds() + " s each trial write " + message, false);
            case TrialWrite.Hanging hanging -> hanging.since().compareTo(timeout) < 0 || hanging.waitsForOthers()
                    ? Optional.empty()
                    : judged(snapshot, primary, "a trial write has not been committed for "
                            + hanging.since().toSeconds() + " s (" + hanging.state()
                            + "), and no session waits for an acknowledgement", true);
        };
    }

    private static Optional<Verdict> judged(Snapshot snapshot, NodeId primary, String write, boolean hangs) {
        Disk disk = disk(snapshot, primary);
        String evidence = write + "; its host says: " + disk.detail();
        if (disk.refusesWrites()) {
            return Optional.of(anybodyHasRoom(snapshot, primary)
                    ? new Verdict.DiskFull(primary, evidence)
                    : new Verdict.Busy(primary, evidence + "; no replica's host is known to have more room"));
        }
        if (hangs && disk.state() == Disk.State.STALLED) {
            return Optional.of(new Verdict.DiskStalled(primary, evidence));
        }
        return Optional.of(new Verdict.Busy(primary, evidence));
    }

    /** Servers that hold the same data fill their disks at the same time. */
    private static boolean anybodyHasRoom(Snapshot snapshot, NodeId primary) {
        return snapshot.cluster()
                .others(primary)
                .stream()
                .map(Node::id)
                .anyMatch(node -> disk(snapshot, node).state() == Disk.State.WORKING);
    }

    private static Disk disk(Snapshot snapshot, NodeId node) {
        return snapshot.hosts().get(node) instanceof HostView.Seen host ? host.disk() : Disk.UNKNOWN;
    }
}
