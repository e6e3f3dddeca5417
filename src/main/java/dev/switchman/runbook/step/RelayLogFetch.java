package dev.switchman.runbook.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import dev.switchman.mysql.BinaryLogs;
import dev.switchman.mysql.BinaryLogs.Reading;
import dev.switchman.runbook.step.LogSalvage.Fetched;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.ssh.RemoteShell.LogCopy;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.Node;

/**
 * Copies the end of a living replica's relay logs here: whole logs, from the last one further and further back, until what is wanted
 * stands in them. The replica is not touched, and keeps its delay.
 */
final class RelayLogFetch {

    private static final int MOST_LOGS = 64;

    private final RemoteShell shell;
    private final CopyFolders folders;
    private final Clock clock;

    RelayLogFetch(RemoteShell shell, CopyFolders folders, Clock clock) {
        this.shell = shell;
        this.folders = folders;
        this.clock = clock;
    }

    /**
     * @param wanted what it has received and not applied
     * @return {@link Fetched.Copied} only when all of that was found
     */
    Fetched fetch(Node from, LogPlaces places, GtidSet wanted, Instant end) {
        if (places.relay().isEmpty()) {
            return new Fetched.Failed(from + " does not tell where it keeps its relay logs");
        }
        Path folder = folders.make();
        Fetched fetched = new Fetched.Failed("it was left unfinished");
        try {
            fetched = fetch(from, places.ofRelayLogs(), wanted, folder, end);
            return fetched;
        } catch (IOException e) {
            throw new UncheckedIOException("the copy of the relay logs in " + folder, e);
        } finally {
            if (!(fetched instanceof Fetched.Copied)) {
                CopyFolders.remove(folder);
            }
        }
    }

    private Fetched fetch(Node from, LogPlaces places, GtidSet wanted, Path folder, Instant end) throws IOException {
        Instant began = clock.instant();
        Path copy = folder.resolve("copy");
        for (int back = 1; back <= MOST_LOGS; back *= 2) {
            Duration left = Duration.between(clock.instant(), end);
            if (left.isNegative() || left.isZero()) {
                return new Fetched.Failed("the time for it was over");
            }
            LogCopy came = shell.copyLogs(from, new RemoteShell.Wanted(places, Optional.empty(), back, false), copy,
                    left);
            if (!(came instanceof LogCopy.Copied copied)) {
                return new Fetched.Failed(why(from, came));
            }
            switch (BinaryLogs.read(copy, copied.pieces())) {
                case Reading.Encrypted(String log) -> {
                    return new Fetched.Failed(log + " is encrypted (binlog_encryption)");
                }
                case Reading.Unknown(String what) -> {
                    return new Fetched.Failed(what);
                }
                case Reading.Misplaced(String where) -> {
                    return new Fetched.Failed(where);
                }
                case Reading.Logs logs -> {
                    GtidSet absent = wanted.minus(logs.found());
                    if (absent.isEmpty()) {
                        return new Fetched.Copied(folder, copy, logs, copied.pieces(),
                                Duration.between(began, clock.instant()), Optional.empty());
                    }
                    if (copied.oldest()) {
                        return new Fetched.Failed("they do not hold " + absent);
                    }
                }
            }
        }
        return new Fetched.Failed("the last " + MOST_LOGS + " relay logs do not hold all of it");
    }

    private static String why(Node from, LogCopy came) {
        return switch (came) {
            case LogCopy.Copied copied -> throw new IllegalArgumentException("did not fail: " + copied);
            case LogCopy.NotFound(String why) -> why;
            case LogCopy.Unreachable(String why) -> "the host of " + from + " does not answer: " + why;
            case LogCopy.Failed(String why) -> why;
        };
    }
}
