package dev.switchman.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.switchman.monitor.Claims.Claim;
import dev.switchman.mysql.LockLook;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies.ManagerLocks;

/**
 * Counts who holds the manager's lock where. Counted are the servers that can hold one: a host that answers that nobody
 * listens on the port has no locks. Of two that count one is enough when the other is silent: in a cluster of two, and in
 * one of three whose third server is down, nobody could act otherwise.
 */
record Ballot(int ours, int counted, List<String> theirs, List<String> silent) {

    static Ballot of(Cluster cluster, String lock, Map<NodeId, LockLook> looks) {
        int ours = 0;
        int counted = 0;
        List<String> theirs = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        for (Node node : cluster.nodes()) {
            LockLook look = looks.get(node.id());
            if (look instanceof LockLook.Unseen(Failure failure) && failure instanceof Failure.Refused) {
                continue;
            }
            counted++;
            switch (look) {
                case null -> silent.add(node + " (not asked yet)");
                case LockLook.Unseen(Failure failure) -> silent.add(node + " (" + failure.sentence() + ")");
                case LockLook.Seen seen -> {
                    switch (seen.of(lock)) {
                        case LockLook.State.Ours mine -> ours++;
                        case LockLook.State.Free free -> silent.add(node + " (not taken)");
                        case LockLook.State.Theirs(String holder) -> theirs.add(node + ": " + holder);
                    }
                }
            }
        }
        return new Ballot(ours, counted, List.copyOf(theirs), List.copyOf(silent));
    }

    Claim claim(ManagerLocks policy) {
        boolean majority = 2 * ours > counted;
        boolean lastOfTwo = counted == 2 && ours == 1 && theirs.isEmpty();
        boolean unopposed = policy == ManagerLocks.UNOPPOSED && ours > 0 && theirs.isEmpty();
        String sentence = "holds the manager's lock on " + ours + " of " + counted + " servers"
                + (theirs.isEmpty() ? "" : "; it is held by another manager on " + String.join(", ", theirs))
                + (silent.isEmpty() ? "" : "; not on " + String.join(", ", silent));
        return majority || lastOfTwo || unopposed ? new Claim.Held(sentence) : new Claim.NotHeld(sentence);
    }
}
