package dev.switchman.runbook.step;

import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WriteMode;
import dev.switchman.vip.VirtualIp;

/**
 * Proves that the server is a closed replica of the primary without the virtual IP, lets it out of quarantine, and
 * lets it acknowledge commits where semi-sync is in use. From here on it may be promoted again. Safe to repeat: a receiver that
 * an earlier attempt has left standing is started.
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
        if (!Servers.follows(server, fit.primary().id()) && !startedAgain(run, fit)) {
            throw new IllegalStateException(node + " stopped following " + fit.primary());
        }
        Optional<Outcome> open = disableEvents(run, node, server);
        if (open.isPresent()) {
            return open.get();
        }
        // What it held beyond this is gone by a person's word, and is missed at no later failover.
        memory.rememberSets(run.cluster().name(), Map.of(node.id(), server.reachable()));
        memory.release(run.cluster().name(), node.id());
        Optional<Outcome> lost = acknowledge(run, node);
        if (lost.isPresent()) {
            return lost.get();
        }
        run.ending(Ending.DONE);
        return new Outcome.Done(node + " follows " + fit.primary() + ", is closed and no longer in quarantine");
    }

    /** What runs on the primary is not to run here too. @return the refusal, where it could not be closed again */
    private Optional<Outcome> disableEvents(Run run, Node node, ServerState server) {
        if (server.enabledEvents().isEmpty()) {
            return Optional.empty();
        }
        Change change = mysql.disableEvents(node, server.enabledEvents(), run.limits().statement());
        if (change instanceof Change.Done) {
            return Optional.empty();
        }
        run.note(Remark.WARNING, "Events are enabled on " + node + ", a replica: " + server.enabledEvents() + ": "
                + change.sentence() + ".");
        // It was open for accounts with SUPER for that moment.
        return mysql.refuseWrites(node, run.limits().fence()) instanceof Fencing.Closed
                ? Optional.empty()
                : Optional.of(new Outcome.Refused(RunbookError.FENCE_BROKEN, node
                        + " may have lost super_read_only while its events were disabled: " + change.sentence()));
    }

    /** Where only the receiver of the channel to the primary stands, as after a manager that died while it let it connect anew. */
    private boolean startedAgain(Run run, RejoinCheck.Answer.Fit fit) {
        boolean stands = fit.server()
                .replication()
                .filter(state -> state.source().equals(fit.primary().id()) && state.applierRunning()
                        && state.receiver() == ReplicaState.Receiver.STOPPED)
                .isPresent();
        return stands
                && mysql.startReplication(run.oldPrimary(), run.limits().statement()) instanceof Change.Done
                && pace.until(() -> follows(run), run.limits().verify());
    }

    private boolean follows(Run run) {
        return check.both(run) instanceof RejoinCheck.Answer.Fit fit
                && Servers.follows(fit.server(), fit.primary().id());
    }

    /**
     * Once it is out of quarantine every election asks it. The receiver learns of the change when it connects.
     *
     * @return what became of it, when it does not follow any more
     */
    private Optional<Outcome> acknowledge(Run run, Node node) {
        if (PrepareSemiSync.wanted(run, memory).isEmpty()) {
            return Optional.empty();
        }
        Change on = mysql.semiSyncReplica(node, true, run.limits().statement());
        Change change = on instanceof Change.Done ? connectsAnew(run, node) : on;
        boolean back = pace.until(() -> hold.lostBy(run).isPresent() || follows(run), run.limits().verify());
        if (!back || !follows(run)) {
            return Optional.of(hold.lostBy(run).orElseGet(() -> stands(run, node, change)));
        }
        if (!(change instanceof Change.Done)) {
            run.note(Remark.WARNING, node + " may not acknowledge commits: " + change.sentence() + ".");
        }
        return Optional.empty();
    }

    /** Starts the receiver whatever came of stopping it: the answer may be lost, and the statement done. */
    private Change connectsAnew(Run run, Node node) {
        Change stopped = mysql.stopReceiver(node, run.limits().statement());
        Change started = mysql.startReplication(node, run.limits().statement());
        return stopped instanceof Change.Done ? started : stopped;
    }

    private Outcome stands(Run run, Node node, Change change) {
        run.note(Remark.TO_DO,
                "START REPLICA on " + node + ", which was to connect anew so that it acknowledges commits: "
                        + change.sentence() + ".");
        return switch (check.both(run)) {
            case RejoinCheck.Answer.No(Outcome.Refused refused) -> refused;
            case RejoinCheck.Answer.Fit fit -> throw new IllegalStateException(
                    node + " does not follow " + fit.primary() + " any more: " + change.sentence());
        };
    }
}
