package dev.switchman.verdict;

import java.util.Map;
import java.util.TreeMap;

import dev.switchman.topology.Disk;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Snapshot;

/**
 * Which servers' disks want room, whatever else is the matter: the primary's and every replica's, because a replica whose disk is
 * full hangs and is lost too. Beside the verdict, not one itself: nothing is done about it, and it must hide nothing.
 */
public final class NearlyFull {

    private NearlyFull() {}

    /** @return those whose host says that so much is used that people are to be warned, in the order of their names */
    public static Map<NodeId, Disk> of(Snapshot snapshot) {
        int warning = snapshot.cluster().detection().writes().warningPercent();
        Map<NodeId, Disk> found = new TreeMap<>();
        snapshot.hosts().forEach((node, view) -> {
            if (view instanceof HostView.Seen host && host.disk().nearlyFull(warning)) {
                found.put(node, host.disk());
            }
        });
        return found;
    }

    /** @return what is wrong, for people */
    public static String sentence(NodeId node, Disk disk) {
        return switch (disk.state()) {
            case UNKNOWN, WORKING -> "The disk of " + node + " is nearly full: " + disk.detail() + ".";
            case STALLED -> "The disk of " + node + " does not answer: " + disk.detail() + ".";
            case FULL -> "The disk of " + node + " is full: " + disk.detail() + ".";
            case READ_ONLY -> "The disk of " + node + " is mounted read-only: " + disk.detail() + ".";
        };
    }
}
