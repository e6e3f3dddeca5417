package dev.switchman.memory;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.SemiSync;

/** The memory in SQL that H2 and PostgreSQL both understand. Moments are ISO-8601 text: exact, and readable by people. */
final class JdbcMemory implements ClusterMemory {

    private static final String DUPLICATE_KEY = "23505";

    private static final List<String> TABLES = List.of(
            """
                    CREATE TABLE SM_CLUSTER (CLUSTER_NAME VARCHAR(63) PRIMARY KEY, PRIMARY_NODE VARCHAR(300),
                      LAST_FAILOVER VARCHAR(40), PAUSED_BY VARCHAR(255), PAUSE_REASON TEXT, PAUSED_SINCE VARCHAR(40),
                      PAUSED_UNTIL VARCHAR(40))""",
            """
                    CREATE TABLE SM_HEALTHY (CLUSTER_NAME VARCHAR(63) PRIMARY KEY, PRIMARY_NODE VARCHAR(300) NOT NULL,
                      SEEN_AT VARCHAR(40) NOT NULL, EXECUTED TEXT NOT NULL, BOOTS_READ_ONLY BOOLEAN NOT NULL,
                      DURABLE BOOLEAN NOT NULL, ENABLED_EVENTS TEXT NOT NULL, POSSIBLE_ACKERS TEXT NOT NULL,
                      SEMI_SYNC BOOLEAN NOT NULL, SEMI_SYNC_ENABLED BOOLEAN NOT NULL, SEMI_SYNC_OPERATING BOOLEAN NOT NULL,
                      SEMI_SYNC_WAIT_COUNT INTEGER NOT NULL, SEMI_SYNC_CLIENTS INTEGER NOT NULL,
                      SEMI_SYNC_TIMEOUT_MS BIGINT NOT NULL, SEMI_SYNC_AFTER_SYNC BOOLEAN NOT NULL,
                      SEMI_SYNC_WAIT_NO_REPLICA BOOLEAN NOT NULL, SEMI_SYNC_WAITING INTEGER NOT NULL)""",
            """
                    CREATE TABLE SM_LARGEST_SET (CLUSTER_NAME VARCHAR(63) NOT NULL, NODE VARCHAR(300) NOT NULL,
                      GTID_SET TEXT NOT NULL, PRIMARY KEY (CLUSTER_NAME, NODE))""",
            """
                    CREATE TABLE SM_QUARANTINE (CLUSTER_NAME VARCHAR(63) NOT NULL, NODE VARCHAR(300) NOT NULL,
                      SINCE VARCHAR(40) NOT NULL, WHY TEXT NOT NULL, FENCE_PROVEN BOOLEAN NOT NULL,
                      PRIMARY KEY (CLUSTER_NAME, NODE))""");

    /** What each version has added to the one before; a store of an older release gets what it lacks. */
    private static final Map<Integer, List<String>> ADDED = Map.of(1, TABLES, 2, List.of("""
            CREATE TABLE SM_LOG_PLACES (CLUSTER_NAME VARCHAR(63) NOT NULL, NODE VARCHAR(300) NOT NULL,
              BINARY_LOGS TEXT NOT NULL, BINARY_LOG_INDEX TEXT NOT NULL, RELAY_LOGS TEXT NOT NULL,
              DATA_DIRECTORY TEXT NOT NULL, PRIMARY KEY (CLUSTER_NAME, NODE))"""), 3, List.of("""
            CREATE TABLE SM_ACCEPTED_ERRANT (CLUSTER_NAME VARCHAR(63) NOT NULL, NODE VARCHAR(300) NOT NULL,
              GTID_SET TEXT NOT NULL, PRIMARY KEY (CLUSTER_NAME, NODE))"""), 4, List.of("""
            CREATE TABLE SM_OUTBOX (NOTICE VARCHAR(40) NOT NULL, RECEIVER VARCHAR(300) NOT NULL,
              CLUSTER_NAME VARCHAR(63) NOT NULL, MADE_AT BIGINT NOT NULL, BODY TEXT NOT NULL,
              PRIMARY KEY (NOTICE, CLUSTER_NAME, RECEIVER))"""));
    private static final int VERSION = ADDED.size();

    private final DataSource store;

    private JdbcMemory(DataSource store) {
        this.store = store;
    }

    static JdbcMemory open(DataSource store) {
        JdbcMemory memory = new JdbcMemory(store);
        memory.transaction("make the tables", connection -> {
            createTables(connection);
            return 0;
        });
        return memory;
    }

    private static void createTables(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS SM_MEMORY_VERSION (VERSION INTEGER PRIMARY KEY)");
            try (ResultSet rows = statement.executeQuery("SELECT MAX(VERSION) FROM SM_MEMORY_VERSION")) {
                rows.next();
                int version = rows.getInt(1);
                if (version > VERSION) {
                    throw new IllegalStateException("the store's memory tables are of version " + version
                            + "; this release knows version " + VERSION + ": use the newer release");
                }
                for (int next = version + 1; next <= VERSION; next++) {
                    for (String table : ADDED.getOrDefault(next, List.of())) {
                        statement.execute(table);
                    }
                    statement.execute("INSERT INTO SM_MEMORY_VERSION VALUES (" + next + ")");
                }
            }
        }
    }

    // ---- primary ----

    @Override
    public Optional<NodeId> knownPrimary(ClusterName cluster) {
        return first("SELECT PRIMARY_NODE FROM SM_CLUSTER WHERE CLUSTER_NAME = ? AND PRIMARY_NODE IS NOT NULL",
                row -> NodeId.parse(row.getString(1)), cluster.value());
    }

    @Override
    public void rememberPrimary(ClusterName cluster, NodeId primary) {
        upsert("UPDATE SM_CLUSTER SET PRIMARY_NODE = ? WHERE CLUSTER_NAME = ?",
                "INSERT INTO SM_CLUSTER (PRIMARY_NODE, CLUSTER_NAME) VALUES (?, ?)",
                primary.toString(), cluster.value());
    }

    // ---- last healthy moment ----

    @Override
    public Optional<LastHealthy> lastHealthy(ClusterName cluster) {
        return first("SELECT * FROM SM_HEALTHY WHERE CLUSTER_NAME = ?", JdbcMemory::lastHealthy, cluster.value());
    }

    private static LastHealthy lastHealthy(ResultSet row) throws SQLException {
        return new LastHealthy(NodeId.parse(row.getString("PRIMARY_NODE")), Instant.parse(row.getString("SEEN_AT")),
                GtidSet.parse(row.getString("EXECUTED")), semiSync(row), row.getBoolean("BOOTS_READ_ONLY"),
                row.getBoolean("DURABLE"), lines(row.getString("ENABLED_EVENTS")),
                lines(row.getString("POSSIBLE_ACKERS")).stream().map(NodeId::parse).collect(Collectors.toSet()));
    }

    private static SemiSync.SourceSide semiSync(ResultSet row) throws SQLException {
        if (!row.getBoolean("SEMI_SYNC")) {
            return new SemiSync.SourceSide.Absent();
        }
        return new SemiSync.SourceSide.Present(row.getBoolean("SEMI_SYNC_ENABLED"),
                row.getBoolean("SEMI_SYNC_OPERATING"), row.getInt("SEMI_SYNC_WAIT_COUNT"),
                row.getInt("SEMI_SYNC_CLIENTS"), Duration.ofMillis(row.getLong("SEMI_SYNC_TIMEOUT_MS")),
                row.getBoolean("SEMI_SYNC_AFTER_SYNC"), row.getBoolean("SEMI_SYNC_WAIT_NO_REPLICA"),
                row.getInt("SEMI_SYNC_WAITING"));
    }

    @Override
    public void rememberHealthy(ClusterName cluster, LastHealthy moment) {
        Set<String> ackers = moment.possibleAckers()
                .stream()
                .map(NodeId::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        List<Object> values = new ArrayList<>(List.of(moment.primary().toString(), moment.at().toString(),
                moment.executed().toString(), moment.bootsReadOnly(), moment.durable(),
                String.join("\n", moment.enabledEvents()), String.join("\n", ackers)));
        values.addAll(switch (moment.semiSync()) {
            case SemiSync.SourceSide.Absent absent -> List.of(false, false, false, 0, 0, 0L, false, false, 0);
            case SemiSync.SourceSide.Present side -> List.of(true, side.enabled(), side.operating(), side.waitCount(),
                    side.clients(), side.timeout().toMillis(), side.afterSync(), side.waitNoReplica(),
                    side.waitingSessions());
        });
        values.add(cluster.value());
        upsert("""
                UPDATE SM_HEALTHY SET PRIMARY_NODE = ?, SEEN_AT = ?, EXECUTED = ?, BOOTS_READ_ONLY = ?, DURABLE = ?,
                  ENABLED_EVENTS = ?, POSSIBLE_ACKERS = ?, SEMI_SYNC = ?, SEMI_SYNC_ENABLED = ?,
                  SEMI_SYNC_OPERATING = ?, SEMI_SYNC_WAIT_COUNT = ?, SEMI_SYNC_CLIENTS = ?, SEMI_SYNC_TIMEOUT_MS = ?,
                  SEMI_SYNC_AFTER_SYNC = ?, SEMI_SYNC_WAIT_NO_REPLICA = ?, SEMI_SYNC_WAITING = ?
                WHERE CLUSTER_NAME = ?""",
                """
                        INSERT INTO SM_HEALTHY (PRIMARY_NODE, SEEN_AT, EXECUTED, BOOTS_READ_ONLY, DURABLE, ENABLED_EVENTS,
                          POSSIBLE_ACKERS, SEMI_SYNC, SEMI_SYNC_ENABLED, SEMI_SYNC_OPERATING, SEMI_SYNC_WAIT_COUNT,
                          SEMI_SYNC_CLIENTS, SEMI_SYNC_TIMEOUT_MS, SEMI_SYNC_AFTER_SYNC, SEMI_SYNC_WAIT_NO_REPLICA,
                          SEMI_SYNC_WAITING, CLUSTER_NAME)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                values.toArray());
    }

    // ---- largest sets ----

    @Override
    public Map<NodeId, GtidSet> largestSets(ClusterName cluster) {
        return byNode("SELECT NODE, GTID_SET FROM SM_LARGEST_SET WHERE CLUSTER_NAME = ? ORDER BY NODE",
                row -> GtidSet.parse(row.getString("GTID_SET")), cluster);
    }

    @Override
    public void rememberSets(ClusterName cluster, Map<NodeId, GtidSet> sets) {
        transaction("remember the sets of " + cluster, connection -> {
            for (Map.Entry<NodeId, GtidSet> entry : sets.entrySet()) {
                upsert(connection, "UPDATE SM_LARGEST_SET SET GTID_SET = ? WHERE CLUSTER_NAME = ? AND NODE = ?",
                        "INSERT INTO SM_LARGEST_SET (GTID_SET, CLUSTER_NAME, NODE) VALUES (?, ?, ?)",
                        entry.getValue().toString(), cluster.value(), entry.getKey().toString());
            }
            return sets.size();
        });
    }

    // ---- places of logs ----

    @Override
    public Map<NodeId, LogPlaces> logPlaces(ClusterName cluster) {
        return byNode("""
                SELECT NODE, BINARY_LOGS, BINARY_LOG_INDEX, RELAY_LOGS, DATA_DIRECTORY FROM SM_LOG_PLACES
                WHERE CLUSTER_NAME = ? ORDER BY NODE""",
                row -> new LogPlaces(row.getString("BINARY_LOGS"), row.getString("BINARY_LOG_INDEX"),
                        row.getString("RELAY_LOGS"), row.getString("DATA_DIRECTORY")),
                cluster);
    }

    @Override
    public void rememberLogPlaces(ClusterName cluster, Map<NodeId, LogPlaces> places) {
        transaction("remember where the logs of " + cluster + " are", connection -> {
            for (Map.Entry<NodeId, LogPlaces> entry : places.entrySet()) {
                LogPlaces told = entry.getValue();
                upsert(connection, """
                        UPDATE SM_LOG_PLACES SET BINARY_LOGS = ?, BINARY_LOG_INDEX = ?, RELAY_LOGS = ?,
                          DATA_DIRECTORY = ? WHERE CLUSTER_NAME = ? AND NODE = ?""",
                        """
                                INSERT INTO SM_LOG_PLACES (BINARY_LOGS, BINARY_LOG_INDEX, RELAY_LOGS, DATA_DIRECTORY,
                                  CLUSTER_NAME, NODE) VALUES (?, ?, ?, ?, ?, ?)""",
                        told.binary(), told.binaryIndex(), told.relay(), told.data(), cluster.value(),
                        entry.getKey().toString());
            }
            return places.size();
        });
    }

    // ---- quarantine ----

    @Override
    public Map<NodeId, Quarantine> quarantined(ClusterName cluster) {
        return byNode("SELECT NODE, SINCE, WHY, FENCE_PROVEN FROM SM_QUARANTINE WHERE CLUSTER_NAME = ? ORDER BY NODE",
                row -> new Quarantine(Instant.parse(row.getString("SINCE")), row.getString("WHY"),
                        row.getBoolean("FENCE_PROVEN")),
                cluster);
    }

    @Override
    public void quarantine(ClusterName cluster, NodeId node, Quarantine quarantine) {
        upsert("UPDATE SM_QUARANTINE SET SINCE = ?, WHY = ?, FENCE_PROVEN = ? WHERE CLUSTER_NAME = ? AND NODE = ?",
                "INSERT INTO SM_QUARANTINE (SINCE, WHY, FENCE_PROVEN, CLUSTER_NAME, NODE) VALUES (?, ?, ?, ?, ?)",
                quarantine.since().toString(), quarantine.why(), quarantine.fenceProven(), cluster.value(),
                node.toString());
    }

    @Override
    public void release(ClusterName cluster, NodeId node) {
        transaction("release " + node, connection -> update(connection,
                "DELETE FROM SM_QUARANTINE WHERE CLUSTER_NAME = ? AND NODE = ?", cluster.value(), node.toString()));
    }

    // ---- accepted errant transactions ----

    @Override
    public Map<NodeId, GtidSet> acceptedErrant(ClusterName cluster) {
        return byNode("SELECT NODE, GTID_SET FROM SM_ACCEPTED_ERRANT WHERE CLUSTER_NAME = ? ORDER BY NODE",
                row -> GtidSet.parse(row.getString("GTID_SET")), cluster);
    }

    @Override
    public void acceptErrant(ClusterName cluster, NodeId node, GtidSet gtids) {
        GtidSet all = gtids.union(Optional.ofNullable(acceptedErrant(cluster).get(node)).orElse(GtidSet.empty()));
        upsert("UPDATE SM_ACCEPTED_ERRANT SET GTID_SET = ? WHERE CLUSTER_NAME = ? AND NODE = ?",
                "INSERT INTO SM_ACCEPTED_ERRANT (GTID_SET, CLUSTER_NAME, NODE) VALUES (?, ?, ?)",
                all.toString(), cluster.value(), node.toString());
    }

    // ---- cool-down, pause ----

    @Override
    public Optional<Instant> lastFailover(ClusterName cluster) {
        return first("SELECT LAST_FAILOVER FROM SM_CLUSTER WHERE CLUSTER_NAME = ? AND LAST_FAILOVER IS NOT NULL",
                row -> Instant.parse(row.getString(1)), cluster.value());
    }

    @Override
    public void rememberFailover(ClusterName cluster, Instant at) {
        upsert("UPDATE SM_CLUSTER SET LAST_FAILOVER = ? WHERE CLUSTER_NAME = ?",
                "INSERT INTO SM_CLUSTER (LAST_FAILOVER, CLUSTER_NAME) VALUES (?, ?)", at.toString(), cluster.value());
    }

    @Override
    public Optional<Pause> pause(ClusterName cluster) {
        return first("""
                SELECT PAUSED_BY, PAUSE_REASON, PAUSED_SINCE, PAUSED_UNTIL FROM SM_CLUSTER
                WHERE CLUSTER_NAME = ? AND PAUSED_UNTIL IS NOT NULL""",
                row -> new Pause(row.getString(1), row.getString(2), Instant.parse(row.getString(3)),
                        Instant.parse(row.getString(4))),
                cluster.value());
    }

    @Override
    public void pause(ClusterName cluster, Pause pause) {
        upsert("""
                UPDATE SM_CLUSTER SET PAUSED_BY = ?, PAUSE_REASON = ?, PAUSED_SINCE = ?, PAUSED_UNTIL = ?
                WHERE CLUSTER_NAME = ?""",
                """
                        INSERT INTO SM_CLUSTER (PAUSED_BY, PAUSE_REASON, PAUSED_SINCE, PAUSED_UNTIL, CLUSTER_NAME)
                        VALUES (?, ?, ?, ?, ?)""",
                pause.by(), pause.reason(), pause.since().toString(), pause.until().toString(), cluster.value());
    }

    @Override
    public void resume(ClusterName cluster) {
        transaction("resume " + cluster, connection -> update(connection, """
                UPDATE SM_CLUSTER SET PAUSED_BY = NULL, PAUSE_REASON = NULL, PAUSED_SINCE = NULL, PAUSED_UNTIL = NULL
                WHERE CLUSTER_NAME = ?""", cluster.value()));
    }

    // ---- outbox ----

    void keep(Outbox.Kept notice) {
        upsert("UPDATE SM_OUTBOX SET MADE_AT = ?, BODY = ? WHERE NOTICE = ? AND CLUSTER_NAME = ? AND RECEIVER = ?",
                "INSERT INTO SM_OUTBOX (MADE_AT, BODY, NOTICE, CLUSTER_NAME, RECEIVER) VALUES (?, ?, ?, ?, ?)",
                notice.at().toEpochMilli(), notice.body(), notice.id(), notice.cluster().value(), notice.receiver());
    }

    void drop(String id, ClusterName cluster, String receiver) {
        transaction("drop the notice " + id, connection -> update(connection,
                "DELETE FROM SM_OUTBOX WHERE NOTICE = ? AND CLUSTER_NAME = ? AND RECEIVER = ?", id, cluster.value(),
                receiver));
    }

    List<Outbox.Kept> kept() {
        return rows("SELECT NOTICE, CLUSTER_NAME, RECEIVER, MADE_AT, BODY FROM SM_OUTBOX ORDER BY MADE_AT, NOTICE",
                row -> new Outbox.Kept(row.getString("NOTICE"), new ClusterName(row.getString("CLUSTER_NAME")),
                        row.getString("RECEIVER"), Instant.ofEpochMilli(row.getLong("MADE_AT")),
                        row.getString("BODY")));
    }

    // ---- SQL ----

    @FunctionalInterface
    private interface Reading<T> {
        T read(ResultSet row) throws SQLException;
    }

    @FunctionalInterface
    private interface Writing {
        int write(Connection connection) throws SQLException;
    }

    private static List<String> lines(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("\n"));
    }

    private <T> Optional<T> first(String sql, Reading<T> reading, Object... values) {
        List<T> rows = rows(sql, reading, values);
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst());
    }

    private <T> Map<NodeId, T> byNode(String sql, Reading<T> reading, ClusterName cluster) {
        Map<NodeId, T> result = new LinkedHashMap<>();
        rows(sql, row -> Map.entry(NodeId.parse(row.getString("NODE")), reading.read(row)), cluster.value())
                .forEach(entry -> result.put(entry.getKey(), entry.getValue()));
        return Map.copyOf(result);
    }

    private <T> List<T> rows(String sql, Reading<T> reading, Object... values) {
        try (Connection connection = store.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            boolean autoCommit = connection.getAutoCommit();
            bind(statement, values);
            List<T> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(reading.read(row));
                }
            }
            if (!autoCommit) {
                connection.rollback(); // nothing was changed: ends the transaction that the read has begun
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException("the memory could not be read (" + sql + "): " + e.getMessage(), e);
        }
    }

    private void upsert(String update, String insert, Object... values) {
        transaction(update, connection -> upsert(connection, update, insert, values));
    }

    private static int upsert(Connection connection, String update, String insert, Object... values)
            throws SQLException {
        int updated = update(connection, update, values);
        return updated > 0 ? updated : update(connection, insert, values);
    }

    private static int update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    /** Once more when somebody else has inserted the same row meanwhile: then it is there to be updated. */
    private void transaction(String what, Writing writing) {
        try {
            try {
                attempt(writing);
            } catch (SQLException e) {
                if (!DUPLICATE_KEY.equals(e.getSQLState())) {
                    throw e;
                }
                attempt(writing);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the memory could not be written (" + what + "): " + e.getMessage(), e);
        }
    }

    private void attempt(Writing writing) throws SQLException {
        try (Connection connection = store.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            boolean written = false;
            try {
                writing.write(connection);
                connection.commit();
                written = true;
            } finally {
                if (!written) {
                    connection.rollback();
                }
                connection.setAutoCommit(autoCommit);
            }
        }
    }
}
