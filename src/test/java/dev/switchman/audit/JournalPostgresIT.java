package dev.switchman.audit;

import dev.switchman.PostgresServer;

/** The same journal, in PostgreSQL. */
class JournalPostgresIT extends JournalTest {

    private final String url = PostgresServer.newDatabase().url();

    @Override
    String url() {
        return url;
    }
}
