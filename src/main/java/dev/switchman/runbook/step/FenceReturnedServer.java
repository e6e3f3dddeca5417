package dev.switchman.runbook.step;

import java.time.Clock;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.hook.Shutdown;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * Takes write access from a server that came back, or that accepts writes beside the primary, and keeps it in
 * quarantine. Never touches the known primary. Safe to repeat; a server that cannot be reached is met again at the next
 * tick.
 */
@Component
@Raises({RunbookError.FENCE_REFUSED, RunbookError.SERVER_UNREACHABLE, RunbookError.OUTCOME_UNKNOWN})
final class FenceReturnedServer extends ChangingStep {

    private final NodeOperator mysql;
    private final RemoteShell shell;
    private final BootCheck boot;
    private final HostShutdown hook;
    private final ClusterMemory memory;
    private final Clock clock;

    FenceReturnedServer(Hold hold, NodeOperator mysql, RemoteShell shell, BootCheck boot, HostShutdown hook,
            ClusterMemory memory, Clock clock) {
        super(hold);
        this.mysql = mysql;
        this.shell = shell;
        this.boot = boot;
        this.hook = hook;
        this.memory = memory;
        this.clock = clock;
    }

    @Override
    Outcome change(Run run) {
        return hold.notOurs(run).orElseGet(() -> fence(run));
    }

    private Outcome fence(Run run) {
        Node returned = run.oldPrimary();
        Optional<NodeId> primary = memory.knownPrimary(run.cluster().name());
        if (primary.isEmpty() || primary.get().equals(returned.id())) {
            return new Outcome.Refused(RunbookError.FENCE_REFUSED, primary.isEmpty()
                    ? "no primary is known, so nobody is fenced"
                    : returned + " is the primary, and is not fenced");
        }
        return switch (mysql.refuseWrites(returned, run.limits().fence())) {
            case Fencing.Closed(int sessions) -> {
                String how = "super_read_only was read back, " + sessions + " sessions ended"
                        + (boot.readOnly(run, returned)
                                ? ""
                                : "; it is not known to boot read-only, so it may be writable"
                                        + " again after a restart, and is then fenced again");
                yield fenced(run, returned, how);
            }
            case Fencing.Unreachable(String why) -> new Outcome.Refused(RunbookError.SERVER_UNREACHABLE,
                    returned + ": " + why);
            case Fencing.Unknown(String why) -> new Outcome.Unknown("whether " + returned + " is closed is not known: "
                    + why);
            case Fencing.Refused(String why) -> byForce(run, returned, why);
        };
    }

    private Outcome byForce(Run run, Node returned, String why) {
        return switch (shell.stopServer(returned, run.limits().fence())) {
            case RemoteShell.Stopping.Masked(String detail) -> fenced(run, returned, detail);
            case RemoteShell.Stopping.Gone(String detail) -> fenced(run, returned, detail);
            case RemoteShell.Stopping.Refused(String host) -> byHook(run, returned, ShutdownHook.Ssh.ANSWERS,
                    why + "; its host: " + host);
            case RemoteShell.Stopping.Unreachable(String host) -> byHook(run, returned, ShutdownHook.Ssh.SILENT,
                    why + "; its host: " + host);
            case RemoteShell.Stopping.Unknown(String host) -> byHook(run, returned, ShutdownHook.Ssh.UNKNOWN,
                    why + "; its host: " + host);
        };
    }

    private Outcome byHook(Run run, Node returned, ShutdownHook.Ssh ssh, String why) {
        hook.begin(run, returned, ssh);
        return hook.await(run, returned)
                .map(shutdown -> switch (shutdown) {
                    case Shutdown.Proven proven -> fenced(run, returned,
                            "the shutdown hook " + proven.sentence() + ", after " + why);
                    case Shutdown.NotProven no -> refused(run, returned,
                            why + "; the shutdown hook " + no.sentence());
                })
                .orElseGet(() -> refused(run, returned, why));
    }

    private Outcome fenced(Run run, Node returned, String how) {
        ClusterMemory.Quarantine before = memory.quarantined(run.cluster().name()).get(returned.id());
        memory.quarantine(run.cluster().name(), returned.id(), new ClusterMemory.Quarantine(
                before == null ? clock.instant() : before.since(), "fenced by run " + run.id() + ": " + how, true));
        run.fence(Run.Fence.CLOSED);
        run.note(Remark.FENCE, returned + " accepts no writes: " + how + ".");
        return new Outcome.Done(returned + ": " + how);
    }

    private Outcome refused(Run run, Node returned, String why) {
        ClusterMemory.Quarantine before = memory.quarantined(run.cluster().name()).get(returned.id());
        memory.quarantine(run.cluster().name(), returned.id(), new ClusterMemory.Quarantine(
                before == null ? clock.instant() : before.since(), "could not be fenced: " + why, false));
        run.note(Remark.TO_DO, "Fence " + returned + " by hand: it answers and could not be made read-only.");
        return new Outcome.Refused(RunbookError.FENCE_REFUSED, returned + " could not be fenced: " + why);
    }
}
