package dev.switchman.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Failure;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PeerView;
import dev.switchman.topology.Ping;
import dev.switchman.topology.ReplicaState;

/**
 * One spell of a primary not answering, from its first failure to its next answer.
 *
 * @param failedPings failed pings in a row; a broken connection is the first
 * @param silentReconnect whether the fresh connection tried beside the first silent ping got no answer either: it counts
 *            as one more failed ping, once
 * @param baseline each replica as seen when its hearing was last measured
 */
record Case(NodeId primary, Instant since, Failure first, int failedPings, boolean silentReconnect,
        Map<NodeId, Observation.Seen> baseline) {

    Case {
        baseline = Map.copyOf(baseline);
    }

    static Case open(NodeId primary, Instant since, Failure first) {
        return new Case(primary, since, first, 1, false, Map.of());
    }

    Case pingFailed() {
        return new Case(primary, since, first, failedPings + 1, silentReconnect, baseline);
    }

    Case reconnected(Ping reconnect) {
        boolean silent = first instanceof Failure.TimedOut
                && reconnect instanceof Ping.Failed(Failure failure) && failure instanceof Failure.TimedOut;
        return new Case(primary, since, first, failedPings, silentReconnect || silent, baseline);
    }

    int failures() {
        return failedPings + (silentReconnect ? 1 : 0);
    }

    /** @return this case measuring from these looks on, where it measures from none yet, or from one of an interval ago */
    Case measuredFrom(List<Observation> looks, Duration interval) {
        Map<NodeId, Observation.Seen> next = new HashMap<>(baseline);
        for (Observation look : looks) {
            if (look instanceof Observation.Seen seen) {
                Observation.Seen before = next.get(seen.node());
                if (before == null || Duration.between(before.at(), seen.at()).compareTo(interval) >= 0) {
                    next.put(seen.node(), seen);
                }
            }
        }
        return new Case(primary, since, first, failedPings, silentReconnect, next);
    }

    /**
     * Heartbeat counters stand still while writes flow, so received transactions count as well. Silence says something
     * only when the primary was to send heartbeats at least once per ping interval, and had time for one and a half.
     */
    PeerView.Hearing hearing(Observation look, Cluster cluster) {
        if (!(look instanceof Observation.Seen now) || !baseline.containsKey(look.node())) {
            return PeerView.Hearing.UNKNOWN;
        }
        Observation.Seen before = baseline.get(look.node());
        if (before.server().replication().isEmpty() || now.server().replication().isEmpty()) {
            return PeerView.Hearing.UNKNOWN;
        }
        ReplicaState then = before.server().replication().get();
        ReplicaState state = now.server().replication().get();
        // What comes from an intermediate source says nothing about the primary.
        boolean fromAnother = !state.source().equals(primary) && cluster.find(state.source()).isPresent();
        if (fromAnother || !then.source().equals(state.source())) {
            return PeerView.Hearing.UNKNOWN;
        }
        if (state.heartbeats() > then.heartbeats() || !then.retrieved().contains(state.retrieved())) {
            return PeerView.Hearing.HEARS;
        }
        Duration period = state.heartbeatPeriod();
        Duration elapsed = Duration.between(before.at(), now.at());
        boolean telling = period.isPositive() && period.compareTo(cluster.detection().interval()) <= 0
                && elapsed.compareTo(period.plus(period.dividedBy(2))) >= 0;
        return telling ? PeerView.Hearing.LOST : PeerView.Hearing.UNKNOWN;
    }
}
