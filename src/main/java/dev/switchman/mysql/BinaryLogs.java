package dev.switchman.mysql;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPiece;

/**
 * Reads what was copied of a server's binary logs: which transactions stand there whole. Knows the logs of 5.7 and later,
 * with and without checksums. Of what it does not know it says so.
 */
public final class BinaryLogs {

    private static final int MAGIC = 0xfe62696e;
    private static final int ENCRYPTED_MAGIC = 0xfd62696e;
    private static final int FIRST_EVENT = 4;
    private static final int GTID_BODY = 25;
    private static final int LOGICAL_TIMESTAMPS = 17;
    private static final int TIMESTAMP = 7;

    private final FileChannel copy;
    private final List<LogPiece> pieces;
    private final List<Stretch> stretches = new ArrayList<>();
    private GtidSet before = GtidSet.empty();
    private GtidSet lastBefore = GtidSet.empty();
    private boolean compressed;
    private final List<String> torn = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();

    private BinaryLogs(FileChannel copy, List<LogPiece> pieces) {
        this.copy = copy;
        this.pieces = pieces;
    }

    /** What was read. */
    public sealed interface Reading {

        /**
         * @param stretches one for each log, oldest first, with its whole transactions
         * @param before what the first of these logs says is in those before it
         * @param held all that the logs say the server had: {@code before} of the last log, and the whole transactions
         * @param wholeFirst whether the first log was copied from its beginning
         * @param compressed whether there are compressed transactions among them (8.0.20 and later read them)
         * @param torn where a log ends in the middle of an event or transaction, in words: what stands there was never committed
         * @param damaged where a log cannot be read on although it goes on, in words: what stands behind that is not known
         */
        record Logs(List<Stretch> stretches, GtidSet before, GtidSet held, boolean wholeFirst, boolean compressed,
                List<String> torn, List<String> damaged) implements Reading {

            public Logs {
                stretches = List.copyOf(stretches);
                torn = List.copyOf(torn);
                damaged = List.copyOf(damaged);
            }

            /** @return the whole transactions */
            public GtidSet found() {
                return sets(stretches.stream().flatMap(stretch -> stretch.transactions().stream()).toList());
            }
        }

        /** The copy does not begin where a transaction does. */
        record Misplaced(String why) implements Reading {}

        /** {@code binlog_encryption}: only the server's own keyring can read it. */
        record Encrypted(String log) implements Reading {}

        /** This is no binary log with GTIDs, or of a kind that is not known. */
        record Unknown(String why) implements Reading {}
    }

    /** @param head bytes at the beginning of the copied log that a reader of its transactions needs */
    public record Stretch(LogPiece piece, byte[] head, List<Transaction> transactions) {

        public Stretch {
            transactions = List.copyOf(transactions);
        }
    }

    /** @param at where in the copy it begins @param length in bytes */
    public record Transaction(UUID source, long number, long at, long length) {}

    /** Thrown inwards alone, to leave the reading. */
    private static final class Stop extends Exception {

        private static final long serialVersionUID = 1;

        private final transient Reading reading;

        Stop(Reading reading) {
            super(reading.toString());
            this.reading = reading;
        }
    }

    /**
     * @param pieces oldest log first; of the first log two where it was not copied whole: its beginning and its end
     * @throws IOException when the copy cannot be read
     */
    public static Reading read(Path copy, List<LogPiece> pieces) throws IOException {
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.READ)) {
            return new BinaryLogs(channel, pieces).read();
        } catch (Stop stop) {
            return stop.reading;
        } catch (RuntimeException e) {
            // A length or a number that makes no sense: buffers and sets refuse it.
            return new Reading.Unknown("the binary logs cannot be understood: " + e);
        }
    }

    private Reading read() throws IOException, Stop {
        boolean wholeFirst = true;
        for (int i = 0; i < pieces.size(); i++) {
            LogPiece piece = pieces.get(i);
            boolean more = i + 1 < pieces.size() && pieces.get(i + 1).log().equals(piece.log());
            Head head = head(piece, stretches.isEmpty());
            if (more) {
                i++;
                wholeFirst = false;
                stretch(pieces.get(i), pieces.get(i).from(), head);
            } else {
                stretch(piece, head.end, head);
            }
        }
        GtidSet held = lastBefore
                .union(sets(stretches.stream().flatMap(stretch -> stretch.transactions().stream()).toList()));
        return new Reading.Logs(stretches, before, held, wholeFirst, compressed, torn, damaged);
    }

    private record Head(byte[] bytes, long end, boolean checksums) {}

    private Head head(LogPiece piece, boolean first) throws IOException, Stop {
        if (piece.from() != 0) {
            throw new IllegalArgumentException("the beginning of " + piece.log() + " was not copied");
        }
        if (piece.length() < FIRST_EVENT) {
            throw new Stop(new Reading.Unknown(piece.log() + " is empty"));
        }
        int magic = ByteBuffer.wrap(LogEvents.bytes(copy, piece.at(), FIRST_EVENT)).getInt();
        if (magic == ENCRYPTED_MAGIC) {
            throw new Stop(new Reading.Encrypted(piece.log()));
        }
        if (magic != MAGIC) {
            throw new Stop(new Reading.Unknown(piece.log() + " is no binary log"));
        }
        LogEvents events = new LogEvents(copy, piece, FIRST_EVENT, false, false);
        Optional<LogEvents.Event> format = events.read();
        Optional<LogEvents.Event> previous = format.isEmpty() ? format : events.read();
        if (previous.isEmpty() || format.orElseThrow().type() != LogEvents.FORMAT
                || previous.get().type() != LogEvents.PREVIOUS_GTIDS) {
            throw new Stop(new Reading.Unknown(piece.log() + " does not say which transactions came before it"));
        }
        lastBefore = previousGtids(piece, previous.get().body());
        if (first) {
            before = lastBefore;
        }
        long end = previous.get().end();
        return new Head(LogEvents.bytes(copy, piece.at(), (int) end), end, events.checksums());
    }

    private static GtidSet previousGtids(LogPiece piece, ByteBuffer body) throws Stop {
        long sources = body.getLong();
        if (sources >>> 56 != 0) {
            throw new Stop(new Reading.Unknown(piece.log() + " has transactions with tagged GTIDs"));
        }
        StringBuilder text = new StringBuilder();
        for (long i = 0; i < sources; i++) {
            text.append(text.isEmpty() ? "" : ",").append(uuid(body));
            long intervals = body.getLong();
            for (long j = 0; j < intervals; j++) {
                long from = body.getLong();
                text.append(':').append(from).append('-').append(body.getLong() - 1);
            }
        }
        return GtidSet.parse(text.toString());
    }

    static UUID uuid(ByteBuffer body) {
        byte[] bytes = new byte[16];
        body.get(bytes);
        ByteBuffer big = ByteBuffer.wrap(bytes);
        return new UUID(big.getLong(), big.getLong());
    }

    private void stretch(LogPiece piece, long from, Head head) throws IOException, Stop {
        List<Transaction> whole = new ArrayList<>();
        LogEvents events = new LogEvents(copy, piece, from, from == piece.from(), head.checksums);
        Group group = null;
        boolean first = true;
        for (Optional<LogEvents.Event> read = events.read(); read.isPresent(); read = events.read()) {
            LogEvents.Event event = read.get();
            if (events.checksums() != head.checksums) {
                // In a relay log, whose source has another binlog_checksum: behind this log's beginning they would not be read.
                throw new Stop(new Reading.Unknown(piece.log() + " has events with checksums and events without"));
            }
            if (group != null) {
                group.take(event);
                compressed |= event.type() == LogEvents.COMPRESSED;
            } else {
                group = begin(piece, event, first && from == piece.from());
            }
            first = false;
            if (group != null && group.ended) {
                whole.add(new Transaction(group.source, group.number, piece.at() + group.offset - piece.from(),
                        event.end() - group.offset));
                group = null;
            }
        }
        if (first && !events.damage().isEmpty() && from == piece.from()) {
            // A position that is no beginning of an event, or a log that broke off just there: from the beginning it shows.
            throw new Stop(new Reading.Misplaced(events.damage()));
        }
        if (!events.damage().isEmpty()) {
            (events.torn() ? torn : damaged).add(events.damage());
        } else if (group != null) {
            torn.add(piece.log() + " ends in the middle of transaction " + group.source + ":" + group.number);
        }
        stretches.add(new Stretch(piece, head.bytes, whole));
    }

    /** @return the transaction that begins there; null for what stands between transactions */
    private static @org.jspecify.annotations.Nullable Group begin(LogPiece piece, LogEvents.Event event, boolean placed)
            throws Stop {
        return switch (event.type()) {
            case LogEvents.GTID -> Group.of(event);
            case LogEvents.TAGGED_GTID ->
                throw new Stop(new Reading.Unknown(piece.log() + " has transactions with tagged GTIDs"));
            case LogEvents.ANONYMOUS_GTID ->
                throw new Stop(new Reading.Unknown(piece.log() + " has transactions without a GTID"));
            case LogEvents.STOP, LogEvents.ROTATE, LogEvents.FORMAT, LogEvents.PREVIOUS_GTIDS -> null;
            default -> {
                if (placed) {
                    throw new Stop(new Reading.Misplaced(
                            "byte " + event.offset() + " of " + piece.log() + " is in the middle of a transaction"));
                }
                yield null;
            }
        };
    }

    /** A transaction that is being read. Where its GTID tells its length (8.0.2 and later) that decides, else its events do. */
    private static final class Group {

        private final UUID source;
        private final long number;
        private final long offset;
        private final long length;
        private boolean begun;
        private boolean ended;

        private Group(UUID source, long number, long offset, long length) {
            this.source = source;
            this.number = number;
            this.offset = offset;
            this.length = length;
        }

        static Group of(LogEvents.Event event) {
            ByteBuffer body = event.body();
            body.get();
            UUID source = uuid(body);
            return new Group(source, body.getLong(), event.offset(), length(body));
        }

        /** @return 0 where none is told */
        private static long length(ByteBuffer body) {
            int at = GTID_BODY + LOGICAL_TIMESTAMPS;
            if (body.limit() < at + TIMESTAMP + 1) {
                return 0;
            }
            boolean two = (body.get(at + TIMESTAMP - 1) & 0x80) != 0;
            body.position(at + (two ? 2 * TIMESTAMP : TIMESTAMP));
            int first = body.get() & 0xff;
            return switch (first) {
                case 252 -> body.getShort() & 0xffff;
                case 253 -> (body.getShort() & 0xffff) | (body.get() & 0xffL) << 16;
                case 254 -> body.getLong();
                default -> first;
            };
        }

        void take(LogEvents.Event event) {
            if (length > 0) {
                ended = event.end() >= offset + length;
                return;
            }
            switch (event.type()) {
                case LogEvents.XID, LogEvents.XA_PREPARE -> ended = true;
                case LogEvents.QUERY -> {
                    String statement = statement(event.body());
                    if (!begun && (statement.equals("BEGIN") || statement.startsWith("XA START"))) {
                        begun = true;
                    } else {
                        // Within a transaction only its end ends it: statements in between are its content.
                        ended = !begun || statement.equals("COMMIT") || statement.equals("ROLLBACK")
                                || statement.startsWith("XA COMMIT");
                    }
                }
                default -> {
                }
            }
        }

        private static String statement(ByteBuffer body) {
            int schema = body.get(8) & 0xff;
            int status = body.getShort(11) & 0xffff;
            int at = Math.min(13 + status + schema + 1, body.limit());
            int length = Math.min(body.limit() - at, 32);
            return new String(body.array(), at, length, StandardCharsets.UTF_8).strip();
        }
    }

    /** @return these transactions as a set */
    public static GtidSet sets(List<Transaction> transactions) {
        StringBuilder text = new StringBuilder();
        int i = 0;
        while (i < transactions.size()) {
            Transaction from = transactions.get(i);
            long to = from.number();
            while (i + 1 < transactions.size() && transactions.get(i + 1).source().equals(from.source())
                    && transactions.get(i + 1).number() == to + 1) {
                i++;
                to++;
            }
            text.append(text.isEmpty() ? "" : ",").append(from.source()).append(':').append(from.number());
            text.append('-').append(to);
            i++;
        }
        return GtidSet.parse(text.toString());
    }

    /**
     * Writes logs that hold these transactions and no others, each behind the beginning of the log that it stood in. They can be read
     * as binary logs and as relay logs.
     *
     * @param missing what they shall hold, of {@link Reading.Logs#found()}
     * @param prefix of the files' names
     * @return the files, oldest first; named {@code 000001} and so on, behind the prefix
     * @throws IOException when the copy cannot be read or a file not be written
     */
    public static List<Path> extract(Path copy, Reading.Logs logs, GtidSet missing, Path folder, String prefix)
            throws IOException {
        List<Path> files = new ArrayList<>();
        try (FileChannel from = FileChannel.open(copy, StandardOpenOption.READ)) {
            for (Stretch stretch : logs.stretches()) {
                List<Transaction> wanted = stretch.transactions()
                        .stream()
                        .filter(transaction -> missing
                                .contains(GtidSet.of(transaction.source(), transaction.number(), transaction.number())))
                        .toList();
                if (!wanted.isEmpty()) {
                    Path file = folder.resolve(prefix + String.format(java.util.Locale.ROOT, "%06d", files.size() + 1));
                    write(from, stretch, wanted, file);
                    files.add(file);
                }
            }
        }
        return files;
    }

    private static void write(FileChannel from, Stretch stretch, List<Transaction> wanted, Path file)
            throws IOException {
        try (FileChannel to = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer head = ByteBuffer.wrap(stretch.head());
            while (head.hasRemaining()) {
                to.write(head);
            }
            int i = 0;
            while (i < wanted.size()) {
                long at = wanted.get(i).at();
                long end = at + wanted.get(i).length();
                // Neighbours travel together.
                while (i + 1 < wanted.size() && wanted.get(i + 1).at() == end) {
                    i++;
                    end += wanted.get(i).length();
                }
                for (long done = at; done < end;) {
                    done += from.transferTo(done, end - done, to);
                }
                i++;
            }
        }
    }
}
