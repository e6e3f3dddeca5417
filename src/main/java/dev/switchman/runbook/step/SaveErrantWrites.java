package dev.switchman.runbook.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.BinaryLogs;
import dev.switchman.mysql.BinaryLogs.Reading;
import dev.switchman.mysql.LogText;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Pause;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Step;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.ssh.RemoteShell.LogCopy;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.Node;

/**
 * Copies what a fenced server holds and the primary does not out of its binary logs into files here, for a person to replay or to
 * discard: after a failover from a silent host these are the writes that were lost. Changes no server; gives way to a run
 * that takes the cluster meanwhile. Safe to repeat. That nothing could be copied ends no run: the report says so.
 */
@Component
final class SaveErrantWrites extends Step {

    /** The last two gigabytes of a usual server fit into it; nobody waits for this but the report. */
    static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int MOST_LOGS = 64;
    private static final Duration BEAT = Duration.ofMillis(200);
    private static final String TEXT = "transactions.txt";
    private static final String LOG = "binlog.";

    private final Hold hold;
    private final RejoinCheck check;
    private final RemoteShell shell;
    private final ClusterMemory memory;
    private final Path data;
    private final Clock clock;
    private final Pause pause;
    private final Executor aside;

    /** @param data the server's folder: the files go into {@code errant} there, readable for its owner alone */
    @Autowired
    SaveErrantWrites(Hold hold, RejoinCheck check, RemoteShell shell, ClusterMemory memory,
            @Value("${switchman.data}") Path data, Clock clock, Pause pause) {
        this(hold, check, shell, memory, data, clock, pause,
                task -> Thread.ofVirtual().name("save-errant-writes").start(task));
    }

    SaveErrantWrites(Hold hold, RejoinCheck check, RemoteShell shell, ClusterMemory memory, Path data, Clock clock,
            Pause pause, Executor aside) {
        this.hold = hold;
        this.check = check;
        this.shell = shell;
        this.memory = memory;
        this.data = data;
        this.clock = clock;
        this.pause = pause;
        this.aside = aside;
    }

    /** All that the copying needs; a run's variables are not read beside it. */
    private record Search(Node node, GtidSet errant, LogPlaces places, Path folder, Instant end) {}

    private sealed interface Saved {

        /** @param missing what stood in no binary log that was read */
        record Kept(LogText.Summary summary, GtidSet missing) implements Saved {}

        record Nothing(String why) implements Saved {}
    }

    @Override
    public Outcome run(Run run) {
        Node node = run.oldPrimary();
        Optional<GtidSet> errant = check.errant(run);
        if (errant.isEmpty()) {
            return new Outcome.Done(node + " and the primary cannot be compared now");
        }
        if (errant.get().isEmpty()) {
            return new Outcome.Done(node + " holds nothing that the primary does not");
        }
        run.note(Remark.ERRANT, check.held(run, errant.get()));
        Search search = new Search(node, errant.get(),
                memory.logPlaces(run.cluster().name()).getOrDefault(node.id(), LogPlaces.UNKNOWN),
                data.resolve("errant").resolve(run.id().value()), clock.instant().plus(DEADLINE));
        CompletableFuture<Saved> copying = CompletableFuture.supplyAsync(() -> save(search), aside);
        while (!copying.isDone()) {
            Optional<Outcome> lost = hold.lostBy(run);
            if (lost.isPresent()) {
                return lost.get();
            }
            pause.of(BEAT);
        }
        return told(run, search, copying.join());
    }

    private static Outcome told(Run run, Search search, Saved saved) {
        Node node = search.node();
        return switch (saved) {
            case Saved.Nothing(String why) -> {
                run.note(Remark.WARNING, "What only " + node + " holds could not be copied: " + why
                        + ". Save its binary logs before it is rebuilt.");
                yield new Outcome.Done("nothing was copied from " + node + ": " + why);
            }
            case Saved.Kept kept -> {
                String tables = kept.summary()
                        .tables()
                        .entrySet()
                        .stream()
                        .map(table -> table.getKey() + " " + table.getValue())
                        .collect(Collectors.joining(", "));
                run.note(Remark.SAVED, kept.summary().transactions() + " of them are kept in " + search.folder()
                        + (tables.isEmpty() ? "" : "\nby tables: " + tables)
                        + (kept.missing().isEmpty()
                                ? ""
                                : "\nin no binary log that was read: " + kept.missing().count() + ", "
                                        + kept.missing()));
                run.note(Remark.TO_DO, "Read " + search.folder().resolve(TEXT) + ": what only " + node
                        + " holds. What shall be kept is replayed on the primary with mysqlbinlog --skip-gtids "
                        + search.folder().resolve(LOG) + "* | mysql; the rest is discarded with the server's data.");
                yield new Outcome.Done(kept.summary().transactions() + " transactions of " + node + " are kept in "
                        + search.folder());
            }
        };
    }

    private Saved save(Search search) {
        Path copy = search.folder().resolve("copy");
        try {
            Files.createDirectories(search.folder().getParent());
            Files.createDirectories(search.folder(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            // An interrupted attempt may have left some.
            clear(search.folder());
            return save(search, copy);
        } catch (IOException | UncheckedIOException e) {
            return new Saved.Nothing("the files in " + search.folder() + " could not be written: " + e);
        } finally {
            remove(copy);
        }
    }

    private Saved save(Search search, Path copy) throws IOException {
        for (int back = 1;; back *= 2) {
            Duration left = Duration.between(clock.instant(), search.end());
            if (left.isNegative() || left.isZero()) {
                return new Saved.Nothing("no copy was whole within " + DEADLINE.toSeconds() + " s");
            }
            LogCopy came = shell.copyLogs(search.node(),
                    new RemoteShell.Wanted(search.places(), Optional.empty(), back, false), copy, left);
            if (!(came instanceof LogCopy.Copied copied)) {
                return new Saved.Nothing(why(came));
            }
            Reading reading = BinaryLogs.read(copy, copied.pieces());
            if (!(reading instanceof Reading.Logs logs)) {
                return new Saved.Nothing(why(reading));
            }
            GtidSet missing = search.errant().minus(logs.found());
            if (missing.isEmpty() || copied.oldest() || back >= MOST_LOGS) {
                return missing.equals(search.errant())
                        ? new Saved.Nothing("none of them stands in its binary logs")
                        : written(search, copy, logs, missing);
            }
        }
    }

    private static Saved written(Search search, Path copy, Reading.Logs logs, GtidSet missing) throws IOException {
        List<Path> files = BinaryLogs.extract(copy, logs, search.errant(), search.folder(), LOG);
        int transactions = 0;
        Map<String, Integer> tables = new TreeMap<>();
        try (Writer text = Files.newBufferedWriter(search.folder().resolve(TEXT))) {
            for (Path file : files) {
                LogText.Summary one = LogText.tell(file, text);
                transactions += one.transactions();
                one.tables().forEach((table, count) -> tables.merge(table, count, Integer::sum));
            }
        }
        return new Saved.Kept(new LogText.Summary(transactions, new TreeMap<>(tables)), missing);
    }

    private static String why(LogCopy came) {
        return switch (came) {
            case LogCopy.Copied copied -> throw new IllegalArgumentException("did not fail: " + copied);
            case LogCopy.NotFound(String why) -> why;
            case LogCopy.Unreachable(String why) -> "its host does not answer: " + why;
            case LogCopy.Failed(String why) -> why;
        };
    }

    private static String why(Reading reading) {
        return switch (reading) {
            case Reading.Logs logs -> throw new IllegalArgumentException("was read: " + logs);
            case Reading.Misplaced(String where) -> where;
            case Reading.Encrypted(String log) -> log + " is encrypted (binlog_encryption): read it with mysqlbinlog"
                    + " --read-from-remote-server while its mysqld runs";
            case Reading.Unknown(String what) -> what;
        };
    }

    private static void clear(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static void remove(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            throw new UncheckedIOException("the copy of binary logs in " + copy + " could not be removed", e);
        }
    }
}
