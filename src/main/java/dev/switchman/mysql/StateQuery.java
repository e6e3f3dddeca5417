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
import java.util.stream.Collectors;

import dev.switchman.topology.BootMode;
import dev.switchman.topology.Glance;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

/** The questions that a look at a server consists of. None writes, none flushes, none takes a lock that a client feels. */
final class StateQuery {

    private static final List<String> IDENTITY = List.of("server_uuid", "gtid_executed", "gtid_purged");
    private static final List<String> WRITE_MODE = List.of("super_read_only", "read_only", "offline_mode");
    private static final int UNKNOWN_VARIABLE = 1193;
    /** Each server has them. Asked for by name they cost a tenth of what SHOW costs, which fills a table first. */
    private static final List<String> PLAIN = List.of("super_read_only", "read_only", "offline_mode", "gtid_mode",
            "log_bin",
            "sync_binlog", "innodb_flush_log_at_trx_commit", "relay_log_recovery", "relay_log_purge",
            "event_scheduler",
            "log_bin_basename",
            "log_bin_index", "relay_log_basename", "datadir");
    private static final String SEMI_SYNC = "SHOW GLOBAL VARIABLES LIKE 'rpl\\_semi\\_sync\\_%'";
    private static final String STATUS = """
            SHOW GLOBAL STATUS WHERE Variable_name = 'Uptime' OR Variable_name LIKE 'Rpl\\_semi\\_sync\\_%'""";
    private static final String ACKNOWLEDGERS = "SHOW GLOBAL STATUS LIKE 'Rpl\\_semi\\_sync\\_%'";
    private static final String CONNECTION = """
            SELECT c.CHANNEL_NAME, c.HEARTBEAT_INTERVAL, s.COUNT_RECEIVED_HEARTBEATS, \
            UNIX_TIMESTAMP(s.LAST_HEARTBEAT_TIMESTAMP), s.RECEIVED_TRANSACTION_SET \
            FROM performance_schema.replication_connection_configuration c \
            JOIN performance_schema.replication_connection_status s ON s.CHANNEL_NAME = c.CHANNEL_NAME""";
    private static final String EVENTS = """
            SELECT CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' ORDER BY 1""";
    private static final String PERSISTED = """
            SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables WHERE VARIABLE_NAME = 'super_read_only'""";
    /** Makes the server read all its variables for one: a millisecond. */
    private static final String SOURCE = """
            SELECT VARIABLE_SOURCE FROM performance_schema.variables_info WHERE VARIABLE_NAME = 'super_read_only'""";
    private static final List<String> FILTERS = List.of("Replicate_Do_DB", "Replicate_Ignore_DB", "Replicate_Do_Table",
            "Replicate_Ignore_Table", "Replicate_Wild_Do_Table", "Replicate_Wild_Ignore_Table", "Replicate_Rewrite_DB");

    private StateQuery() {}

    /** What is known of a server in the middle of a look. */
    private static final class Answers {
        private Variables status = new Variables(Map.of());
        private Variables variables = new Variables(Map.of());
        private Optional<Channel> channel = Optional.empty();
        private Map<String, Hearing> heard = Map.of();
        private List<String> events = List.of();
        private int prepared;
        private List<String> persisted = List.of();
        private List<String> source = List.of();
    }

    /** Two round trips: a look is taken several times while an application waits for its new primary. */
    static ServerState state(Link link) throws SQLException {
        Dialect dialect = link.dialect();
        Answers answers = new Answers();
        // What is loaded of semi-sync shows in its status; only then can its variables be asked for by name.
        List<Link.Question> first = new ArrayList<>(List.of(
                new Link.Question(STATUS, rows -> answers.status = variables(rows)),
                new Link.Question(EVENTS, rows -> answers.events = column(rows)),
                new Link.Question("XA RECOVER", rows -> answers.prepared = count(rows))));
        if (dialect.persists()) {
            first.add(new Link.Question(PERSISTED, rows -> answers.persisted = column(rows)));
        }
        link.ask(first);
        List<String> names = named(dialect, answers.status);
        // Received is read after executed: a transaction on its way from one to the other is then in at least one of them.
        List<Link.Question> second = new ArrayList<>(List.of(
                new Link.Question(select(names), rows -> answers.variables = row(names, rows)),
                new Link.Question(dialect.showReplicaStatus(), rows -> answers.channel = channel(dialect, rows)),
                new Link.Question(CONNECTION, rows -> answers.heard = hearings(rows))));
        if (dialect.persists() && answers.persisted.isEmpty()) {
            second.add(new Link.Question(SOURCE, rows -> answers.source = column(rows)));
        }
        link.ask(second);
        Variables variables = answers.variables;
        return new ServerState(UUID.fromString(variables.text("server_uuid")), dialect.version(),
                writeMode(variables), bootMode(answers), variables.on("offline_mode"),
                variables.text("gtid_mode").equals("ON"),
                GtidSet.parse(variables.text("gtid_executed")), GtidSet.parse(variables.text("gtid_purged")),
                variables.on("log_bin"), variables.on(dialect.logsUpdates()),
                (int) variables.number("sync_binlog"), (int) variables.number("innodb_flush_log_at_trx_commit"),
                variables.on("relay_log_recovery"), variables.on("relay_log_purge"),
                variables.on("event_scheduler"), answers.events, answers.prepared,
                Duration.ofSeconds(answers.status.number("uptime")),
                SemiSyncWords.of(variables).state(variables, answers.status),
                answers.channel.map(channel -> channel.heard(answers.heard)).map(Channel::state),
                new LogPlaces(variables.text("log_bin_basename"), variables.text("log_bin_index"),
                        variables.text("relay_log_basename"), variables.text("datadir")));
    }

    /** One round trip. */
    static Glance glance(Link link) throws SQLException {
        Dialect dialect = link.dialect();
        List<String> names = new ArrayList<>(WRITE_MODE);
        names.add("gtid_executed");
        Answers answers = new Answers();
        // Received after executed, as in a full look.
        link.ask(List.of(new Link.Question(select(names), rows -> answers.variables = row(names, rows)),
                new Link.Question(dialect.showReplicaStatus(), rows -> answers.channel = channel(dialect, rows))));
        Variables variables = answers.variables;
        return new Glance.Seen(writeMode(variables), variables.on("offline_mode"),
                GtidSet.parse(variables.text("gtid_executed")), answers.channel.map(Channel::state));
    }

    static int acknowledgers(Link link) throws SQLException {
        List<Integer> counted = new ArrayList<>();
        link.ask(List.of(new Link.Question(ACKNOWLEDGERS, rows -> {
            Variables status = variables(rows);
            counted.add(SemiSyncWords.loaded(status).clients(status));
        })));
        return counted.getFirst();
    }

    private static List<String> column(ResultSet rows) throws SQLException {
        List<String> values = new ArrayList<>();
        while (rows.next()) {
            values.add(rows.getString(1));
        }
        return values;
    }

    private static int count(ResultSet rows) throws SQLException {
        int count = 0;
        while (rows.next()) {
            count++;
        }
        return count;
    }

    private static List<String> named(Dialect dialect, Variables status) {
        List<String> names = new ArrayList<>(IDENTITY);
        names.addAll(PLAIN);
        names.add(dialect.logsUpdates());
        names.addAll(SemiSyncWords.loaded(status).variables());
        return names;
    }

    /** With GLOBAL: without a scope 5.7 answers for the session, and that is empty. */
    private static String select(List<String> names) {
        return names.stream().collect(Collectors.joining(", @@GLOBAL.", "SELECT @@GLOBAL.", ""));
    }

    private static Variables row(List<String> names, ResultSet row) throws SQLException {
        row.next();
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            String value = row.getString(i + 1);
            values.put(names.get(i), value == null ? "" : value);
        }
        return new Variables(values);
    }

    /** @return whether clients may write there */
    static Variables writeModes(Link link) throws SQLException {
        return link.query(select(WRITE_MODE), rows -> row(WRITE_MODE, rows));
    }

    /** @return variables of semi-sync, whichever are loaded; by their names as soon as this connection knows them */
    static Variables semiSync(Link link) throws SQLException {
        Optional<SemiSyncWords> known = link.semiSync();
        if (known.isPresent()) {
            List<String> names = known.get().variables();
            try {
                return link.query(select(names), rows -> row(names, rows));
            } catch (SQLException e) {
                // A plugin was taken out since.
                if (e.getErrorCode() != UNKNOWN_VARIABLE) {
                    throw e;
                }
            }
        }
        Variables shown = link.query(SEMI_SYNC, StateQuery::variables);
        link.knows(SemiSyncWords.of(shown));
        return shown;
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
    private static BootMode bootMode(Answers answers) {
        if (!answers.persisted.isEmpty()) {
            return Variables.isOn(answers.persisted.getFirst()) ? BootMode.READ_ONLY : BootMode.WRITABLE;
        }
        if (answers.source.isEmpty() || answers.source.getFirst().equals("DYNAMIC")) {
            return BootMode.UNKNOWN;
        }
        return answers.variables.on("super_read_only") ? BootMode.READ_ONLY : BootMode.WRITABLE;
    }

    /** @return the default channel, or the first; empty when no source is configured */
    static Optional<ReplicaState> replication(Link link) throws SQLException {
        return channel(link).map(Channel::state);
    }

    /** Without what its receiver has heard: one question less. */
    static Optional<ReplicaState> threads(Link link) throws SQLException {
        Dialect dialect = link.dialect();
        return link.query(dialect.showReplicaStatus(), rows -> channel(dialect, rows)).map(Channel::state);
    }

    static Optional<Channel> channel(Link link) throws SQLException {
        Dialect dialect = link.dialect();
        Optional<Channel> shown = link.query(dialect.showReplicaStatus(), rows -> channel(dialect, rows));
        return shown.isEmpty() ? shown : Optional.of(shown.get().heard(link.query(CONNECTION, StateQuery::hearings)));
    }

    /**
     * @return whether the source has begun to send: it names its binary log before the first event. A receiver counts as
     *         running a moment earlier, when the source may yet answer that it has purged what is missing (1236).
     */
    static boolean receives(Link link) throws SQLException {
        Dialect dialect = link.dialect();
        return link.query(dialect.showReplicaStatus(), rows -> {
            boolean sent = false;
            while (rows.next()) {
                String file = rows.getString(dialect.column("Source_Log_File"));
                sent |= file != null && !file.isEmpty();
            }
            return sent;
        });
    }

    /** @return of the default channel */
    static LogPoint logPoint(Link link) throws SQLException {
        Dialect dialect = link.dialect();
        return link.query(dialect.showReplicaStatus(), rows -> {
            while (rows.next()) {
                if (rows.getString("Channel_Name").isEmpty()) {
                    return new LogPoint.Seen(
                            position(rows, dialect.column("Source_Log_File"), dialect.column("Read_Source_Log_Pos")),
                            position(rows, dialect.column("Relay_Source_Log_File"),
                                    dialect.column("Exec_Source_Log_Pos")));
                }
            }
            return new LogPoint.Seen(Optional.empty(), Optional.empty());
        });
    }

    private static Optional<LogPosition> position(ResultSet row, String file, String offset) throws SQLException {
        String name = row.getString(file);
        return name == null || name.isEmpty()
                ? Optional.empty()
                : Optional.of(new LogPosition(name, row.getLong(offset)));
    }

    private static Optional<Channel> channel(Dialect dialect, ResultSet rows) throws SQLException {
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
    }

    /** What a channel's receiver has heard of its source. */
    private record Hearing(Duration period, long heartbeats, Optional<Instant> last, GtidSet received) {}

    private static Map<String, Hearing> hearings(ResultSet rows) throws SQLException {
        Map<String, Hearing> heard = new TreeMap<>();
        while (rows.next()) {
            BigDecimal last = rows.getBigDecimal(4);
            heard.put(rows.getString(1), new Hearing(seconds(rows.getBigDecimal(2)), rows.getLong(3),
                    last == null || last.signum() == 0
                            ? Optional.empty()
                            : Optional.of(Instant.EPOCH.plus(seconds(last))),
                    GtidSet.parse(rows.getString(5))));
        }
        return heard;
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

        Channel heard(Map<String, Hearing> all) {
            Hearing heard = all.get(name);
            if (heard == null) {
                return this;
            }
            ReplicaState s = state;
            return new Channel(name, new ReplicaState(s.source(), s.sourceUuid(), s.receiver(), s.receiverErrno(),
                    s.receiverError(), s.applierRunning(), s.applierErrno(), s.applierError(),
                    s.retrieved().union(heard.received), s.autoPosition(), s.lag(), s.delay(), heard.period,
                    heard.heartbeats, heard.last, s.filters(), s.channels()));
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

    private static Duration seconds(BigDecimal seconds) {
        return Duration.ofNanos(seconds.movePointRight(9).longValue());
    }

    static Variables variables(ResultSet rows) throws SQLException {
        Map<String, String> values = new TreeMap<>();
        while (rows.next()) {
            String value = rows.getString(2);
            values.put(rows.getString(1).toLowerCase(Locale.ROOT), value == null ? "" : value);
        }
        return new Variables(values);
    }
}
