package dev.switchman.runbook.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.mysql.BinaryLogs;
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
import dev.switchman.runbook.step.LogSalvage.Fetched;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;

/**
 * Applies to the candidate what it lacks of the old primary's binary logs, whose copying began while it caught up; then what is
 * still missing and stands in the relay logs of a replica that is delayed on purpose. Nothing is
 * done where nothing can be missing. Safe to repeat: what is applied is skipped. Keeps the limit {@code salvage}, from now on, for
 * each;
 * a salvage that fails stops nothing, the promotion policy decides then.
 */
@Component
@Raises({RunbookError.CANDIDATE_LOST, RunbookError.PRIMARY_ALIVE, RunbookError.OUTCOME_UNKNOWN})
@Follows(FenceOldPrimary.class)
@Follows(CatchUpCandidate.class)
final class SalvageWrites extends PreparingStep {

    /** Older servers do not know {@code Transaction_payload} events. */
    private static final ServerVersion READS_COMPRESSED = new ServerVersion(8, 0, 20);

    private final Servers servers;
    private final NodeOperator mysql;
    private final RemoteShell shell;
    private final LogSalvage salvage;
    private final Journal journal;
    private final Clock clock;

    SalvageWrites(Hold hold, Resumption resumption, Servers servers, NodeOperator mysql, RemoteShell shell,
            LogSalvage salvage, Journal journal, Clock clock) {
        super(hold, resumption);
        this.servers = servers;
        this.mysql = mysql;
        this.shell = shell;
        this.salvage = salvage;
        this.journal = journal;
        this.clock = clock;
    }

    @Override
    Outcome prepare(Run run) {
        run.salvage(Run.Salvage.NONE);
        try {
            Outcome salvaged = switch (salvage.await(run)) {
                case Fetched.Nothing(String why) -> new Outcome.Done("nothing to salvage: " + why);
                case Fetched.Failed(String why) -> failed(run, why);
                case Fetched.Copied copied -> apply(run, copied);
            };
            return salvaged instanceof Outcome.Done(String detail) ? fetchWithheld(run, detail) : salvaged;
        } finally {
            salvage.forget(run);
        }
    }

    /** What of it the old primary's logs have given needs no second source. */
    private Outcome fetchWithheld(Run run, String salvaged) {
        String detail = salvaged;
        for (Map.Entry<Node, LogSalvage.Relayed> entry : salvage.relayed(run).entrySet()) {
            Node from = entry.getKey();
            GtidSet missing = entry.getValue().wanted().minus(executed(run, run.candidate()));
            if (missing.isEmpty()) {
                continue;
            }
            switch (LogSalvage.await(run, entry.getValue())) {
                case Fetched.Nothing(String why) -> detail += withheld(run, from, missing, why);
                case Fetched.Failed(String why) -> detail += withheld(run, from, missing, why);
                case Fetched.Copied copied -> {
                    switch (graft(run, copied, missing, from.id())) {
                        case Graft.Over(Outcome outcome) -> {
                            return outcome;
                        }
                        case Graft.None(String why) -> detail += withheld(run, from, missing, why);
                        case Graft.Part(String why) -> {
                            Optional<Outcome> lost = noteCaughtUp(run, why);
                            if (lost.isPresent()) {
                                return lost.get();
                            }
                            detail += withheld(run, from, missing, why);
                        }
                        case Graft.All(GtidSet executed) -> {
                            run.note(Remark.CAUGHT_UP, run.candidate() + " " + executed);
                            run.note(Remark.WITHHELD, count(missing) + " that only " + from + ", delayed on purpose,"
                                    + " had received were fetched from its relay logs and applied to " + run.candidate()
                                    + ": " + missing + "; " + read(copied, "relay") + ". It keeps its delay.");
                            detail += "; " + count(missing) + " fetched from the relay logs of " + from;
                        }
                    }
                }
            }
        }
        return new Outcome.Done(detail);
    }

    /** Whether it is missed is for the promotion policy to say. */
    private static String withheld(Run run, Node from, GtidSet missing, String why) {
        run.note(Remark.WITHHELD, count(missing) + " that only " + from + ", delayed on purpose, has received could not"
                + " be fetched from its relay logs: " + why + ": " + missing + ".");
        return "; " + count(missing) + " not fetched from the relay logs of " + from + ": " + why;
    }

    private static String count(GtidSet set) {
        return set.count() + (set.count() == 1 ? " transaction" : " transactions");
    }

    private static String read(Fetched.Copied copied, String kind) {
        return copied.bytes() + " bytes of " + copied.files() + " " + kind + (copied.files() == 1 ? " log" : " logs")
                + " read in " + copied.took().toMillis() + " ms";
    }

    private Outcome apply(Run run, Fetched.Copied copied) {
        Node candidate = run.candidate();
        GtidSet executed = executed(run, candidate);
        GtidSet held = copied.logs().held();
        copied.logs()
                .torn()
                .forEach(where -> run.note(Remark.WARNING, "The old primary's binary log " + where
                        + ": what is not whole there was never committed, and is left out."));
        copied.logs()
                .damaged()
                .forEach(where -> run.note(Remark.WARNING, "The old primary's binary log " + where
                        + ": it is damaged there, and what stands behind that is not known."));
        copied.distrust()
                .ifPresent(why -> run.note(Remark.WARNING, "The end of the binary logs of " + run.oldPrimary()
                        + " proves nothing: " + why + "."));
        boolean toTheEnd = copied.distrust().isEmpty() && copied.logs().damaged().isEmpty();
        run.note(toTheEnd ? Remark.LOG_END : Remark.LOG_HELD, run.oldPrimary() + " " + held);
        String read = read(copied, "binary");
        GtidSet missing = held.minus(executed);
        GtidSet gone = missing.minus(copied.logs().found());
        if (!gone.isEmpty()) {
            return failed(run, gone.count() + " transactions that it had are not in its logs any more, and those behind"
                    + " them may build on them: " + missing);
        }
        if (missing.isEmpty()) {
            run.salvage(result(copied));
            run.note(Remark.SALVAGE,
                    candidate + " lacks nothing that " + run.oldPrimary() + " had; " + read + ".");
            return new Outcome.Done("the candidate lacks nothing that it had; " + read);
        }
        return switch (graft(run, copied, missing, run.oldPrimary().id())) {
            case Graft.Over(Outcome outcome) -> outcome;
            case Graft.None(String why) -> failed(run, why);
            case Graft.Part(String why) -> noteCaughtUp(run, why).orElseGet(() -> failed(run, candidate + ": " + why));
            case Graft.All(GtidSet now) -> salvaged(run, copied, missing, now, read);
        };
    }

    /** What stands behind a damaged place is not salvaged. */
    private static Run.Salvage result(Fetched.Copied copied) {
        return copied.logs().damaged().isEmpty() ? Run.Salvage.DONE : Run.Salvage.FAILED;
    }

    /** What it had executed when it had caught up. */
    private GtidSet executed(Run run, Node candidate) {
        String prefix = candidate + " ";
        return Notebook.of(journal, run)
                .all(Remark.CAUGHT_UP)
                .filter(text -> text.startsWith(prefix))
                .reduce((before, after) -> after)
                .map(text -> GtidSet.parse(text.substring(prefix.length())))
                .orElseThrow(() -> new IllegalStateException("the journal of run " + run.id()
                        + " does not tell what " + candidate + " had executed when it had caught up"));
    }

    /** What came of applying transactions of copied logs to the candidate. */
    private sealed interface Graft {

        record All(GtidSet executed) implements Graft {}

        record Part(String why) implements Graft {}

        record None(String why) implements Graft {}

        /** The candidate is lost, or open already. */
        record Over(Outcome outcome) implements Graft {}
    }

    /** @param source whose logs they are */
    private Graft graft(Run run, Fetched.Copied copied, GtidSet missing, NodeId source) {
        Node candidate = run.candidate();
        Instant end = clock.instant().plus(run.limits().salvage());
        if (!(servers.observe(candidate, Servers.look(run.limits())) instanceof Observation.Seen seen)) {
            return new Graft.Over(Lost.candidate(run, "it does not answer"));
        }
        ServerState server = seen.server();
        if (Servers.writable(server)) {
            return new Graft.Over(new Outcome.Done(candidate + " was opened by an earlier attempt of this run"));
        }
        if (copied.logs().compressed() && !server.version()
                .atLeast(READS_COMPRESSED.major(),
                        READS_COMPRESSED.minor(), READS_COMPRESSED.patch())) {
            return new Graft.None(missing.count() + " transactions are missing, and the logs are compressed, which "
                    + server.version() + " cannot read: " + missing);
        }
        if (server.logs().relay().isEmpty()) {
            return new Graft.None(candidate + " does not tell where it keeps its relay logs");
        }
        boolean left = server.replication().filter(state -> state.channels() > 1).isPresent();
        if (left && mysql.dropRelayLogs(candidate, run.limits().statement()) instanceof Change.Unreachable(String why)
                && unseen(run, candidate)) {
            return new Graft.Over(Lost.candidate(run, why));
        }
        List<Path> files;
        try {
            files = BinaryLogs.extract(copied.copy(), copied.logs(), missing, copied.folder(), "");
        } catch (IOException | UncheckedIOException e) {
            return new Graft.None(
                    missing.count() + " transactions were copied here, and could not be made into relay logs: "
                            + e + ": " + missing);
        }
        RemoteShell.Ran put = shell.putRelayLogs(candidate, server.logs(), NodeOperator.SALVAGE_CHANNEL, files,
                left(end));
        if (!(put instanceof RemoteShell.Ran.Ended(int status, String output) && status == 0)) {
            return new Graft.None(
                    missing.count() + " transactions were copied here, and could not be put on the host of "
                            + candidate + ": " + put + ": " + missing);
        }
        String first = name(server.logs().relay()) + "-" + NodeOperator.SALVAGE_CHANNEL + "."
                + name(files.getFirst().toString());
        if (left(end).isZero()) {
            return new Graft.None(missing.count() + " transactions were put on the host of " + candidate + ", and the "
                    + run.limits().salvage().toMillis() + " ms for it were over: " + missing);
        }
        CatchUp applied;
        try (Progress.Work work = run.progress(candidate, "salvage", Progress.Unit.TRANSACTIONS)) {
            applied = mysql.applyRelayLogs(candidate, source, first, missing, left(end), work::missing);
        }
        if (applied instanceof CatchUp.Unreachable(String why) && unseen(run, candidate)) {
            return new Graft.Over(Lost.candidate(run, why));
        }
        // Within a time of its own: the one for salvaging may be over.
        Change dropped = mysql.dropRelayLogs(candidate, run.limits().statement());
        if (!(dropped instanceof Change.Done)) {
            run.note(Remark.WARNING, "The channel " + NodeOperator.SALVAGE_CHANNEL + " of " + candidate
                    + " could not be removed: " + dropped.sentence() + ".");
        }
        return switch (applied) {
            case CatchUp.Reached(GtidSet executed) -> new Graft.All(executed);
            case CatchUp.Behind(GtidSet behind) -> new Graft.Part(behind.count() + " of " + missing.count()
                    + " transactions were not applied within " + run.limits().salvage().toMillis() + " ms");
            case CatchUp.Stopped(int errno, String message) -> new Graft.Part(
                    "its applier stopped with error " + errno + ": " + message);
            case CatchUp.Unreachable(String why) -> new Graft.Part(why);
        };
    }

    private boolean unseen(Run run, Node candidate) {
        return servers.observe(candidate, Servers.look(run.limits())) instanceof Observation.Unseen;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static Outcome salvaged(Run run, Fetched.Copied copied, GtidSet missing, GtidSet executed, String read) {
        Node candidate = run.candidate();
        run.note(Remark.CAUGHT_UP, candidate + " " + executed);
        run.salvage(result(copied));
        String count = count(missing);
        run.note(Remark.SALVAGE, count + " that no replica had were fetched from the binary logs of " + run.oldPrimary()
                + " and applied to " + candidate + ": " + missing + "; " + read + ".");
        return new Outcome.Done(count + " salvaged; " + read);
    }

    /** A part of it may be applied: what the candidate has now is what it is opened with. */
    private Optional<Outcome> noteCaughtUp(Run run, String why) {
        Node candidate = run.candidate();
        if (!(servers.observe(candidate, Servers.look(run.limits())) instanceof Observation.Seen seen)) {
            return Optional.of(Lost.candidate(run, "it does not answer, after " + why));
        }
        run.note(Remark.CAUGHT_UP, candidate + " " + seen.server().executed());
        return Optional.empty();
    }

    private static Outcome failed(Run run, String why) {
        run.salvage(Run.Salvage.FAILED);
        String sentence = "What only " + run.oldPrimary() + " has could not be salvaged: " + why + ".";
        run.note(Remark.SALVAGE, sentence);
        run.note(Remark.WARNING, sentence);
        return new Outcome.Done("not salvaged: " + why);
    }

    private Duration left(Instant end) {
        return TimeLeft.until(end, clock);
    }
}
