package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
import dev.switchman.topology.Failure;
import dev.switchman.topology.Glance;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;

/**
 * Opens the candidate of a switchover for writes: the point of no return. In the same breath it proves again that the old
 * primary is closed and that nothing was added on either side. A lost answer is read back. Safe to repeat.
 */
@Component
@Raises({RunbookError.PRIMARY_LOST, RunbookError.CANDIDATE_LOST, RunbookError.FENCE_BROKEN,
        RunbookError.OUTCOME_UNKNOWN})
@Follows(CloseOldPrimary.class)
@Follows(MatchOldPrimary.class)
@Follows(DetachCandidate.class)
final class OpenCandidate extends ChangingStep {

    private final Hold hold;
    private final Handover handover;
    private final Servers servers;
    private final NodeOperator mysql;
    private final ClusterMemory memory;
    private final Clock clock;

    OpenCandidate(Hold hold, Handover handover, Servers servers, NodeOperator mysql, ClusterMemory memory,
            Clock clock) {
        super(hold);
        this.hold = hold;
        this.handover = handover;
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
        this.clock = clock;
    }

    @Override
    Outcome change(Run run) {
        Node old = run.oldPrimary();
        Node candidate = run.candidate();
        Map<Node, Glance> looks = servers.glances(List.of(old, candidate), run.limits());
        if (!(looks.get(old) instanceof Glance.Seen closed)) {
            return new Outcome.Refused(RunbookError.PRIMARY_LOST, unseen(old, looks));
        }
        if (!(looks.get(candidate) instanceof Glance.Seen server)) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST, unseen(candidate, looks));
        }
        GtidSet matched = handover.section(run).matched();
        if (closed.writeMode() != dev.switchman.topology.WriteMode.SUPER_READ_ONLY) {
            return broken(old + ", the old primary, is " + Servers.words(closed.writeMode()) + " again");
        }
        if (!closed.executed().equals(matched)) {
            return broken(old + " has executed " + closed.executed().minus(matched) + " since it was closed");
        }
        if (!server.executed().equals(matched)) {
            return broken(candidate + " has changed since it caught up: " + server.executed().minus(matched));
        }
        Optional<ReplicaState> replicates = server.replication().filter(ReplicaState::replicates);
        if (replicates.isPresent()) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST,
                    candidate + " still replicates from " + replicates.get().source());
        }
        Optional<Outcome> notOurs = hold.notOurs(run);
        if (notOurs.isPresent()) {
            return notOurs.get();
        }
        return server.writable() ? opened(run, candidate, "it was open already") : open(run, candidate);
    }

    private static String unseen(Node node, Map<Node, Glance> looks) {
        return looks.get(node) instanceof Glance.Unseen(Failure failure) ? node + " " + failure.sentence() : "";
    }

    private static Outcome broken(String why) {
        return new Outcome.Refused(RunbookError.FENCE_BROKEN, why);
    }

    private Outcome open(Run run, Node candidate) {
        run.note(Remark.OPENING, candidate.toString());
        return switch (mysql.openWrites(candidate, run.limits().statement())) {
            case Change.Done(String detail) -> opened(run, candidate, detail);
            case Change.Unreachable(String why) -> new Outcome.Refused(RunbookError.CANDIDATE_LOST, why);
            case Change.Rejected(String why) -> new Outcome.Refused(RunbookError.CANDIDATE_LOST, why);
            case Change.Unknown(String why) -> servers.observe(candidate,
                    Servers.look(run.limits())) instanceof Observation.Seen seen && Servers.writable(seen.server())
                            ? opened(run, candidate, "read back after a lost answer: " + why)
                            : new Outcome.Unknown("whether " + candidate + " is open for writes is not known: " + why);
        };
    }

    private Outcome opened(Run run, Node candidate, String how) {
        memory.rememberPrimary(run.cluster().name(), candidate.id());
        run.note(Remark.OPENED, candidate.toString());
        run.forward();
        long millis = Duration.between(handover.section(run).closing(), clock.instant()).toMillis();
        run.note(Remark.LOSS, "No acknowledged write is lost: " + candidate + " had executed all that "
                + run.oldPrimary() + " had. Between the first refusal and the opening lay " + millis + " ms.");
        return new Outcome.Done(candidate + " accepts writes after " + millis + " ms: " + how);
    }
}
