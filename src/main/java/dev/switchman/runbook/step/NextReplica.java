package dev.switchman.runbook.step;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * Chooses the next replica that keeps its relay logs and has not had its turn, so that never two are at it at once. When none is
 * left, the run is done if all had theirs purged. Changes nothing; may be repeated.
 */
@Component
@LooksOnly
@Follows(ConfirmPurge.class)
final class NextReplica extends Step {

    private final KeptLogs kept;
    private final Journal journal;

    NextReplica(KeptLogs kept, Journal journal) {
        this.kept = kept;
        this.journal = journal;
    }

    @Override
    public Outcome run(Run run) {
        run.replicaIfChosen().ifPresent(run::exclude);
        Set<NodeId> had = run.excluded();
        Optional<NodeId> next = KeptLogs.keeping(kept.looks(run))
                .stream()
                .map(Node::id)
                .filter(node -> !had.contains(node))
                .findFirst();
        run.replica(next);
        return next.isPresent() ? new Outcome.Done(next.get() + " is next") : finished(run, had);
    }

    private Outcome finished(Run run, Set<NodeId> had) {
        Set<NodeId> left = new LinkedHashSet<>(had);
        left.removeAll(Notebook.of(journal, run)
                .all(Remark.PURGED)
                .map(text -> NodeId.parse(text.substring(0, text.indexOf(' '))))
                .collect(Collectors.toSet()));
        run.ending(left.isEmpty() ? Ending.DONE : Ending.RELAY_LOGS_KEPT);
        return new Outcome.Done(left.isEmpty()
                ? had.size() + (had.size() == 1 ? " replica has" : " replicas have") + " had their turn; none is left"
                : "not purged at " + left);
    }
}
