package dev.switchman.mysql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.switchman.topology.LogPiece;

/**
 * Tells in words what stands in a whole binary log: for each transaction its GTID, when it was written, its statements and
 * which tables its rows belong to. Values of rows are not decoded; {@code mysqlbinlog -vv} shows them.
 */
public final class LogText {

    private static final int BEGINNING = 4;
    private static final Map<Integer, String> ROWS = Map.of(23, "INSERT", 24, "UPDATE", 25, "DELETE", 30, "INSERT", 31,
            "UPDATE", 32, "DELETE", 39, "UPDATE");

    private final Appendable to;
    private final SortedMap<String, Integer> tables = new TreeMap<>();
    private int transactions;
    private Paragraph now = new Paragraph();

    private LogText(Appendable to) {
        this.to = to;
    }

    /** @param tables each with the number of transactions that touch it; a statement's is not known: it counts for none */
    public record Summary(int transactions, SortedMap<String, Integer> tables) {

        public Summary {
            tables = new TreeMap<>(tables);
        }
    }

    /** What is known of the transaction that is being read. */
    private static final class Paragraph {

        private final List<String> lines = new ArrayList<>();
        private final Map<Long, String> names = new LinkedHashMap<>();
        /** Kind and table, with events and bytes. */
        private final Map<String, long[]> rows = new LinkedHashMap<>();
        private final TreeSet<String> touched = new TreeSet<>();
    }

    /**
     * @param log a file as {@link BinaryLogs#extract} writes it
     * @param to gets one paragraph for each transaction
     * @throws IOException when the log cannot be read or the text not be written
     */
    public static Summary tell(Path log, Appendable to) throws IOException {
        LogText text = new LogText(to);
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
            long size = channel.size();
            LogEvents events = new LogEvents(channel, new LogPiece(log.toString(), size, 0, size, 0), BEGINNING, false,
                    false);
            for (Optional<LogEvents.Event> read = events.read(); read.isPresent(); read = events.read()) {
                text.take(read.get());
            }
            text.end();
            if (!events.damage().isEmpty()) {
                throw new IOException(events.damage());
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new Summary(text.transactions, text.tables);
    }

    private void take(LogEvents.Event event) throws IOException {
        ByteBuffer body = event.body();
        switch (event.type()) {
            case LogEvents.GTID -> {
                end();
                body.get();
                String gtid = BinaryLogs.uuid(body) + ":" + body.getLong();
                now.lines.add(gtid + "  " + Instant.ofEpochSecond(event.seconds()));
                transactions++;
            }
            case LogEvents.QUERY -> statement(body, event);
            case LogEvents.ROWS_QUERY -> now.lines.add("  as it was sent: " + text(body, 1, event));
            case LogEvents.TABLE_MAP -> table(body);
            case LogEvents.COMPRESSED -> now.lines
                    .add("  compressed, " + event.size() + " bytes: mysqlbinlog shows what it holds");
            default -> {
                String kind = ROWS.get(event.type());
                if (kind != null) {
                    rows(kind, id(body), event.size());
                }
            }
        }
    }

    private void statement(ByteBuffer body, LogEvents.Event event) {
        int schema = body.get(8) & 0xff;
        int status = body.getShort(11) & 0xffff;
        int at = 13 + status;
        String statement = text(body, at + schema + 1, event);
        if (!statement.equals("BEGIN") && !statement.equals("COMMIT")) {
            String name = new String(body.array(), at, Math.min(schema, Math.max(0, body.limit() - at)),
                    StandardCharsets.UTF_8);
            now.lines.add("  " + (name.isEmpty() ? "" : "in " + name + ": ") + statement);
        }
    }

    /** Of a long event only the beginning was read. */
    private static String text(ByteBuffer body, int from, LogEvents.Event event) {
        int at = Math.min(from, body.limit());
        String text = new String(body.array(), at, body.limit() - at, StandardCharsets.UTF_8).strip();
        return event.size() > LogEvents.KEPT ? text + " ... (" + event.size() + " bytes)" : text;
    }

    private static long id(ByteBuffer body) {
        return (body.getInt(0) & 0xffffffffL) | (body.getShort(4) & 0xffffL) << 32;
    }

    private void table(ByteBuffer body) {
        int schema = body.get(8) & 0xff;
        int table = body.get(8 + 1 + schema + 1) & 0xff;
        String name = new String(body.array(), 9, schema, StandardCharsets.UTF_8) + "."
                + new String(body.array(), 9 + schema + 2, table, StandardCharsets.UTF_8);
        now.names.put(id(body), name);
    }

    private void rows(String kind, long table, long size) {
        String name = now.names.getOrDefault(table, "a table that is not named");
        now.touched.add(name);
        long[] sums = now.rows.computeIfAbsent(kind + " " + name, key -> new long[2]);
        sums[0]++;
        sums[1] += size;
    }

    private void end() throws IOException {
        for (String line : now.lines) {
            to.append(line).append('\n');
        }
        for (Map.Entry<String, long[]> one : now.rows.entrySet()) {
            long[] sums = one.getValue();
            to.append("  ").append(one.getKey()).append(", ").append(Long.toString(sums[0]));
            to.append(sums[0] == 1 ? " row event, " : " row events, ").append(Long.toString(sums[1]));
            to.append(" bytes\n");
        }
        now.touched.forEach(table -> tables.merge(table, 1, Integer::sum));
        now = new Paragraph();
    }
}
