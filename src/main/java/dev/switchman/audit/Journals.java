package dev.switchman.audit;

import java.time.Clock;

import javax.sql.DataSource;

/** Opens journals. */
public final class Journals {

    private Journals() {}

    /**
     * A journal in the tables {@code SM_RUN} and {@code SM_ENTRY} of an H2 or PostgreSQL store; makes them when they are
     * missing. It is {@link AutoCloseable}: closing writes what is still on its way, and leaves the pool open.
     *
     * @param store a pool of the journal's own, so that a job that holds all of the engine's connections cannot keep an
     *        intent from being written
     * @throws IllegalStateException when the store does not answer or refuses
     */
    public static Journal over(DataSource store, Clock clock) {
        JdbcStore tables = new JdbcStore(store);
        tables.create();
        return new WritingJournal(tables, clock);
    }
}
