package dev.switchman.mysql;

import java.time.Duration;
import java.util.List;

import dev.switchman.topology.Account;
import dev.switchman.topology.Copying;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Glance;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.TrialWrite;

/**
 * Looks at MySQL servers. Nothing here changes a server or its {@code gtid_executed}, with one named exception: the
 * INSERT ping and the trial write write rows of their own. Every call returns within its deadline, also when the host is silent.
 */
public interface NodeReader extends AutoCloseable {

    /**
     * One ping. SELECT and INSERT keep their connection from call to call and open it when there is none.
     *
     * @param schema Switchman's own schema, for INSERT
     */
    Ping ping(Node node, PingKind kind, String schema, Duration deadline);

    /**
     * Whether a commit goes through, tried by one row of Switchman's own schema. A write that hangs stays the one that is
     * asked after by later calls; no second is sent meanwhile. It waits for no lock longer than a second. Only for a server
     * that is known to be the primary: elsewhere the row would be an errant transaction, where the server takes it at all.
     *
     * @param schema Switchman's own
     * @return at the deadline, {@link TrialWrite.Hanging}; {@link TrialWrite.Untold} from a reader that does not write
     */
    default TrialWrite tryWrite(Node node, String schema, Duration deadline) {
        return new TrialWrite.Untold("this reader does not write");
    }

    /** A fresh connection with {@code SELECT 1}, always: the second opinion after a failed ping. */
    Ping reconnect(Node node, Duration deadline);

    /** All of a server's state that a verdict or a step may need, in as few round trips as the version allows. */
    Observation observe(Node node, Duration deadline);

    /** The part of {@link #observe} that decides whether a server may be opened or is closed: one round trip. */
    default Glance glance(Node node, Duration deadline) {
        return Glance.of(observe(node, deadline));
    }

    /**
     * The part of {@link #observe} that is asked again and again while replicas connect: one round trip.
     *
     * @return replicas that acknowledge to this server and are connected now; 0 where that cannot be read, too
     */
    default int acknowledgers(Node node, Duration deadline) {
        return observe(node, deadline) instanceof Observation.Seen seen ? seen.server().semiSync().clients() : 0;
    }

    /**
     * What clients have under way: open transactions, idle ones too, running statements, locks against all writes. Changes
     * nothing, and switches no instrument on to see more.
     */
    default Sessions sessions(Node node, Duration deadline) {
        return new Sessions.Unseen("this reader cannot tell");
    }

    /** How far a copy onto this server is: {@code performance_schema.clone_status} and {@code clone_progress}. */
    default Copying copying(Node node, Duration deadline) {
        return new Copying.None();
    }

    /**
     * How far this replica's default channel has come in the binary logs of its source, by file and position, whatever it
     * replicates by: {@code SHOW REPLICA STATUS}. Only a hint: files and positions are the source's, and it may have been
     * another one.
     */
    default LogPoint logPoint(Node node, Duration deadline) {
        return new LogPoint.Unseen("this reader cannot tell");
    }

    /**
     * Waits until a connection of its own to the node breaks, and tells how: milliseconds after mysqld dies. It says
     * little of silence, after 75 s at most; that is what pings are for. Returns at once with the failure when no
     * connection can be had, and with {@link Failure.Unclear} when {@link #forget} or {@link #close} ended it. The
     * thread may be interrupted to stop waiting.
     *
     * @throws InterruptedException when the waiting thread is interrupted
     */
    Failure awaitBreak(Node node) throws InterruptedException;

    /**
     * What would keep Switchman from its work on this node: connection, privileges (by trying exactly what is needed,
     * without changing anything), version, settings. In a fixed order, one entry per check.
     */
    List<Finding> inspect(Node node, Duration deadline);

    /**
     * Tries the replication account from here: log-in and {@code REPLICATION SLAVE}. Changes nothing.
     *
     * @return one finding, {@code replication-account}; a warning from a reader that cannot try
     */
    default Finding inspectReplicationAccount(Node source, Account replication, Duration deadline) {
        return new Finding("replication-account", source.toString(), Finding.Grade.WARNING, "not tried");
    }

    /**
     * Whether the node's own account may write and read the rows of Switchman's own schema, be it there or not: {@code SHOW GRANTS}.
     * Changes nothing.
     *
     * @return one finding, {@code schema-privileges}; a warning from a reader that cannot try
     */
    default Finding inspectSchema(Node node, String schema, Duration deadline) {
        return new Finding("schema-privileges", node.toString(), Finding.Grade.WARNING, "not tried");
    }

    /** Closes connections kept for this node, so that none hangs on a host that went silent. */
    void forget(Node node);

    @Override
    void close();
}
