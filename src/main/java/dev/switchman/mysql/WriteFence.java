package dev.switchman.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;

import dev.switchman.topology.Action;
import dev.switchman.topology.Node;

/**
 * Takes write access from one server. {@code SET GLOBAL super_read_only=1} waits for the global lock, behind running
 * writes and commits; a client that just stops waiting leaves it queued, and it takes effect later. So it runs on a
 * connection of its own, which is ended and proven gone when the time is up.
 */
final class WriteFence {

    private static final String READ_BACK = "SELECT @@GLOBAL.super_read_only";
    private static final String STILL_QUEUED = "our own statement is still queued";
    private static final String SET = "SET GLOBAL super_read_only = 1";
    private static final String WAITING = "rpl_semi_sync_(source|master)_wait_sessions";
    private static final String ACKNOWLEDGED = "rpl_semi_sync_(source|master)_yes_tx";
    /** What the statement takes where nothing is in its way, with room to spare. */
    private static final Duration AT_ONCE = Duration.ofMillis(150);
    /** Without one acknowledgement for so long, none is expected: the replicas that gave them no longer listen. */
    private static final Duration UNHEARD = Duration.ofMillis(250);

    private final Connections connections;
    private final Action.Listener listener;
    private final Node node;
    private final Deadline deadline;
    /** Kept back to end our own statement, to prove that, and to read back. */
    private final Duration reserve;
    /** Given to sessions that block, before they are ended. */
    private final Duration grace;
    /** Whether the SET was sent: from then on a lost connection leaves it unknown. */
    private boolean sent;
    private final Set<Long> ended = new HashSet<>();

    WriteFence(Connections connections, Action.Listener listener, Node node, Duration duration) {
        this(connections, listener, node, duration.dividedBy(4), duration);
    }

    WriteFence(Connections connections, Action.Listener listener, Node node, Duration grace, Duration duration) {
        this.connections = connections;
        this.listener = listener;
        this.node = node;
        this.deadline = Deadline.in(duration);
        this.reserve = Duration.ofMillis(Math.clamp(duration.toMillis() / 4, 50, 1000));
        this.grace = grace;
    }

    Fencing close() {
        Session watcher;
        try {
            watcher = Session.open(connections, listener, node, deadline);
        } catch (NodeFailure e) {
            return new Fencing.Unreachable(Session.why(node, e));
        }
        try (watcher) {
            return close(watcher);
        } catch (NodeFailure e) {
            return sent || watcher.changed()
                    ? new Fencing.Unknown(Session.why(node, e))
                    : new Fencing.Unreachable(Session.why(node, e));
        }
    }

    private Fencing close(Session watcher) throws NodeFailure {
        String obstacle = "";
        if (!closed(watcher)) {
            Session setter = setter(watcher);
            try {
                obstacle = set(setter, watcher);
            } finally {
                // Never kept: its lock_wait_timeout is short, and a statement may still be queued on it.
                setter.abandon();
            }
            if (obstacle.startsWith(STILL_QUEUED)) {
                return new Fencing.Unknown(node + ": " + obstacle);
            }
        }
        if (!watcher.readBack(READ_BACK).equals("1")) {
            return new Fencing.Refused(node + " kept super_read_only=OFF after " + deadline.spent().toMillis() + " ms: "
                    + obstacle);
        }
        ended.addAll(watcher.endSessions());
        watcher.gone(ended, deadline.before(reserve.dividedBy(2)));
        return watcher.readBack(READ_BACK).equals("1")
                ? new Fencing.Closed(ended.size())
                : new Fencing.Refused(node + ": super_read_only was switched off again by somebody");
    }

    private boolean closed(Session watcher) throws NodeFailure {
        return watcher.look(link -> link.text(READ_BACK)).equals("1");
    }

    /** With max_connections used up there is one connection for an administrator: clients make room for the second. */
    private Session setter(Session watcher) throws NodeFailure {
        while (true) {
            try {
                return Session.open(connections, listener, node, deadline);
            } catch (NodeFailure e) {
                if (!Session.tooManyConnections(e) || deadline.before(reserve).passed()) {
                    throw e;
                }
                ended.addAll(watcher.endSessions());
                watcher.gone(ended, deadline.before(reserve));
            }
        }
    }

    /** @return what was in the way; empty when the server took it */
    private String set(Session setter, Session watcher) throws NodeFailure {
        long ownId = setter.connectionId();
        Deadline until = deadline.before(reserve);
        setter.change("SET SESSION lock_wait_timeout = " + Math.max(1, until.left().toSeconds()));
        Deadline took = Deadline.in(Duration.ZERO);
        // The driver itself waits longer than we do: it must not give up a statement that is queued.
        sent = true;
        Future<Boolean> setting = setter.begin(deadline, SET);
        if (!Connections.ended(setting, min(min(grace, AT_ONCE), until.left())) && !unheard(watcher, setting)
                && !Connections.ended(setting, min(grace, until.left()))) {
            // Nobody's death helps a commit that waits for an acknowledgement.
            if (semiSync(watcher, WAITING) == 0) {
                ended.addAll(watcher.endSessions());
            }
            Connections.ended(setting, until.left());
        }
        if (setting.isDone() && setting.state() == Future.State.SUCCESS) {
            setter.tell(SET, took, "ok");
            return "";
        }
        String obstacle = obstacle(watcher);
        if (setting.isDone()) {
            try {
                setter.finished(setting, deadline);
            } catch (NodeFailure e) {
                setter.tell(SET, took, e.failure().sentence());
                obstacle = e.failure().sentence() + "; " + obstacle;
            }
        }
        Deadline killing = Deadline.in(Duration.ZERO);
        watcher.kill(ownId);
        boolean gone = watcher.gone(Set.of(ownId), deadline.before(reserve.dividedBy(4)));
        watcher.tell("KILL " + ownId, killing, gone ? "gone" : "still there");
        return gone ? obstacle : STILL_QUEUED + " as connection " + ownId + ": " + obstacle;
    }

    /**
     * Whether commits wait for a semi-sync acknowledgement and none comes: then the rest of the time changes nothing, and
     * only the end of mysqld does. Under load on a healthy primary some commit always waits, so acknowledgements are
     * counted.
     */
    private static boolean unheard(Session watcher, Future<Boolean> setting) throws NodeFailure {
        if (semiSync(watcher, WAITING) == 0) {
            return false;
        }
        long before = semiSync(watcher, ACKNOWLEDGED);
        return !Connections.ended(setting, UNHEARD) && semiSync(watcher, WAITING) > 0
                && semiSync(watcher, ACKNOWLEDGED) == before;
    }

    private static long semiSync(Session watcher, String pattern) throws NodeFailure {
        return watcher.look(link -> StateQuery.status(link)
                .values()
                .entrySet()
                .stream()
                .filter(status -> status.getKey().matches(pattern))
                .mapToLong(status -> Long.parseLong(status.getValue()))
                .sum());
    }

    private static String obstacle(Session watcher) throws NodeFailure {
        List<String> found = new ArrayList<>();
        long waiting = semiSync(watcher, WAITING);
        if (waiting > 0) {
            found.add("Rpl_semi_sync_source_wait_sessions=" + waiting + ": commits wait for an acknowledgement");
        }
        String holders = watcher.look(link -> link.query(
                """
                        SELECT GROUP_CONCAT(DISTINCT CONCAT(t.PROCESSLIST_USER, '#', t.PROCESSLIST_ID)) FROM \
                        performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID \
                        WHERE l.OBJECT_TYPE IN ('GLOBAL', 'COMMIT') AND l.LOCK_STATUS = 'GRANTED' AND t.PROCESSLIST_ID IS NOT NULL \
                        AND t.PROCESSLIST_USER <> ?""",
                rows -> {
                    String names = rows.next() ? rows.getString(1) : "";
                    return names == null ? "" : names;
                }, watcher.node().mysql().user()));
        if (!holders.isEmpty()) {
            found.add("the global lock is held against it by " + holders);
        } else if (found.isEmpty()) {
            found.add("global lock: not visible; " + watcher.ordinaryProcesses().size() + " client sessions are left");
        }
        return String.join("; ", found);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
