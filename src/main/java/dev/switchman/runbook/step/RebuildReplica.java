package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Pause;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Copying;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp;

/**
 * Replaces all data of the server by a copy of the donor that a person has agreed to, and notes how far it is. Begins the copy
 * once; whatever is under way when it is repeated is watched further. After {@link #STINT} it lets its box be drawn again, so
 * that no step lasts for hours. A server that does not come back after its copy is started where its service is known, and
 * waited for as long as the limit {@code catch-up}; one whose copy failed is closed again. Never copies onto the primary, nor
 * onto a server with the virtual IP, nor onto one that would come back writable. Gives way to a run that takes the cluster
 * meanwhile; the copy goes on then.
 */
@Component
@Follows(ChooseDonor.class)
@Raises(RunbookError.REBUILD_FAILED)
final class RebuildReplica extends ChangingStep {

    static final Duration STINT = Duration.ofMinutes(10);
    private static final Duration BEAT = Duration.ofMillis(200);
    /** A supervisor starts what has stopped within this time. */
    private static final Duration SUPERVISED = Duration.ofSeconds(10);
    private static final int STEP_PERCENT = 5;
    private static final String BEGUN = "begun ";

    private final RejoinCheck check;
    private final NodeReader reader;
    private final NodeOperator mysql;
    private final RemoteShell shell;
    private final VirtualIp virtualIp;
    private final Journal journal;
    private final Clock clock;
    private final Pause pause;

    RebuildReplica(Hold hold, RejoinCheck check, NodeReader reader, NodeOperator mysql, RemoteShell shell,
            VirtualIp virtualIp, Journal journal, Clock clock, Pause pause) {
        super(hold);
        this.check = check;
        this.reader = reader;
        this.mysql = mysql;
        this.shell = shell;
        this.virtualIp = virtualIp;
        this.journal = journal;
        this.clock = clock;
        this.pause = pause;
    }

    @Override
    Outcome change(Run run) {
        run.rebuilt(false);
        boolean begun = Notebook.of(journal, run)
                .last(Remark.REBUILD)
                .filter(text -> text.startsWith(BEGUN))
                .isPresent();
        if (!begun) {
            Optional<Outcome> refused = hold.notOurs(run).or(() -> unsafe(run)).or(() -> begin(run));
            if (refused.isPresent()) {
                return refused.get();
            }
        }
        return watch(run);
    }

    private Optional<Outcome> unsafe(Run run) {
        Node node = run.oldPrimary();
        return switch (check.both(run)) {
            case RejoinCheck.Answer.No(Outcome.Refused refused) -> Optional.of(failed(refused.why()));
            case RejoinCheck.Answer.Fit fit -> unsafe(run, node, fit.server());
        };
    }

    private Optional<Outcome> unsafe(Run run, Node node, ServerState server) {
        if (Servers.writable(server)) {
            return Optional.of(failed(node + " accepts writes"));
        }
        Optional<VirtualAddress> address = run.cluster().virtualIp();
        if (address.isPresent() && !(virtualIp.look(node, address.get(),
                run.limits().statement()) instanceof VirtualIp.Held.NotHere)) {
            return Optional.of(failed("whether " + node + " is without " + address.get() + " is not proven"));
        }
        if (server.bootMode() == BootMode.READ_ONLY) {
            return Optional.empty();
        }
        Change persisted = mysql.persistReadOnly(node, run.limits().statement());
        return persisted instanceof Change.Done
                ? Optional.empty()
                : Optional.of(failed(node + " might come back writable after the copy: " + persisted.sentence()));
    }

    private Optional<Outcome> begin(Run run) {
        Node node = run.oldPrimary();
        Node donor = run.donor();
        Change begun = mysql.beginCopy(node, donor, run.limits().statement());
        if (begun instanceof Change.Rejected || begun instanceof Change.Unreachable) {
            return Optional
                    .of(failed("the copy of " + donor + " onto " + node + " did not begin: " + begun.sentence()));
        }
        run.note(Remark.REBUILD, BEGUN + node + " as a copy of " + donor + ": " + begun.sentence());
        return Optional.empty();
    }

    private Outcome watch(Run run) {
        Node node = run.oldPrimary();
        Instant end = clock.instant().plus(STINT);
        Optional<Instant> gone = Optional.empty();
        boolean started = false;
        Optional<Copying.UnderWay> told = Optional.empty();
        while (clock.instant().isBefore(end)) {
            Optional<Outcome> lost = hold.lostBy(run);
            if (lost.isPresent()) {
                run.note(Remark.PROGRESS, node + " is left alone with its copy: the cluster was taken");
                return lost.get();
            }
            Copying now = reader.copying(node, Servers.look(run.limits()));
            switch (now) {
                case Copying.Completed done -> {
                    return settled(run, node);
                }
                case Copying.Failed failure -> {
                    return closed(run, node, node + ": " + failure.sentence());
                }
                case Copying.None none -> {
                    return closed(run, node, node + ": " + none.sentence() + ", although it was told to");
                }
                case Copying.UnderWay way -> {
                    gone = Optional.empty();
                    if (told.filter(before -> before.stage().equals(way.stage())
                            && way.percent() < before.percent() + STEP_PERCENT).isEmpty()) {
                        run.note(Remark.PROGRESS, node + ": " + way.sentence());
                        told = Optional.of(way);
                    }
                }
                case Copying.Unseen(String why) -> {
                    Instant since = gone.orElseGet(clock::instant);
                    gone = Optional.of(since);
                    Duration away = Duration.between(since, clock.instant());
                    if (away.compareTo(SUPERVISED) > 0 && !started) {
                        started = true;
                        start(run, node);
                    }
                    if (away.compareTo(SUPERVISED.plus(run.limits().catchUp())) > 0) {
                        run.note(Remark.TO_DO,
                                "Start mysqld on " + node + ": it did not come back after its copy. Then let it"
                                        + " rejoin again.");
                        return failed(node + " did not come back within " + away.toSeconds() + " s: " + why);
                    }
                }
            }
            pause.of(BEAT);
        }
        return new Outcome.Done(node + " is still copying");
    }

    /** Whoever began the copy closes the server when that fails, unless that manager died or lost its connection meanwhile. */
    private Outcome closed(Run run, Node node, String why) {
        String open = switch (mysql.refuseWrites(node, run.limits().fence())) {
            case Fencing.Closed closed -> {
                Change ended = mysql.endCopy(node, run.limits().statement());
                yield ended instanceof Change.Done ? "" : ended.sentence();
            }
            case Fencing.Unreachable(String reason) -> "not reached: " + reason;
            case Fencing.Refused(String reason) -> reason;
            case Fencing.Unknown(String reason) -> "not known: " + reason;
        };
        if (open.isEmpty()) {
            return failed(why);
        }
        run.note(Remark.TO_DO, "SET GLOBAL super_read_only=1, GLOBAL offline_mode=0 on " + node
                + ": it was opened for its copy, and is not closed again (" + open + ").");
        return failed(why + "; it is not closed again: " + open);
    }

    private void start(Run run, Node node) {
        node.unit()
                .ifPresent(unit -> run.note(Remark.PROGRESS,
                        node + " is down after its copy; systemctl start " + unit + ": "
                                + shell.run(node, List.of("systemctl", "start", unit), run.limits().statement())));
    }

    /** The copy has the donor's channel, with its options, and may follow by it already: it is let to follow by a later box. */
    private Outcome settled(Run run, Node node) {
        if (!(reader.observe(node, Servers.look(run.limits())) instanceof Observation.Seen seen)) {
            return failed(node + " went away after its copy");
        }
        if (Servers.writable(seen.server())) {
            mysql.refuseWrites(node, run.limits().fence());
        }
        Change stopped = mysql.stopReplication(node, run.limits().statement());
        if (!(stopped instanceof Change.Done)) {
            return failed(node + " is a copy, and goes on with its donor's channel: " + stopped.sentence());
        }
        run.rebuilt(true);
        PastLife.copied(run, node, clock.instant());
        run.note(Remark.REBUILD, "done: " + node + " is a copy of " + run.donor());
        return new Outcome.Done(node + " is a copy of " + run.donor());
    }

    private static Outcome failed(String why) {
        return new Outcome.Refused(RunbookError.REBUILD_FAILED, why);
    }
}
