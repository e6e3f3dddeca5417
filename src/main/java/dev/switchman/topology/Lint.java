package dev.switchman.topology;

import java.util.Locale;

/**
 * Settings of a server that work, and that cost writes, time or safety in a fault. Each is a check of {@code switchman check}; what
 * is against it is a warning. The words are stable over releases.
 */
public enum Lint {
    SYNC_BINLOG(
            "after a crash of its host, transactions that clients were told of may be missing from its binary log"), FLUSH_LOG_AT_COMMIT(
                    "after a crash of its host, InnoDB may lack committed transactions, and the server has to be rebuilt"), RELAY_LOG_RECOVERY(
                            "a replica that restarts drops relay logs that it has acknowledged: if the primary dies before they are"
                                    + " fetched again, acknowledged writes are lost"), SYNC_RELAY_LOG(
                                            "a crash of its host can take from its relay log what it has acknowledged"), SEMI_SYNC_TIMEOUT(
                                                    "past its timeout the primary falls back to asynchronous, and what is acknowledged then can be lost"), SEMI_SYNC_WAIT_POINT(
                                                            "with AFTER_COMMIT clients see transactions that no replica has yet, and that are gone after a failover"), SEMI_SYNC_WAIT_NO_REPLICA(
                                                                    "the primary falls back to asynchronous as soon as too few replicas are connected"), SEMI_SYNC_WAIT_COUNT(
                                                                            "each commit waits for as many replicas as there are: with one of them lost, commits stand still"), BINLOG_EXPIRY(
                                                                                    "a server that is away for longer than binary logs are kept cannot catch up any more, and has to be rebuilt"), BINLOG_FORMAT(
                                                                                            "statements may do something else on a replica than on the primary, which nobody notices before a promotion"), BINLOG_ENCRYPTION(
                                                                                                    "encrypted binary logs of a dead server cannot be read: nothing is salvaged from them, and no loss report can"
                                                                                                            + " be made"), GTID_CONSISTENCY(
                                                                                                                    "statements that GTIDs cannot carry are let through, and break replication later"), COMMIT_ORDER(
                                                                                                                            "parallel appliers commit in another order than the primary did: readers see states that never were, and a stop"
                                                                                                                                    + " leaves gaps"), PARALLEL_WORKERS(
                                                                                                                                            "one applier thread falls behind a busy primary, and a failover waits until it has caught up"), SKIP_ERRORS(
                                                                                                                                                    "what the applier cannot apply is left out silently: the replica differs from the primary, and is promoted so"), EXECUTION_MODE(
                                                                                                                                                            "what the applier cannot apply is taken for done: the replica differs from the primary, and is promoted so"), STARTS_REPLICATION(
                                                                                                                                                                    "after a restart it does not replicate before somebody starts it: it holds less than one might think"), EVENTS_ON_REPLICA(
                                                                                                                                                                            "events that are enabled on a replica run there too: they fail under super_read_only, and run twice after a"
                                                                                                                                                                                    + " promotion"), DELAY(
                                                                                                                                                                                            "a replica that is delayed on purpose is not promoted, unless nothing else is left and a person agrees"), DELAYED_ACKNOWLEDGES(
                                                                                                                                                                                                    "a delayed replica may be the only one that has an acknowledged write, and nobody waits for it in a"
                                                                                                                                                                                                            + " failover: switch rpl_semi_sync_replica_enabled off there"), SALVAGE_CHANNEL(
                                                                                                                                                                                                                    "it keeps the state of its replication in files, and can have no second channel: nothing could be salvaged from"
                                                                                                                                                                                                                            + " a dead primary's logs; set master_info_repository and relay_log_info_repository to TABLE");

    private final String why;

    Lint(String why) {
        this.why = why;
    }

    /** @return name of the check: {@code sync-binlog} */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @return the rest of a sentence about the setting: what it costs */
    public String why() {
        return why;
    }
}
