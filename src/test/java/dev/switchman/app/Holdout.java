package dev.switchman.app;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

/**
 * The clients that a frozen server is most dangerous to: they are connected to the server's own address, each with a write on
 * its way when it froze, and wait for as long as it takes.
 */
final class Holdout implements AutoCloseable {

    private static final String TABLE = LabCluster.APPLICATION_SCHEMA + ".holdout";
    private static final int CLIENTS = 4;
    private static final Duration SOON = Eventually.PATIENCE;

    private final ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private volatile boolean stopped;

    private Holdout() {}

    /** Returns when each client has written. */
    static Holdout at(LabNode node, LabCluster lab) {
        lab.execute(node, "CREATE TABLE IF NOT EXISTS " + TABLE + " (id BIGINT AUTO_INCREMENT PRIMARY KEY)");
        Holdout holdout = new Holdout();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Connection connection = DriverManager.getConnection("jdbc:mysql://" + node.address() + "/?user="
                        + lab.applicationAccount().user() + "&password="
                        + lab.applicationAccount().password().reveal()
                        + "&sslMode=DISABLED&allowPublicKeyRetrieval=true&connectTimeout=1000&socketTimeout=0");
                holdout.connections.add(connection);
                holdout.threads
                        .add(Thread.ofPlatform().daemon().name("holdout-" + i).start(() -> holdout.write(connection)));
            }
        } catch (SQLException e) {
            holdout.close();
            throw new IllegalStateException(node + " lets no client in", e);
        }
        holdout.awaitMore(2 * CLIENTS);
        return holdout;
    }

    private void write(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            while (!stopped) {
                statement.execute("INSERT INTO " + TABLE + " VALUES ()");
                acknowledged.add(System.nanoTime());
                LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            }
        } catch (SQLException e) {
            // Refused, or its session was ended: the end of this client.
            return;
        }
    }

    /** @return how long after this moment the last write was acknowledged, by how many there were; empty: none was */
    Optional<String> acknowledgedSince(long nanoTime) {
        List<Long> later = acknowledged.stream().filter(at -> at - nanoTime > 0).sorted().toList();
        return later.isEmpty()
                ? Optional.empty()
                : Optional.of(later.size() + " writes, the last after "
                        + Duration.ofNanos(later.getLast() - nanoTime).toMillis() + " ms");
    }

    Duration lastSince(long nanoTime) {
        return acknowledged.stream()
                .filter(at -> at - nanoTime > 0)
                .map(at -> Duration.ofNanos(at - nanoTime))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** Waits until so many more writes are acknowledged. */
    void awaitMore(int count) {
        int enough = acknowledged.size() + count;
        Eventually.until("acknowledged to its own clients", SOON, () -> acknowledged.size() >= enough
                ? Optional.empty()
                : Optional.of(acknowledged.size() + " of " + enough));
    }

    /** Waits until every client has been refused. */
    void awaitRefused() {
        Eventually.until("refused: the clients of its own address", SOON,
                () -> threads.stream().noneMatch(Thread::isAlive)
                        ? Optional.empty()
                        : Optional.of("some are still served, or wait"));
    }

    @Override
    public void close() {
        stopped = true;
        connections.forEach(connection -> {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                throw new IllegalStateException("a client could not be ended", e);
            }
        });
        threads.forEach(thread -> {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
