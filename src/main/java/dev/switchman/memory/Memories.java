package dev.switchman.memory;

import javax.sql.DataSource;

/** Makes the {@link ClusterMemory}. */
public final class Memories {

    private Memories() {}

    /**
     * @return a memory in this store (H2 or PostgreSQL), whose tables are made when they are missing; each change is
     *         committed when its call returns
     * @throws IllegalStateException when the store cannot be used, or was written by a newer release
     */
    public static ClusterMemory over(DataSource store) {
        return JdbcMemory.open(store);
    }

    /** @return the outbox in the same store, under the same terms */
    public static Outbox outbox(DataSource store) {
        return new JdbcOutbox(JdbcMemory.open(store));
    }
}
