package dev.switchman.memory;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

import dev.switchman.PostgresServer;

/** The same memory, in PostgreSQL. */
class JdbcMemoryPostgresIT extends JdbcMemoryTest {

    private final DataSource store = new DriverManagerDataSource(PostgresServer.newDatabase().url());

    @Override
    DataSource store() {
        return store;
    }
}
