package dev.switchman.app;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

import dev.switchman.config.ServerSettings;

/**
 * The right of one server to a PostgreSQL store: an advisory lock on a connection of its own, which ends with the process
 * or its host. A second server on the same store would take the first one's jobs for a dead one's.
 */
record StoreHold(Connection connection) implements AutoCloseable {

    /** Of PostgreSQL's two-part lock numbers: any pair that nobody else uses in this database. */
    private static final String LOCK = "SELECT pg_try_advisory_lock(7240, 1)";
    private static final String SECONDS_TO_CONNECT = "10";

    /** @throws StartRefused when the store cannot be reached, refuses the account, or another server holds it */
    static StoreHold take(ServerSettings.Store store) {
        String where = "switchman.server.store.url: " + store.url() + ": ";
        Properties properties = new Properties();
        properties.setProperty("user", store.account().user());
        properties.setProperty("password", store.account().password().reveal());
        properties.setProperty("connectTimeout", SECONDS_TO_CONNECT);
        properties.setProperty("loginTimeout", SECONDS_TO_CONNECT);
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", "switchman");
        try {
            Connection connection = DriverManager.getConnection(store.url(), properties);
            boolean taken = false;
            try (Statement statement = connection.createStatement(); ResultSet answer = statement.executeQuery(LOCK)) {
                taken = answer.next() && answer.getBoolean(1);
            } finally {
                if (!taken) {
                    connection.close();
                }
            }
            if (!taken) {
                throw new StartRefused(where + "in use by another switchman");
            }
            return new StoreHold(connection);
        } catch (SQLException e) {
            throw new StartRefused(where + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /** A connection that is lost already has given the lock back. */
    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
