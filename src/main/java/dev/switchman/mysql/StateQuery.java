package dev.switchman.mysql;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

/** The questions that a look at a server consists of. None writes, none flushes, none takes a lock that a client feels. */
final class StateQuery {

    // With GLOBAL: without a scope 5.7 answers for the session, and that is empty. SHOW VARIABLES cuts at 1,024 characters.
    private static final String IDENTITY = "SELECT @@GLOBAL.server_uuid, @@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged";
    private static final String VARIABLES = """
            SHOW GLOBAL VARIABLES WHERE Variable_name IN ('super_read_only', 'read_only', 'offline_mode', 'gtid_mode', \
            'log_bin', 'log_slave_updates', 'log_replica_updates', 'sync_binlog', 'innodb_flush_log_at_trx_commit', \
            'relay_log_recovery', 'event_scheduler') OR Variable_name LIKE 'rpl\\_semi\\_sync\\_%'""";
    private static final String STATUS = """
            SHOW GLOBAL STATUS WHERE Variable_name = 'Uptime' OR Variable_name LIKE 'Rpl\\_semi\\_sync\\_%'""";
    private static final String CONNECTION = """
            SELECT c.HEARTBEAT_INTERVAL, s.COUNT_RECEIVED_HEARTBEATS, UNIX_TIMESTAMP(s.LAST_HEARTBEAT_TIMESTAMP), \
            s.RECEIVED_TRANSACTION_SET FROM performance_schema.replication_connection_configuration c \
            JOIN performance_schema.replication_connection_status s ON s.CHANNEL_NAME = c.CHANNEL_NAME \
            WHERE c.CHANNEL_NAME = ?""";
    private static final String EVENTS = """
            SELECT CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' ORDER BY 1""";
    private static final String BOOT = """
            SELECT i.VARIABLE_SOURCE, p.VARIABLE_VALUE FROM performance_schema.variables_info i \
            LEFT JOIN performance_schema.persisted_variables p ON p.VARIABLE_NAME = i.VARIABLE_NAME \
            WHERE i.VARIABLE_NAME = 'super_read_only'""";
    private static final List<String> FILTERS = List.of("Replicate_Do_DB", "Replicate_Ignore_DB", "Replicate_Do_Table",
            "Replicate_Ignore_Table", "Replicate_Wild_Do_Table", "Replicate_Wild_Ignore_Table", "Replicate_Rewrite_DB");

    private StateQuery() {}

    static ServerState state(Link link) throws SQLException {
        record Identity(UUID uuid, GtidSet executed, GtidSet purged) {}
        // Received is read after executed: a transaction on its way from one to the other is then in at least one of them.
        Identity identity = link.query(IDENTITY, rows -> {
            rows.next();
            return new Identity(UUID.fromString(rows.getString(1)), GtidSet.parse(rows.getString(2)),
                    GtidSet.parse(rows.getString(3)));
        });
        Optional<ReplicaState> replication = replication(link);
        Variables variables = variables(link);
        Variables status = status(link);
        BootMode boot = bootMode(link, variables);
        List<String> events = link.query(EVENTS, rows -> {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        });
        int prepared = link.query("XA RECOVER", rows -> {
            int count = 0;
            while (rows.next()) {
                count++;
            }
            return count;
        });
        return new ServerState(identity.uuid, link.dialect().version(), writeMode(variables), boot,
                variables.on("offline_mode"), variables.text("gtid_mode").equals("ON"), identity.executed,
                identity.purged,
                variables.on("log_bin"), variables.on("log_replica_updates") || variables.on("log_slave_updates"),
                (int) variables.number("sync_binlog"), (int) variables.number("innodb_flush_log_at_trx_commit"),
                variables.on("relay_log_recovery"), variables.on("event_scheduler"), events, prepared,
                Duration.ofSeconds(status.number("uptime")), SemiSyncWords.of(variables).state(variables, status),
                replication);
    }

    static Variables variables(Link link) throws SQLException {
        return link.query(VARIABLES, StateQuery::variables);
    }

    static Variables status(Link link) throws SQLException {
        return link.query(STATUS, StateQuery::variables);
    }

    static GtidSet executed(Link link) throws SQLException {
        return GtidSet.parse(link.text("SELECT @@GLOBAL.gtid_executed"));
    }

    static WriteMode writeMode(Variables variables) {
        if (variables.on("super_read_only")) {
            return WriteMode.SUPER_READ_ONLY;
        }
        return variables.on("read_only") ? WriteMode.READ_ONLY : WriteMode.WRITABLE;
    }

    /**
     * What is persisted wins over every option file. Else the value of now is the one of the start, if no SET GLOBAL has
     * changed it since (VARIABLE_SOURCE is DYNAMIC then, and what the option file says cannot be asked).
     */
    private static BootMode bootMode(Link link, Variables variables) throws SQLException {
        if (!link.dialect().persists()) {
            return BootMode.UNKNOWN;
        }
        return link.query(BOOT, rows -> {
            if (!rows.next()) {
                return BootMode.UNKNOWN;
            }
            String persisted = rows.getString(2);
            if (persisted != null) {
                return Variables.isOn(persisted) ? BootMode.READ_ONLY : BootMode.WRITABLE;
            }
            if ("DYNAMIC".equals(rows.getString(1))) {
                return BootMode.UNKNOWN;
            }
            return variables.on("super_read_only") ? BootMode.READ_ONLY : BootMode.WRITABLE;
        });
    }

    /** @return the default channel, or the first; empty when no source is configured */
    static Optional<ReplicaState> replication(Link link) throws SQLException {
        return channel(link).map(Channel::state);
    }

    static Optional<Channel> channel(Link link) throws SQLException {
        Dialect dialect = link.dialect();
        Optional<Channel> shown = link.query(dialect.showReplicaStatus(), rows -> {
            Channel found = null;
            int channels = 0;
            while (rows.next()) {
                String host = rows.getString(dialect.column("Source_Host"));
                if (host == null || host.isEmpty()) {
                    continue;
                }
                channels++;
                String name = rows.getString("Channel_Name");
                if (found == null || name.isEmpty()) {
                    found = new Channel(name, row(dialect, rows, host));
                }
            }
            return found == null ? Optional.empty() : Optional.of(found.counted(channels));
        });
        if (shown.isEmpty()) {
            return shown;
        }
        Channel channel = shown.get();
        return link.query(CONNECTION, rows -> rows.next() ? Optional.of(heard(channel, rows)) : Optional.of(channel),
                channel.name);
    }

    /** One configured channel. @param name empty for the default one */
    record Channel(String name, ReplicaState state) {

        Channel counted(int channels) {
            ReplicaState s = state;
            return new Channel(name, new ReplicaState(s.source(), s.sourceUuid(), s.receiver(), s.receiverErrno(),
                    s.receiverError(), s.applierRunning(), s.applierErrno(), s.applierError(), s.retrieved(),
                    s.autoPosition(), s.lag(), s.delay(), s.heartbeatPeriod(), s.heartbeats(), s.lastHeartbeat(),
                    s.filters(), channels));
        }
    }

    private static ReplicaState row(Dialect dialect, ResultSet rows, String host) throws SQLException {
        String uuid = rows.getString(dialect.column("Source_UUID"));
        String lag = rows.getString(dialect.column("Seconds_Behind_Source"));
        Receiver receiver = switch (rows.getString(dialect.column("Replica_IO_Running"))) {
            case "Yes" -> Receiver.RUNNING;
            case "No" -> Receiver.STOPPED;
            default -> Receiver.CONNECTING;
        };
        List<String> filters = new ArrayList<>();
        for (String filter : FILTERS) {
            String value = rows.getString(filter);
            if (value != null && !value.isEmpty()) {
                filters.add(filter + "=" + value);
            }
        }
        return new ReplicaState(NodeId.of(host, rows.getInt(dialect.column("Source_Port"))),
                uuid == null || uuid.isEmpty() ? Optional.empty() : Optional.of(UUID.fromString(uuid)), receiver,
                rows.getInt("Last_IO_Errno"), rows.getString("Last_IO_Error"),
                "Yes".equals(rows.getString(dialect.column("Replica_SQL_Running"))), rows.getInt("Last_SQL_Errno"),
                rows.getString("Last_SQL_Error"), GtidSet.parse(rows.getString("Retrieved_Gtid_Set")),
                rows.getInt("Auto_Position") == 1,
                lag == null ? Optional.empty() : Optional.of(Duration.ofSeconds(Long.parseLong(lag))),
                Duration.ofSeconds(rows.getLong("SQL_Delay")), Duration.ZERO, 0, Optional.empty(),
                String.join("; ", filters),
                1);
    }

    private static Channel heard(Channel channel, ResultSet rows) throws SQLException {
        ReplicaState s = channel.state;
        BigDecimal last = rows.getBigDecimal(3);
        GtidSet received = GtidSet.parse(rows.getString(4));
        return new Channel(channel.name, new ReplicaState(s.source(), s.sourceUuid(), s.receiver(), s.receiverErrno(),
                s.receiverError(), s.applierRunning(), s.applierErrno(), s.applierError(),
                s.retrieved().union(received),
                s.autoPosition(), s.lag(), s.delay(), seconds(rows.getBigDecimal(1)), rows.getLong(2),
                last == null || last.signum() == 0
                        ? Optional.empty()
                        : Optional.of(Instant.EPOCH.plus(seconds(last))),
                s.filters(), s.channels()));
    }

    private static Duration seconds(BigDecimal seconds) {
        return Duration.ofNanos(seconds.movePointRight(9).longValue());
    }

    private static Variables variables(ResultSet rows) throws SQLException {
        Map<String, String> values = new TreeMap<>();
        while (rows.next()) {
            String value = rows.getString(2);
            values.put(rows.getString(1).toLowerCase(Locale.ROOT), value == null ? "" : value);
        }
        return new Variables(values);
    }
}
