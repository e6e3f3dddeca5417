package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Verdict;

/**
 * Reads the state of every server again, and stops if the old primary turns out to be alive. Changes nothing; may be
 * repeated; all servers at once, the old primary for no longer than the limit for silent servers.
 */
@Component
@LooksOnly
@Raises({RunbookError.PRIMARY_ALIVE, RunbookError.NO_ELIGIBLE_CANDIDATE})
final class ReadServers extends Step {

    private final Servers servers;
    private final ClusterMemory memory;
    private final Journal journal;

    ReadServers(Servers servers, ClusterMemory memory, Journal journal) {
        this.servers = servers;
        this.memory = memory;
        this.journal = journal;
    }

    @Override
    public Outcome run(Run run) {
        Node old = run.oldPrimary();
        List<Node> others = servers.others(run);
        List<Node> all = new ArrayList<>(others);
        all.add(old);
        Map<Node, Observation> looks = servers.observePatiently(run, all);
        Map<Node, ServerState> seen = Servers.seen(looks);

        ServerState alive = seen.remove(old);
        if (alive != null && Servers.writable(alive) && isBack(run, old)) {
            return run(run);
        }
        if (alive != null && Servers.writable(alive) && !cannotCommit(run)) {
            return new Outcome.Refused(RunbookError.PRIMARY_ALIVE, old + " answers and accepts writes");
        }
        rememberEvents(run);
        if (seen.isEmpty()) {
            return new Outcome.Refused(RunbookError.NO_ELIGIBLE_CANDIDATE,
                    "no other server answers, so nothing is changed: " + Servers.unseen(looks));
        }
        seen.forEach((node, server) -> run.note(Remark.SETS, node + " holds " + server.reachable()));
        String opened = run.candidateIfChosen()
                .filter(id -> seen.entrySet()
                        .stream()
                        .anyMatch(entry -> entry.getKey().id().equals(id) && Servers.writable(entry.getValue())))
                .map(id -> "; " + id + " was opened by an earlier attempt of this run")
                .orElse("");
        List<Node> missing = others.stream().filter(node -> !seen.containsKey(node)).toList();
        return new Outcome.Done(Servers.names(seen.keySet()) + " answer"
                + (missing.isEmpty() ? "" : "; no answer from " + Servers.names(missing)) + opened);
    }

    /** The loss that was confirmed is that it answers and commits nothing; not so of one that this run has opened since. */
    private boolean cannotCommit(Run run) {
        return Verdict.answersAndCannotCommit(run.verdict())
                && Notebook.of(journal, run).all(Remark.REPLACED).findAny().isEmpty();
    }

    /**
     * The server that this run opened, lost and found alive again stays the new primary, once in a run.
     *
     * @return whether that is so; then the run has its first old primary and its candidate back
     */
    private boolean isBack(Run run, Node old) {
        Notebook notes = Notebook.of(journal, run);
        List<String> replaced = notes.all(Remark.REPLACED).toList();
        boolean ours = notes.last(Remark.OPENED).equals(Optional.of(old.toString()));
        if (!ours || replaced.size() != 1) {
            return false;
        }
        run.note(Remark.WARNING, old + " was lost after it was opened, and answers again: it stays the primary.");
        run.candidate(old.id());
        run.oldPrimary(NodeId.parse(replaced.getFirst()));
        return true;
    }

    /** Once the new primary is open, the watch forgets what was enabled on the old one. */
    private void rememberEvents(Run run) {
        NodeId old = run.oldPrimary().id();
        Optional<ClusterMemory.LastHealthy> before = memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(old));
        if (before.isPresent() && Notebook.of(journal, run).last(Remark.EVENTS).isEmpty()) {
            run.note(Remark.EVENTS, String.join("\n", before.get().enabledEvents()));
        }
    }
}
