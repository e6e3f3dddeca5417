package dev.switchman.fleet;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;

import dev.switchman.topology.GtidSet;

/** Writes binary logs as servers do: a format event, what came before, and one small transaction for each GTID. */
public final class FakeLog {

    private static final int FORMAT = 15;
    private static final int PREVIOUS_GTIDS = 35;
    private static final int GTID = 33;
    private static final int QUERY = 2;
    private static final int XID = 16;
    private static final int TABLE_MAP = 19;
    private static final int ROWS = 30;
    private static final int PAYLOAD = 40;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Integer> beginnings = new ArrayList<>();
    private final boolean lengths;

    private FakeLog(boolean lengths) {
        this.lengths = lengths;
    }

    /** Of 8.0.2 and later: a GTID says how long its transaction is. */
    public static FakeLog begin(GtidSet before) {
        return new FakeLog(true).head(before);
    }

    /** Of 5.7. */
    public static FakeLog beginOld(GtidSet before) {
        return new FakeLog(false).head(before);
    }

    private FakeLog head(GtidSet before) {
        bytes.writeBytes(new byte[]{(byte) 0xfe, 'b', 'i', 'n'});
        ByteBuffer format = buffer(2 + 50 + 4 + 1 + 40 + 1);
        format.putShort((short) 4).put(new byte[50]).putInt(0).put((byte) 19).put(new byte[40]).put((byte) 1);
        event(FORMAT, format.array());
        List<UUID> sources = List.copyOf(before.sources());
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(buffer(8).putLong(sources.size()).array());
        for (UUID source : sources) {
            List<long[]> pairs = pairs(before.restrictedTo(java.util.Set.of(source)));
            body.writeBytes(uuid(source));
            body.writeBytes(buffer(8).putLong(pairs.size()).array());
            for (long[] pair : pairs) {
                body.writeBytes(buffer(16).putLong(pair[0]).putLong(pair[1] + 1).array());
            }
        }
        event(PREVIOUS_GTIDS, body.toByteArray());
        return this;
    }

    /** One transaction for each: BEGIN, rows, XID. */
    public FakeLog add(GtidSet transactions) {
        return add(transactions, false);
    }

    /** One compressed transaction for each. */
    public FakeLog addCompressed(GtidSet transactions) {
        return add(transactions, true);
    }

    private FakeLog add(GtidSet transactions, boolean compressed) {
        for (UUID source : transactions.sources()) {
            for (long[] pair : pairs(transactions.restrictedTo(java.util.Set.of(source)))) {
                for (long number = pair[0]; number <= pair[1]; number++) {
                    transaction(source, number, compressed);
                }
            }
        }
        return this;
    }

    private void transaction(UUID source, long number, boolean compressed) {
        beginnings.add(bytes.size());
        byte[] begin = query("BEGIN");
        byte[] rows = new byte[100];
        byte[] xid = buffer(8).putLong(number).array();
        byte[] table = table("shop", "orders");
        int content = compressed
                ? 19 + 100 + 4
                : 19 + begin.length + 4 + 19 + table.length + 4 + 19 + rows.length + 4 + 19 + 8 + 4;
        ByteBuffer gtid = buffer(lengths ? 42 + 7 + 3 : 42);
        gtid.put((byte) 0).put(uuid(source)).putLong(number).put((byte) 2).putLong(1).putLong(2);
        if (lengths) {
            gtid.put(new byte[7]).put((byte) 252).putShort((short) (19 + 42 + 7 + 3 + 4 + content));
        }
        event(GTID, gtid.array());
        if (compressed) {
            event(PAYLOAD, rows);
        } else {
            event(QUERY, begin);
            event(TABLE_MAP, table);
            event(ROWS, rows);
            event(XID, xid);
        }
    }

    /** A statement that commits by itself. */
    public FakeLog addStatement(UUID source, long number, String statement) {
        beginnings.add(bytes.size());
        ByteBuffer gtid = buffer(42);
        gtid.put((byte) 0).put(uuid(source)).putLong(number).put((byte) 2).putLong(1).putLong(2);
        event(GTID, gtid.array());
        event(QUERY, query(statement));
        return this;
    }

    private static byte[] table(String schema, String table) {
        ByteBuffer body = buffer(8 + 1 + schema.length() + 1 + 1 + table.length() + 1);
        body.put(new byte[8]).put((byte) schema.length()).put(schema.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        body.put((byte) table.length()).put(table.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        return body.array();
    }

    private static byte[] query(String statement) {
        byte[] schema = "shop".getBytes(StandardCharsets.UTF_8);
        byte[] text = statement.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = buffer(13 + 6 + schema.length + 1 + text.length);
        body.putInt(7).putInt(0).put((byte) schema.length).putShort((short) 0).putShort((short) 6).put(new byte[6]);
        return body.put(schema).put((byte) 0).put(text).array();
    }

    private void event(int type, byte[] body) {
        int size = 19 + body.length + 4;
        ByteBuffer event = buffer(size);
        event.putInt(0).put((byte) type).putInt(1).putInt(size).putInt(bytes.size() + size).putShort((short) 0);
        event.put(body);
        CRC32 crc = new CRC32();
        crc.update(event.array(), 0, size - 4);
        event.putInt((int) crc.getValue());
        bytes.writeBytes(event.array());
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] uuid(UUID source) {
        return ByteBuffer.allocate(16)
                .putLong(source.getMostSignificantBits())
                .putLong(source.getLeastSignificantBits())
                .array();
    }

    /** @return first and last of each run of numbers, of a set of one source */
    private static List<long[]> pairs(GtidSet one) {
        List<long[]> pairs = new ArrayList<>();
        String[] parts = one.toString().split(":");
        for (int i = 1; i < parts.length; i++) {
            String[] ends = parts[i].split("-");
            pairs.add(new long[]{Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1])});
        }
        return pairs;
    }

    /** @return where in the log each transaction begins */
    public List<Integer> beginnings() {
        return List.copyOf(beginnings);
    }

    public byte[] bytes() {
        return bytes.toByteArray();
    }
}
