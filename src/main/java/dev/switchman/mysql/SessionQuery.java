package dev.switchman.mysql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Sessions;

/** What clients have under way. Reads tables that the server keeps anyway; switches no instrument on. */
final class SessionQuery {

    private static final String LONGEST = "120";
    /** A transaction that idles is in no processlist command: InnoDB knows it. */
    private static final String TRANSACTIONS = "SELECT t.trx_mysql_thread_id, h.PROCESSLIST_USER, "
            + "TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), LEFT(t.trx_query, " + LONGEST + ") "
            + "FROM information_schema.INNODB_TRX t "
            + "JOIN performance_schema.threads h ON h.PROCESSLIST_ID = t.trx_mysql_thread_id "
            + "WHERE h.TYPE = 'FOREGROUND' AND h.PROCESSLIST_ID <> CONNECTION_ID() "
            + "AND h.NAME NOT LIKE 'thread/sql/replica%' AND h.NAME NOT LIKE 'thread/sql/slave%'";
    private static final String STATEMENTS = "SELECT PROCESSLIST_ID, PROCESSLIST_USER, PROCESSLIST_TIME, "
            + "LEFT(PROCESSLIST_INFO, " + LONGEST + ") FROM performance_schema.threads "
            + "WHERE TYPE = 'FOREGROUND' AND PROCESSLIST_COMMAND IN ('Query', 'Execute') "
            + "AND PROCESSLIST_ID <> CONNECTION_ID() AND PROCESSLIST_USER <> ? "
            + "AND NAME NOT LIKE 'thread/sql/replica%' AND NAME NOT LIKE 'thread/sql/slave%'";
    private static final String RECORDED = "SELECT ENABLED FROM performance_schema.setup_instruments "
            + "WHERE NAME = 'wait/lock/metadata/sql/mdl'";
    /**
     * A write holds the global lock shared with other writes, for as long as its statement runs; whoever holds it otherwise,
     * or without a statement, keeps a server from being closed. A backup may log in with Switchman's own account.
     */
    private static final String LOCKS = "SELECT DISTINCT CONCAT(t.PROCESSLIST_USER, '#', t.PROCESSLIST_ID, ' (', "
            + "l.OBJECT_TYPE, ' ', l.LOCK_TYPE, ')') FROM performance_schema.metadata_locks l "
            + "JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID "
            + "WHERE l.OBJECT_TYPE IN ('GLOBAL', 'COMMIT', 'BACKUP LOCK') AND l.LOCK_STATUS = 'GRANTED' "
            + "AND t.TYPE = 'FOREGROUND' AND t.PROCESSLIST_ID <> CONNECTION_ID() "
            + "AND (l.LOCK_TYPE <> 'INTENTION_EXCLUSIVE' "
            + "OR (l.LOCK_DURATION = 'EXPLICIT' AND t.PROCESSLIST_COMMAND = 'Sleep'))";

    private SessionQuery() {}

    static Sessions.Seen sessions(Link link) throws SQLException {
        String own = link.node().mysql().user();
        List<Sessions.Open> open = new ArrayList<>(link.query(TRANSACTIONS, SessionQuery::open));
        for (Sessions.Open statement : link.query(STATEMENTS, SessionQuery::open, own)) {
            if (open.stream().noneMatch(other -> other.connection() == statement.connection())) {
                open.add(statement);
            }
        }
        return new Sessions.Seen(open, globalLock(link));
    }

    private static List<Sessions.Open> open(ResultSet rows) throws SQLException {
        List<Sessions.Open> open = new ArrayList<>();
        while (rows.next()) {
            String user = rows.getString(2);
            String statement = rows.getString(4);
            open.add(new Sessions.Open(rows.getLong(1), user == null ? "?" : user,
                    Duration.ofSeconds(Math.max(0, rows.getLong(3))),
                    Optional.ofNullable(statement).map(text -> text.replaceAll("\\s+", " ").strip())));
        }
        return open;
    }

    private static Sessions.GlobalLock globalLock(Link link) throws SQLException {
        if (!link.text(RECORDED).equals("YES")) {
            return new Sessions.GlobalLock.NotVisible();
        }
        List<String> holders = link.query(LOCKS, rows -> {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        });
        return holders.isEmpty() ? new Sessions.GlobalLock.Free() : new Sessions.GlobalLock.Held(holders);
    }
}
