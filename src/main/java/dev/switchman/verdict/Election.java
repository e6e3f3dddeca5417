package dev.switchman.verdict;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;

/**
 * Compares what the replicas hold, once their receivers stand, and picks the new primary from a table's answers.
 *
 * <p>Only transactions of a former primary count: those of the lost one, and those of a configured server that another
 * server holds too, unless it got them from there. All others are errant and weigh against the one server that holds them.
 *
 * <p>What a replica that is delayed on purpose has received and not applied does not count as to be had: nobody waits for it.
 */
public final class Election {

    private final List<Node> voters;
    private final Map<NodeId, ServerState> seen;
    private final Set<NodeId> excluded;
    private final GtidSet primaryExecuted;
    private final Set<UUID> formerPrimaries;
    private final GtidSet best;
    private final Lineage lineage;

    private Election(Cluster cluster, NodeId oldPrimary, Map<NodeId, ServerState> seen, Set<NodeId> excluded,
            GtidSet primaryExecuted) {
        this.voters = cluster.others(oldPrimary).stream().filter(node -> seen.containsKey(node.id())).toList();
        this.seen = Map.copyOf(seen);
        this.excluded = Set.copyOf(excluded);
        this.primaryExecuted = primaryExecuted;
        this.lineage = Lineage.of(cluster, seen);
        this.formerPrimaries = formerPrimaries(oldPrimary);
        this.best = voters.stream()
                .map(node -> available(node).restrictedTo(formerPrimaries))
                .reduce(GtidSet.empty(), GtidSet::union);
    }

    /**
     * @param seen replicas that answered, with their receivers stopped; others are left out of the election
     * @param excluded servers that must not be chosen: tried before in this run, or in quarantine
     * @param primaryExecuted largest set known of the lost primary; empty when nothing is known
     */
    public static Election of(Cluster cluster, NodeId oldPrimary, Map<NodeId, ServerState> seen, Set<NodeId> excluded,
            GtidSet primaryExecuted) {
        return new Election(cluster, oldPrimary, seen, excluded, primaryExecuted);
    }

    private Set<UUID> formerPrimaries(NodeId oldPrimary) {
        Set<UUID> sources = new HashSet<>(primaryExecuted.sources());
        for (Node one : voters) {
            ServerState server = state(one);
            server.replication()
                    .filter(replica -> replica.source().equals(oldPrimary))
                    .flatMap(ReplicaState::sourceUuid)
                    .ifPresent(sources::add);
            boolean heldElsewhere = voters.stream()
                    .filter(other -> !other.equals(one) && !lineage.below(other.id(), one.id()))
                    .anyMatch(other -> state(other).reachable().sources().contains(server.serverUuid()));
            if (heldElsewhere) {
                sources.add(server.serverUuid());
            }
        }
        return sources;
    }

    /** @return all that the seen replicas hold together of former primaries' transactions */
    public GtidSet best() {
        return best;
    }

    /** @return two servers that each hold transactions of a former primary that the other lacks */
    public Optional<Divergence> divergence() {
        for (int i = 0; i < voters.size(); i++) {
            for (int j = i + 1; j < voters.size(); j++) {
                GtidSet one = known(voters.get(i));
                GtidSet other = known(voters.get(j));
                if (!one.contains(other) && !other.contains(one)) {
                    return Optional.of(new Divergence(voters.get(i).id(), one.minus(other), voters.get(j).id(),
                            other.minus(one)));
                }
            }
        }
        return Optional.empty();
    }

    /** @return the inputs of the table {@code choose-primary} for each seen replica, in configuration order */
    public Map<NodeId, Map<String, Object>> facts() {
        Map<NodeId, Map<String, Object>> all = new LinkedHashMap<>();
        voters.forEach(node -> all.put(node.id(), facts(node)));
        return all;
    }

    private Map<String, Object> facts(Node node) {
        ServerState server = state(node);
        Optional<ReplicaState> replica = server.replication();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("role", node.role().name().toLowerCase(Locale.ROOT));
        facts.put("excluded", excluded.contains(node.id()));
        facts.put("missing", missing(node).count());
        facts.put("errant", errant(node).count());
        facts.put("logBin", server.logBin());
        facts.put("logReplicaUpdates", server.logReplicaUpdates());
        facts.put("versionClass", versionClass(server.version()));
        facts.put("applier", applier(replica));
        facts.put("delaySeconds", delay(node.id()).toSeconds());
        facts.put("agreed", false);
        facts.put("lagSeconds", replica.flatMap(ReplicaState::lag).map(Duration::toSeconds).orElse(-1L));
        facts.put("filters", replica.map(ReplicaState::filters).orElse(""));
        facts.put("autoPosition", replica.map(ReplicaState::autoPosition).orElse(true));
        facts.put("purgedGap", purgedGap(node));
        return facts;
    }

    /** @return its configured {@code SOURCE_DELAY}; zero for none */
    public Duration delay(NodeId node) {
        return seen(node).replication().map(ReplicaState::delay).orElse(Duration.ZERO);
    }

    /** What can be had of it without waiting for a delay. */
    private GtidSet available(Node node) {
        return delay(node.id()).isZero() ? state(node).reachable() : state(node).executed();
    }

    /**
     * @return what delayed replicas have received and not applied, and no other server has or could pass on; nobody waits for
     *         it, and only a person can decide to
     */
    public Map<NodeId, GtidSet> withheld() {
        Map<NodeId, GtidSet> withheld = new LinkedHashMap<>();
        for (Node node : voters) {
            GtidSet more = known(node).minus(best);
            if (!more.isEmpty()) {
                withheld.put(node.id(), more);
            }
        }
        return withheld;
    }

    /**
     * @return whose relay logs hold what the candidate lacks and no server has applied: from each so much, whoever has most of it
     *         first; empty when nothing is withheld
     */
    public Map<NodeId, GtidSet> withheldFrom(NodeId candidate) {
        Map<NodeId, GtidSet> withheld = withheld();
        withheld.remove(candidate);
        GtidSet held = seen(candidate).reachable().union(best);
        Map<NodeId, GtidSet> plan = new LinkedHashMap<>();
        while (true) {
            GtidSet known = held;
            Optional<Map.Entry<NodeId, GtidSet>> most = withheld.entrySet()
                    .stream()
                    .map(entry -> Map.entry(entry.getKey(), entry.getValue().minus(known)))
                    .filter(entry -> !entry.getValue().isEmpty())
                    .max(Comparator.comparingLong(entry -> entry.getValue().count()));
            if (most.isEmpty()) {
                return plan;
            }
            plan.put(most.get().getKey(), most.get().getValue());
            held = held.union(most.get().getValue());
        }
    }

    private static String applier(Optional<ReplicaState> replica) {
        if (replica.filter(state -> state.applierErrno() != 0).isPresent()) {
            return "failed";
        }
        return replica.filter(ReplicaState::applierRunning).isPresent() ? "running" : "stopped";
    }

    /** Only release series count: replication from 9.7.4 to 9.7.3 works, from 9.7 to 8.4 it need not. */
    private String versionClass(ServerVersion version) {
        List<ServerVersion> versions = voters.stream().map(node -> state(node).version()).toList();
        if (versions.stream().anyMatch(other -> !other.mayFollow(version))) {
            return "higher";
        }
        return versions.stream().anyMatch(other -> !version.mayFollow(other)) ? "lowest" : "same";
    }

    private boolean purgedGap(Node node) {
        GtidSet purged = state(node).purged();
        return voters.stream()
                .filter(other -> !other.equals(node))
                .anyMatch(other -> !state(other).reachable().contains(purged));
    }

    /** @return transactions of former primaries that this replica neither has nor has received, and that can be had without waiting for a delay */
    public GtidSet missing(NodeId node) {
        return best.minus(seen(node).reachable());
    }

    private GtidSet missing(Node node) {
        return missing(node.id());
    }

    private GtidSet errant(Node node) {
        GtidSet held = state(node).reachable();
        GtidSet foreign = held.minus(held.restrictedTo(formerPrimaries)).minus(primaryExecuted);
        if (foreign.isEmpty()) {
            return foreign;
        }
        // What every other server holds too came through a primary that is no longer configured.
        GtidSet common = voters.stream()
                .filter(other -> !other.equals(node))
                .map(other -> state(other).reachable())
                .reduce(GtidSet::intersect)
                .orElse(held);
        return foreign.minus(common);
    }

    /**
     * @return transactions of former primaries that {@code node} holds and {@code primary} has not executed: what would make
     *         it differ for ever if it followed that primary. The primary's own new transactions do not count.
     */
    public GtidSet surplus(NodeId node, NodeId primary) {
        Set<UUID> before = new HashSet<>(formerPrimaries);
        before.remove(seen(primary).serverUuid());
        return seen(node).reachable().restrictedTo(before).minus(seen(primary).executed());
    }

    private GtidSet known(Node node) {
        return state(node).reachable().restrictedTo(formerPrimaries);
    }

    private ServerState state(Node node) {
        return seen(node.id());
    }

    private ServerState seen(NodeId node) {
        ServerState state = seen.get(node);
        if (state == null) {
            throw new IllegalArgumentException(node + " was not seen and takes no part in this election");
        }
        return state;
    }

    /**
     * Ranks the table's answers: lowest rank first, then the most advanced, then configuration order.
     *
     * @param ballots one for each entry of {@link #facts()}
     */
    public Choice choose(Map<NodeId, Ballot> ballots) {
        Optional<Divergence> divergence = divergence();
        if (divergence.isPresent()) {
            return new Choice.Diverged(divergence.get());
        }
        Map<NodeId, String> reasons = new LinkedHashMap<>();
        List<Node> eligible = new ArrayList<>();
        for (Node node : voters) {
            Ballot ballot = ballots.get(node.id());
            if (ballot == null) {
                throw new IllegalArgumentException("no ballot for " + node);
            }
            if (ballot.eligible()) {
                eligible.add(node);
            } else {
                reasons.put(node.id(), ballot.reason());
            }
        }
        eligible.sort(Comparator.comparingInt((Node node) -> ballotOf(ballots, node).rank())
                .thenComparingLong(node -> missing(node).count()));
        for (Node node : eligible) {
            if (missing(node).isEmpty()) {
                return new Choice.Chosen(node.id(), Optional.empty(), ballotOf(ballots, node).reason());
            }
            Optional<NodeId> donor = donorFor(node.id());
            if (donor.isPresent()) {
                return new Choice.Chosen(node.id(), donor, ballotOf(ballots, node).reason());
            }
            reasons.put(node.id(), "lacks " + missing(node).count()
                    + " transactions, and no server that has them can pass them on");
        }
        return new Choice.Nobody(reasons);
    }

    private static Ballot ballotOf(Map<NodeId, Ballot> ballots, Node node) {
        Ballot ballot = ballots.get(node.id());
        if (ballot == null) {
            throw new IllegalArgumentException("no ballot for " + node);
        }
        return ballot;
    }

    /**
     * @return a server to fetch the candidate's missing transactions from: it holds all of them, logs what it replicates,
     *         has not purged what the candidate needs; the one with the fewest errant transactions. A delayed one only if it
     *         has applied them
     */
    public Optional<NodeId> donorFor(NodeId candidate) {
        GtidSet missing = missing(candidate);
        GtidSet held = seen(candidate).reachable();
        return voters.stream()
                .filter(node -> !node.id().equals(candidate))
                .filter(node -> state(node).logBin() && state(node).logReplicaUpdates())
                .filter(node -> available(node).contains(missing))
                .filter(node -> held.contains(state(node).purged()))
                .min(Comparator.comparingLong(node -> errant(node).count()))
                .map(Node::id);
    }

    /** The table's answer about one replica. */
    public record Ballot(boolean eligible, int rank, String reason) {}

    /** @param onlyOne transactions that {@code other} lacks @param onlyOther transactions that {@code one} lacks */
    public record Divergence(NodeId one, GtidSet onlyOne, NodeId other, GtidSet onlyOther) {

        /** @return one line for people */
        public String sentence() {
            return "only " + one + " holds " + onlyOne + ", and only " + other + " holds " + onlyOther;
        }
    }

    /** Who becomes the primary. */
    public sealed interface Choice {

        /** @param catchUpFrom server that holds what the chosen one lacks; empty when it lacks nothing */
        record Chosen(NodeId node, Optional<NodeId> catchUpFrom, String reason) implements Choice {}

        /** @param reasons why not, for every replica that was seen */
        record Nobody(Map<NodeId, String> reasons) implements Choice {

            public Nobody {
                reasons = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(reasons));
            }

            /** @return one line for people */
            public String sentence() {
                return reasons.isEmpty()
                        ? "no replica could be reached"
                        : reasons.entrySet()
                                .stream()
                                .map(entry -> entry.getKey() + " " + entry.getValue())
                                .collect(Collectors.joining("; "));
            }
        }

        record Diverged(Divergence divergence) implements Choice {}
    }
}
