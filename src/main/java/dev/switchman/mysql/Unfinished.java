package dev.switchman.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.ReplicaState;

/**
 * Transactions of which only a part was received when the source was lost. The applier has begun such a one, holds its GTID and
 * its locks, and waits for the rest. Asked to stop, an applier of several workers goes on waiting for a minute
 * (sql/rpl_replica.cc, SLAVE_WAIT_GROUP_DONE), and so does {@code STOP REPLICA}; the end of the worker ends it at once, and
 * rolls the part back.
 */
final class Unfinished {

    /** Compared here: 8.0.12 finds nothing when the same comparison stands in its WHERE. The first column has another name in 5.7. */
    private static final String WORKERS = """
            SELECT w.%1$s, t.PROCESSLIST_ID, r.SERVICE_STATE, r.RECEIVED_TRANSACTION_SET, @@GLOBAL.gtid_executed
            FROM performance_schema.replication_applier_status_by_worker w
            JOIN performance_schema.replication_connection_status r ON r.CHANNEL_NAME = w.CHANNEL_NAME
            JOIN performance_schema.threads t ON t.THREAD_ID = w.THREAD_ID
            WHERE w.CHANNEL_NAME = ''""";

    private static final Duration POLL = Duration.ofMillis(5);

    private record Worker(long id, String transaction) {}

    private Unfinished() {}

    /**
     * Ends the workers of the server's own channel that can never finish. Its applier stops by that; to be called before it is
     * stopped on purpose, and never else. Nothing to do in almost every case: a query.
     */
    static void end(Session session) throws NodeFailure {
        String column = session.dialect().version().atLeast(8, 0, 0) ? "APPLYING_TRANSACTION" : "LAST_SEEN_TRANSACTION";
        boolean any = false;
        for (Worker worker : session.look(link -> workers(link, WORKERS.formatted(column)))) {
            Deadline took = Deadline.in(Duration.ZERO);
            boolean ended = session.kill(worker.id());
            any |= ended;
            session.tell("KILL " + worker.id(), took,
                    ended
                            ? "the applier's worker ended; of " + worker.transaction()
                                    + " only a part was received, and is rolled back"
                            : "not allowed (1095); it waits for the rest of " + worker.transaction());
        }
        // One that 5.7 is asked to stop before it has noticed waits all the same.
        while (any && session.look(StateQuery::threads).filter(ReplicaState::applierRunning).isPresent()
                && !session.deadline().before(POLL).passed()) {
            session.pause(POLL);
        }
    }

    /** @return those whose transaction is neither executed nor received to its end, where no receiver is connected that could bring the rest */
    private static List<Worker> workers(Link link, String sql) throws SQLException {
        return link.query(sql, rows -> {
            List<Worker> workers = new ArrayList<>();
            while (rows.next()) {
                String transaction = rows.getString(1);
                long id = rows.getLong(2);
                // Nothing, or ANONYMOUS.
                if (id == 0 || transaction == null || !transaction.contains(":") || rows.getString(3).equals("ON")) {
                    continue;
                }
                GtidSet had = GtidSet.parse(rows.getString(4)).union(GtidSet.parse(rows.getString(5)));
                if (!had.contains(GtidSet.parse(transaction))) {
                    workers.add(new Worker(id, transaction));
                }
            }
            return workers;
        });
    }
}
