package dev.switchman.mysql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

import dev.switchman.topology.Node;
import dev.switchman.topology.Secret;
import dev.switchman.topology.ServerVersion;

/** One connection to one server. Used by one thread at a time, except {@link #abort}. */
final class Link {

    /** No server goes down and comes back in that time. */
    private static final Duration FRESH = Duration.ofMillis(500);

    private final Node node;
    private final Connection connection;
    private final Dialect dialect;
    private final Executor aborter;
    private volatile boolean givenUp;
    private Optional<SemiSyncWords> semiSync = Optional.empty();
    private long answered = System.nanoTime();

    Link(Node node, Connection connection, Executor aborter) throws SQLException {
        this.node = node;
        this.connection = connection;
        this.aborter = aborter;
        // From the greeting: costs no round trip.
        this.dialect = Dialect.of(ServerVersion.parse(connection.getMetaData().getDatabaseProductVersion()));
    }

    Node node() {
        return node;
    }

    Dialect dialect() {
        return dialect;
    }

    /** @return the names of semi-sync's variables, when both sides were found loaded over this connection */
    Optional<SemiSyncWords> semiSync() {
        return semiSync;
    }

    void knows(SemiSyncWords words) {
        semiSync = Optional.of(words).filter(found -> !found.source().isEmpty() && !found.replica().isEmpty());
    }

    /** Notes that the server has answered over it. */
    void answered() {
        answered = System.nanoTime();
    }

    /** @return whether the server answered over it so lately that trying it again tells nothing */
    boolean fresh() {
        return System.nanoTime() - answered < FRESH.toNanos();
    }

    /** Bounds every later read of the socket. */
    void bound(int millis) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, millis);
    }

    /** Reads the rows of a result, {@code ?} filled in by the driver. */
    <T> T query(String sql, Reading<T> reading, Object... arguments) throws SQLException {
        try (PreparedStatement statement = prepare(sql, List.of(arguments));
                ResultSet rows = statement.executeQuery()) {
            return reading.of(rows);
        }
    }

    /** One of several statements, and what to make of its rows. */
    record Question(String sql, Taking taking) {}

    /**
     * Asks all in one round trip, in their order. Their SQL must be the program's own words: the connection is one that takes
     * several statements at once.
     */
    void ask(List<Question> questions) throws SQLException {
        String all = questions.stream().map(Question::sql).collect(Collectors.joining(";\n"));
        try (Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(all);
            for (Question question : questions) {
                if (!rows) {
                    throw new SQLException("no rows from: " + question.sql);
                }
                try (ResultSet result = statement.getResultSet()) {
                    question.taking.take(result);
                }
                rows = statement.getMoreResults();
            }
        }
    }

    /** @return the first column of the first row as text */
    String text(String sql, Object... arguments) throws SQLException {
        return query(sql, rows -> {
            if (!rows.next()) {
                throw new SQLException("no row from: " + sql);
            }
            String text = rows.getString(1);
            return text == null ? "" : text;
        }, arguments);
    }

    void execute(String sql, List<Object> arguments) throws SQLException {
        try (PreparedStatement statement = prepare(sql, arguments)) {
            statement.execute();
        }
    }

    private PreparedStatement prepare(String sql, List<Object> arguments) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < arguments.size(); i++) {
            Object argument = arguments.get(i);
            statement.setObject(i + 1, argument instanceof Secret secret ? secret.reveal() : argument);
        }
        return statement;
    }

    /** Breaks the connection from any thread, also when another one hangs in it; returns at once. */
    void abort() {
        givenUp = true;
        try {
            connection.abort(aborter);
        } catch (SQLException e) {
            throw new IllegalStateException("could not give up a connection to " + node, e);
        }
    }

    /** @return whether this side broke it */
    boolean givenUp() {
        return givenUp;
    }

    /** What to make of a result. */
    @FunctionalInterface
    interface Reading<T> {
        T of(ResultSet rows) throws SQLException;
    }

    /** What to do with a result. */
    @FunctionalInterface
    interface Taking {
        void take(ResultSet rows) throws SQLException;
    }

    /** Something to do on a connection. */
    @FunctionalInterface
    interface Work<T> {
        T on(Link link) throws SQLException;
    }
}
