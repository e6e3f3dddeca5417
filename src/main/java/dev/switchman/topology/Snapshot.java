package dev.switchman.topology;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that is known of a cluster at one moment; the only input of a verdict.
 *
 * @param since when the oldest of the looks below was begun: what was changed after that may be seen by half
 * @param knownPrimary the primary that the manager remembers; empty at the first start
 * @param quarantined former primaries whose fence is not proven: each must be met when it answers again
 * @param servers the last look at each server
 * @param hosts the last look at each host; a host that was not looked at is missing
 * @param suspicion present while the primary does not answer
 * @param trialWrite the last one on the known primary
 */
public record Snapshot(
        Cluster cluster,
        Instant at,
        Instant since,
        Optional<NodeId> knownPrimary,
        Set<NodeId> quarantined,
        Map<NodeId, Observation> servers,
        Map<NodeId, HostView> hosts,
        Optional<Suspicion> suspicion,
        TrialWrite trialWrite) {

    public Snapshot {
        quarantined = Set.copyOf(quarantined);
        servers = Map.copyOf(servers);
        hosts = Map.copyOf(hosts);
    }

    /** Without a trial write. */
    public Snapshot(Cluster cluster, Instant at, Instant since, Optional<NodeId> knownPrimary, Set<NodeId> quarantined,
            Map<NodeId, Observation> servers, Map<NodeId, HostView> hosts, Optional<Suspicion> suspicion) {
        this(cluster, at, since, knownPrimary, quarantined, servers, hosts, suspicion,
                new TrialWrite.Untold("no trial write was made"));
    }

    /** @return the server's state if it was seen */
    public Optional<ServerState> server(NodeId node) {
        return servers.get(node) instanceof Observation.Seen seen ? Optional.of(seen.server()) : Optional.empty();
    }
}
