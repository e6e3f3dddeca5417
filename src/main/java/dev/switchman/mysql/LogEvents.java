package dev.switchman.mysql;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

import dev.switchman.topology.LogPiece;

/**
 * The events of one stretch of a binary log, one after the other, until its end or the first that is not whole. The format:
 * MySQL Internals Manual, "Binlog Event"; {@code libs/mysql/binlog/event} of the server's sources.
 */
final class LogEvents {

    static final int QUERY = 2;
    static final int STOP = 3;
    static final int ROTATE = 4;
    static final int FORMAT = 15;
    static final int XID = 16;
    static final int TABLE_MAP = 19;
    static final int ROWS_QUERY = 29;
    static final int GTID = 33;
    static final int ANONYMOUS_GTID = 34;
    static final int PREVIOUS_GTIDS = 35;
    static final int XA_PREPARE = 38;
    static final int COMPRESSED = 40;
    static final int TAGGED_GTID = 42;

    private static final int HEADER = 19;
    private static final int CHECKSUM = 4;
    /** Of any other event the beginning is enough. */
    static final int KEPT = 8 * 1024;
    private static final int KEPT_WHOLE = 64 * 1024 * 1024;

    private final LogPiece piece;
    private final DataInputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private boolean checksums;
    private long next;
    private String damage = "";
    private boolean torn;
    private boolean doubtful;

    /**
     * @param from offset in the log to begin at: the beginning of an event
     * @param doubtful whether it may be no beginning of an event: then the first must say where it stands
     * @param checksums as the log's format event says
     */
    LogEvents(FileChannel copy, LogPiece piece, long from, boolean doubtful, boolean checksums) throws IOException {
        this.piece = piece;
        this.next = from;
        this.doubtful = doubtful;
        this.checksums = checksums;
        copy.position(piece.at() + from - piece.from());
        InputStream stream = Channels.newInputStream(copy);
        this.in = new DataInputStream(new BufferedInputStream(stream, 256 * 1024));
    }

    /**
     * @param seconds since 1970, when its statement began on the server that wrote it first
     * @param offset in the log
     * @param size in bytes
     * @param body without the checksum; its beginning, where it is long
     */
    record Event(int type, long seconds, long offset, long size, ByteBuffer body) {

        long end() {
            return offset + size;
        }
    }

    /** @return why the last event is not whole; empty when the stretch ends with a whole one */
    String damage() {
        return damage;
    }

    /** @return whether the log just ends there, and no more: what a server leaves behind that died while it wrote */
    boolean torn() {
        return torn;
    }

    boolean checksums() {
        return checksums;
    }

    /** @return empty at the end, and before an event that is not whole */
    Optional<Event> read() throws IOException {
        long left = piece.from() + piece.length() - next;
        if (left == 0 || !damage.isEmpty()) {
            return Optional.empty();
        }
        if (left < HEADER) {
            torn = true;
            return broken("ends " + left + " bytes into an event");
        }
        byte[] header = new byte[HEADER];
        in.readFully(header);
        ByteBuffer head = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int type = head.get(4) & 0xff;
        long size = head.getInt(9) & 0xffffffffL;
        long end = head.getInt(13) & 0xffffffffL;
        if (size < HEADER || type == 0) {
            return broken("has no event");
        }
        if (size > left) {
            torn = true;
            return broken("ends " + left + " bytes into an event of " + size);
        }
        if (doubtful && end != (next + size & 0xffffffffL)) {
            return broken("has no event");
        }
        doubtful = false;
        return body(header, type, size);
    }

    private Optional<Event> body(byte[] header, int type, long size) throws IOException {
        long length = size - HEADER;
        int keep = (int) Math.min(length, type == FORMAT || type == PREVIOUS_GTIDS ? KEPT_WHOLE : KEPT);
        byte[] kept = new byte[keep];
        boolean checked = checksums && type != FORMAT;
        CRC32 crc = new CRC32();
        crc.update(header);
        byte[] told = new byte[CHECKSUM];
        long summed = checked ? length - CHECKSUM : length;
        if (summed < 0) {
            return broken("has an event without its checksum");
        }
        long done = 0;
        while (done < summed) {
            int part = (int) Math.min(buffer.length, summed - done);
            in.readFully(buffer, 0, part);
            crc.update(buffer, 0, part);
            if (done < keep) {
                System.arraycopy(buffer, 0, kept, (int) done, (int) Math.min(part, keep - done));
            }
            done += part;
        }
        if (checked) {
            in.readFully(told);
            long expected = ByteBuffer.wrap(told).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL;
            if (expected != crc.getValue()) {
                return broken("has an event whose checksum is wrong");
            }
        }
        if (type == FORMAT) {
            // Its last bytes say so, before a checksum of its own that is always there.
            checksums = keep == length && keep > CHECKSUM && kept[keep - CHECKSUM - 1] == 1;
        }
        byte[] body = Arrays.copyOf(kept, (int) Math.min(keep, summed));
        Event event = new Event(type, ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL,
                next, size, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
        next += size;
        return Optional.of(event);
    }

    private Optional<Event> broken(String why) {
        damage = piece.log() + " " + why + ", at byte " + next;
        return Optional.empty();
    }

    /** @throws EOFException never: only what was copied is asked for */
    static byte[] bytes(FileChannel copy, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (copy.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException("the copy is shorter than it should be");
            }
        }
        return bytes.array();
    }
}
