package dev.switchman.mysql;

import java.time.Duration;
import java.util.List;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

import dev.switchman.topology.Account;
import dev.switchman.topology.Action;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.Node;

/**
 * Three servers to try a door on: a primary that two replicas follow, and what people, clients and fate do to them.
 * Real servers or a fake; the conformance suites know no other way to reach them.
 */
interface Stage {

    String SCHEMA = "switchman_ping";

    NodeReader reader();

    NodeOperator operator();

    /** What the operator told its listener since {@link #reset}. */
    List<Action> told();

    Node primary();

    Node replica();

    /** A second replica. */
    Node other();

    Account replication();

    boolean hasSemiSync();

    boolean persists();

    /** Back to: all up, the primary writable and both replicas following it, nothing else there. */
    void reset();

    /** What this stage's own clock says has passed: real servers live by the machine's, a fake by its own. */
    Duration time();

    /** Waits for what comes by itself. Where nothing has to come, it does not pause. */
    default ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10)).pollInSameThread();
    }

    // What clients do.

    /** One small transaction by an ordinary user. @return whether it was acknowledged */
    boolean commit(Node node);

    /** Ordinary sessions that do nothing. */
    Held idleSessions(Node node, int count);

    /** A statement that writes until it is ended. */
    Held longWrite(Node node);

    /** {@code LOCK TABLES … WRITE} by an ordinary user. */
    Held tableLock(Node node);

    /** The same by Switchman's own account, whose sessions nobody ends. */
    Held ownTableLock(Node node);

    /** A commit that waits for a semi-sync acknowledgement that does not come before this is closed. */
    Held waitingCommit(Node node);

    /** All connections in use, the administrator's one too. */
    Held exhaustedConnections(Node node);

    /** All connections in use by clients; an administrator still gets one. */
    Held exhaustedClientConnections(Node node);

    Held preparedXa(Node node);

    // What people do.

    void createEvent(Node node, String name, boolean enabled);

    /** An account that may log in and nothing else. */
    Account poorAccount();

    /** Removes all binary logs but a new, empty one. */
    void purge(Node node);

    void stopApplier(Node node);

    /** An applier that fails, and leaves what it received. */
    void breakApplier(Node node);

    /** {@code KILL QUERY} of every sleeping statement. */
    void killSleepers(Node node);

    /** @return number of statements that sleep there */
    int sleepers(Node node);

    /** @return everything that SET GLOBAL could have changed, as text to compare */
    String globalVariables(Node node);

    void delayReplication(Node node, int seconds);

    /** {@code offline_mode}, as a copy that failed may leave it. */
    void letNobodyIn(Node node);

    /** @return where this server's last binary log ends */
    LogPosition logEnd(Node node);

    /** Puts all that a server's last binary log holds beside the relay logs of another. @return name of the first file */
    String placeLogs(Node from, Node to);

    GtidSet executed(Node node);

    boolean hearsItsSource(Node replica);

    // What fate does.

    /** kill -9. */
    void crash(Node node);

    /** docker pause: the kernel still takes connections, nobody answers. */
    void freeze(Node node);

    void thaw(Node node);

    /** The link is down: silence. */
    void cut(Node node);

    /** Something that lasts until it is closed. */
    interface Held extends AutoCloseable {

        @Override
        void close();
    }
}
