package dev.switchman.mysql;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;

import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.TrialWrite;

/**
 * Small writes that are tried on primaries, one at a time on each. One that hangs is asked after again and not doubled: a
 * commit that waits for its disk cannot be ended.
 */
final class Trials implements AutoCloseable {

    /** A statement waits for a lock no longer: whoever holds one is no fault of the disk. */
    private static final String SHORT_WAITS = "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1";
    /** How long a write that hangs is asked after before it is given up and another is tried. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String STATE = "SELECT PROCESSLIST_STATE FROM performance_schema.threads WHERE PROCESSLIST_ID = ?";
    private static final String ACKNOWLEDGEMENTS = "SHOW GLOBAL STATUS WHERE Variable_name IN "
            + "('Rpl_semi_sync_source_wait_sessions', 'Rpl_semi_sync_master_wait_sessions')";
    /**
     * EE_WRITE, EE_DISK_FULL, ER_DISK_FULL, ER_ERROR_ON_WRITE, ER_GET_ERRNO, ER_RECORD_FILE_FULL,
     * ER_BINLOG_LOGGING_IMPOSSIBLE.
     */
    private static final Set<Integer> OF_THE_DISK = Set.of(3, 20, 1021, 1026, 1030, 1114, 1598);

    private final Connections connections = new Connections();
    private final Connections looks;
    private final Map<NodeId, Attempt> attempts = new ConcurrentHashMap<>();
    private final Map<NodeId, Deadline> refusedSince = new ConcurrentHashMap<>();

    /** @param looks where the state of a write that hangs is asked */
    Trials(Connections looks) {
        this.looks = looks;
    }

    private record Attempt(Link link, long connection, Future<Boolean> writing, Deadline patience) {}

    /** Called by one thread at a time for each node. */
    TrialWrite on(Node node, String schema, Deadline deadline) {
        try {
            Attempt attempt = attempts.get(node.id());
            if (attempt == null) {
                attempt = begin(node, schema, deadline);
                attempts.put(node.id(), attempt);
            }
            // Half of the time is kept to ask after it.
            if (Connections.ended(attempt.writing(), deadline.left().dividedBy(2))) {
                attempts.remove(node.id());
                return ended(node, attempt);
            }
            return hanging(node, attempt, deadline);
        } catch (NodeFailure e) {
            return new TrialWrite.Untold(e.failure().sentence());
        }
    }

    private Attempt begin(Node node, String schema, Deadline deadline) throws NodeFailure {
        Link kept = connections.take(node);
        if (kept != null) {
            try {
                return begin(kept, schema, deadline);
            } catch (NodeFailure e) {
                if (!Connections.stale(e)) {
                    throw e;
                }
            }
        }
        return begin(connections.open(node, node.id().host(), deadline), schema, deadline);
    }

    private Attempt begin(Link link, String schema, Deadline deadline) throws NodeFailure {
        try {
            long connection = connections.on(link, deadline, open -> {
                open.execute(SHORT_WAITS, List.of());
                return Long.parseLong(open.text("SELECT CONNECTION_ID()"));
            });
            Deadline patience = Deadline.in(PATIENCE);
            return new Attempt(link, connection, connections.start(link, patience, open -> {
                open.execute(PingTable.trial(schema), List.of());
                return true;
            }), patience);
        } catch (NodeFailure e) {
            connections.discard(link);
            throw e;
        }
    }

    private TrialWrite ended(Node node, Attempt attempt) {
        try {
            connections.await(attempt.link(), attempt.writing(), attempt.patience());
            connections.giveBack(attempt.link());
            refusedSince.remove(node.id());
            return new TrialWrite.Written(attempt.patience().spent());
        } catch (NodeFailure e) {
            connections.discard(attempt.link());
            if (!OF_THE_DISK.contains(e.errno())) {
                return new TrialWrite.Untold(e.failure().sentence());
            }
            Deadline since = refusedSince.computeIfAbsent(node.id(), any -> attempt.patience());
            return new TrialWrite.Refused(since.spent(), e.errno(), e.failure().sentence());
        }
    }

    private TrialWrite hanging(Node node, Attempt attempt, Deadline deadline) throws NodeFailure {
        String state = looks.read(node, deadline, link -> link.query(STATE, rows -> {
            String text = rows.next() ? rows.getString(1) : "";
            return text == null ? "" : text;
        }, attempt.connection()));
        long waiting = looks.read(node, deadline, link -> link.query(ACKNOWLEDGEMENTS, rows -> {
            long sessions = 0;
            while (rows.next()) {
                sessions += rows.getLong(2);
            }
            return sessions;
        }));
        return new TrialWrite.Hanging(attempt.patience().spent(), state, waiting);
    }

    void forget(Node node) {
        attempts.remove(node.id());
        refusedSince.remove(node.id());
        connections.forget(node);
    }

    @Override
    public void close() {
        connections.close();
    }
}
