package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.Fencing;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Pause;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Copying;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp;

/**
 * Replaces all data of the server by a copy of the donor that a person has agreed to, and shows how far it is. Begins the copy
 * once; whatever is under way when it is repeated is watched further. After {@link #STINT} it lets its box be drawn again, so
 * that no step lasts for hours. A server that does not come back after its copy is started where its service is known, and
 * waited for as long as the limit {@code catch-up}; one whose copy failed is closed again. Never copies onto the primary, nor
 * onto a server with the virtual IP, nor onto one that would come back writable. Where the person has agreed to the command
 * {@link RebuildCommand}, that is run on the server's host instead, anew when the step is repeated. Gives way to a run that takes the cluster
 * meanwhile; the copy, or the command, goes on then.
 */
@Component
@Follows(ChooseDonor.class)
@Raises(RunbookError.REBUILD_FAILED)
final class RebuildReplica extends ChangingStep {

    static final Duration STINT = Duration.ofMinutes(10);
    private static final Duration BEAT = Duration.ofMillis(200);
    /** A supervisor starts what has stopped within this time. */
    private static final Duration SUPERVISED = Duration.ofSeconds(10);
    private static final String BEGUN = "begun ";

    private final RejoinCheck check;
    private final NodeReader reader;
    private final NodeOperator mysql;
    private final RemoteShell shell;
    private final VirtualIp virtualIp;
    private final Journal journal;
    private final Clock clock;
    private final Pause pause;
    private final Executor aside;

    @Autowired
    RebuildReplica(Hold hold, RejoinCheck check, NodeReader reader, NodeOperator mysql, RemoteShell shell,
            VirtualIp virtualIp, Journal journal, Clock clock, Pause pause) {
        this(hold, check, reader, mysql, shell, virtualIp, journal, clock, pause,
                task -> Thread.ofVirtual().name("rebuild-command").start(task));
    }

    /** @param aside runs what is not waited for without looking up */
    RebuildReplica(Hold hold, RejoinCheck check, NodeReader reader, NodeOperator mysql, RemoteShell shell,
            VirtualIp virtualIp, Journal journal, Clock clock, Pause pause, Executor aside) {
        super(hold);
        this.aside = aside;
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
        if (RebuildCommand.agreed(Notebook.of(journal, run))) {
            return command(run);
        }
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
        Optional<Outcome> address = holdsAddress(run, node);
        if (address.isPresent()) {
            return address;
        }
        if (server.bootMode() == BootMode.READ_ONLY) {
            return Optional.empty();
        }
        Change persisted = mysql.persistReadOnly(node, run.limits().statement());
        return persisted instanceof Change.Done
                ? Optional.empty()
                : Optional.of(failed(node + " might come back writable after the copy: " + persisted.sentence()));
    }

    private Optional<Outcome> holdsAddress(Run run, Node node) {
        Optional<VirtualAddress> address = run.cluster().virtualIp();
        return address.isPresent() && !(virtualIp.look(node, address.get(),
                run.limits().statement()) instanceof VirtualIp.Held.NotHere)
                        ? Optional.of(failed("whether " + node + " is without " + address.get() + " is not proven"))
                        : Optional.empty();
    }

    private Outcome command(Run run) {
        Node node = run.oldPrimary();
        if (!(RebuildCommand.of(run,
                Notebook.of(journal, run)) instanceof RebuildCommand.Found.Usable(HostCommand command))) {
            return failed("the command " + RebuildCommand.NAME + " is not configured any more");
        }
        // An interrupted attempt may have left the server down: then nothing is there that could be unsafe.
        Optional<Outcome> unsafe = hold.notOurs(run)
                .or(() -> reader.observe(node, Servers.look(run.limits())) instanceof Observation.Seen seen
                        ? unsafeForCommand(run, node, seen.server())
                        : Optional.empty());
        if (unsafe.isPresent()) {
            return unsafe.get();
        }
        run.note(Remark.PROGRESS, node + ": " + command.name() + " begins: " + command.words());
        CompletableFuture<RemoteShell.Ran> running = CompletableFuture
                .supplyAsync(() -> shell.run(node, command.words().words(), command.deadline()), aside);
        while (!running.isDone()) {
            Optional<Outcome> lost = hold.lostBy(run);
            if (lost.isPresent()) {
                run.note(Remark.PROGRESS, node + " is left alone with " + command.name() + ": the cluster was taken");
                return lost.get();
            }
            pause.of(BEAT);
        }
        return switch (running.join()) {
            case RemoteShell.Ran.Ended(int status, String output) when status == 0 -> {
                RebuildCommand.done(run);
                run.note(Remark.COMMAND, command.name() + " on " + node.id().host() + " (" + command.words() + "): done"
                        + (output.isBlank() ? "" : "\n" + output.strip()));
                yield awaitRebuilt(run, node, command);
            }
            case RemoteShell.Ran.Ended(int status, String output) -> failed(command.name() + " on the host of " + node
                    + " ended with status " + status + (output.isBlank() ? "" : ": " + output.strip()));
            case RemoteShell.Ran.Unreachable(String why) -> failed("the host of " + node + " was not reached: " + why);
            case RemoteShell.Ran.Unknown(String why) ->
                failed("no end of " + command.name() + " was seen on the host of "
                        + node + ", where it may still run: " + why);
        };
    }

    /** On 5.7 nobody can tell how it boots; whether it is closed is looked at when it is back. */
    private Optional<Outcome> unsafeForCommand(Run run, Node node, ServerState server) {
        return server.bootMode() == BootMode.UNKNOWN && !Servers.writable(server)
                ? holdsAddress(run, node)
                : unsafe(run, node, server);
    }

    private Outcome awaitRebuilt(Run run, Node node, HostCommand command) {
        Instant end = clock.instant().plus(run.limits().catchUp());
        while (clock.instant().isBefore(end)) {
            Optional<Outcome> lost = hold.lostBy(run);
            if (lost.isPresent()) {
                return lost.get();
            }
            if (reader.observe(node, Servers.look(run.limits())) instanceof Observation.Seen seen) {
                // Without the transactions' names it would fetch all that ever was, onto data that has it.
                return seen.server().executed().isEmpty()
                        ? failed(node + " has an empty gtid_executed after the command " + command.name()
                                + ": it must restore the GTIDs too")
                        : settled(run, node, "rebuilt by the command " + command.name());
            }
            pause.of(BEAT);
        }
        run.note(Remark.TO_DO, "Start mysqld on " + node + ": it did not come back after the command " + command.name()
                + ". Then let it rejoin again.");
        return failed(node + " did not answer within " + run.limits().catchUp().toSeconds() + " s after the command "
                + command.name());
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

    /** What is still copying at the end of a stint stays shown. */
    private Outcome watch(Run run) {
        Progress.Work work = run.progress(run.oldPrimary(), "copy of " + run.donor(), Progress.Unit.BYTES);
        Optional<Outcome> over = watch(run, work);
        if (over.isEmpty()) {
            return new Outcome.Done(run.oldPrimary() + " is still copying");
        }
        work.close();
        return over.get();
    }

    private Optional<Outcome> watch(Run run, Progress.Work work) {
        Node node = run.oldPrimary();
        Instant end = clock.instant().plus(STINT);
        Optional<Instant> gone = Optional.empty();
        boolean started = false;
        while (clock.instant().isBefore(end)) {
            Optional<Outcome> lost = hold.lostBy(run);
            if (lost.isPresent()) {
                run.note(Remark.PROGRESS, node + " is left alone with its copy: the cluster was taken");
                return lost;
            }
            Copying now = reader.copying(node, Servers.look(run.limits()));
            switch (now) {
                case Copying.Completed(long bytes) -> {
                    return Optional
                            .of(settled(run, node,
                                    "a copy of " + run.donor() + ", " + Progress.Unit.BYTES.amount(bytes)));
                }
                case Copying.Failed failure -> {
                    return Optional.of(closed(run, node, node + ": " + failure.sentence()));
                }
                case Copying.None none -> {
                    return Optional.of(closed(run, node, node + ": " + none.sentence() + ", although it was told to"));
                }
                case Copying.UnderWay way -> {
                    gone = Optional.empty();
                    work.told(way.stage().toLowerCase(Locale.ROOT), way.copied(),
                            way.estimate() > 0 ? OptionalLong.of(way.estimate()) : OptionalLong.empty());
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
                        return Optional
                                .of(failed(node + " did not come back within " + away.toSeconds() + " s: " + why));
                    }
                }
            }
            pause.of(BEAT);
        }
        return Optional.empty();
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
    private Outcome settled(Run run, Node node, String what) {
        if (!(reader.observe(node, Servers.look(run.limits())) instanceof Observation.Seen seen)) {
            return failed(node + " went away again, " + what);
        }
        if (Servers.writable(seen.server())) {
            mysql.refuseWrites(node, run.limits().fence());
        }
        Change stopped = mysql.stopReplication(node, run.limits().statement());
        if (!(stopped instanceof Change.Done)) {
            return failed(node + " is " + what + ", and goes on with its donor's channel: " + stopped.sentence());
        }
        run.rebuilt(true);
        PastLife.copied(run, node, clock.instant());
        run.note(Remark.REBUILD, "done: " + node + " is " + what);
        return new Outcome.Done(node + " is " + what);
    }

    private static Outcome failed(String why) {
        return new Outcome.Refused(RunbookError.REBUILD_FAILED, why);
    }
}
