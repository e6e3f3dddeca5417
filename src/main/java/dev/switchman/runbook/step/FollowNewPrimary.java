package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp;

/** Makes the old primary a replica of the new one. Safe to repeat. If it cannot, that is named and stops nothing. */
@Component
@Follows(value = {OpenPrimary.class, OpenCandidate.class}, orCaught = RunbookError.CANDIDATE_OPEN)
final class FollowNewPrimary extends ChangingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final VirtualIp virtualIp;
    private final ClusterMemory memory;

    FollowNewPrimary(Hold hold, Servers servers, NodeOperator mysql, VirtualIp virtualIp, ClusterMemory memory) {
        super(hold);
        this.virtualIp = virtualIp;
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
    }

    @Override
    Outcome change(Run run) {
        Node primary = run.candidate();
        Node old = run.oldPrimary();
        run.cluster().virtualIp().ifPresent(address -> giveUp(run, old, primary, address));
        boolean semiSync = PrepareSemiSync.wanted(run, memory).isPresent();
        if (semiSync) {
            named(run, mysql.semiSyncReplica(primary, false, run.limits().statement()),
                    primary + " still has its acknowledging side on");
        }
        Change change = switch (servers.observe(old, Servers.look(run.limits()))) {
            case Observation.Seen seen -> follow(run, old, primary, seen.server(), semiSync);
            case Observation.Unseen unseen -> new Change.Unreachable(old + " " + unseen.failure().sentence());
        };
        if (change instanceof Change.Done) {
            return new Outcome.Done(old + " follows " + primary);
        }
        run.note(Remark.TO_DO, "Let " + old + " follow " + primary + ": " + change.sentence() + ".");
        run.ending(Ending.REPLICAS_LOST);
        return new Outcome.Done(old + " does not follow " + primary + ": " + change.sentence());
    }

    private Change follow(Run run, Node old, Node primary, ServerState server, boolean semiSync) {
        if (Servers.follows(server, primary.id())) {
            return new Change.Done("follows already");
        }
        if (Servers.writable(server)
                && !(mysql.refuseWrites(old, run.limits().fence()) instanceof Fencing.Closed)) {
            return new Change.Rejected("it accepts writes and could not be closed");
        }
        if (semiSync) {
            Change off = mysql.semiSyncSource(old, false, Optional.empty(), run.limits().statement());
            Change on = off instanceof Change.Done
                    ? mysql.semiSyncReplica(old, true, run.limits().statement())
                    : off;
            if (!(on instanceof Change.Done)) {
                return on;
            }
        }
        return mysql.repoint(old, primary, run.cluster().replication(), run.limits().repoint());
    }

    /** The address may have stayed when it was moved: nobody waits for it any more, and there is time to try again. */
    private void giveUp(Run run, Node old, Node primary, VirtualAddress address) {
        if (!(virtualIp.look(old, address, run.limits().statement()) instanceof VirtualIp.Held.Here)) {
            return;
        }
        VirtualIp.Moved removed = virtualIp.remove(old, address, run.limits().statement());
        if (removed instanceof VirtualIp.Moved.Done) {
            virtualIp.announce(primary, address, run.limits().statement());
        } else {
            run.note(Remark.TO_DO, "Remove " + address + " from the host of " + old + ": " + removed.sentence() + ".");
        }
    }

    private static void named(Run run, Change change, String otherwise) {
        if (!(change instanceof Change.Done)) {
            run.note(Remark.WARNING, otherwise + ": " + change.sentence() + ".");
        }
    }
}
