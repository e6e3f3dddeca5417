package dev.switchman.runbook.step;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Disk;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.verdict.NearlyFull;

/**
 * Checks that the primary accepts writes, says which replicas keep their relay logs, and warns of every disk that is nearly full.
 * Changes nothing; may be repeated.
 */
@Component
@LooksOnly
@Raises(RunbookError.PREFLIGHT_BLOCKED)
final class ConfirmPurge extends Step {

    private final KeptLogs kept;
    private final Servers servers;
    private final HostReader hosts;
    private final ClusterMemory memory;

    ConfirmPurge(KeptLogs kept, Servers servers, HostReader hosts, ClusterMemory memory) {
        this.kept = kept;
        this.servers = servers;
        this.hosts = hosts;
        this.memory = memory;
    }

    @Override
    public Outcome run(Run run) {
        Optional<String> noPrimary = primaryTrouble(run);
        if (noPrimary.isPresent()) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, noPrimary.get());
        }
        disks(run);
        Map<Node, Observation> looks = kept.looks(run);
        String unseen = Servers.unseen(looks);
        if (!unseen.isEmpty()) {
            run.note(Remark.WARNING, "Not looked after: " + unseen + ".");
        }
        List<Node> keeping = KeptLogs.keeping(looks);
        String seen = keeping.isEmpty()
                ? "no replica that was seen keeps its relay logs"
                : Servers.names(keeping) + (keeping.size() == 1 ? " keeps its" : " keep their")
                        + " relay logs (relay_log_purge=0)";
        run.note(Remark.EVIDENCE, seen + ".");
        return new Outcome.Done(seen);
    }

    private Optional<String> primaryTrouble(Run run) {
        Optional<NodeId> known = memory.knownPrimary(run.cluster().name());
        Optional<Node> primary = known.flatMap(run.cluster()::find);
        if (primary.isEmpty()) {
            return Optional.of("cluster " + run.cluster().name() + " has no known primary");
        }
        return switch (servers.observe(primary.get(), Servers.look(run.limits()))) {
            case Observation.Unseen unseen -> Optional.of("the primary " + primary.get() + " "
                    + unseen.failure().sentence());
            case Observation.Seen seen when !Servers.writable(seen.server()) -> Optional.of("the primary "
                    + primary.get() + " is " + Servers.words(seen.server().writeMode()));
            case Observation.Seen seen -> Optional.empty();
        };
    }

    private void disks(Run run) {
        int warning = run.cluster().detection().writes().warningPercent();
        PerNode.all(run.cluster().nodes(), node -> hosts.look(node, Servers.look(run.limits())))
                .forEach((node, view) -> {
                    if (view instanceof HostView.Seen(var runs, var listens, var unit, var ending, var ips, Disk disk)
                            && disk.nearlyFull(warning)) {
                        run.note(Remark.WARNING, NearlyFull.sentence(node.id(), disk));
                    }
                });
    }
}
