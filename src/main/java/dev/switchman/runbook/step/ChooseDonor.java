package dev.switchman.runbook.step;

import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Decides;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Donors;

/**
 * Looks for a replica that the server could become a copy of, and puts the question to a person: all that the server holds
 * would be deleted. Changes nothing; may be repeated.
 */
@Component
@LooksOnly
@Decides
@Raises(RunbookError.REBUILD_IMPOSSIBLE)
final class ChooseDonor extends Step {

    private final Servers servers;
    private final RejoinCheck check;
    private final ClusterMemory memory;
    private final Journal journal;

    ChooseDonor(Servers servers, RejoinCheck check, ClusterMemory memory, Journal journal) {
        this.servers = servers;
        this.check = check;
        this.memory = memory;
        this.journal = journal;
    }

    @Override
    public Outcome run(Run run) {
        Node node = run.oldPrimary();
        String reason = run.detail();
        Optional<Node> primary = check.primary(run);
        Map<NodeId, ServerState> seen = Servers.byId(
                Servers.seen(servers.observe(run.cluster().nodes(), run.limits())));
        ServerState server = seen.get(node.id());
        if (primary.isEmpty() || server == null) {
            return impossible(run, node, reason, primary.isEmpty() ? "no primary is known" : node + " does not answer");
        }
        Optional<String> unable = Donors.unable(server.version());
        ServerState source = seen.get(primary.get().id());
        Optional<String> tooOld = source == null
                ? Optional.empty()
                : RejoinCheck.tooOld(run, server, primary.get(), source);
        if (tooOld.isPresent()) {
            // A copy can only be one of its own version.
            return impossible(run, node, reason, unable.orElse(tooOld.get()));
        }
        if (unable.isPresent()) {
            return byCommand(run, node, primary.get(), reason, unable.get());
        }
        seen.keySet().removeAll(memory.quarantined(run.cluster().name()).keySet());
        Donors.Found found = Donors.find(run.cluster(), node.id(), server.version(), primary.get().id(), seen);
        if (found.donor().isEmpty()) {
            return byCommand(run, node, primary.get(), reason, "no server can be copied: " + found.sentence());
        }
        NodeId donor = found.donor().get();
        String atCost = donor.equals(primary.get().id())
                ? " That is the primary, since no other server can be copied (" + found.sentence()
                        + "): its clients feel it while the copy is read."
                : "";
        run.donor(donor);
        run.note(Remark.REBUILD, "asked " + donor);
        run.policy("rebuild");
        run.question("Cluster " + run.cluster().name() + ": " + node + " cannot follow " + primary.get()
                + " as it is. Delete all its data, binary logs included, and make it a copy of " + donor
                + "?" + atCost + " No: it stays in quarantine. " + reason + saved(run));
        return new Outcome.Done(node + " could become a copy of " + donor);
    }

    private String saved(Run run) {
        return Notebook.of(journal, run)
                .last(Remark.SAVED)
                .flatMap(saved -> saved.lines().findFirst())
                .map(saved -> ". " + saved)
                .orElse("");
    }

    /** Where CLONE cannot, the operator's own command may. */
    private Outcome byCommand(Run run, Node node, Node primary, String reason, String why) {
        return switch (RebuildCommand.of(run, Notebook.of(journal, run))) {
            case RebuildCommand.Found.None(String also) -> impossible(run, node, reason, why + also);
            case RebuildCommand.Found.Usable(HostCommand command) -> {
                RebuildCommand.asked(run);
                run.policy("rebuild");
                run.question("Cluster " + run.cluster().name() + ": " + node + " cannot follow " + primary
                        + " as it is, and " + why + ". Run the command " + command.name() + " on its host ("
                        + command.words() + "), which replaces all its data? No: it stays in quarantine. " + reason
                        + saved(run));
                yield new Outcome.Done(node + " could be rebuilt by the command " + command.name());
            }
        };
    }

    private static Outcome impossible(Run run, Node node, String reason, String why) {
        run.note(Remark.TO_DO,
                "Rebuild " + node + " by hand (" + why + "), then let it rejoin; or leave it in quarantine.");
        return new Outcome.Refused(RunbookError.REBUILD_IMPOSSIBLE,
                reason + ". It cannot be rebuilt from here: " + why);
    }
}
