package dev.switchman.topology;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * All that was read from one server in one look.
 *
 * @param gtidMode whether {@code gtid_mode=ON}
 * @param executed {@code @@GLOBAL.gtid_executed}
 * @param purged {@code @@GLOBAL.gtid_purged}
 * @param syncBinlog {@code sync_binlog}
 * @param flushLogAtCommit {@code innodb_flush_log_at_trx_commit}
 * @param relayLogRecovery {@code relay_log_recovery}
 * @param relayLogPurge {@code relay_log_purge}: whether it deletes relay logs that its appliers have done with
 * @param enabledEvents events that are ENABLED here, as {@code schema.name}
 * @param preparedXa transactions that {@code XA RECOVER} lists
 * @param replication empty on a server without a source
 * @param logs where its files are, also when it is down
 */
public record ServerState(
        UUID serverUuid,
        ServerVersion version,
        WriteMode writeMode,
        BootMode bootMode,
        boolean offline,
        boolean gtidMode,
        GtidSet executed,
        GtidSet purged,
        boolean logBin,
        boolean logReplicaUpdates,
        int syncBinlog,
        int flushLogAtCommit,
        boolean relayLogRecovery,
        boolean relayLogPurge,
        boolean eventScheduler,
        List<String> enabledEvents,
        int preparedXa,
        Duration uptime,
        SemiSync semiSync,
        Optional<ReplicaState> replication,
        LogPlaces logs) {

    public ServerState {
        enabledEvents = List.copyOf(enabledEvents);
    }

    /** @return what this server holds or can still apply: received united with executed */
    public GtidSet reachable() {
        return replication.map(state -> state.retrieved().union(executed)).orElse(executed);
    }
}
