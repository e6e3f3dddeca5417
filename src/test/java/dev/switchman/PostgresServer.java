package dev.switchman;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/** A real PostgreSQL server, one for all tests of a JVM, started by the first that asks for a database. */
public final class PostgresServer {

    public static final String USER = "postgres";
    /** Nobody is asked for it: the server trusts this machine. */
    public static final String PASSWORD = "any";

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private PostgresServer() {}

    /** @param bare without parameters */
    public record Database(String bare) {

        /** @return with the account in it */
        public String url() {
            return bare + "?user=" + USER + "&password=" + PASSWORD;
        }
    }

    private static final class Running {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder().start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop PostgreSQL"));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void stop(EmbeddedPostgres server) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** @return an empty one */
    public static Database newDatabase() {
        String name = "store" + DATABASES.incrementAndGet();
        try (Connection connection = Running.SERVER.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Database("jdbc:postgresql://127.0.0.1:" + Running.SERVER.getPort() + "/" + name);
    }
}
