package dev.switchman.memory;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.SemiSync;

/** What is remembered of a cluster; outlives a restart of the manager. Each change is in the store when the call returns. */
public interface ClusterMemory {

    Optional<NodeId> knownPrimary(ClusterName cluster);

    void rememberPrimary(ClusterName cluster, NodeId primary);

    /** The primary's last healthy moment: what is needed once it cannot be asked any more. */
    Optional<LastHealthy> lastHealthy(ClusterName cluster);

    void rememberHealthy(ClusterName cluster, LastHealthy moment);

    /** The largest received-united-executed set ever seen on each server. */
    Map<NodeId, GtidSet> largestSets(ClusterName cluster);

    /** Replaces the sets of these servers. */
    void rememberSets(ClusterName cluster, Map<NodeId, GtidSet> sets);

    /** Where each server keeps its logs, as it told last. */
    Map<NodeId, LogPlaces> logPlaces(ClusterName cluster);

    void rememberLogPlaces(ClusterName cluster, Map<NodeId, LogPlaces> places);

    /** Former primaries that must not come back unwatched, with why. */
    Map<NodeId, Quarantine> quarantined(ClusterName cluster);

    void quarantine(ClusterName cluster, NodeId node, Quarantine quarantine);

    void release(ClusterName cluster, NodeId node);

    /** Errant transactions that a person has accepted: they are not shown any more. */
    Map<NodeId, GtidSet> acceptedErrant(ClusterName cluster);

    /** Adds to what was accepted of this server. May be repeated. */
    void acceptErrant(ClusterName cluster, NodeId node, GtidSet gtids);

    /** When the last failover of this cluster ended in a promotion. */
    Optional<Instant> lastFailover(ClusterName cluster);

    void rememberFailover(ClusterName cluster, Instant at);

    Optional<Pause> pause(ClusterName cluster);

    void pause(ClusterName cluster, Pause pause);

    void resume(ClusterName cluster);

    /**
     * @param bootsReadOnly whether the primary would boot read-only
     * @param durable sync_binlog and innodb_flush_log_at_trx_commit were both 1
     * @param enabledEvents events enabled there, as {@code schema.name}
     * @param possibleAckers replicas whose acknowledging side was on
     */
    record LastHealthy(
            NodeId primary,
            Instant at,
            GtidSet executed,
            SemiSync.SourceSide semiSync,
            boolean bootsReadOnly,
            boolean durable,
            List<String> enabledEvents,
            Set<NodeId> possibleAckers) {}

    /** @param fenceProven false: it may still accept writes; fencing is retried at every tick */
    record Quarantine(Instant since, String why, boolean fenceProven) {}

    /** @param until when watching without acting ends by itself */
    record Pause(String by, String reason, Instant since, Instant until) {}
}
