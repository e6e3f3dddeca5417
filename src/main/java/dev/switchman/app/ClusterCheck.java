package dev.switchman.app;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.switchman.hook.Program;
import dev.switchman.hook.ScriptCall;
import dev.switchman.hook.Scripts;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Finding;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.WitnessHost;
import dev.switchman.topology.WriteMode;
import dev.switchman.verdict.Precheck;

/** Everything that a failover would need, looked at on all servers and hosts at once. Changes nothing. */
final class ClusterCheck {

    private static final Duration EACH = Duration.ofSeconds(10);

    private final NodeReader mysql;
    private final HostReader hosts;
    private final Scripts scripts;
    private final Clock clock;

    ClusterCheck(NodeReader mysql, HostReader hosts, Scripts scripts, Clock clock) {
        this.scripts = scripts;
        this.mysql = mysql;
        this.hosts = hosts;
        this.clock = clock;
    }

    /** @return the findings of each server, of the replication account there, of each host, and of the cluster as a whole, in configuration order */
    List<Finding> of(Cluster cluster) {
        List<Callable<List<Finding>>> questions = new ArrayList<>();
        for (Node node : cluster.nodes()) {
            questions.add(() -> mysql.inspect(node, EACH));
            questions.add(() -> List.of(mysql.inspectSchema(node, cluster.pingSchema(), EACH)));
        }
        // Whichever becomes the primary must let the others in.
        for (Node node : cluster.nodes()) {
            questions.add(() -> List.of(mysql.inspectReplicationAccount(node, cluster.replication(), EACH)));
        }
        for (Node node : cluster.nodes()) {
            questions.add(() -> hosts.inspect(node, cluster.virtualIp(), EACH));
        }
        for (WitnessHost witness : cluster.detection().witnessHosts()) {
            questions.add(() -> cluster.nodes().stream().map(node -> witness(witness, node)).toList());
        }
        if (cluster.guard().isPresent()) {
            for (Node node : cluster.nodes()) {
                questions.add(() -> List.of(hosts.inspectGuard(cluster, node, EACH)));
            }
        }
        questions.add(() -> whole(cluster));
        List<Finding> findings = new ArrayList<>(
                InParallel.all(questions).stream().flatMap(List::stream).toList());
        binaryLogFilters(cluster.name(), findings).ifPresent(findings::add);
        return findings;
    }

    /** Each server by itself may have its reasons; that another has none of them means that a failover changes what is replicated. */
    static Optional<Finding> binaryLogFilters(ClusterName cluster, List<Finding> findings) {
        List<Finding> each = findings.stream()
                .filter(finding -> finding.check().equals(Finding.BINARY_LOG_FILTERS))
                .toList();
        if (each.stream().map(Finding::detail).distinct().count() <= 1) {
            return Optional.empty();
        }
        return Optional.of(new Finding(Finding.BINARY_LOG_FILTERS, cluster.value(), Finding.Grade.FAILED,
                "not the same on all servers: a failover would change what is replicated ("
                        + each.stream()
                                .map(finding -> finding.subject() + " " + finding.detail().replaceFirst(": .*", ""))
                                .collect(Collectors.joining(", "))
                        + ")"));
    }

    /** One that cannot be asked abstains when it counts: a warning. */
    private Finding witness(WitnessHost witness, Node node) {
        String subject = witness + " to " + node;
        return switch (hosts.probe(witness, node.id(), EACH)) {
            case PortProbe.Greeted greeted -> new Finding("witness-host", subject, Finding.Grade.PASSED, "reaches it");
            case PortProbe.Mute mute -> new Finding("witness-host", subject, Finding.Grade.WARNING,
                    "the port opens there, and no greeting comes");
            case PortProbe.Refused refused -> new Finding("witness-host", subject, Finding.Grade.WARNING,
                    "the port is refused there");
            case PortProbe.TimedOut timedOut -> new Finding("witness-host", subject, Finding.Grade.WARNING,
                    "the port is silent there: it would call a healthy primary lost");
            case PortProbe.Abstained(String why) -> new Finding("witness-host", subject, Finding.Grade.WARNING,
                    "has no vote: " + why);
        };
    }

    private List<Finding> whole(Cluster cluster) {
        Snapshot snapshot = look(cluster);
        List<Finding> findings = new ArrayList<>(Precheck.of(snapshot));
        Node primary = cluster.nodes()
                .stream()
                .filter(node -> snapshot.server(node.id())
                        .filter(server -> server.writeMode() == WriteMode.WRITABLE && server.replication().isEmpty())
                        .isPresent())
                .findFirst()
                .orElseGet(() -> cluster.nodes().getFirst());
        Stream.of(ScriptCall.failoverStatus(cluster, primary), ScriptCall.shutdownStatus(cluster, primary))
                .flatMap(Optional::stream)
                .map(call -> status(cluster, call))
                .forEach(findings::add);
        return findings;
    }

    /** As MHA does before it begins to watch. */
    private Finding status(Cluster cluster, ScriptCall call) {
        Program.End end = scripts.run(call, cluster.hooks().deadline());
        boolean fine = end instanceof Program.Exited exited && exited.status() == 0;
        return new Finding("hook-status", call.script(), fine ? Finding.Grade.PASSED : Finding.Grade.FAILED,
                call + " " + end.sentence() + (fine || end.output().isEmpty() ? "" : ": " + end.output()));
    }

    private Snapshot look(Cluster cluster) {
        Instant begun = clock.instant();
        List<Callable<Observation>> servers = new ArrayList<>();
        cluster.nodes().forEach(node -> servers.add(() -> mysql.observe(node, EACH)));
        List<Callable<Map.Entry<NodeId, HostView>>> views = new ArrayList<>();
        cluster.nodes().forEach(node -> views.add(() -> Map.entry(node.id(), hosts.look(node, EACH))));
        Map<NodeId, Observation> seen = new HashMap<>();
        InParallel.all(servers).forEach(observation -> seen.put(observation.node(), observation));
        return new Snapshot(cluster, clock.instant(), begun, Optional.empty(), Set.of(), seen,
                Map.ofEntries(InParallel.all(views).<Map.Entry<NodeId, HostView>>toArray(Map.Entry[]::new)),
                Optional.empty());
    }
}
