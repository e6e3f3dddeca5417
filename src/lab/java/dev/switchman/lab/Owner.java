package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The process that a lab belongs to, as a label's text: {@code machine/pid/start}. The start, in clock ticks since boot,
 * tells a process from a later one with the same number.
 */
record Owner(String machine, long pid, long start) {

    private static final Pattern TEXT = Pattern.compile("([^/]*)/(\\d+)/(\\d+)");

    /** A lab that nobody but a person removes. */
    static final String NOBODY = "nobody";

    static Owner thisProcess() {
        long pid = ProcessHandle.current().pid();
        return new Owner(thisMachine(), pid, startOf(pid).orElseThrow());
    }

    /** @return empty for a text that names no process: a kept lab */
    static Optional<Owner> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        return parts.matches()
                ? Optional.of(new Owner(parts.group(1), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3))))
                : Optional.empty();
    }

    /** @return whether this process is known to have ended; of another machine's process nothing is known */
    boolean isGone() {
        return machine.equals(thisMachine()) && !startOf(pid).equals(Optional.of(start));
    }

    private static String thisMachine() {
        return read(Path.of("/proc/sys/kernel/hostname")).orElseThrow().strip();
    }

    private static Optional<Long> startOf(long pid) {
        // The command's name stands in parentheses and may hold anything: fields are counted behind it.
        return read(Path.of("/proc/" + pid + "/stat"))
                .map(stat -> stat.substring(stat.lastIndexOf(')') + 2).split(" "))
                .map(fields -> Long.parseLong(fields[19]));
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // A process that ends while its file is read: ESRCH.
            if (file.startsWith("/proc") && !Files.exists(file)) {
                return Optional.empty();
            }
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return machine + "/" + pid + "/" + start;
    }
}
