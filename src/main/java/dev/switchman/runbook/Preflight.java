package dev.switchman.runbook;

import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.NodeId;
import dev.switchman.verdict.Readiness;

/** Looks whether a switchover could go well. Changes nothing on any server, not even by FLUSH; may be repeated. */
public interface Preflight {

    /**
     * Looks at all servers and hosts now.
     *
     * @param target server that is to become the primary; empty: the one that a failover would choose
     */
    Answer look(Cluster cluster, Optional<NodeId> target);

    /**
     * @param primary empty when none is known
     * @param candidate empty when none was named and none is eligible
     * @param checks in a fixed order; at least one
     */
    record Answer(Optional<NodeId> primary, Optional<NodeId> candidate, List<Readiness.Check> checks) {

        public Answer {
            checks = List.copyOf(checks);
        }
    }
}
