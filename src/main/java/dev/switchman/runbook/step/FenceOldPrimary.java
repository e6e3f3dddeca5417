package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import org.springframework.stereotype.Component;

import dev.switchman.hook.Shutdown;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Limits;
import dev.switchman.topology.Node;
import dev.switchman.verdict.Verdict;

/**
 * Takes write access from the old primary: read-only if it answers, its service stopped and masked if only its host
 * answers; by the shutdown hook if neither closes it. Then a script that MHA would call takes its address. Records whether that is proven. Safe to repeat. A server that was
 * found crashed is given the limit {@code fence}; a silent one {@code fence-silent}, by SQL and SSH at once, because
 * waiting for it is write outage, and {@code fence} once more where its host answers. One that answers and commits nothing is ended over SSH with the time of {@code fence}.
 */
@Component
@Raises({RunbookError.FENCE_REFUSED, RunbookError.PRIMARY_ALIVE, RunbookError.OUTCOME_UNKNOWN})
@Follows(AskFailoverPolicy.class)
@Follows(ReadServers.class)
final class FenceOldPrimary extends PreparingStep {

    private final NodeOperator mysql;
    private final RemoteShell shell;
    private final HostReader hosts;
    private final BootCheck boot;
    private final HostShutdown hook;
    private final MasterScripts scripts;
    private final ClusterMemory memory;
    private final Clock clock;

    FenceOldPrimary(Hold hold, Resumption resumption, NodeOperator mysql, RemoteShell shell, HostReader hosts,
            BootCheck boot, HostShutdown hook, MasterScripts scripts, ClusterMemory memory, Clock clock) {
        super(hold, resumption);
        this.mysql = mysql;
        this.shell = shell;
        this.hosts = hosts;
        this.boot = boot;
        this.hook = hook;
        this.scripts = scripts;
        this.memory = memory;
        this.clock = clock;
    }

    @Override
    Outcome prepare(Run run) {
        Node old = run.oldPrimary();
        boolean silent = !run.verdict().equals("crashed");
        // Its commits keep super_read_only waiting; the end of mysqld ends both.
        boolean stuck = Verdict.answersAndCannotCommit(run.verdict());
        Result result = !silent
                ? inTurn(old, run.limits().fence())
                : stuck ? both(old, run.limits().fence()) : silent(old, run.limits());
        Outcome fenced = fence(run, old, result);
        PastLife.note(run, memory);
        return fenced instanceof Outcome.Done ? leave(run, old, result, fenced) : fenced;
    }

    /** MHA's contract: a script that cannot take the address away stops the failover. */
    private Outcome leave(Run run, Node old, Result result, Outcome fenced) {
        boolean sshAnswers = run.verdict().equals("crashed") || result.fencing() instanceof Fencing.Closed
                || result.stopping()
                        .filter(stopping -> !(stopping instanceof RemoteShell.Stopping.Unreachable)
                                && !(stopping instanceof RemoteShell.Stopping.Unknown))
                        .isPresent();
        return scripts.takeFrom(run, old, sshAnswers) instanceof MasterScripts.Called.Failed(String why)
                ? new Outcome.Refused(RunbookError.FENCE_REFUSED, why)
                : fenced;
    }

    private Outcome fence(Run run, Node old, Result result) {
        return switch (result.fencing()) {
            case Fencing.Closed(int sessions) -> closed(run, old, sessions);
            case Fencing.Refused(String why) -> byForce(run, old, why,
                    result.stopping().orElseGet(() -> shell.stopServer(old, run.limits().fence())), true);
            case Fencing.Unreachable(String why) -> byForce(run, old, why,
                    result.stopping().orElseGet(() -> shell.stopServer(old, run.limits().fence())), false);
            case Fencing.Unknown(String why) -> byForce(run, old, why,
                    result.stopping().orElseGet(() -> shell.stopServer(old, run.limits().fence())), false);
        };
    }

    private record Result(Fencing fencing, Optional<RemoteShell.Stopping> stopping) {}

    private Result inTurn(Node old, Duration deadline) {
        return new Result(mysql.refuseWrites(old, deadline), Optional.empty());
    }

    private Result both(Node old, Duration deadline) {
        AtomicReference<Fencing> sql = new AtomicReference<>(new Fencing.Unreachable("not tried"));
        AtomicReference<RemoteShell.Stopping> ssh = new AtomicReference<>(
                new RemoteShell.Stopping.Unreachable("not tried"));
        PerNode.together(List.of(
                () -> sql.set(mysql.refuseWrites(old, deadline)),
                () -> ssh.set(shell.stopServer(old, deadline))));
        return new Result(sql.get(), Optional.of(ssh.get()));
    }

    /** A host that answers is waited for: what it kills may need seconds to be gone. */
    private Result silent(Node old, Limits limits) {
        AtomicReference<HostView> host = new AtomicReference<>(new HostView.Silent("not asked"));
        Result quick = PerNode.beside(List.of(() -> host.set(hosts.look(old, limits.fenceSilent()))),
                () -> both(old, limits.fenceSilent()));
        boolean over = quick.fencing() instanceof Fencing.Closed
                || quick.stopping().filter(RemoteShell.Stopping::ended).isPresent();
        return over || !(host.get() instanceof HostView.Seen) ? quick : both(old, limits.fence());
    }

    private Outcome closed(Run run, Node old, int sessions) {
        run.ended(false);
        String how = "super_read_only was read back on " + old + ", " + sessions + " sessions ended";
        return boot.readOnly(run, old)
                ? fenced(run, old, Run.Fence.CLOSED, how)
                : fenced(run, old, Run.Fence.UNPROVEN, how + "; it is not known to boot read-only");
    }

    private Outcome byForce(Run run, Node old, String why, RemoteShell.Stopping stopping, boolean answers) {
        run.ended(stopping.ended());
        return switch (stopping) {
            case RemoteShell.Stopping.Masked(String detail) -> fenced(run, old, Run.Fence.CLOSED, detail);
            case RemoteShell.Stopping.Gone(String detail) -> boot.readOnly(run, old)
                    ? fenced(run, old, Run.Fence.CLOSED, detail + ", and it boots read-only")
                    : fenced(run, old, Run.Fence.UNPROVEN,
                            detail + "; nothing keeps it from being started, and it is not known to boot read-only");
            case RemoteShell.Stopping.Refused(String host) -> byHookOrNot(run, old, ShutdownHook.Ssh.ANSWERS,
                    why + "; its host: " + host);
            case RemoteShell.Stopping.Unreachable(String host) -> answers
                    ? byHookOrNot(run, old, ShutdownHook.Ssh.SILENT, why + "; its host: " + host)
                    : lost(run, old, ShutdownHook.Ssh.SILENT, "MySQL: " + why + "; host: " + host);
            case RemoteShell.Stopping.Unknown(String host) -> answers
                    ? byHookOrNot(run, old, ShutdownHook.Ssh.UNKNOWN, why + "; its host: " + host)
                    : lost(run, old, ShutdownHook.Ssh.UNKNOWN, "MySQL: " + why + "; host: " + host);
        };
    }

    /** The hook is not waited for here: the replicas may prove the fence sooner, by not listening any more. */
    private Outcome lost(Run run, Node old, ShutdownHook.Ssh ssh, String why) {
        Outcome outcome = fenced(run, old, Run.Fence.UNPROVEN, why);
        hook.begin(run, old, ssh);
        return outcome;
    }

    private Outcome byHookOrNot(Run run, Node old, ShutdownHook.Ssh ssh, String why) {
        hook.begin(run, old, ssh);
        return hook.await(run, old)
                .map(shutdown -> switch (shutdown) {
                    case Shutdown.Proven proven -> fenced(run, old, Run.Fence.CLOSED,
                            "the shutdown hook " + proven.sentence() + ", after " + why);
                    case Shutdown.NotProven no -> refused(run, old, why + "; the shutdown hook " + no.sentence());
                })
                .orElseGet(() -> refused(run, old, why));
    }

    private Outcome fenced(Run run, Node old, Run.Fence fence, String how) {
        boolean proven = fence == Run.Fence.CLOSED;
        quarantine(run, old, proven, how);
        run.fence(fence);
        run.note(Remark.FENCE, proven
                ? "The fence of " + old + " is proven: " + how + "."
                : "The fence of " + old + " is not proven: " + how + ".");
        return new Outcome.Done((proven ? "closed: " : "not proven: ") + how);
    }

    private Outcome refused(Run run, Node old, String why) {
        quarantine(run, old, false, why);
        run.fence(Run.Fence.UNPROVEN);
        run.note(Remark.FENCE, old + " answers and could not be fenced: " + why + ".");
        run.note(Remark.TO_DO, "Find out why " + old + " cannot be made read-only, and fence it by hand.");
        return new Outcome.Refused(RunbookError.FENCE_REFUSED, old + " answers and could not be fenced: " + why);
    }

    private void quarantine(Run run, Node old, boolean proven, String how) {
        ClusterMemory.Quarantine before = memory.quarantined(run.cluster().name()).get(old.id());
        memory.quarantine(run.cluster().name(), old.id(), new ClusterMemory.Quarantine(
                before == null ? clock.instant() : before.since(), "fenced by run " + run.id() + ": " + how, proven));
    }
}
