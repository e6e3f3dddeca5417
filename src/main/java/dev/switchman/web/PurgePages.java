package dev.switchman.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.WriteMode;
import dev.switchman.verdict.NearlyFull;

/** What a purge of relay logs would meet now, and the form that starts one. */
@Controller
class PurgePages {

    private final Board board;
    private final Watch watch;
    private final ClusterMemory memory;
    private final Runbooks runbooks;

    PurgePages(Board board, Watch watch, ClusterMemory memory, Runbooks runbooks) {
        this.board = board;
        this.watch = watch;
        this.memory = memory;
        this.runbooks = runbooks;
    }

    /** @param result {@code passed} or {@code failed} */
    record Line(String name, String subject, String result, String evidence) {}

    @GetMapping("/clusters/{name}/purge-relay-logs")
    String purge(@PathVariable String name, Model model) {
        Cluster cluster = board.configured(name);
        Snapshot now = watch.confirm(cluster.name());
        Optional<NodeId> primary = memory.knownPrimary(cluster.name());
        Set<NodeId> quarantined = memory.quarantined(cluster.name()).keySet();
        List<Line> blocking = new ArrayList<>();
        List<Line> warnings = new ArrayList<>();
        List<Line> passed = new ArrayList<>();
        List<String> keeping = new ArrayList<>();
        primary(now, primary).ifPresentOrElse(blocking::add,
                () -> passed.add(line("primary-writable", primary.map(NodeId::toString).orElse(name), true,
                        "accepts writes")));
        runbooks.holder(cluster.name())
                .map(RunId::value)
                .ifPresentOrElse(run -> blocking.add(line("no-run", name, false, "run " + run + " holds the cluster")),
                        () -> passed.add(line("no-run", name, true, "no run holds the cluster")));
        for (Node node : cluster.nodes()) {
            if (primary.equals(Optional.of(node.id()))) {
                continue;
            }
            Optional<ServerState> server = now.server(node.id());
            String subject = node.toString();
            if (quarantined.contains(node.id())) {
                warnings.add(line("relay-logs", subject, false, "is in quarantine: it is left alone"));
            } else if (server.isEmpty()) {
                warnings.add(line("relay-logs", subject, false, "was not seen: it is not looked after"));
            } else if (server.get().relayLogPurge()) {
                passed.add(line("relay-logs", subject, true, "deletes its relay logs itself (relay_log_purge=1)"));
            } else if (server.get().replication().isEmpty()) {
                passed.add(line("relay-logs", subject, true, "follows nobody"));
            } else {
                keeping.add(subject);
                passed.add(line("relay-logs", subject, true, "keeps them (relay_log_purge=0)" + disk(now, node)));
            }
        }
        NearlyFull.of(now)
                .forEach((node, disk) -> warnings
                        .add(line("disk-space", node.toString(), false, NearlyFull.sentence(node, disk))));
        model.addAttribute("cluster", board.card(cluster));
        model.addAttribute("keeping", keeping);
        model.addAttribute("blocking", blocking);
        model.addAttribute("warnings", warnings);
        model.addAttribute("passed", passed);
        return "purge-relay-logs";
    }

    private static Optional<Line> primary(Snapshot now, Optional<NodeId> primary) {
        if (primary.isEmpty()) {
            return Optional.of(line("primary-writable", now.cluster().name().toString(), false, "no primary is known"));
        }
        boolean writable = now.server(primary.get())
                .filter(server -> server.writeMode() == WriteMode.WRITABLE)
                .isPresent();
        return writable
                ? Optional.empty()
                : Optional.of(line("primary-writable", primary.get().toString(), false,
                        "does not answer, or accepts no writes"));
    }

    private static String disk(Snapshot now, Node node) {
        return now.hosts().get(node.id()) instanceof HostView.Seen host && host.disk().usedPercent() >= 0
                ? "; its disk: " + host.disk().detail()
                : "";
    }

    private static Line line(String name, String subject, boolean passed, String evidence) {
        return new Line(name, subject, passed ? "passed" : "failed", evidence);
    }
}
