package dev.switchman.runbook.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.BinaryLogs;
import dev.switchman.mysql.BinaryLogs.Reading;
import dev.switchman.mysql.LogPoint;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.ssh.RemoteShell.LogCopy;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPiece;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Loss;

/**
 * Copies the end of a fenced old primary's binary logs here, beside the run: it begins when the candidate begins to catch up,
 * and whoever has caught up waits for it. Reads as little as it can: from where the candidate's receiver had come to, and only
 * if a transaction does not begin there from further back. What replicas that are delayed on purpose have received and nobody has
 * applied is copied from their relay logs at the same time.
 */
@Component
final class LogSalvage {

    /** A binary log has 1 GiB unless somebody wants it otherwise: no more than 64 are read for what one candidate lacks. */
    private static final int MOST_LOGS = 64;
    /** For the end of a command that was left at its deadline. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    private final NodeReader mysql;
    private final HostReader hosts;
    private final RemoteShell shell;
    private final HostShutdown hook;
    private final ClusterMemory memory;
    private final LossOfWrites losses;
    private final Clock clock;
    private final CopyFolders folders;
    private final RelayLogFetch relayLogs;
    private final Executor aside;
    private final Map<RunId, Attempt> begun = new ConcurrentHashMap<>();

    /** @param withheld from the relay logs of these servers */
    private record Attempt(NodeId candidate, Instant end, CompletableFuture<Fetched> answer,
            Map<Node, Relayed> withheld) {}

    /** @param wanted what is to be had of one server's relay logs */
    record Relayed(GtidSet wanted, CompletableFuture<Fetched> answer) {}

    /** What came of copying. */
    sealed interface Fetched {

        /** There was no need to copy anything, or nobody to copy it from. */
        record Nothing(String why) implements Fetched {}

        /**
         * @param folder of the copy, to be removed
         * @param took for all the copying and reading
         * @param distrust why more may have been acknowledged than stands at the logs' end; empty when that is all
         */
        record Copied(Path folder, Path copy, Reading.Logs logs, List<LogPiece> pieces, Duration took,
                Optional<String> distrust)
                implements
                    Fetched {

            long bytes() {
                return pieces.stream().mapToLong(LogPiece::length).sum();
            }

            long files() {
                return pieces.stream().map(LogPiece::log).distinct().count();
            }
        }

        record Failed(String why) implements Fetched {}
    }

    /** @param data the server's folder: what a killed manager left in {@code salvage} there is removed at the next start */
    @Autowired
    LogSalvage(NodeReader mysql, HostReader hosts, RemoteShell shell, HostShutdown hook, ClusterMemory memory,
            LossOfWrites losses, Clock clock, @Value("${switchman.data}") Path data) {
        this(mysql, hosts, shell, hook, memory, losses, clock, data,
                task -> Thread.ofVirtual().name("salvage").start(task));
    }

    /** @param aside runs what is not waited for */
    LogSalvage(NodeReader mysql, HostReader hosts, RemoteShell shell, HostShutdown hook, ClusterMemory memory,
            LossOfWrites losses, Clock clock, Path data, Executor aside) {
        this.folders = new CopyFolders(data.resolve("salvage"));
        this.relayLogs = new RelayLogFetch(shell, folders, clock);
        this.mysql = mysql;
        this.hosts = hosts;
        this.shell = shell;
        this.hook = hook;
        this.memory = memory;
        this.losses = losses;
        this.clock = clock;
        this.aside = aside;
    }

    /**
     * Begins, where it could be of use: the old primary is proven closed by its own host or by itself, or at least no mysqld runs
     * there, and it cannot be shown that nothing is lost. Costs a thread; where it is of no use, nothing.
     *
     * @param seen the servers that take part in the run
     * @param expected what the candidate will have executed once it has caught up
     * @param withheld what else is to be had, from the relay logs of which servers
     */
    void begin(Run run, Map<Node, ServerState> seen, GtidSet expected, Map<NodeId, GtidSet> withheld) {
        forget(run);
        Node candidate = run.candidate();
        ServerState server = seen.get(candidate);
        Map<Node, Relayed> relayed = relayed(run, seen, withheld);
        Optional<String> needless = needless(run, seen, expected);
        if (server == null || needless.isPresent()) {
            begun.put(run.id(), new Attempt(candidate.id(), clock.instant(), CompletableFuture
                    .completedFuture(new Fetched.Nothing(needless.orElse(candidate + " was not seen"))), relayed));
            return;
        }
        Node old = run.oldPrimary();
        // One that first fetches from another replica gets positions in that one's logs meanwhile.
        boolean positions = follows(server, old) && server.reachable().contains(expected);
        boolean closed = run.fence() == Run.Fence.CLOSED;
        Search search = new Search(old, candidate, positions, closed, expected,
                memory.logPlaces(run.cluster().name()).getOrDefault(old.id(), LogPlaces.UNKNOWN),
                remembered(run, old), own(seen, old), durable(run, old), run.limits().connect(),
                clock.instant().plus(run.limits().salvage()));
        CompletableFuture<Fetched> answer = new CompletableFuture<>();
        begun.put(run.id(), new Attempt(candidate.id(), search.end(), answer, relayed));
        Progress.Work work = run.progress(old, "salvage", Progress.Unit.BYTES);
        aside(answer, () -> {
            try (work) {
                return fetch(search, work);
            }
        });
    }

    private void aside(CompletableFuture<Fetched> answer, Supplier<Fetched> work) {
        aside.execute(() -> {
            try {
                answer.complete(work.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
    }

    /** Whether it is needed shows when the old primary's logs are read; it would cost more to wait for that. */
    private Map<Node, Relayed> relayed(Run run, Map<Node, ServerState> seen, Map<NodeId, GtidSet> withheld) {
        Map<Node, Relayed> relayed = new LinkedHashMap<>();
        Instant end = clock.instant().plus(run.limits().salvage());
        seen.forEach((node, server) -> {
            GtidSet wanted = withheld.getOrDefault(node.id(), GtidSet.empty());
            if (!wanted.isEmpty()) {
                Relayed one = new Relayed(wanted, new CompletableFuture<>());
                relayed.put(node, one);
                aside(one.answer(), () -> relayLogs.fetch(node, server.logs(), wanted, end));
            }
        });
        return relayed;
    }

    private Optional<String> needless(Run run, Map<Node, ServerState> seen, GtidSet expected) {
        if (run.fence() != Run.Fence.CLOSED && !run.ended()) {
            return Optional.of("neither is the old primary proven closed, nor does its host say that no mysqld runs");
        }
        if (hook.proven(run, run.oldPrimary().id())) {
            return Optional.of("the shutdown hook has taken its host away");
        }
        return losses.of(run, seen, expected) instanceof Loss.None(String why) ? Optional.of(why) : Optional.empty();
    }

    private static boolean follows(ServerState server, Node old) {
        return server.replication().filter(state -> state.source().equals(old.id())).isPresent();
    }

    /** @return all that it was ever seen to have executed */
    private GtidSet remembered(Run run, Node old) {
        return memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(old.id()))
                .map(ClusterMemory.LastHealthy::executed)
                .orElse(GtidSet.empty())
                .union(memory.largestSets(run.cluster().name()).getOrDefault(old.id(), GtidSet.empty()));
    }

    /** @return under which it numbers its own transactions, as its replicas tell */
    private static Set<UUID> own(Map<Node, ServerState> seen, Node old) {
        return seen.values()
                .stream()
                .filter(server -> follows(server, old))
                .flatMap(server -> server.replication().stream())
                .flatMap(state -> state.sourceUuid().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    private boolean durable(Run run, Node old) {
        return memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(old.id()))
                .filter(ClusterMemory.LastHealthy::durable)
                .isPresent();
    }

    /** All that the copying needs; a run's variables are not read beside it. */
    private record Search(Node old, Node candidate, boolean positions, boolean closed, GtidSet expected,
            LogPlaces places, GtidSet remembered, Set<UUID> own, boolean durable, Duration connect, Instant end) {}

    private Fetched fetch(Search search, Progress.Work work) {
        Instant began = clock.instant();
        Duration left = left(search.end());
        if (!hosts.warm(search.old(), left.compareTo(search.connect()) < 0 ? left : search.connect())) {
            return new Fetched.Nothing("the host of " + search.old() + " does not answer");
        }
        Path folder = folders.make();
        Fetched fetched = new Fetched.Failed("it was left unfinished");
        try {
            fetched = fetch(search, folder, began, work);
            return fetched;
        } catch (IOException e) {
            throw new UncheckedIOException("the copy of the binary logs in " + folder, e);
        } finally {
            if (!(fetched instanceof Fetched.Copied)) {
                CopyFolders.remove(folder);
            }
        }
    }

    private Fetched fetch(Search search, Path folder, Instant began, Progress.Work work) throws IOException {
        List<LogPosition> hints = new ArrayList<>();
        if (search.positions()
                && mysql.logPoint(search.candidate(), left(search.end())) instanceof LogPoint.Seen point) {
            point.received().ifPresent(hints::add);
            point.executed().filter(position -> !hints.contains(position)).ifPresent(hints::add);
            // From the beginning of that log, where there is a list of what came before it.
            point.executed().map(position -> new LogPosition(position.file(), 0)).ifPresent(hints::add);
        }
        Path copy = folder.resolve("copy");
        int back = 1;
        String why = "";
        while (back <= MOST_LOGS) {
            if (left(search.end()).isZero()) {
                return new Fetched.Failed("the time for it was over" + (why.isEmpty() ? "" : ": " + why));
            }
            Optional<LogPosition> from = hints.isEmpty() ? Optional.empty() : Optional.of(hints.removeFirst());
            LogCopy came = shell.copyLogs(search.old(),
                    new RemoteShell.Wanted(search.places(), from, back, !search.closed()), copy, left(search.end()),
                    work::told);
            if (!(came instanceof LogCopy.Copied copied)) {
                return failed(search, came);
            }
            if (from.isEmpty()) {
                back *= 2;
            }
            switch (BinaryLogs.read(copy, copied.pieces())) {
                case Reading.Encrypted(String log) -> {
                    return new Fetched.Failed(log
                            + " is encrypted (binlog_encryption): only the server's own keyring can"
                            + " read it. Start mysqld on that host, read-only and cut off from clients, to have them");
                }
                case Reading.Unknown(String what) -> {
                    return new Fetched.Failed(what);
                }
                case Reading.Misplaced(String where) -> why = where;
                case Reading.Logs logs -> {
                    Optional<String> more = more(search, logs);
                    if (more.isEmpty() || copied.oldest() && logs.wholeFirst()) {
                        GtidSet absent = absent(search, logs);
                        if (absent.isEmpty()) {
                            return new Fetched.Copied(folder, copy, logs, copied.pieces(),
                                    Duration.between(began, clock.instant()), distrust(search, copied));
                        }
                        why = "these are not its logs, or their end is gone: it was seen to have executed " + absent
                                + ", which they do not hold";
                        if (logs.wholeFirst()) {
                            return new Fetched.Failed(why);
                        }
                    } else {
                        why = more.get();
                    }
                }
            }
        }
        return new Fetched.Failed(
                "the last " + MOST_LOGS + " logs do not reach back to what the candidate has: " + why);
    }

    private static Optional<String> distrust(Search search, LogCopy.Copied copied) {
        if (!search.closed()) {
            return Optional.of("it is not proven closed, and may be started and written to again");
        }
        if (search.durable()) {
            return Optional.empty();
        }
        return switch (copied.life()) {
            case SAME -> Optional.empty();
            case LATER ->
                Optional.of("its host has restarted, and its logs were not synchronized with every commit");
            case UNKNOWN -> Optional.of("it is not known whether its host has restarted, and its logs were not"
                    + " synchronized with every commit");
        };
    }

    private Fetched failed(Search search, LogCopy came) {
        return switch (came) {
            case LogCopy.Copied copied -> throw new IllegalArgumentException("did not fail: " + copied);
            case LogCopy.NotFound(String why) -> new Fetched.Failed(why);
            case LogCopy.Unreachable(String why) -> new Fetched.Nothing(
                    "the host of " + search.old() + " does not answer: " + why);
            case LogCopy.Failed(String why) -> new Fetched.Failed(why);
        };
    }

    /**
     * Not all that it was seen to have executed need stand in its logs: what it was restored from never did. But what it has
     * written itself does, and what the candidate does not have.
     *
     * @return what does not stand there and should
     */
    private static GtidSet absent(Search search, Reading.Logs logs) {
        if (!logs.damaged().isEmpty()) {
            return GtidSet.empty();
        }
        GtidSet told = logs.wholeFirst() ? logs.held() : logs.held().union(search.expected());
        return search.remembered()
                .restrictedTo(search.own())
                .union(search.remembered().minus(search.expected()))
                .minus(told);
    }

    /** @return what shows that the copy begins behind something that the candidate lacks; empty if nothing does */
    private static Optional<String> more(Search search, Reading.Logs logs) {
        GtidSet lacking = logs.held().minus(search.expected()).minus(logs.found());
        if (!lacking.isEmpty()) {
            return Optional.of("it lacks " + lacking.count() + " transactions of earlier logs");
        }
        if (logs.wholeFirst()) {
            return Optional.empty();
        }
        // A server numbers its own transactions in the order of its log: what comes right before the first must be there.
        for (BinaryLogs.Transaction first : logs.stretches().getFirst().transactions()) {
            GtidSet earlier = first.number() == 1
                    ? GtidSet.empty()
                    : GtidSet.of(first.source(), first.number() - 1, first.number() - 1);
            return search.expected().contains(earlier)
                    ? Optional.empty()
                    : Optional.of("it lacks " + earlier + ", which is not in what was copied");
        }
        return Optional.empty();
    }

    /**
     * Waits for its end.
     *
     * @return nothing when none was begun for this candidate in this run
     */
    Fetched await(Run run) {
        Attempt attempt = begun.get(run.id());
        if (attempt == null || !attempt.candidate().equals(run.candidate().id())) {
            return new Fetched.Nothing("none was begun for " + run.candidate());
        }
        return await(attempt.answer(), left(attempt.end()).plus(SLACK), run.limits().salvage());
    }

    private static Fetched await(CompletableFuture<Fetched> answer, Duration patience, Duration limit) {
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Fetched.Failed("the copy was not there within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            return new Fetched.Failed("copying them ended with " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the copy of logs", e);
        }
    }

    /** @return what was begun to be fetched from relay logs for this candidate in this run; {@link #await(Run, Relayed)} */
    Map<Node, Relayed> relayed(Run run) {
        Attempt attempt = begun.get(run.id());
        return attempt == null || !attempt.candidate().equals(run.candidate().id()) ? Map.of() : attempt.withheld();
    }

    /** Waits for its end. */
    static Fetched await(Run run, Relayed relayed) {
        return await(relayed.answer(), run.limits().salvage().plus(SLACK), run.limits().salvage());
    }

    /** Removes what was copied for this run, now or as soon as it comes. */
    void forget(Run run) {
        Attempt attempt = begun.remove(run.id());
        if (attempt != null) {
            forget(attempt.answer());
            attempt.withheld().values().forEach(relayed -> forget(relayed.answer()));
        }
    }

    private static void forget(CompletableFuture<Fetched> answer) {
        answer.thenAccept(fetched -> {
            if (fetched instanceof Fetched.Copied copied) {
                CopyFolders.remove(copied.folder());
            }
        });
    }

    private Duration left(Instant end) {
        return TimeLeft.until(end, clock);
    }
}
