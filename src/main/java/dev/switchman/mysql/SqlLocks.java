package dev.switchman.mysql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/** {@link NodeLocks} over Connector/J. One caller at a time for each node. */
final class SqlLocks implements NodeLocks {

    private final Connections connections = new Connections();
    private final Map<NodeId, Link> links = new ConcurrentHashMap<>();

    @Override
    public LockLook look(Node node, List<String> names, Duration duration) {
        Deadline deadline = Deadline.in(duration);
        try {
            try {
                return seen(link(node, deadline), names, deadline);
            } catch (NodeFailure e) {
                drop(node);
                if (!Connections.stale(e)) {
                    throw e;
                }
                // The server has ended the connection, and the locks with it: it may still answer a new one.
                return seen(link(node, deadline), names, deadline);
            }
        } catch (NodeFailure e) {
            drop(node);
            return new LockLook.Unseen(e.failure());
        }
    }

    private Link link(Node node, Deadline deadline) throws NodeFailure {
        Link kept = links.get(node.id());
        if (kept != null && kept.node().equals(node) && !kept.givenUp()) {
            return kept;
        }
        drop(node);
        Link link = connections.open(node, node.id().host(), deadline);
        try {
            connections.on(link, deadline, open -> {
                open.execute("SET SESSION wait_timeout = " + LEASE.toSeconds(), List.of());
                return true;
            });
        } catch (NodeFailure e) {
            connections.discard(link);
            throw e;
        }
        links.put(node.id(), link);
        return link;
    }

    private LockLook seen(Link link, List<String> names, Deadline deadline) throws NodeFailure {
        return connections.on(link, deadline, open -> {
            String sql = "SELECT CONNECTION_ID(), "
                    + String.join(", ", Collections.nCopies(names.size(), "IS_USED_LOCK(?)"));
            Map<String, Long> holders = open.query(sql, rows -> holders(rows, names), names.toArray());
            long own = holders.getOrDefault("", 0L);
            Map<String, LockLook.State> states = new HashMap<>();
            for (String name : names) {
                Long holder = holders.get(name);
                states.put(name, holder == null
                        ? new LockLook.State.Free()
                        : holder == own ? new LockLook.State.Ours() : new LockLook.State.Theirs(who(open, holder)));
            }
            return new LockLook.Seen(states);
        });
    }

    /** @return connection by lock, and our own under the empty name; free ones are left out */
    private static Map<String, Long> holders(ResultSet rows, List<String> names) throws SQLException {
        if (!rows.next()) {
            throw new SQLException("no row from IS_USED_LOCK");
        }
        Map<String, Long> holders = new HashMap<>();
        holders.put("", rows.getLong(1));
        for (int i = 0; i < names.size(); i++) {
            long holder = rows.getLong(i + 2);
            if (!rows.wasNull()) {
                holders.put(names.get(i), holder);
            }
        }
        return holders;
    }

    private static String who(Link link, long connection) throws SQLException {
        return link.query("SELECT PROCESSLIST_USER, PROCESSLIST_HOST FROM performance_schema.threads"
                + " WHERE PROCESSLIST_ID = ?",
                rows -> rows.next() && rows.getString(1) != null
                        ? "connection " + connection + " of " + rows.getString(1) + " from " + rows.getString(2)
                        : "connection " + connection,
                connection);
    }

    @Override
    public boolean take(Node node, String name, Duration duration) {
        Deadline deadline = Deadline.in(duration);
        try {
            return connections.on(link(node, deadline), deadline,
                    open -> open.text("SELECT GET_LOCK(?, 0)", name).equals("1"));
        } catch (NodeFailure e) {
            drop(node);
            return false;
        }
    }

    @Override
    public void release(Node node, String name, Duration duration) {
        Link link = links.get(node.id());
        if (link == null) {
            return;
        }
        try {
            connections.on(link, Deadline.in(duration), open -> open.text("SELECT RELEASE_LOCK(?)", name));
        } catch (NodeFailure e) {
            drop(node);
        }
    }

    private void drop(Node node) {
        Link link = links.remove(node.id());
        if (link != null) {
            connections.discard(link);
        }
    }

    @Override
    public void close() {
        links.clear();
        connections.close();
    }
}
