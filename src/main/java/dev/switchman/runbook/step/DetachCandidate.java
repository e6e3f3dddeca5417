package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.Policies;

/**
 * Stops the candidate's replication, and lets it wait for acknowledgements if the old primary did: replicas connected first,
 * then its waiting side on. Meanwhile the virtual IP is added there: the old primary is closed, so whom a client reaches
 * does not matter until the candidate is open, and then it reaches that one. Safe to repeat; keeps the limit
 * {@code semi-sync}. Its channel is forgotten later, when nobody waits.
 */
@Component
@Raises({RunbookError.CANDIDATE_LOST, RunbookError.OUTCOME_UNKNOWN})
@Follows(MatchOldPrimary.class)
final class DetachCandidate extends ChangingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final AddressAhead ahead;
    private final ClusterMemory memory;
    private final Pace pace;

    DetachCandidate(Hold hold, Servers servers, NodeOperator mysql, AddressAhead ahead, ClusterMemory memory,
            Pace pace) {
        super(hold);
        this.ahead = ahead;
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
        this.pace = pace;
    }

    @Override
    Outcome change(Run run) {
        Node candidate = run.candidate();
        return PerNode.beside(List.of(() -> ahead.add(run, candidate, run.limits().fenceSilent())),
                () -> detach(run, candidate));
    }

    private Outcome detach(Run run, Node candidate) {
        Optional<Integer> wanted = PrepareSemiSync.wanted(run, memory);
        AtomicInteger counted = new AtomicInteger();
        Change stopped = PerNode.beside(
                wanted.isEmpty()
                        ? List.of()
                        : List.of(() -> counted.set(servers.acknowledgers(candidate, run.limits()))),
                () -> mysql.stopReplication(candidate, run.limits().statement()));
        if (!(stopped instanceof Change.Done)) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST, candidate + " may still replicate: "
                    + stopped.sentence());
        }
        if (wanted.isEmpty()) {
            return new Outcome.Done(stopped.sentence() + "; semi-sync was not in use");
        }
        int clients = counted.get();
        if (clients < wanted.get()) {
            connectMore(run, candidate);
            clients = servers.awaitAcknowledgers(candidate, wanted.get(), run.limits(), pace);
        }
        return waits(run, candidate, wanted.get(), clients);
    }

    /** The old primary is closed by now: whoever listens to it may listen to the candidate, and so may it itself. */
    private void connectMore(Run run, Node candidate) {
        Node old = run.oldPrimary();
        List<Node> all = new ArrayList<>(servers.followers(run));
        all.add(old);
        PerNode.all(all, node -> {
            if (node.equals(old)) {
                Change off = mysql.semiSyncSource(old, false, Optional.empty(), run.limits().statement());
                if (!(off instanceof Change.Done)) {
                    return off;
                }
            }
            Change on = mysql.semiSyncReplica(node, true, run.limits().semiSync());
            return on instanceof Change.Done
                    ? mysql.repoint(node, candidate, run.cluster().replication(), run.limits().semiSync())
                    : on;
        }).forEach((node, change) -> {
            if (!(change instanceof Change.Done)) {
                run.note(Remark.WARNING, node + " does not acknowledge for " + candidate + ": " + change.sentence());
            }
        });
    }

    private Outcome waits(Run run, Node candidate, int wanted, int clients) {
        if (clients < wanted && run.cluster().policies().semiSyncDegraded() == Policies.SemiSyncDegraded.ASK) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST, candidate + " has " + clients + " of " + wanted
                    + " acknowledging replicas, and policies.semi-sync-degraded is ask");
        }
        int count = Math.min(wanted, clients);
        boolean on = count > 0 && !(clients < wanted
                && run.cluster().policies().semiSyncDegraded() == Policies.SemiSyncDegraded.OFF);
        if (clients < wanted) {
            run.note(Remark.WARNING, on
                    ? "Semi-sync waits for " + count + " acknowledgements instead of " + wanted + "."
                    : candidate + " is opened without semi-sync: " + clients + " of " + wanted
                            + " acknowledging replicas.");
        }
        return switch (mysql.semiSyncSource(candidate, on, on ? Optional.of(count) : Optional.empty(),
                run.limits().statement())) {
            case Change.Done done -> new Outcome.Done(on
                    ? candidate + " replicates no more, and waits for " + count + " of " + clients + " acknowledgers"
                    : candidate + " replicates no more, and waits for nobody");
            case Change.Unreachable(String why) -> new Outcome.Refused(RunbookError.CANDIDATE_LOST, why);
            case Change.Rejected(String why) -> new Outcome.Refused(RunbookError.CANDIDATE_LOST, why);
            case Change.Unknown(String why) -> new Outcome.Unknown("whether " + candidate
                    + " waits for acknowledgements is not known: " + why);
        };
    }
}
