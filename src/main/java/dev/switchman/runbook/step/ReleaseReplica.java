package dev.switchman.runbook.step;

import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;
import dev.switchman.vip.VirtualIp;

/**
 * Proves that the server is a closed replica of the primary without the virtual IP, lets it out of quarantine, and
 * lets it acknowledge commits where semi-sync is in use. From here on it may be promoted again. Safe to repeat.
 */
@Component
@Follows(FenceReturnedServer.class)
@Follows(RemoveStrayAddress.class)
@Follows(CatchUpReplica.class)
@Raises({RunbookError.FENCE_BROKEN, RunbookError.SERVER_UNREACHABLE, RunbookError.PRIMARY_LOST})
final class ReleaseReplica extends ChangingStep {

    private final RejoinCheck check;
    private final NodeOperator mysql;
    private final VirtualIp virtualIp;
    private final ClusterMemory memory;
    private final Pace pace;

    ReleaseReplica(Hold hold, RejoinCheck check, NodeOperator mysql, VirtualIp virtualIp, ClusterMemory memory,
            Pace pace) {
        super(hold);
        this.check = check;
        this.mysql = mysql;
        this.virtualIp = virtualIp;
        this.memory = memory;
        this.pace = pace;
    }

    @Override
    Outcome change(Run run) {
        return hold.notOurs(run).orElseGet(() -> switch (check.both(run)) {
            case RejoinCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RejoinCheck.Answer.Fit fit -> release(run, fit);
        });
    }

    private Outcome release(Run run, RejoinCheck.Answer.Fit fit) {
        Node node = run.oldPrimary();
        ServerState server = fit.server();
        if (server.writeMode() != WriteMode.SUPER_READ_ONLY) {
            return new Outcome.Refused(RunbookError.FENCE_BROKEN, node + " is " + Servers.words(server.writeMode()));
        }
        Optional<VirtualAddress> address = run.cluster().virtualIp();
        if (address.isPresent()) {
            switch (virtualIp.look(node, address.get(), run.limits().statement())) {
                case VirtualIp.Held.NotHere nowhere -> {
                }
                case VirtualIp.Held.Here here -> {
                    return new Outcome.Refused(RunbookError.FENCE_BROKEN, node + " holds " + address.get() + " again");
                }
                case VirtualIp.Held.Unknown(String why) -> {
                    return new Outcome.Refused(RunbookError.SERVER_UNREACHABLE,
                            "whether " + node + " holds " + address.get() + " is not known: " + why);
                }
            }
        }
        if (!Servers.follows(server, fit.primary().id())) {
            throw new IllegalStateException(node + " stopped following " + fit.primary());
        }
        if (server.eventScheduler() && !server.enabledEvents().isEmpty()) {
            run.note(Remark.WARNING, "Events are enabled on " + node + ", a replica: " + server.enabledEvents() + ".");
        }
        // What it held beyond this is gone by a person's word, and is missed at no later failover.
        memory.rememberSets(run.cluster().name(), Map.of(node.id(), server.reachable()));
        memory.release(run.cluster().name(), node.id());
        acknowledge(run, node);
        run.ending(Ending.DONE);
        return new Outcome.Done(node + " follows " + fit.primary() + ", is closed and no longer in quarantine");
    }

    /** Once it is out of quarantine every election asks it. The receiver learns of the change when it connects. */
    private void acknowledge(Run run, Node node) {
        if (PrepareSemiSync.wanted(run, memory).isEmpty()) {
            return;
        }
        Change change = mysql.semiSyncReplica(node, true, run.limits().statement());
        if (change instanceof Change.Done) {
            change = mysql.stopReceiver(node, run.limits().statement());
        }
        if (change instanceof Change.Done) {
            change = mysql.startReplication(node, run.limits().statement());
        }
        boolean back = change instanceof Change.Done && pace.until(
                () -> check.both(run) instanceof RejoinCheck.Answer.Fit fit
                        && Servers.follows(fit.server(), fit.primary().id()),
                run.limits().verify());
        if (!back) {
            run.note(Remark.WARNING, node + " may not acknowledge commits: " + change.sentence() + ".");
        }
    }
}
