package dev.switchman.topology;

import java.time.Instant;
import java.util.List;

/**
 * The evidence about a primary that failed to answer, gathered in parallel.
 *
 * @param since when the first ping failed or the connection broke
 * @param failures failed pings in a row
 * @param first how it failed first
 * @param reconnect a fresh connection, tried after the failure
 * @param host its host over SSH
 * @param peers each replica's view
 * @param witnesses each configured witness's view
 */
public record Suspicion(
        NodeId primary,
        Instant since,
        int failures,
        Failure first,
        Ping reconnect,
        HostView host,
        List<PeerView> peers,
        List<WitnessView> witnesses) {

    public Suspicion {
        peers = List.copyOf(peers);
        witnesses = List.copyOf(witnesses);
    }

    /** Without configured witnesses. */
    public Suspicion(NodeId primary, Instant since, int failures, Failure first, Ping reconnect, HostView host,
            List<PeerView> peers) {
        this(primary, since, failures, first, reconnect, host, peers, List.of());
    }
}
