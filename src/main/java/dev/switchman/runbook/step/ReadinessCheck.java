package dev.switchman.runbook.step;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Decisions;
import dev.switchman.runbook.Preflight;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Election;
import dev.switchman.verdict.Readiness;

/** {@link Preflight} over fresh looks; for the dry run and for the step alike. */
@Component
final class ReadinessCheck implements Preflight {

    private static final String TABLE = "choose-primary";

    private final Watch watch;
    private final NodeReader reader;
    private final HostReader hosts;
    private final ClusterMemory memory;
    private final Decisions decisions;

    /** @param watch lazily: it tells its verdicts to what starts runs */
    ReadinessCheck(@Lazy Watch watch, NodeReader reader, HostReader hosts, ClusterMemory memory,
            @Lazy Decisions decisions) {
        this.watch = watch;
        this.reader = reader;
        this.hosts = hosts;
        this.memory = memory;
        this.decisions = decisions;
    }

    @Override
    public Answer look(Cluster cluster, Optional<NodeId> target) {
        return look(cluster, target, facts -> decisions.look(TABLE, facts));
    }

    /** The same for a step, whose decisions stand in the engine's history under its box. */
    Answer lookInRun(Cluster cluster, Optional<NodeId> target) {
        return look(cluster, target, facts -> decisions.decide(TABLE, facts));
    }

    private interface Table {
        Map<String, Object> answer(Map<String, Object> facts);
    }

    private Answer look(Cluster cluster, Optional<NodeId> target, Table table) {
        Snapshot snapshot = watch.confirm(cluster.name());
        Optional<NodeId> known = memory.knownPrimary(cluster.name()).filter(id -> cluster.find(id).isPresent());
        if (known.isEmpty()) {
            return new Answer(known, target, List.of(blocked("one-primary", cluster.name().value(),
                    "no primary of this cluster is known: see switchman status")));
        }
        NodeId primary = known.get();
        Map<NodeId, ServerState> seen = new LinkedHashMap<>();
        for (Node node : cluster.others(primary)) {
            if (!memory.quarantined(cluster.name()).containsKey(node.id())) {
                snapshot.server(node.id()).ifPresent(server -> seen.put(node.id(), server));
            }
        }
        GtidSet executed = snapshot.server(primary).map(ServerState::executed).orElse(GtidSet.empty());
        Election election = Election.of(cluster, primary, seen, Set.of(), executed);
        Map<NodeId, Election.Ballot> ballots = new LinkedHashMap<>();
        election.facts().forEach((node, facts) -> ballots.put(node, ballot(table.answer(facts))));
        Optional<NodeId> candidate = target;
        if (candidate.isEmpty()) {
            switch (election.choose(ballots)) {
                case Election.Choice.Chosen chosen -> candidate = Optional.of(chosen.node());
                case Election.Choice.Nobody nobody -> {
                    return new Answer(known, target,
                            List.of(blocked("candidate-eligible", cluster.name().value(), nobody.sentence())));
                }
                case Election.Choice.Diverged(Election.Divergence divergence) -> {
                    return new Answer(known, target,
                            List.of(blocked("candidate-eligible", cluster.name().value(), divergence.sentence())));
                }
            }
        }
        NodeId to = candidate.get();
        Readiness.Fitness fitness = fitness(cluster, primary, to, ballots);
        Map<NodeId, Sessions> sessions = new LinkedHashMap<>();
        List<Node> two = cluster.nodes()
                .stream()
                .filter(node -> node.id().equals(primary) || node.id().equals(to))
                .toList();
        PerNode.all(two, node -> reader.sessions(node, Servers.look(cluster.limits())))
                .forEach((node, answer) -> sessions.put(node.id(), answer));
        return new Answer(known, candidate, Readiness.of(snapshot, primary, to, fitness, sessions,
                inspected(cluster, two, to)));
    }

    private List<Finding> inspected(Cluster cluster, List<Node> two, NodeId to) {
        Duration deadline = Servers.look(cluster.limits());
        List<Finding> findings = new ArrayList<>();
        PerNode.all(two, node -> {
            List<Finding> found = new ArrayList<>(reader.inspect(node, deadline));
            if (node.id().equals(to)) {
                found.add(reader.inspectReplicationAccount(node, cluster.replication(), deadline));
            }
            if (cluster.virtualIp().isPresent()) {
                found.addAll(hosts.inspect(node, cluster.virtualIp(), deadline));
            }
            return found;
        }).values().forEach(findings::addAll);
        return findings;
    }

    private static Readiness.Check blocked(String name, String subject, String why) {
        return new Readiness.Check(name, subject, Readiness.Severity.BLOCKS, Readiness.Result.FAILED, why);
    }

    private static Election.Ballot ballot(Map<String, Object> answer) {
        return new Election.Ballot(Answers.yes(answer, "eligible"), Answers.number(answer, "rank"),
                Answers.word(answer, "reason"));
    }

    private static Readiness.Fitness fitness(Cluster cluster, NodeId primary, NodeId to,
            Map<NodeId, Election.Ballot> ballots) {
        if (cluster.find(to).isEmpty()) {
            return new Readiness.Fitness.Unfit("cluster " + cluster.name() + " has no such server");
        }
        if (to.equals(primary)) {
            return new Readiness.Fitness.Unfit("it is the primary already");
        }
        Election.Ballot ballot = ballots.get(to);
        if (ballot == null) {
            return new Readiness.Fitness.Unfit("it was not seen, or is in quarantine");
        }
        return ballot.eligible()
                ? new Readiness.Fitness.Fit(ballot.reason())
                : new Readiness.Fitness.Unfit(ballot.reason());
    }
}
