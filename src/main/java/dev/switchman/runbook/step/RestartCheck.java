package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;

/** Whether the known primary may be opened again after a restart. */
@Component
final class RestartCheck {

    private final Servers servers;
    private final ClusterMemory memory;

    RestartCheck(Servers servers, ClusterMemory memory) {
        this.servers = servers;
        this.memory = memory;
    }

    sealed interface Answer {

        record Yes(Node primary, ServerState server, Map<Node, ServerState> replicas) implements Answer {}

        record No(Outcome.Refused refused) implements Answer {}
    }

    Answer of(Run run) {
        Optional<NodeId> known = memory.knownPrimary(run.cluster().name());
        if (known.isEmpty()) {
            return no(RunbookError.PROMOTION_DECLINED, "no primary is known of cluster " + run.cluster().name());
        }
        if (memory.quarantined(run.cluster().name()).containsKey(known.get())) {
            return no(RunbookError.PROMOTION_DECLINED, known.get() + " is in quarantine");
        }
        Node primary = run.cluster().node(known.get());
        Map<Node, Observation> looks = servers.observe(run.cluster().nodes(), run.limits());
        Map<Node, ServerState> seen = Servers.seen(looks);
        ServerState server = seen.remove(primary);
        if (server == null) {
            return no(RunbookError.SERVER_UNREACHABLE, Servers.unseen(looks));
        }
        if (server.replication().isPresent()) {
            return no(RunbookError.PROMOTION_DECLINED,
                    primary + " follows " + server.replication().get().source() + ": it is a replica by now");
        }
        List<Node> writable = new ArrayList<>();
        seen.forEach((node, other) -> {
            if (Servers.writable(other)) {
                writable.add(node);
            }
        });
        if (!writable.isEmpty()) {
            return no(RunbookError.FENCE_BROKEN, Servers.names(writable) + " accepts writes");
        }
        for (Map.Entry<Node, ServerState> entry : seen.entrySet()) {
            Optional<Answer> against = against(primary, server, entry.getKey(), entry.getValue());
            if (against.isPresent()) {
                return against.get();
            }
        }
        return new Answer.Yes(primary, server, seen);
    }

    private static Optional<Answer> against(Node primary, ServerState server, Node node, ServerState replica) {
        Optional<NodeId> source = replica.replication().map(state -> state.source());
        if (source.filter(id -> !id.equals(primary.id())).isPresent()) {
            return Optional.of(no(RunbookError.PROMOTION_DECLINED, node + " follows " + source.get()
                    + ": the primary may have been replaced"));
        }
        if (Servers.writable(server)) {
            // It takes writes while the looks are taken: a replica that was looked at later holds more.
            return Optional.empty();
        }
        // A primary that lost its last transactions would hand out their numbers again.
        GtidSet ahead = replica.reachable()
                .restrictedTo(java.util.Set.of(server.serverUuid()))
                .minus(server.executed());
        return ahead.isEmpty()
                ? Optional.empty()
                : Optional.of(no(RunbookError.PROMOTION_DECLINED, node + " holds " + ahead + ", which " + primary
                        + " lost when it went down"));
    }

    private static Answer no(RunbookError error, String why) {
        return new Answer.No(new Outcome.Refused(error, why));
    }
}
