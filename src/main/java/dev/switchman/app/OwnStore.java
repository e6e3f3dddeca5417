package dev.switchman.app;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/**
 * A small pool of its own for the journal and the memory: jobs may hold all of the engine's connections, and an intent must
 * be written all the same. Not a {@link DataSource} bean, so that nobody takes it for the engine's.
 */
record OwnStore(HikariDataSource pool) implements AutoCloseable {

    private static final int CONNECTIONS = 6;
    private static final long MILLIS_TO_WAIT = 5_000;

    static OwnStore open(String url, String user, String password) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("journal");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(MILLIS_TO_WAIT);
        return new OwnStore(new HikariDataSource(config));
    }

    @Override
    public void close() {
        pool.close();
    }
}
