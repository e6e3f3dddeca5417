package dev.switchman.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * An application: clients that write through the virtual IP, one small transaction after the other, and remember each one
 * that the server acknowledged. A client whose transaction fails in any way forgets its connection and goes on with the
 * next row on a new one, at once; a row whose answer was lost counts as not acknowledged.
 */
public final class Writer implements AutoCloseable {

    private static final Duration CONNECT = Duration.ofMillis(200);
    private static final Duration ANSWER = Duration.ofMillis(500);
    /** From the start of one transaction to the next, where the server is faster than that. */
    private static final Duration BEAT = Duration.ofMillis(2);

    private static final AtomicInteger WRITERS = new AtomicInteger();

    private final LabCluster lab;
    private final List<Client> clients = new ArrayList<>();
    private volatile boolean stopped;

    private Writer(LabCluster lab, int count) {
        this.lab = lab;
        int number = WRITERS.incrementAndGet();
        for (int i = 1; i <= count; i++) {
            clients.add(new Client("writes_" + number + "_" + i));
        }
    }

    /** Starts one client. */
    public static Writer start(LabCluster lab) {
        return start(lab, 1);
    }

    /** Starts so many clients, each with a table of its own; returns when each has had a write acknowledged. */
    public static Writer start(LabCluster lab, int clients) {
        Writer writer = new Writer(lab, clients);
        try {
            writer.clients.forEach(Client::createTable);
            writer.clients.forEach(client -> client.thread.start());
            writer.clients.forEach(Client::awaitFirst);
            return writer;
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /** @return how many writes were acknowledged so far */
    public int acknowledged() {
        return clients.stream().mapToInt(client -> client.log.size()).sum();
    }

    /**
     * @return the longest time that a client waited from one acknowledged commit to its next, until now (or {@link #close})
     * where there was no next
     */
    public Duration longestGap() {
        return longestGap(Long.MIN_VALUE);
    }

    /** @return the same, of the commits since a {@link System#nanoTime} alone */
    public Duration longestGap(long sinceNanoTime) {
        return Duration.ofNanos(
                clients.stream().mapToLong(client -> client.log.longestGap(sinceNanoTime)).max().orElseThrow());
    }

    /** Waits until every client has had a write acknowledged that it began after this call. */
    public void awaitProgress(Duration deadline) {
        clients.forEach(client -> client.awaitMore(deadline));
    }

    /** Waits until so many writes are acknowledged in all. */
    public void awaitAcknowledged(int enough, Duration deadline) {
        Eventually.until("acknowledged: " + enough + " writes", deadline, () -> acknowledged() >= enough
                ? Optional.empty()
                : Optional.of(acknowledged() + " are"));
    }

    /** @return whether a write that was begun after this call was acknowledged within this time */
    boolean progresses(Duration within) {
        int enough = acknowledged() + 2 * clients.size();
        long begun = System.nanoTime();
        while (acknowledged() < enough && System.nanoTime() - begun < within.toNanos()) {
            Eventually.pause(Duration.ofMillis(20));
        }
        return acknowledged() >= enough;
    }

    /** @return the acknowledged writes that this server has not executed; to be asked after {@link #close} */
    public List<String> missingOn(LabNode node) {
        return clients.stream().flatMap(client -> client.missingOn(node).stream()).toList();
    }

    /** @return what the last failed attempt failed with; empty when none has failed */
    public Optional<String> lastError() {
        return clients.stream().flatMap(client -> client.lastError.stream()).findFirst();
    }

    /** Stops writing; what was acknowledged can still be asked. Repeatable. */
    @Override
    public void close() {
        stopped = true;
        for (Client client : clients) {
            try {
                client.thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LabException("interrupted while a writer ended", e);
            }
        }
    }

    /** The acknowledged rows with the time of each acknowledgement. */
    private static final class Log {

        private long[] ids = new long[1 << 14];
        private long[] times = new long[1 << 14];
        private int size;
        private Optional<Long> end = Optional.empty();

        synchronized void add(long id, long time) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, 2 * size);
                times = Arrays.copyOf(times, 2 * size);
            }
            ids[size] = id;
            times[size] = time;
            size++;
        }

        synchronized void end() {
            end = Optional.of(System.nanoTime());
        }

        synchronized int size() {
            return size;
        }

        synchronized long[] ids() {
            return Arrays.copyOf(ids, size);
        }

        synchronized long longestGap(long since) {
            long longest = 0;
            long last = end.orElseGet(System::nanoTime);
            for (int i = size - 1; i >= 0; i--) {
                if (since != Long.MIN_VALUE && last - since < 0) {
                    break;
                }
                longest = Math.max(longest, last - times[i]);
                last = times[i];
            }
            return longest;
        }
    }

    private final class Client {

        private final String table;
        private final Thread thread;
        private final Log log = new Log();
        private volatile Optional<String> lastError = Optional.empty();

        Client(String table) {
            this.table = LabCluster.APPLICATION_SCHEMA + "." + table;
            thread = Thread.ofPlatform().name("writer-" + table).daemon(true).unstarted(this::write);
        }

        private void createTable() {
            try (Connection connection = connect(); Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE " + table
                        + " (id BIGINT PRIMARY KEY, server INT NOT NULL) ENGINE=InnoDB");
            } catch (SQLException e) {
                throw new LabException("no table for a writer through " + lab.virtualIp() + ": " + e.getMessage(), e);
            }
        }

        /**
         * A refused attempt of the driver costs milliseconds of a core that the manager needs, on this one machine; a refused
         * socket costs microseconds. What the socket finds open, the driver connects to at once.
         */
        private Connection reconnect() throws SQLException, IOException {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(lab.virtualIp(), LabNode.PORT),
                        (int) CONNECT.toMillis());
            }
            return connect();
        }

        private Connection connect() throws SQLException {
            return LabCluster.connect(lab.virtualIp(), lab.applicationAccount(), LabCluster.APPLICATION_SCHEMA, CONNECT,
                    ANSWER);
        }

        private void write() {
            long id = 0;
            while (!stopped) {
                try (Connection connection = reconnect();
                        PreparedStatement insert = connection
                                .prepareStatement("INSERT INTO " + table + " VALUES (?, @@server_id)")) {
                    while (!stopped) {
                        long begun = System.nanoTime();
                        insert.setLong(1, ++id);
                        insert.executeUpdate();
                        log.add(id, System.nanoTime());
                        LockSupport.parkNanos(BEAT.toNanos() - (System.nanoTime() - begun));
                    }
                } catch (SQLException e) {
                    lastError = Optional.of("error " + e.getErrorCode() + ", " + e.getMessage());
                    LockSupport.parkNanos(BEAT.toNanos());
                } catch (IOException e) {
                    lastError = Optional.of("no connection: " + e.getMessage());
                    LockSupport.parkNanos(BEAT.toNanos());
                }
            }
            log.end();
        }

        private void awaitFirst() {
            awaitMore(Eventually.PATIENCE);
        }

        private void awaitMore(Duration deadline) {
            // One may be under way: the second one from here has begun after this call.
            int enough = log.size() + 2;
            Eventually.until("written through " + lab.virtualIp(), deadline,
                    () -> log.size() >= enough ? Optional.empty() : Optional.of(lastError.orElse("no answer yet")));
        }

        private List<String> missingOn(LabNode node) {
            Set<String> there = new HashSet<>(lab.column(node, "SELECT id FROM " + table));
            return Arrays.stream(log.ids())
                    .mapToObj(String::valueOf)
                    .filter(id -> !there.contains(id))
                    .map(id -> table + " " + id)
                    .toList();
        }
    }
}
