package dev.switchman.mysql;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import dev.switchman.topology.Account;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * Changes MySQL servers. Used by runbook steps alone. Every method looks first and then acts, may be repeated, returns
 * within its deadline also when the host is silent, and says what it knows at the end; it never throws for a server
 * that is gone.
 */
public interface NodeOperator extends AutoCloseable {

    /**
     * Takes write access: {@code SET SESSION lock_wait_timeout}, {@code SET GLOBAL super_read_only=1}, ends the sessions of
     * ordinary users, reads super_read_only back. At its deadline it kills its own statement, proves it gone and reads
     * back, because a queued {@code SET GLOBAL} would take effect later.
     */
    Fencing refuseWrites(Node node, Duration deadline);

    /**
     * The same, with a grace of its own for sessions that hold it up: they are ended after that, and not after a part of the
     * deadline.
     */
    default Fencing refuseWrites(Node node, Duration grace, Duration deadline) {
        return refuseWrites(node, deadline);
    }

    /** Opens for writes: {@code SET GLOBAL super_read_only=0, read_only=0}, offline_mode off, read back. Never persisted. */
    Change openWrites(Node node, Duration deadline);

    /** {@code STOP REPLICA IO_THREAD}, read back. Nothing to do on a server without a channel. */
    Change stopReceiver(Node node, Duration deadline);

    /** {@code START REPLICA} (both threads), read back. */
    Change startReplication(Node node, Duration deadline);

    /**
     * Waits until {@code target} is executed here: the applier is started if it stands, then
     * {@code WAIT_FOR_EXECUTED_GTID_SET} in slices, so that a stopped applier is seen at once.
     *
     * @param missing is told at each look how much of the target is still missing; returns at once
     */
    CatchUp catchUp(Node node, GtidSet target, Duration deadline, Consumer<GtidSet> missing);

    /** The same, and tells nobody how far it is. */
    default CatchUp catchUp(Node node, GtidSet target, Duration deadline) {
        return catchUp(node, target, deadline, missing -> {});
    }

    /**
     * Makes {@code replica} follow {@code source} by GTID auto-position, keeping the channel's other options (TLS, delay,
     * compression), with retry count and connect retry set. STOP IO_THREAD; CHANGE; START, with the applier running; with
     * a stopped applier only when everything received is executed, else {@link Change.Rejected}: CHANGE would delete the
     * relay log. A server that has no channel yet gets one. Returns when the receiver runs, or at the deadline.
     */
    Change repoint(Node replica, Node source, Account replication, Duration deadline);

    /**
     * Lets a replica that is delayed on purpose apply all that it has received: {@code STOP REPLICA SQL_THREAD}, {@code CHANGE
     * REPLICATION SOURCE TO SOURCE_DELAY=0}, {@code START REPLICA SQL_THREAD}, read back. The receiver is started before and
     * stopped again afterwards, where it stood: with both threads stopped, CHANGE would delete the relay log. Nothing to do
     * where there is no delay.
     */
    default Change liftDelay(Node node, Duration deadline) {
        return new Change.Rejected("this operator lifts no delay");
    }

    /** {@code STOP REPLICA} (both threads), read back. The channel stays. Nothing to do on a server without one. */
    Change stopReplication(Node node, Duration deadline);

    /** {@code STOP REPLICA; RESET REPLICA ALL}: the server forgets its source. Read back. */
    Change forgetSource(Node node, Duration deadline);

    /** Name of the channel that {@link #applyRelayLogs} makes and removes. */
    String SALVAGE_CHANNEL = "switchman_salvage";

    /**
     * Applies relay logs that were put beside the server's own, as a channel of their own without a receiver:
     * {@code CHANGE REPLICATION SOURCE TO … RELAY_LOG_FILE … FOR CHANNEL}, {@code START REPLICA SQL_THREAD}. What is executed
     * already is skipped; the server may be super_read_only. The applier of the server's own channel is stopped before, and stays
     * so: a transaction of which it has received a part has its GTID and its locks until then. The channel is left there at any
     * end, and goes on applying at the deadline: {@link #dropRelayLogs} removes it. A 5.7 server that keeps its replication's
     * state in files can have no second channel: stopped with 3077.
     *
     * @param source whose transactions they are; it is not connected to
     * @param first name of the oldest file, without a directory
     * @param target what they hold; reached when all of it is executed
     * @param missing is told at each look how much of the target is still missing; returns at once
     */
    CatchUp applyRelayLogs(Node node, NodeId source, String first, GtidSet target, Duration deadline,
            Consumer<GtidSet> missing);

    /** The same, and tells nobody how far it is. */
    default CatchUp applyRelayLogs(Node node, NodeId source, String first, GtidSet target, Duration deadline) {
        return applyRelayLogs(node, source, first, target, deadline, missing -> {});
    }

    /**
     * Removes the channel of {@link #applyRelayLogs}, its relay logs too: {@code STOP REPLICA; RESET REPLICA ALL FOR CHANNEL}, read
     * back. What is applied stays. Nothing to do where there is none.
     */
    Change dropRelayLogs(Node node, Duration deadline);

    /**
     * Lets a server that keeps its relay logs delete those that its appliers have done with:
     * {@code SET GLOBAL relay_log_purge=1; FLUSH NO_WRITE_TO_BINLOG RELAY LOGS}, waits until the applier of each channel has
     * moved on to the new file, then {@code SET GLOBAL relay_log_purge=0} again, at any end, read back. What an applier still
     * needs stays, however far behind it is; the server itself decides which files go. Does nothing where
     * {@code relay_log_purge=1} and nothing was begun.
     *
     * @param begun whether an earlier attempt was interrupted: a 1 may be of its making, and becomes 0
     * @param patience how long the appliers are waited for
     * @param statement within which each of the other parts ends; in all, patience and twice that
     */
    default RelayLogPurge purgeRelayLogs(Node node, boolean begun, Duration patience, Duration statement) {
        return new RelayLogPurge.Failed("this operator purges no relay logs");
    }

    /** Switches the acknowledging side of semi-sync; on needs a restart of the receiver to take effect. */
    Change semiSyncReplica(Node node, boolean on, Duration deadline);

    /**
     * Switches the waiting side of semi-sync.
     *
     * @param waitCount acknowledgements to wait for; empty leaves it as it is
     */
    Change semiSyncSource(Node node, boolean on, Optional<Integer> waitCount, Duration deadline);

    /** So many errant transactions are injected at most: each is a commit of its own. */
    int MOST_INJECTED = 10_000;

    /**
     * Commits an empty transaction under each of these GTIDs that the server has not executed yet: {@code SET GTID_NEXT='…';
     * BEGIN; COMMIT}. Its replicas get them as any other, and a server that holds a transaction of that GTID skips them. May be
     * repeated; at its deadline some may be left, and {@code gtid_executed} tells which.
     *
     * @return {@link Change.Done} when all of them are executed, read back
     */
    default Change injectEmpty(Node primary, GtidSet gtids, Duration deadline) {
        return new Change.Rejected("this operator injects no transactions");
    }

    /** {@code ALTER EVENT … ENABLE} for exactly these events, given as {@code schema.name}. */
    Change enableEvents(Node node, List<String> events, Duration deadline);

    /**
     * {@code ALTER EVENT … DISABLE ON REPLICA} for exactly these events, given as {@code schema.name}, without a binary log entry
     * ({@code sql_log_bin=0}); those that are not enabled, or not there, are left alone. super_read_only, where it is on, is off for
     * that moment, and read_only stays.
     *
     * @return {@link Change.Done} when none of them is enabled and super_read_only is as it was
     */
    default Change disableEvents(Node node, List<String> events, Duration deadline) {
        return new Change.Rejected("this operator disables no events");
    }

    /**
     * Writes and reads back one row of Switchman's own schema, through {@code via} if given: the proof that clients can
     * write. Rejected when the schema is missing or another server answers at that address.
     *
     * @param via address to connect to in place of the node's own: the virtual IP
     */
    Change provesWritable(Node node, Optional<Host> via, String schema, Duration deadline);

    /** Makes the schema and table of the INSERT ping and the write check. With consent only, at take-over. */
    Change createSchema(Node primary, String schema, Duration deadline);

    /** {@code SET PERSIST_ONLY super_read_only=1}: the server boots read-only. Rejected on 5.7, which has the option file only. */
    Change persistReadOnly(Node node, Duration deadline);

    /**
     * Begins to replace all that {@code recipient} holds by a copy of {@code donor}: loads the plugin on both where it is
     * missing, then {@code SET GLOBAL offline_mode=1, super_read_only=0} (read_only stays: no ordinary client gets in or
     * writes) and {@code CLONE INSTANCE FROM} with the node's own account, which needs CLONE_ADMIN there and BACKUP_ADMIN at
     * the donor. The copy goes on behind this call; {@link NodeReader#copying} tells how far it is. The server then restarts, or
     * stops where nobody supervises it (3707). A copy that fails before that closes the server again, if this process lives
     * and its connection holds; see {@link #endCopy}. On a server that is read-only, super_read_only is off for the moment in
     * which the plugin is loaded, a second and a bit at most where a backup lock holds that up.
     *
     * @return {@link Change.Done} when it is under way; {@link Change.Rejected} when the server has refused, and is closed again
     */
    default Change beginCopy(Node recipient, Node donor, Duration deadline) {
        return new Change.Rejected("this operator does not copy servers");
    }

    /**
     * Lets clients in again at a server whose copy has failed and that is closed for writes: {@code SET GLOBAL offline_mode=0},
     * read back. May be repeated; nothing to do where offline_mode is off.
     *
     * @return {@link Change.Rejected} when the server is not super_read_only: nobody is let in then
     */
    default Change endCopy(Node recipient, Duration deadline) {
        return new Change.Rejected("this operator does not copy servers");
    }

    /**
     * Keeps a connection to this server open and tried, so that the next change need not wait for one. Changes nothing.
     *
     * @return whether the server answered
     */
    default boolean warm(Node node, Duration deadline) {
        return true;
    }

    @Override
    void close();
}
