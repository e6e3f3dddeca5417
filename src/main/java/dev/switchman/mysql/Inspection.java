package dev.switchman.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.switchman.topology.BootMode;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Node;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync.ReplicaSide;
import dev.switchman.topology.SemiSync.SourceSide;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;

/** Looks for what would keep Switchman from its work on one server. Collects findings in their order. */
final class Inspection {

    /** From this release on 5.7 comes with OpenSSL everywhere; before it, TLS 1.1 may be the newest that it knows. */
    private static final ServerVersion TLS_1_2 = new ServerVersion(5, 7, 28);

    private final String subject;
    /** Written by the thread that asks the server, read by the one whose deadline passed. */
    private final List<Finding> findings = new CopyOnWriteArrayList<>();
    private Optional<List<String>> missingForCopies = Optional.empty();
    private boolean inTables = true;

    Inspection(Node node) {
        this.subject = node.toString();
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    void connected(Link link) throws SQLException {
        passed("connect",
                "as " + link.text("SELECT CURRENT_USER()") + (overTls(link) ? ", over TLS" : ", without TLS"));
        if (link.dialect().version().atLeast(5, 7, 0)) {
            passed("version", link.dialect().version().toString());
        } else {
            failed("version",
                    link.dialect().version() + " has no super_read_only worth its name: 5.7 or later is needed");
        }
        Grants grants = grants(link);
        if (Clone.knows(link.dialect())) {
            missingForCopies = Optional.of(grants.missingForCopies(Clone.loaded(link)));
        }
        inTables = RelayLogs.inTables(link);
        List<String> missing = grants.missing(link.dialect());
        if (missing.isEmpty()) {
            passed("privileges", "all that are needed");
        } else {
            failed("privileges",
                    "missing: " + String.join(", ", missing) + "; GRANT them to " + link.text("SELECT CURRENT_USER()"));
        }
    }

    private static boolean overTls(Link link) throws SQLException {
        return link.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", rows -> rows.next() && !rows.getString(2).isEmpty());
    }

    void unreachable(NodeFailure failure) {
        failed(findings.isEmpty() ? "connect" : "state", failure.failure().sentence());
    }

    /** @param version as the server greets with it */
    void withoutTls(NodeFailure failure, ServerVersion version) {
        failed("connect", failure.failure().sentence() + (version.compareTo(TLS_1_2) < 0
                ? ". MySQL " + version
                        + " may know no TLS newer than 1.1, which the driver does not speak any more: set"
                        + " mysql.tls to disabled for it, or update it to " + TLS_1_2 + " or later"
                : ". MySQL " + version + " answers there"));
    }

    static Grants grants(Link link) throws SQLException {
        return link.query("SHOW GRANTS", rows -> {
            List<String> lines = new ArrayList<>();
            while (rows.next()) {
                lines.add(rows.getString(1));
            }
            return Grants.of(lines);
        });
    }

    /** What a server leaves out of its binary log no replica ever gets, once that server is the primary. */
    void binaryLogFilters(String filters) {
        check(Finding.BINARY_LOG_FILTERS, filters.isEmpty(), Grade.WARNING, "none",
                filters + ": what is left out of its binary log reaches no replica");
    }

    /** What works, and costs something in a fault. */
    void lints(Link link, ServerState server) throws SQLException {
        findings.addAll(Lints.of(subject, link, server, inTables));
    }

    /** @return {@code binlog_do_db} and {@code binlog_ignore_db} as {@code SHOW BINARY LOG STATUS} tells them; empty without any */
    static String filtersOfBinaryLog(Link link) throws SQLException {
        return link.query(link.dialect().showBinaryLogStatus(), rows -> {
            // No row: it writes no binary log.
            List<String> filters = new ArrayList<>();
            if (rows.next()) {
                for (String column : List.of("Binlog_Do_DB", "Binlog_Ignore_DB")) {
                    String databases = Optional.ofNullable(rows.getString(column)).orElse("");
                    if (!databases.isEmpty()) {
                        filters.add(column.toLowerCase(Locale.ROOT) + "=" + databases);
                    }
                }
            }
            return String.join(", ", filters);
        });
    }

    void state(ServerState server, Optional<StateQuery.Channel> channel) {
        check("gtid-mode", server.gtidMode(), Grade.FAILED, "gtid_mode=ON",
                "gtid_mode is not ON: replicas cannot be repointed");
        check("log-bin", server.logBin(), Grade.FAILED, "log_bin=ON",
                "log_bin=OFF: this server cannot become a primary");
        check("log-replica-updates", server.logReplicaUpdates(), Grade.FAILED, "log_replica_updates=ON",
                "log_replica_updates=OFF: replicas could not catch up from this server");
        bootMode(server.bootMode());
        check("prepared-xa", server.preparedXa() == 0, Grade.FAILED, "XA RECOVER is empty",
                server.preparedXa() + " prepared XA transactions: XA COMMIT passes super_read_only");
        channel(channel);
        semiSyncSource(server.semiSync().source());
        semiSyncReplica(server.semiSync().replica());
        missingForCopies.ifPresent(missing -> check("copy-privileges", missing.isEmpty(), Grade.WARNING,
                "it can be copied, and become a copy",
                "missing: " + String.join(", ", missing) + "; without them rejoin cannot rebuild a server by CLONE"));
    }

    private void bootMode(BootMode mode) {
        switch (mode) {
            case READ_ONLY -> passed("boots-read-only", "super_read_only is set at the start");
            case WRITABLE -> failed("boots-read-only",
                    "a restarted server would accept writes: SET PERSIST_ONLY super_read_only=1, or the option file on 5.7");
            case UNKNOWN -> add("boots-read-only", Grade.WARNING,
                    "the server does not tell: on 8.0 and later SET PERSIST_ONLY super_read_only=1, on 5.7 look into its option file");
        }
    }

    private void channel(Optional<StateQuery.Channel> channel) {
        if (channel.isEmpty()) {
            passed("single-channel", "no source");
            return;
        }
        ReplicaState state = channel.get().state();
        if (state.channels() > 1) {
            failed("single-channel",
                    state.channels() + " replication channels: multi-source replication is not supported");
        } else if (!channel.get().name().isEmpty()) {
            failed("single-channel", "channel \"" + channel.get().name() + "\": only the default channel is supported");
        } else {
            passed("single-channel", "follows " + state.source());
        }
        check("auto-position", state.autoPosition(), Grade.FAILED, "SOURCE_AUTO_POSITION=1",
                "replicates by file and position: SOURCE_AUTO_POSITION=1 is needed");
        check("applier", state.applierRunning(), Grade.FAILED, "runs",
                "stands" + (state.applierErrno() == 0
                        ? ""
                        : " with error " + state.applierErrno() + ": " + state.applierError()));
        check("filters", state.filters().isEmpty(), Grade.WARNING, "none",
                "replication filters: " + state.filters() + "; a promoted server would lack what they leave out");
    }

    private void semiSyncSource(SourceSide side) {
        switch (side) {
            case SourceSide.Absent() -> add("semi-sync-source", Grade.WARNING,
                    "the plugin is not loaded: an acknowledged write can be lost with the primary");
            case SourceSide.Present source -> passed("semi-sync-source",
                    (source.enabled() ? "on" : "off") + ", waits for " + source.waitCount());
        }
    }

    private void semiSyncReplica(ReplicaSide side) {
        switch (side) {
            case ReplicaSide.Absent() -> add("semi-sync-replica", Grade.WARNING, "the plugin is not loaded");
            case ReplicaSide.Present replica -> passed("semi-sync-replica",
                    (replica.enabled() ? "on" : "off") + (replica.operating() ? ", acknowledges" : ""));
        }
    }

    private void check(String check, boolean good, Grade otherwise, String goodDetail, String badDetail) {
        add(check, good ? Grade.PASSED : otherwise, good ? goodDetail : badDetail);
    }

    private void passed(String check, String detail) {
        add(check, Grade.PASSED, detail);
    }

    private void failed(String check, String detail) {
        add(check, Grade.FAILED, detail);
    }

    private void add(String check, Grade grade, String detail) {
        findings.add(new Finding(check, subject, grade, detail));
    }
}
