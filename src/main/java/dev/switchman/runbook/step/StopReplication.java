package dev.switchman.runbook.step;

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
 * first; it is forgotten after the opening, since nobody has to wait for that. Safe to repeat. Refuses while anything
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

    StopReplication(Hold hold, Resumption resumption, Servers servers, NodeOperator mysql) {
        super(hold, resumption);
        this.servers = servers;
        this.mysql = mysql;
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
        return switch (mysql.stopReplication(candidate, run.limits().statement())) {
            case Change.Done(String detail) -> new Outcome.Done(detail);
            case Change.Unreachable(String why) -> Lost.candidate(run, why);
            case Change.Rejected(String why) -> Lost.candidate(run, why);
            case Change.Unknown(String why) -> readBack(run, candidate, why);
        };
    }

    private Outcome readBack(Run run, Node candidate, String why) {
        return switch (servers.observe(candidate, Servers.look(run.limits()))) {
            case Observation.Unseen unseen -> Lost.candidate(run, why + "; then " + unseen.failure().sentence());
            case Observation.Seen seen -> seen.server().replication().filter(ReplicaState::replicates).isEmpty()
                    ? new Outcome.Done(candidate + " replicates no more; its answer was lost, and it was read back")
                    : Lost.candidate(run, why);
        };
    }

    private static String words(ReplicaState channel) {
        return channel.source() + " (auto-position " + (channel.autoPosition() ? "on" : "off") + ", delay "
                + channel.delay().toSeconds() + " s, heartbeat " + channel.heartbeatPeriod().toMillis()
                + " ms, filters "
                + (channel.filters().isEmpty() ? "none" : channel.filters()) + ")";
    }
}
