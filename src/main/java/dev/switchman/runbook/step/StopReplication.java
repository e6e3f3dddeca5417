package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;

/**
 * Stops both threads of the candidate's replication, so that a source that comes back cannot reach it. Its channel is noted
 * first; it is forgotten after the opening, since nobody has to wait for that. Safe to repeat. What answers and is still stopping
 * has the time of {@code catch-up}. Refuses while anything
 * received is not applied: forgetting deletes the relay log.
 */
@Component
@Raises({RunbookError.CANDIDATE_LOST, RunbookError.PRIMARY_ALIVE, RunbookError.OUTCOME_UNKNOWN})
@Follows(FenceOldPrimary.class)
@Follows(CatchUpCandidate.class)
@Follows(AskPromotionPolicy.class)
final class StopReplication extends PreparingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final Clock clock;

    StopReplication(Hold hold, Resumption resumption, Servers servers, NodeOperator mysql, Clock clock) {
        super(hold, resumption);
        this.servers = servers;
        this.mysql = mysql;
        this.clock = clock;
    }

    @Override
    Outcome prepare(Run run) {
        Node candidate = run.candidate();
        Observation look = servers.observe(candidate, Servers.look(run.limits()));
        if (look instanceof Observation.Unseen unseen) {
            return Lost.candidate(run, unseen.failure().sentence());
        }
        ServerState server = ((Observation.Seen) look).server();
        Optional<ReplicaState> channel = server.replication();
        if (channel.isEmpty()) {
            return new Outcome.Done(candidate + " has no source");
        }
        if (!server.executed().contains(channel.get().retrieved())) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST, candidate + " has received "
                    + channel.get().retrieved().minus(server.executed()).count()
                    + " transactions that it has not applied; forgetting its source would delete them");
        }
        run.note(Remark.CHANNEL, candidate + " followed " + words(channel.get()));
        return stop(run, candidate, clock.instant().plus(run.limits().catchUp()));
    }

    private Outcome stop(Run run, Node candidate, Instant end) {
        while (true) {
            Optional<Outcome> outcome = switch (mysql.stopReplication(candidate, run.limits().statement())) {
                case Change.Done(String detail) -> Optional.of(new Outcome.Done(detail));
                case Change.Unreachable(String why) -> Optional.of(Lost.candidate(run, why));
                case Change.Rejected(String why) -> Optional.of(Lost.candidate(run, why));
                case Change.Unknown(String why) -> readBack(run, candidate, why, end);
            };
            if (outcome.isPresent()) {
                return outcome.get();
            }
        }
    }

    /** @return empty where it answers and is still stopping: a part of a large transaction takes its time to be rolled back */
    private Optional<Outcome> readBack(Run run, Node candidate, String why, Instant end) {
        return switch (servers.observe(candidate, Servers.look(run.limits()))) {
            case Observation.Unseen unseen ->
                Optional.of(Lost.candidate(run, why + "; then " + unseen.failure().sentence()));
            case Observation.Seen seen when seen.server().replication().filter(ReplicaState::replicates).isEmpty() ->
                Optional.of(new Outcome.Done(
                        candidate + " replicates no more; its answer was lost, and it was read back"));
            case Observation.Seen seen when clock.instant().isBefore(end) -> hold.lostBy(run);
            case Observation.Seen seen -> Optional.of(Lost.candidate(run, why));
        };
    }

    private static String words(ReplicaState channel) {
        return channel.source() + " (auto-position " + (channel.autoPosition() ? "on" : "off") + ", delay "
                + channel.delay().toSeconds() + " s, heartbeat " + channel.heartbeatPeriod().toMillis()
                + " ms, filters "
                + (channel.filters().isEmpty() ? "none" : channel.filters()) + ")";
    }
}
