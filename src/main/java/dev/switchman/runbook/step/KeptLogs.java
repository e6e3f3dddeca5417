package dev.switchman.runbook.step;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Run;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;

/** Which replicas keep relay logs that they have applied ({@code relay_log_purge=0}). */
@Component
final class KeptLogs {

    private final Servers servers;
    private final ClusterMemory memory;

    KeptLogs(Servers servers, ClusterMemory memory) {
        this.servers = servers;
        this.memory = memory;
    }

    /** Fresh looks at all but the primary and what is in quarantine. */
    Map<Node, Observation> looks(Run run) {
        Set<NodeId> quarantined = memory.quarantined(run.cluster().name()).keySet();
        Collection<Node> asked = run.cluster()
                .nodes()
                .stream()
                .filter(node -> !quarantined.contains(node.id()))
                .filter(node -> memory.knownPrimary(run.cluster().name()).filter(node.id()::equals).isEmpty())
                .toList();
        return servers.observe(asked, run.limits());
    }

    /** @return those that keep them, in the order of the configuration */
    static List<Node> keeping(Map<Node, Observation> looks) {
        return Servers.seen(looks)
                .entrySet()
                .stream()
                .filter(entry -> keeps(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static boolean keeps(ServerState server) {
        return !server.relayLogPurge() && server.replication().isPresent();
    }

    /** @return such as {@code 1.4 MiB} */
    static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
    }
}
