package dev.switchman.mysql;

import java.time.Duration;
import java.util.Optional;

import dev.switchman.topology.Account;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;

/**
 * Makes one server follow another. With both threads stopped, CHANGE empties the relay log and the received set with it:
 * acknowledged transactions would be gone. So the applier runs on, or has nothing left to apply.
 */
final class Repointing {

    private static final Duration POLL = Duration.ofMillis(3);

    private final Session session;
    private final Dialect dialect;
    private final Node source;
    private final Account replication;

    Repointing(Session session, Node source, Account replication) {
        this.session = session;
        this.dialect = session.dialect();
        this.source = source;
        this.replication = replication;
    }

    Change run() throws NodeFailure {
        Optional<StateQuery.Channel> channel = session.channel();
        if (channel.isEmpty()) {
            session.change(dialect.change(source.id(), replication, encrypted(), true, -1));
            session.change(dialect.startReplication());
            return connected();
        }
        ReplicaState before = channel.get().state();
        if (before.channels() > 1 || !channel.get().name().isEmpty()) {
            return new Change.Rejected(session.node() + " has " + before.channels() + " channels, one of them \""
                    + channel.get().name() + "\": only the default channel is repointed");
        }
        if (before.source().equals(source.id()) && before.autoPosition()
                && before.receiver() == Receiver.RUNNING && before.applierRunning()) {
            return new Change.Done(session.node() + " follows " + source + " already");
        }
        return move(before);
    }

    private Change move(ReplicaState before) throws NodeFailure {
        boolean receiving = before.receiver() != Receiver.STOPPED;
        if (receiving) {
            session.change(dialect.stopReceiver());
        }
        // Looked at again: nothing arrives any more, and an applier that stopped meanwhile would make CHANGE destructive.
        GtidSet executed = session.look(StateQuery::executed);
        Optional<ReplicaState> still = session.look(StateQuery::replication);
        if (still.isEmpty()) {
            return new Change.Rejected(session.node() + " lost its source meanwhile");
        }
        ReplicaState now = still.get();
        boolean keepApplying = now.applierRunning() && now.autoPosition();
        if (!keepApplying) {
            GtidSet waiting = now.retrieved().minus(executed);
            if (!waiting.isEmpty()) {
                return restored(receiving, waiting.count() + " received transactions are not applied at "
                        + session.node()
                        + (now.applierRunning() ? ", which replicates by file and position" : ", whose applier stands")
                        + ", and CHANGE would delete them: " + waiting);
            }
            if (now.applierRunning()) {
                session.change(dialect.stopReplication());
            }
        }
        try {
            session.change(
                    dialect.change(source.id(), replication, false, !keepApplying,
                            now.heartbeatPeriod().toMillis() / 1000.0));
        } catch (NodeFailure e) {
            if (e.errno() == 0) {
                throw e;
            }
            return restored(receiving, Session.why(session.node(), e));
        }
        session.change(keepApplying ? dialect.startReceiver() : dialect.startReplication());
        return connected();
    }

    /** A channel that is made anew has no options to keep: where Switchman itself must not log in without TLS, it does not either. */
    private boolean encrypted() {
        return switch (source.tls()) {
            case DISABLED, PREFERRED -> false;
            case REQUIRED, VERIFY_CA, VERIFY_IDENTITY -> true;
        };
    }

    /** A refusal leaves the server as it was. */
    private Change restored(boolean receiving, String why) throws NodeFailure {
        if (receiving) {
            session.change(dialect.startReceiver());
        }
        return new Change.Rejected(why);
    }

    private Change connected() throws NodeFailure {
        while (true) {
            Optional<ReplicaState> state = session.look(StateQuery::replication);
            if (state.isEmpty()) {
                return new Change.Rejected(session.node() + " lost its source meanwhile");
            }
            ReplicaState now = state.get();
            switch (now.receiver()) {
                case RUNNING -> {
                    if (!now.applierRunning()) {
                        return new Change.Rejected(
                                "applier of " + session.node() + " stopped: " + now.applierErrno() + " "
                                        + now.applierError());
                    }
                    if (session.look(StateQuery::receives)) {
                        return new Change.Done(session.node() + " follows " + source);
                    }
                    if (late()) {
                        return new Change.Unknown("receiver of " + session.node() + " is connected to " + source
                                + ", which has sent nothing");
                    }
                    session.pause(POLL);
                }
                case STOPPED -> {
                    return new Change.Rejected(
                            "receiver of " + session.node() + " stopped: " + now.receiverErrno() + " "
                                    + now.receiverError());
                }
                case CONNECTING -> {
                    if (late()) {
                        return new Change.Unknown("receiver of " + session.node() + " is not connected to " + source
                                + (now.receiverErrno() == 0
                                        ? ""
                                        : ": " + now.receiverErrno() + " " + now.receiverError()));
                    }
                    session.pause(POLL);
                }
            }
        }
    }

    private boolean late() {
        return session.deadline().before(POLL.multipliedBy(10)).passed();
    }
}
