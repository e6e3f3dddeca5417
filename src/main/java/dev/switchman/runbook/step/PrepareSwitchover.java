package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.CatchUp;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.vip.VirtualIp;

/**
 * Does all that can be done before writes stop: opens connections, lets the candidate catch up, and lets as many replicas
 * follow it as the primary can spare as acknowledgers, one at a time. Safe to repeat.
 */
@Component
@Raises({RunbookError.INTERRUPTED, RunbookError.PRIMARY_LOST, RunbookError.CANDIDATE_LOST,
        RunbookError.CATCH_UP_TIMED_OUT})
@Follows(ConfirmReadiness.class)
@Follows(AskApprovalPolicy.class)
final class PrepareSwitchover extends ChangingStep {

    private final Handover handover;
    private final Servers servers;
    private final NodeOperator mysql;
    private final VirtualIp virtualIp;

    PrepareSwitchover(Hold hold, Handover handover, Servers servers, NodeOperator mysql, VirtualIp virtualIp) {
        super(hold);
        this.handover = handover;
        this.servers = servers;
        this.mysql = mysql;
        this.virtualIp = virtualIp;
    }

    @Override
    Outcome change(Run run) {
        if (handover.interrupted(run)) {
            return new Outcome.Refused(RunbookError.INTERRUPTED,
                    "the run was interrupted before the candidate was opened");
        }
        Node old = run.oldPrimary();
        Node candidate = run.candidate();
        warm(run);
        Map<Node, Observation> looks = servers.observe(run.cluster().nodes(), run.limits());
        Map<Node, ServerState> seen = Servers.seen(looks);
        ServerState primary = seen.get(old);
        ServerState server = seen.get(candidate);
        if (primary == null || !Servers.writable(primary)) {
            return new Outcome.Refused(RunbookError.PRIMARY_LOST,
                    primary == null ? Servers.unseen(looks) : old + " accepts no writes any more");
        }
        if (server == null) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST, Servers.unseen(looks));
        }
        if (server.bootMode() == BootMode.READ_ONLY) {
            run.note(Remark.BOOTS_READ_ONLY, candidate.toString());
        }
        server.replication()
                .ifPresent(channel -> run.note(Remark.CHANNEL, candidate + " followed " + channel.source()
                        + " (auto-position " + (channel.autoPosition() ? "on" : "off") + ", delay "
                        + channel.delay().toSeconds() + " s, heartbeat " + channel.heartbeatPeriod().toMillis()
                        + " ms)"));
        // A server that waits for acknowledgements itself would hang its own applier once somebody follows it.
        if (server.semiSync().source() instanceof SemiSync.SourceSide.Present source && source.enabled()
                && !(mysql.semiSyncSource(candidate, false, Optional.empty(),
                        run.limits().statement()) instanceof Change.Done)) {
            return new Outcome.Refused(RunbookError.CANDIDATE_LOST,
                    candidate + " cannot be kept from waiting for acknowledgements while it replicates");
        }
        return switch (caughtUp(run, candidate, primary.executed())) {
            case CatchUp.Reached reached -> follow(run, old, candidate, primary, seen);
            case CatchUp.Behind(GtidSet behind) -> new Outcome.Refused(RunbookError.CATCH_UP_TIMED_OUT, candidate
                    + " was " + behind.count() + " transactions behind after " + run.limits().catchUp().toMillis()
                    + " ms");
            case CatchUp.Stopped(int errno, String message) -> new Outcome.Refused(RunbookError.CATCH_UP_TIMED_OUT,
                    candidate + ": its applier stopped with error " + errno + ": " + message);
            case CatchUp.Unreachable(String why) -> new Outcome.Refused(RunbookError.CANDIDATE_LOST, why);
        };
    }

    private CatchUp caughtUp(Run run, Node candidate, GtidSet executed) {
        try (Progress.Work work = run.progress(candidate, CatchUpInPieces.CATCH_UP, Progress.Unit.TRANSACTIONS)) {
            return mysql.catchUp(candidate, executed, run.limits().catchUp(), work::missing);
        }
    }

    private void warm(Run run) {
        PerNode.all(run.cluster().nodes(), node -> mysql.warm(node, Servers.look(run.limits())));
        run.cluster()
                .virtualIp()
                .ifPresent(address -> PerNode.all(run.cluster().nodes(),
                        node -> virtualIp.look(node, address, Servers.look(run.limits()))));
    }

    /** Takes acknowledgers from the live primary: as many as it does not need, and as many as the candidate will. */
    private Outcome follow(Run run, Node old, Node candidate, ServerState primary, Map<Node, ServerState> seen) {
        if (!(primary.semiSync().source() instanceof SemiSync.SourceSide.Present source) || !source.enabled()) {
            return new Outcome.Done("all is ready; semi-sync is not in use");
        }
        List<Node> ackers = servers.others(run).stream().filter(node -> acknowledges(seen, node, old)).toList();
        int spare = Math.min(Math.max(0, ackers.size() - source.waitCount()), source.waitCount());
        List<Node> moved = new ArrayList<>();
        for (Node node : ackers) {
            if (moved.size() < spare && !node.equals(candidate) && move(run, node, old, candidate, seen)) {
                moved.add(node);
            }
        }
        return new Outcome.Done("following " + candidate + " already: " + Servers.names(moved) + "; left to " + old
                + " as acknowledgers: " + (ackers.size() - moved.size()) + " of " + ackers.size());
    }

    private static boolean acknowledges(Map<Node, ServerState> seen, Node node, Node old) {
        ServerState server = seen.get(node);
        return server != null && Servers.follows(server, old.id())
                && server.semiSync().replica() instanceof SemiSync.ReplicaSide.Present side && side.enabled();
    }

    private boolean move(Run run, Node node, Node old, Node candidate, Map<Node, ServerState> seen) {
        ServerState server = seen.get(node);
        boolean delayed = server != null
                && server.replication().filter(state -> !state.delay().isZero()).isPresent();
        if (server == null || delayed || !(mysql.catchUp(node, server.reachable(),
                run.limits().semiSync()) instanceof CatchUp.Reached)) {
            return false;
        }
        Change moved = mysql.repoint(node, candidate, run.cluster().replication(), run.limits().repoint());
        if (moved instanceof Change.Done) {
            return true;
        }
        Change back = mysql.repoint(node, old, run.cluster().replication(), run.limits().repoint());
        run.note(Remark.WARNING, node + " did not follow " + candidate + ": " + moved.sentence() + "; back at " + old
                + ": " + back.sentence() + ".");
        return false;
    }
}
