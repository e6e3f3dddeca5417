package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.step.CatchUpInPieces.Answer;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Election;

/**
 * Waits until the candidate has applied all it received, and fetches what another replica has and it lacks. Beside that the
 * copying of the old primary's logs begins, where it may be needed. Safe to
 * repeat: what is applied stays applied. Keeps the limit {@code catch-up}; past it, the candidate is not chosen again in
 * this run.
 */
@Component
@Raises({RunbookError.CATCH_UP_TIMED_OUT, RunbookError.CANDIDATE_LOST, RunbookError.PRIMARY_ALIVE,
        RunbookError.OUTCOME_UNKNOWN})
@Follows(ChoosePrimary.class)
final class CatchUpCandidate extends PreparingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final ClusterMemory memory;
    private final LogSalvage salvage;
    private final CatchUpInPieces pieces;
    private final Clock clock;

    CatchUpCandidate(Hold hold, Resumption resumption, Servers servers, NodeOperator mysql, ClusterMemory memory,
            LogSalvage salvage, CatchUpInPieces pieces, Clock clock) {
        super(hold, resumption);
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
        this.salvage = salvage;
        this.pieces = pieces;
        this.clock = clock;
    }

    @Override
    Outcome prepare(Run run) {
        Node candidate = run.candidate();
        Instant end = clock.instant().plus(run.limits().catchUp());
        Map<Node, Observation> looks = servers.observeBriefly(run, servers.others(run));
        Map<NodeId, ServerState> seen = Servers.byId(Servers.seen(looks));
        ServerState server = seen.get(candidate.id());
        if (server == null) {
            return Lost.candidate(run, Servers.unseen(looks));
        }
        if (Servers.writable(server)) {
            return new Outcome.Done(candidate + " was opened by an earlier attempt of this run");
        }
        if (server.replication().filter(state -> state.channels() > 1).isPresent()) {
            // Left by an earlier attempt, and may still apply: what is noted as caught up must stand still.
            switch (mysql.dropRelayLogs(candidate, run.limits().statement())) {
                case Change.Done(String detail) -> {
                }
                case Change.Unreachable(String why) -> {
                    return Lost.candidate(run, why);
                }
                case Change.Rejected(String why) -> run.note(Remark.WARNING, kept(why));
                case Change.Unknown(String why) -> run.note(Remark.WARNING, kept(why));
            }
        }
        Optional<Outcome> delayed = undelayed(run, candidate, server);
        if (delayed.isPresent()) {
            return delayed.get();
        }
        Election election = ChoosePrimary.election(run, memory, seen);
        salvage.begin(run, Servers.seen(looks), server.reachable().union(election.best()),
                election.withheldFrom(candidate.id()));
        GtidSet missing = election.missing(candidate.id());
        GtidSet target = server.reachable();
        String fetched = "";
        if (!missing.isEmpty()) {
            Optional<NodeId> donor = election.donorFor(candidate.id());
            if (donor.isEmpty()) {
                return timedOut(run, "no reached server can pass on the " + missing.count() + " transactions it lacks");
            }
            Node from = run.cluster().node(donor.get());
            target = target.union(election.best());
            Optional<Outcome> failed = fetch(run, candidate, from, missing, server.reachable(), end);
            if (failed.isPresent()) {
                return failed.get();
            }
            fetched = ", " + missing.count() + " of them from " + from;
        }
        return switch (pieces.await(run, candidate, target, end)) {
            case Answer.Lost(Outcome refused) -> refused;
            case Answer.Ended(CatchUp how) -> ended(run, candidate, how, !missing.isEmpty(), fetched);
        };
    }

    private Outcome ended(Run run, Node candidate, CatchUp how, boolean fetched, String from) {
        return switch (how) {
            case CatchUp.Reached(GtidSet executed) -> reached(run, candidate, executed, fetched, from);
            case CatchUp.Behind(GtidSet behind) ->
                timedOut(run, behind.count() + " transactions were not applied within "
                        + run.limits().catchUp().toMillis() + " ms");
            case CatchUp.Stopped(int errno, String message) -> timedOut(run,
                    "its applier stopped with error " + errno + ": " + message);
            case CatchUp.Unreachable(String why) -> Lost.candidate(run, why);
        };
    }

    /** A delayed replica is chosen by a person's word only, or by a table's of the operator's own; a primary has no delay. */
    private Optional<Outcome> undelayed(Run run, Node candidate, ServerState server) {
        Duration delay = server.replication().map(ReplicaState::delay).orElse(Duration.ZERO);
        if (delay.isZero()) {
            return Optional.empty();
        }
        if (server.semiSync().replica() instanceof SemiSync.ReplicaSide.Present side && side.enabled()) {
            // Its receiver runs for a moment, and the old primary may not be proven closed.
            Change off = mysql.semiSyncReplica(candidate, false, run.limits().statement());
            if (!(off instanceof Change.Done)) {
                return Optional.of(timedOut(run, "it may go on acknowledging: " + off.sentence()));
            }
        }
        run.note(Remark.WARNING, "The delay of " + candidate + " (SOURCE_DELAY=" + delay.toSeconds()
                + ") is lifted, and does not come back by itself.");
        return switch (mysql.liftDelay(candidate, run.limits().statement())) {
            // Its receiver ran meanwhile: what it holds is read again.
            case Change.Done done -> Optional.of(prepare(run));
            case Change.Unreachable(String why) -> Optional.of(Lost.candidate(run, why));
            case Change.Rejected(String why) -> Optional.of(timedOut(run, "its delay could not be lifted: " + why));
            case Change.Unknown(String why) -> Optional.of(timedOut(run, "its delay may not be lifted: " + why));
        };
    }

    private static String kept(String why) {
        return "The channel of an earlier salvage could not be removed: " + why + ".";
    }

    private Outcome reached(Run run, Node candidate, GtidSet executed, boolean fetched, String from) {
        if (fetched && !(mysql.stopReceiver(candidate, run.limits().statement()) instanceof Change.Done)) {
            return Lost.candidate(run, "its receiver could not be stopped again");
        }
        run.note(Remark.CAUGHT_UP, candidate + " " + executed);
        return new Outcome.Done(candidate + " has applied all that is known" + from);
    }

    /** Both apply what they have received before the channel is changed; else CHANGE would throw it away. */
    private Optional<Outcome> fetch(Run run, Node candidate, Node from, GtidSet missing, GtidSet own,
            Instant end) {
        // Not for all that it has received: it may be delayed on purpose.
        Answer donor = pieces.await(run, from, missing, end);
        if (donor instanceof Answer.Lost(Outcome refused)) {
            return Optional.of(refused);
        }
        if (donor instanceof Answer.Ended(CatchUp.Unreachable(String why))) {
            return Optional.of(state(from, run).isEmpty()
                    ? new Outcome.Refused(RunbookError.CANDIDATE_LOST, from
                            + ", which alone held what the candidate lacks, was lost: " + why)
                    : timedOut(run, "what it lacks could not be had from " + from + ": " + why));
        }
        if (donor instanceof Answer.Ended(CatchUp how) && !(how instanceof CatchUp.Reached)) {
            return Optional.of(timedOut(run, from + ", which has what it lacks, did not apply it: " + how));
        }
        Answer mine = pieces.await(run, candidate, own, end);
        if (mine instanceof Answer.Lost(Outcome refused)) {
            return Optional.of(refused);
        }
        if (mine instanceof Answer.Ended(CatchUp.Unreachable(String why))) {
            return Optional.of(Lost.candidate(run, why));
        }
        if (mine instanceof Answer.Ended(CatchUp how) && !(how instanceof CatchUp.Reached)) {
            return Optional.of(timedOut(run, "it did not apply what it had received: " + how));
        }
        return switch (mysql.repoint(candidate, from, run.cluster().replication(),
                shorter(run.limits().repoint(), end))) {
            case Change.Done(String detail) -> Optional.empty();
            case Change.Unreachable(String why) -> Optional.of(Lost.candidate(run, why));
            case Change.Rejected(String why) -> Optional.of(timedOut(run, "it cannot follow " + from + ": " + why));
            case Change.Unknown(String why) -> Optional.of(timedOut(run, "it cannot follow " + from + ": " + why));
        };
    }

    private Optional<ServerState> state(Node node, Run run) {
        return servers.observe(node, Servers.look(run.limits())) instanceof Observation.Seen seen
                ? Optional.of(seen.server())
                : Optional.empty();
    }

    private Duration left(Instant end) {
        return TimeLeft.until(end, clock);
    }

    private Duration shorter(Duration limit, Instant end) {
        Duration left = left(end);
        return left.compareTo(limit) < 0 ? left : limit;
    }

    private static Outcome timedOut(Run run, String why) {
        Node candidate = run.candidate();
        run.exclude(candidate.id());
        return new Outcome.Refused(RunbookError.CATCH_UP_TIMED_OUT, candidate + ": " + why);
    }
}
