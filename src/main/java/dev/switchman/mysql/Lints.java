package dev.switchman.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Lint;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync.ReplicaSide;
import dev.switchman.topology.SemiSync.SourceSide;
import dev.switchman.topology.ServerState;

/** Looks for settings of one server that cost writes, time or safety in a fault. What a version does not know is left out. */
final class Lints {

    /** A semi-sync timeout below this falls back to asynchronous before a failover has ended. */
    private static final Duration LONG_ENOUGH = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final String subject;
    private final ServerState server;
    private final Variables variables;
    private final List<Finding> findings = new ArrayList<>();

    private Lints(String subject, ServerState server, Variables variables) {
        this.subject = subject;
        this.server = server;
        this.variables = variables;
    }

    /** @param tables whether it keeps the state of its replication in tables */
    static List<Finding> of(String subject, Link link, ServerState server, boolean tables) throws SQLException {
        return of(subject, server, link.query("SHOW GLOBAL VARIABLES", StateQuery::variables), tables);
    }

    static List<Finding> of(String subject, ServerState server, Variables variables, boolean tables) {
        Lints lints = new Lints(subject, server, variables);
        lints.binaryLog();
        lints.replica();
        lints.semiSync();
        lints.lint(Lint.SALVAGE_CHANNEL, tables, "in tables", "in files");
        return List.copyOf(lints.findings);
    }

    private void binaryLog() {
        value(Lint.SYNC_BINLOG, "sync_binlog", server.syncBinlog() == 1, String.valueOf(server.syncBinlog()));
        value(Lint.FLUSH_LOG_AT_COMMIT, "innodb_flush_log_at_trx_commit", server.flushLogAtCommit() == 1,
                String.valueOf(server.flushLogAtCommit()));
        expiry();
        set(Lint.BINLOG_FORMAT, "ROW", "binlog_format");
        set(Lint.BINLOG_ENCRYPTION, "OFF", "binlog_encryption");
        set(Lint.GTID_CONSISTENCY, "ON", "enforce_gtid_consistency");
    }

    private void expiry() {
        Duration kept = variables.has("binlog_expire_logs_seconds")
                ? Duration.ofSeconds(variables.number("binlog_expire_logs_seconds"))
                : Duration.ZERO;
        boolean purges = !variables.has("binlog_expire_logs_auto_purge")
                || variables.on("binlog_expire_logs_auto_purge");
        if (kept.isZero()) {
            kept = Duration.ofDays(variables.number("expire_logs_days"));
        }
        boolean forEver = kept.isZero() || !purges;
        lint(Lint.BINLOG_EXPIRY, forEver || kept.compareTo(DAY) >= 0,
                forEver ? "never purged by age" : "kept for " + kept.toHours() + " h",
                "binary logs are kept for " + kept.toMinutes() + " min only");
    }

    private void replica() {
        Optional<ReplicaState> channel = server.replication();
        long waiting = server.reachable().minus(server.executed()).count();
        lint(Lint.RELAY_LOG_RECOVERY, !server.relayLogRecovery(), "relay_log_recovery=OFF",
                "relay_log_recovery=ON" + (waiting == 0 ? "" : ", with " + waiting + " transactions not applied now"));
        name("replica_parallel_workers", "slave_parallel_workers").ifPresent(workers -> {
            long count = variables.number(workers);
            value(Lint.PARALLEL_WORKERS, workers, count > 1, String.valueOf(count));
            name("replica_preserve_commit_order", "slave_preserve_commit_order").ifPresent(order -> value(
                    Lint.COMMIT_ORDER, order, count <= 1 || variables.on(order), variables.text(order)));
        });
        name("replica_skip_errors", "slave_skip_errors").ifPresent(name -> set(Lint.SKIP_ERRORS, "OFF", name));
        name("replica_exec_mode", "slave_exec_mode").ifPresent(name -> set(Lint.EXECUTION_MODE, "STRICT", name));
        name("skip_replica_start", "skip_slave_start").ifPresent(name -> set(Lint.STARTS_REPLICATION, "OFF", name));
        if (channel.isEmpty()) {
            return;
        }
        boolean runs = server.eventScheduler() && !server.enabledEvents().isEmpty();
        lint(Lint.EVENTS_ON_REPLICA, !runs, "none", "event_scheduler=ON, and enabled are " + server.enabledEvents());
        boolean delayed = !channel.get().delay().isZero();
        String delay = "SOURCE_DELAY=" + channel.get().delay().toSeconds();
        lint(Lint.DELAY, !delayed, "none", delay);
        lint(Lint.DELAYED_ACKNOWLEDGES, !delayed || !acknowledges(), "no",
                delay + " and rpl_semi_sync_replica_enabled=ON");
    }

    private boolean acknowledges() {
        return server.semiSync().replica() instanceof ReplicaSide.Present side && side.enabled();
    }

    private void semiSync() {
        if (acknowledges()) {
            set(Lint.SYNC_RELAY_LOG, "1", "sync_relay_log");
        }
        if (!(server.semiSync().source() instanceof SourceSide.Present side)) {
            return;
        }
        lint(Lint.SEMI_SYNC_TIMEOUT, side.timeout().compareTo(LONG_ENOUGH) >= 0, side.timeout().toSeconds() + " s",
                "it is " + side.timeout().toMillis() + " ms");
        lint(Lint.SEMI_SYNC_WAIT_POINT, side.afterSync(), "AFTER_SYNC", "it is not AFTER_SYNC");
        lint(Lint.SEMI_SYNC_WAIT_NO_REPLICA, side.waitNoReplica(), "ON", "wait_no_replica=OFF");
        if (side.enabled()) {
            lint(Lint.SEMI_SYNC_WAIT_COUNT, side.waitCount() < side.clients(),
                    "waits for " + side.waitCount() + " of " + side.clients(),
                    "waits for " + side.waitCount() + " of " + side.clients());
        }
    }

    /** @return the name that this version has for it; variables were renamed in 8.0.26 */
    private Optional<String> name(String now, String before) {
        return variables.has(now) ? Optional.of(now) : Optional.of(before).filter(variables::has);
    }

    private void set(Lint lint, String wanted, String name) {
        if (variables.has(name)) {
            boolean on = Variables.isOn(wanted) && variables.on(name);
            value(lint, name, on || variables.text(name).equalsIgnoreCase(wanted), variables.text(name));
        }
    }

    private void value(Lint lint, String name, boolean good, String value) {
        lint(lint, good, name + "=" + value, name + "=" + value);
    }

    private void lint(Lint lint, boolean good, String fine, String otherwise) {
        findings.add(new Finding(lint.word(), subject, good ? Grade.PASSED : Grade.WARNING,
                good ? fine : otherwise + ": " + lint.why()));
    }
}
