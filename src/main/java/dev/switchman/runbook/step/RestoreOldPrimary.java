package dev.switchman.runbook.step;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.vip.VirtualIp;

/**
 * The way back of a switchover, by what the servers show now: the old primary accepts writes again and its replicas follow
 * it, unless the candidate is open; then there is only the way forward. Safe to repeat. Nothing is opened before the other
 * side is proven closed.
 */
@Component
@Raises({RunbookError.CANDIDATE_OPEN, RunbookError.PRIMARY_LOST, RunbookError.OUTCOME_UNKNOWN})
final class RestoreOldPrimary extends ChangingStep {

    private final Hold hold;
    private final Handover handover;
    private final Servers servers;
    private final NodeOperator mysql;
    private final RemoteShell shell;
    private final VirtualIp virtualIp;
    private final MasterScripts scripts;
    private final AddressAhead ahead;
    private final ClusterMemory memory;
    private final Journal journal;
    private final Pace pace;
    private final Clock clock;

    RestoreOldPrimary(Hold hold, Handover handover, Servers servers, NodeOperator mysql, RemoteShell shell,
            VirtualIp virtualIp, MasterScripts scripts, AddressAhead ahead, ClusterMemory memory, Journal journal,
            Pace pace, Clock clock) {
        super(hold);
        this.hold = hold;
        this.handover = handover;
        this.servers = servers;
        this.mysql = mysql;
        this.shell = shell;
        this.virtualIp = virtualIp;
        this.scripts = scripts;
        this.ahead = ahead;
        this.memory = memory;
        this.journal = journal;
        this.pace = pace;
        this.clock = clock;
    }

    @Override
    Outcome change(Run run) {
        boolean interrupted = handover.interrupted(run);
        handover.ended(run);
        Node old = run.oldPrimary();
        Node candidate = run.candidate();
        Map<Node, ServerState> seen = look(run, old);
        ServerState server = seen.get(candidate);
        boolean known = memory.knownPrimary(run.cluster().name()).equals(Optional.of(candidate.id()));
        if (known || server != null && Servers.writable(server)) {
            return forward(run, old, candidate, seen);
        }
        boolean mayBeOpen = Notebook.of(journal, run).last(Remark.OPENING).equals(Optional.of(candidate.toString()))
                || interrupted && closingBegan(run);
        if (mayBeOpen) {
            Optional<Outcome> unknown = server == null
                    ? closeByForce(run, candidate)
                    : wasOpen(run, candidate, server, old);
            if (unknown.isPresent()) {
                run.note(Remark.TO_DO, "Find out whether " + candidate
                        + " accepts writes or has accepted any. Only then open any other server.");
                return unknown.get();
            }
        }
        ServerState primary = seen.get(old);
        if (primary == null) {
            return new Outcome.Refused(RunbookError.PRIMARY_LOST,
                    old + " does not answer; the candidate was not opened");
        }
        // Another manager may have made another server the primary, where this one cannot see it.
        Optional<Outcome> other = anotherIsOpen(old, seen).or(() -> hold.notOurs(run));
        return other.isPresent() ? other.get() : back(run, old, candidate, primary, seen);
    }

    /** What a manager did in the section right before it died need not be in the journal; that the section began is. */
    private boolean closingBegan(Run run) {
        return journal.entries(run.id().value())
                .stream()
                .anyMatch(entry -> entry instanceof Journal.Entry.StepBegan step
                        && step.step().equalsIgnoreCase(CloseOldPrimary.class.getSimpleName()));
    }

    /** One that was closed or busy a moment ago is asked more than once. */
    private Map<Node, ServerState> look(Run run, Node old) {
        Map<Node, ServerState> seen = new LinkedHashMap<>();
        pace.until(() -> {
            seen.clear();
            seen.putAll(Servers.seen(servers.observe(run.cluster().nodes(), run.limits())));
            return seen.containsKey(old);
        }, run.limits().fenceSilent());
        return seen;
    }

    private Outcome forward(Run run, Node old, Node candidate, Map<Node, ServerState> seen) {
        ServerState primary = seen.get(old);
        if (primary != null && primary.writeMode() != dev.switchman.topology.WriteMode.SUPER_READ_ONLY
                && !(mysql.refuseWrites(old, run.limits().fence()) instanceof Fencing.Closed)) {
            return new Outcome.Unknown(candidate + " is open, and " + old + " could not be closed");
        }
        ServerState server = seen.get(candidate);
        if (server != null && !Servers.writable(server)) {
            Change opened = mysql.openWrites(candidate, run.limits().statement());
            if (!(opened instanceof Change.Done)) {
                return new Outcome.Unknown(candidate + " was opened, restarted, and could not be opened again: "
                        + opened.sentence());
            }
        } else if (server == null) {
            return new Outcome.Refused(RunbookError.PRIMARY_LOST, candidate
                    + " was opened, and does not answer any more: it is the primary, and a failover's matter");
        }
        memory.rememberPrimary(run.cluster().name(), candidate.id());
        run.note(Remark.OPENED, candidate.toString());
        run.loss(Run.Loss.NONE);
        run.fence(primary == null ? Run.Fence.UNPROVEN : Run.Fence.CLOSED);
        run.forward();
        return new Outcome.Refused(RunbookError.CANDIDATE_OPEN, candidate + " is open: there is only the way forward");
    }

    /** The statement that opens it was sent, and it does not answer: it must be proven closed before another is opened. */
    private Optional<Outcome> closeByForce(Run run, Node candidate) {
        RemoteShell.Stopping stopping = shell.stopServer(candidate, run.limits().fence());
        boolean bootsReadOnly = Notebook.of(journal, run)
                .all(Remark.BOOTS_READ_ONLY)
                .anyMatch(candidate.toString()::equals);
        Optional<String> open = switch (stopping) {
            case RemoteShell.Stopping.Masked masked -> Optional.empty();
            case RemoteShell.Stopping.Gone gone -> bootsReadOnly ? Optional.empty() : Optional.of(gone.detail());
            case RemoteShell.Stopping.Refused(String why) -> Optional.of(why);
            case RemoteShell.Stopping.Unreachable(String why) -> Optional.of(why);
            case RemoteShell.Stopping.Unknown(String why) -> Optional.of(why);
        };
        if (open.isPresent()) {
            return Optional.of(new Outcome.Unknown("whether " + candidate + " is open is not known: " + open.get()));
        }
        memory.quarantine(run.cluster().name(), candidate.id(), new ClusterMemory.Quarantine(clock.instant(),
                "perhaps opened in run " + run.id() + "; stopped: " + stopping, true));
        run.note(Remark.TO_DO, "Rejoin or rebuild " + candidate + ": it may have been open for a moment, and was"
                + " stopped.");
        return Optional.empty();
    }

    /**
     * It answers and is closed: had it been open and restarted, it would hold what the old primary lacks. The old primary is
     * read after it, because it may be open and go on: a set that was read beside the candidate's proves nothing.
     */
    private Optional<Outcome> wasOpen(Run run, Node candidate, ServerState server, Node old) {
        if (!(servers.observe(old, Servers.look(run.limits())) instanceof Observation.Seen primary)) {
            return Optional.empty();
        }
        GtidSet more = server.executed().minus(primary.server().executed());
        return more.isEmpty()
                ? Optional.empty()
                : Optional.of(new Outcome.Unknown(candidate + " is closed, and holds " + more + ", which " + old
                        + " lacks"));
    }

    private static Optional<Outcome> anotherIsOpen(Node old, Map<Node, ServerState> seen) {
        List<Node> open = seen.entrySet()
                .stream()
                .filter(entry -> !entry.getKey().equals(old) && Servers.writable(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        return open.isEmpty()
                ? Optional.empty()
                : Optional.of(new Outcome.Unknown(Servers.names(open) + " accepts writes, and nobody opened it"));
    }

    private Outcome back(Run run, Node old, Node candidate, ServerState primary, Map<Node, ServerState> seen) {
        if (primary.replication().isPresent()
                && !(mysql.forgetSource(old, run.limits().statement()) instanceof Change.Done)) {
            throw new IllegalStateException(old + " follows " + primary.replication().get().source()
                    + " and cannot be made to forget it");
        }
        Optional<Integer> wanted = PrepareSemiSync.wanted(run, memory);
        // Its commits wait for acknowledgements: who gives them comes first, as far as that is quick.
        Replicas.follow(run, old, servers.others(run), seen, mysql, wanted.isPresent(),
                Replicas.notToFollow(run, memory));
        if (wanted.isPresent() && primary.semiSync().source() instanceof SemiSync.SourceSide.Present source
                && !source.enabled()) {
            Change on = mysql.semiSyncSource(old, true, wanted, run.limits().statement());
            if (!(on instanceof Change.Done)) {
                run.note(Remark.TO_DO, "Switch semi-sync on at " + old + " again: " + on.sentence() + ".");
            }
        }
        Change opened = mysql.openWrites(old, run.limits().statement());
        boolean open = opened instanceof Change.Done
                || servers.observe(old, Servers.look(run.limits())) instanceof Observation.Seen again
                        && Servers.writable(again.server());
        if (!open) {
            return opened instanceof Change.Unreachable
                    ? new Outcome.Refused(RunbookError.PRIMARY_LOST, opened.sentence())
                    : new Outcome.Unknown("whether " + old + " accepts writes again is not known: "
                            + opened.sentence());
        }
        address(run, old, candidate);
        run.ending(Ending.ROLLED_BACK);
        return new Outcome.Done(old + " accepts writes" + (Servers.writable(primary) ? ", as before" : " again"));
    }

    /** It may have been added on the candidate already, and clients sent there. */
    private void address(Run run, Node old, Node candidate) {
        if (scripts.giveBack(run, old, candidate) instanceof MasterScripts.Called.Failed(String why)) {
            run.note(Remark.TO_DO, "Send the clients to " + old + " again: " + why + ".");
        }
        run.cluster().virtualIp().ifPresent(address -> {
            VirtualIp.Moved added = virtualIp.add(old, address, run.limits().statement());
            ahead.taken(run, candidate);
            VirtualIp.Moved removed = virtualIp.remove(candidate, address, run.limits().statement());
            if (!(removed instanceof VirtualIp.Moved.Done)) {
                removed = virtualIp.remove(candidate, address, run.limits().statement());
            }
            if (!(removed instanceof VirtualIp.Moved.Done)) {
                run.note(Remark.TO_DO, "Make sure that " + address + " is not on the host of " + candidate + ": "
                        + removed.sentence() + ".");
            }
            VirtualIp.Moved announced = added instanceof VirtualIp.Moved.Done
                    ? virtualIp.announce(old, address, run.limits().statement())
                    : added;
            if (!(announced instanceof VirtualIp.Moved.Done)) {
                run.note(Remark.TO_DO, "Make sure that " + address + " is on the host of " + old + ": "
                        + announced.sentence() + ".");
            }
        });
    }
}
