package dev.switchman.runbook.step;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Decisions;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Election;

/**
 * Compares what the replicas hold, asks the table {@code choose-primary} about each, and takes the best one that is
 * eligible. Changes nothing; reads all servers again; keeps a candidate that an earlier attempt has already opened.
 */
@Component
@LooksOnly
@Raises({RunbookError.NO_ELIGIBLE_CANDIDATE, RunbookError.REPLICAS_DIVERGED})
@Follows(StopReceivers.class)
final class ChoosePrimary extends Step {

    private final Servers servers;
    private final Decisions decisions;
    private final Approvals approvals;
    private final ClusterMemory memory;
    private final Journal journal;

    ChoosePrimary(Servers servers, @Lazy Decisions decisions, @Lazy Approvals approvals, ClusterMemory memory,
            Journal journal) {
        this.servers = servers;
        this.decisions = decisions;
        this.approvals = approvals;
        this.memory = memory;
        this.journal = journal;
    }

    @Override
    public Outcome run(Run run) {
        List<Node> others = run.cluster().others(run.oldPrimary().id());
        Map<Node, Observation> looks = servers.observePatiently(run, others);
        Map<NodeId, ServerState> seen = Servers.byId(Servers.seen(looks));

        Optional<NodeId> opened = run.candidateIfChosen()
                .filter(id -> seen.containsKey(id) && Servers.writable(state(seen, id)));
        if (opened.isPresent()) {
            return new Outcome.Done(opened.get() + " was opened by an earlier attempt of this run, and stays");
        }
        Election election = election(run, memory, seen);
        Optional<NodeId> agreed = agreed(run);
        Map<NodeId, Election.Ballot> ballots = new LinkedHashMap<>();
        election.facts().forEach((node, facts) -> {
            facts.put("agreed", agreed.equals(Optional.of(node)));
            ballots.put(node, ballot(run, node, facts, state(seen, node)));
        });
        return switch (election.choose(ballots)) {
            case Election.Choice.Chosen(NodeId node, Optional<NodeId> donor, String reason) -> {
                run.candidate(node);
                String why = node + ": " + reason + donor.map(id -> "; " + id + " has what it lacks").orElse("");
                run.note(Remark.CHOSEN, why);
                yield new Outcome.Done(why);
            }
            case Election.Choice.Nobody nobody -> {
                String unseen = Servers.unseen(looks);
                yield new Outcome.Refused(RunbookError.NO_ELIGIBLE_CANDIDATE,
                        nobody.sentence() + (unseen.isEmpty() ? "" : "; not reached: " + unseen)
                                + lastResort(run, election, ballots, seen));
            }
            case Election.Choice.Diverged(Election.Divergence divergence) -> new Outcome.Refused(
                    RunbookError.REPLICAS_DIVERGED, divergence.sentence());
        };
    }

    /**
     * A delayed replica is all that may be left. It is not promoted unless a person agrees, and to be asked whether to try again
     * is to be asked about that.
     */
    private String lastResort(Run run, Election election, Map<NodeId, Election.Ballot> ballots,
            Map<NodeId, ServerState> seen) {
        Map<NodeId, Election.Ballot> afterAYes = new LinkedHashMap<>(ballots);
        election.facts().forEach((node, facts) -> {
            if (!election.delay(node).isZero()) {
                facts.put("agreed", true);
                afterAYes.put(node, ballot(run, node, facts, state(seen, node)));
            }
        });
        if (!(election.choose(afterAYes) instanceof Election.Choice.Chosen chosen)) {
            return "";
        }
        run.note(Remark.LAST_RESORT, chosen.node().toString());
        return ". " + chosen.node() + " is all that is left: to try again is to agree that its delay of "
                + election.delay(chosen.node()).toSeconds() + " s is lifted and that it becomes the primary";
    }

    /** @return the delayed replica that a person has agreed to in this run, after having been asked about it */
    private Optional<NodeId> agreed(Run run) {
        Notebook notes = Notebook.of(journal, run);
        boolean answered = notes.since(Remark.LAST_RESORT, Remark.ANSWER).findAny().isPresent();
        return answered && approvals.given(run.id()).filter(Approvals.Answer::yes).isPresent()
                ? notes.last(Remark.LAST_RESORT).map(NodeId::parse)
                : Optional.empty();
    }

    /** The same election wherever a step holds one: who is quarantined or was tried is not chosen. */
    static Election election(Run run, ClusterMemory memory, Map<NodeId, ServerState> seen) {
        NodeId old = run.oldPrimary().id();
        Set<NodeId> excluded = new HashSet<>(run.excluded());
        Set<NodeId> quarantined = memory.quarantined(run.cluster().name()).keySet();
        excluded.addAll(quarantined);
        // A person wants this one or none; once it was tried and lost, whoever is left is better than nobody.
        run.target()
                .filter(wanted -> !excluded.contains(wanted))
                .ifPresent(wanted -> run.cluster().others(wanted).forEach(other -> excluded.add(other.id())));
        // A fenced former primary may hold what was never acknowledged: it has no say.
        Map<NodeId, ServerState> voters = new LinkedHashMap<>(seen);
        voters.keySet().removeAll(quarantined);
        GtidSet executed = memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(old))
                .map(ClusterMemory.LastHealthy::executed)
                .orElse(GtidSet.empty())
                .union(memory.largestSets(run.cluster().name()).getOrDefault(old, GtidSet.empty()));
        return Election.of(run.cluster(), old, voters, excluded, executed);
    }

    private Election.Ballot ballot(Run run, NodeId node, Map<String, Object> facts, ServerState server) {
        Map<String, Object> answer = decisions.decide("choose-primary", facts);
        Election.Ballot ballot = new Election.Ballot(Answers.yes(answer, "eligible"), Answers.number(answer, "rank"),
                Answers.word(answer, "reason"));
        run.note(Remark.BALLOT, node + " " + (ballot.eligible()
                ? "is eligible (rank " + ballot.rank() + ")"
                : "is not eligible") + ": " + ballot.reason() + "\n  facts: " + facts + "\n  holds: "
                + server.reachable());
        return ballot;
    }

    private static ServerState state(Map<NodeId, ServerState> seen, NodeId node) {
        ServerState state = seen.get(node);
        if (state == null) {
            throw new IllegalStateException(node + " was not seen");
        }
        return state;
    }
}
