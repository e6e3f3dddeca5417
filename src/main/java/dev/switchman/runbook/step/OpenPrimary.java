package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;

/**
 * Opens the candidate for writes: the point of no return. In the same breath it proves again that the old primary's
 * fence holds, that nobody else accepts writes, and that nothing was written to the candidate since it caught up. Safe
 * to repeat. A lost answer is read back; if that fails too, whether it is open is not known.
 */
@Component
@Raises({RunbookError.CANDIDATE_LOST, RunbookError.FENCE_BROKEN, RunbookError.PRIMARY_ALIVE,
        RunbookError.OUTCOME_UNKNOWN})
@Follows(FenceOldPrimary.class)
@Follows(StopReceivers.class)
@Follows(CatchUpCandidate.class)
@Follows(AskPromotionPolicy.class)
@Follows(StopReplication.class)
@Follows(PrepareSemiSync.class)
final class OpenPrimary extends PreparingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final AddressAhead ahead;
    private final ClusterMemory memory;
    private final Journal journal;
    private final Clock clock;

    OpenPrimary(Hold hold, Resumption resumption, Servers servers, NodeOperator mysql, AddressAhead ahead,
            ClusterMemory memory, Journal journal, Clock clock) {
        super(hold, resumption);
        this.ahead = ahead;
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * Clients wait for the address as well: it is added while the proofs are gathered, and taken back if they fail. Where the old
     * primary may accept writes it is removed there first; and where somebody has drawn a box between, that one comes first.
     */
    @Override
    Outcome prepare(Run run) {
        if (run.fence() == Run.Fence.UNPROVEN || !run.box().leadsTo(MoveVirtualIp.class)) {
            return proveAndOpen(run);
        }
        Node candidate = run.candidate();
        Outcome outcome = PerNode.beside(List.of(() -> ahead.add(run, candidate, run.limits().statement())),
                () -> proveAndOpen(run));
        if (outcome instanceof Outcome.Refused) {
            ahead.takeBack(run, candidate);
        }
        return outcome;
    }

    private Outcome proveAndOpen(Run run) {
        Node candidate = run.candidate();
        Node old = run.oldPrimary();
        // Where nothing but its silence keeps the old primary from accepting writes, it is given its full time to answer.
        Duration forOld = run.fence() == Run.Fence.UNPROVEN
                ? run.limits().fenceSilent()
                : Servers.glance(run.limits());
        // Where the proof is that nobody listens to it, each replica is given its full time as well.
        Map<Node, Observation> looks = run.fence() == Run.Fence.STARVED
                ? servers.observePatiently(run, run.cluster().nodes())
                : servers.observeBriefly(run, run.cluster().nodes(), forOld);
        Map<Node, ServerState> seen = Servers.seen(looks);
        ServerState server = seen.get(candidate);
        if (server == null) {
            return Lost.candidate(run, Servers.unseen(looks));
        }
        Optional<String> broken = broken(run, candidate, old, seen);
        if (broken.isPresent()) {
            return new Outcome.Refused(RunbookError.FENCE_BROKEN, broken.get());
        }
        if (Servers.writable(server)) {
            return opened(run, candidate, "it was open already");
        }
        Optional<ReplicaState> replicates = server.replication().filter(ReplicaState::replicates);
        if (replicates.isPresent()) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST,
                    candidate + " still replicates from " + replicates.get().source());
        }
        Optional<String> moved = moved(run, candidate, server.executed());
        if (moved.isPresent()) {
            return new Outcome.Refused(RunbookError.FENCE_BROKEN, moved.get());
        }
        return open(run, candidate);
    }

    private static Optional<String> broken(Run run, Node candidate, Node old, Map<Node, ServerState> seen) {
        List<String> writable = new ArrayList<>();
        seen.forEach((node, server) -> {
            if (!node.equals(candidate) && Servers.writable(server)) {
                writable.add(node + (node.equals(old) ? ", the old primary," : ""));
            }
        });
        if (!writable.isEmpty()) {
            return Optional.of(String.join(" and ", writable) + " accepts writes");
        }
        if (run.fence() == Run.Fence.STARVED) {
            List<Node> listening = new ArrayList<>();
            seen.forEach((node, server) -> {
                if (listensTo(server, old.id())) {
                    listening.add(node);
                }
            });
            if (!listening.isEmpty()) {
                return Optional.of(Servers.names(listening) + " listens to " + old
                        + " again and could acknowledge its commits");
            }
        }
        return Optional.empty();
    }

    private static boolean listensTo(ServerState server, NodeId source) {
        return server.replication()
                .filter(state -> state.source().equals(source) && state.receiver() != ReplicaState.Receiver.STOPPED)
                .isPresent();
    }

    /** A transaction that appeared since then came from somebody whom the fence should have stopped. */
    private Optional<String> moved(Run run, Node candidate, GtidSet executed) {
        String prefix = candidate + " ";
        String noted = Notebook.of(journal, run)
                .all(Remark.CAUGHT_UP)
                .filter(text -> text.startsWith(prefix))
                .reduce((before, after) -> after)
                .orElseThrow(() -> new IllegalStateException("the journal of run " + run.id()
                        + " does not tell what " + candidate + " had executed when it had caught up"));
        GtidSet before = GtidSet.parse(noted.substring(prefix.length()));
        return executed.equals(before)
                ? Optional.empty()
                : Optional.of(candidate + " has changed since it caught up: more " + executed.minus(before) + ", fewer "
                        + before.minus(executed));
    }

    private Outcome open(Run run, Node candidate) {
        run.note(Remark.OPENING, candidate.toString());
        return switch (mysql.openWrites(candidate, run.limits().statement())) {
            case Change.Done(String detail) -> opened(run, candidate, detail);
            case Change.Unreachable(String why) -> Lost.candidate(run, why);
            case Change.Rejected(String why) -> Lost.candidate(run, why);
            case Change.Unknown(String why) -> readBack(run, candidate, why);
        };
    }

    private Outcome readBack(Run run, Node candidate, String why) {
        return switch (servers.observe(candidate, Servers.look(run.limits()))) {
            case Observation.Unseen unseen -> unknown(run, candidate, why + "; then " + unseen.failure().sentence());
            case Observation.Seen seen when Servers.writable(seen.server()) -> opened(run, candidate,
                    "read back after a lost answer: " + why);
            case Observation.Seen seen -> switch (mysql.openWrites(candidate, run.limits().statement())) {
                case Change.Done(String detail) -> opened(run, candidate, detail + ", at the second attempt");
                case Change.Unreachable(String again) -> unknown(run, candidate, why + "; then " + again);
                case Change.Rejected(String again) -> Lost.candidate(run, again);
                case Change.Unknown(String again) -> unknown(run, candidate, why + "; then " + again);
            };
        };
    }

    private static Outcome unknown(Run run, Node candidate, String what) {
        run.note(Remark.TO_DO, "Find out whether " + candidate + " accepts writes. Only then open any other server.");
        return new Outcome.Unknown("whether " + candidate + " is open for writes is not known: " + what);
    }

    private Outcome opened(Run run, Node candidate, String how) {
        memory.rememberPrimary(run.cluster().name(), candidate.id());
        memory.rememberFailover(run.cluster().name(), clock.instant());
        run.note(Remark.OPENED, candidate.toString());
        return new Outcome.Done(candidate + " accepts writes: " + how);
    }
}
