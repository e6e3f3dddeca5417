package dev.switchman.ssh;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.switchman.ssh.RemoteShell.LogCopy;
import dev.switchman.topology.LogPiece;

/** Takes what logs.sh prints: lines of {@code key=value}, an empty line, then the bytes, which go into a file. */
final class LogReceiver extends OutputStream {

    private static final int MOST_LINES = 1024 * 1024;

    private final OutputStream copy;
    private final long room;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final RemoteShell.Coming coming;
    private boolean bytesFollow;
    private long bytes;
    private long all;

    /** Fills no more than half of what is free here: the store may lie on the same disk. */
    LogReceiver(Path copy, RemoteShell.Coming coming) throws IOException {
        this(copy, Files.getFileStore(copy.toAbsolutePath().getParent()).getUsableSpace() / 2, coming);
    }

    /** @param room how many bytes the copy may have @param coming hears of each piece that comes */
    LogReceiver(Path copy, long room, RemoteShell.Coming coming) throws IOException {
        this.room = room;
        this.coming = coming;
        this.copy = new BufferedOutputStream(Files.newOutputStream(copy), 64 * 1024);
    }

    @Override
    public synchronized void write(int value) throws IOException {
        write(new byte[]{(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] from, int offset, int length) throws IOException {
        int at = offset;
        int end = offset + length;
        boolean afterLine = lines.size() == 0 || lines.toByteArray()[lines.size() - 1] == '\n';
        while (!bytesFollow && at < end) {
            if (from[at] == '\n' && afterLine) {
                bytesFollow = true;
                refuseTooMuch();
            } else if (lines.size() >= MOST_LINES) {
                throw new IOException("more than " + MOST_LINES + " bytes of names");
            } else {
                lines.write(from[at]);
                afterLine = from[at] == '\n';
            }
            at++;
        }
        copy.write(from, at, end - at);
        bytes += end - at;
        if (bytesFollow) {
            coming.come(bytes, all);
        }
    }

    private void refuseTooMuch() throws IOException {
        all = pieces(lines.toString(StandardCharsets.UTF_8)).stream().mapToLong(LogPiece::length).sum();
        if (all > room) {
            throw new IOException("these are " + all + " bytes, and no more than half of what is free here, " + room
                    + " bytes, is filled");
        }
    }

    private static List<LogPiece> pieces(String told) {
        List<LogPiece> pieces = new ArrayList<>();
        long at = 0;
        for (String line : told.lines().filter(text -> text.startsWith("piece=")).toList()) {
            String[] words = line.substring("piece=".length()).split(" ");
            int last = words.length - 1;
            String name = String.join(" ", List.of(words).subList(0, last - 2));
            long length = Long.parseLong(words[last]);
            pieces.add(new LogPiece(name, Long.parseLong(words[last - 2]), Long.parseLong(words[last - 1]), length,
                    at));
            at += length;
        }
        return pieces;
    }

    /** @param life of the host when mysqld was seen there last; empty when it never was */
    synchronized LogCopy result(Link.Reply reply, String life) throws IOException {
        copy.flush();
        String told = lines.toString(StandardCharsets.UTF_8);
        Report report = Report.read(told);
        if (reply.status() != 0 || !bytesFollow) {
            return new LogCopy.Failed("the host's shell ended with status " + reply.status() + ": "
                    + SshHostReader.firstLine(reply.output()));
        }
        if (report.has("none")) {
            return new LogCopy.NotFound(report.text("none"));
        }
        List<LogPiece> pieces = pieces(told);
        long at = pieces.stream().mapToLong(LogPiece::length).sum();
        if (at != bytes) {
            return new LogCopy.Failed("of " + at + " bytes of binary logs " + bytes + " came");
        }
        return new LogCopy.Copied(pieces, report.text("skipped").equals("0"), life(life, report.text("life")));
    }

    private static LogCopy.Life life(String before, String now) {
        if (before.isEmpty() || now.isEmpty()) {
            return LogCopy.Life.UNKNOWN;
        }
        return before.equals(now) ? LogCopy.Life.SAME : LogCopy.Life.LATER;
    }

    @Override
    public synchronized void close() throws IOException {
        copy.close();
    }
}
