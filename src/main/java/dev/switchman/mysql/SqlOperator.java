package dev.switchman.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

import dev.switchman.topology.Account;
import dev.switchman.topology.Action;
import dev.switchman.topology.Failure;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.WriteMode;

/** {@link NodeOperator} over Connector/J. */
final class SqlOperator implements NodeOperator {

    private static final Duration SLICE = Duration.ofMillis(200);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int NO_DATABASE = 1049;
    private static final int NO_TABLE = 1146;

    private final Connections connections = new Connections();
    private final Action.Listener listener;

    SqlOperator(Action.Listener listener) {
        this.listener = listener;
    }

    /** What a call does once it is connected. */
    @FunctionalInterface
    private interface Body<T> {
        T on(Session session) throws NodeFailure;
    }

    private Change change(Node node, Duration duration, Body<Change> body) {
        Session session;
        try {
            session = Session.open(connections, listener, node, Deadline.in(duration));
        } catch (NodeFailure e) {
            return new Change.Unreachable(Session.why(node, e));
        }
        try (session) {
            return body.on(session);
        } catch (NodeFailure e) {
            return failed(node, session.changed(), e);
        }
    }

    private static Change failed(Node node, boolean changed, NodeFailure e) {
        String why = Session.why(node, e);
        if (e.failure() instanceof Failure.ErrorPacket) {
            return new Change.Rejected(why);
        }
        return changed ? new Change.Unknown(why) : new Change.Unreachable(why);
    }

    @Override
    public boolean warm(Node node, Duration deadline) {
        // The fence needs a second connection beside the first.
        return change(node, deadline, first -> {
            warm(first);
            try (Session second = Session.open(connections, listener, node, first.deadline())) {
                warm(second);
            }
            return new Change.Done("");
        }) instanceof Change.Done;
    }

    private static void warm(Session session) throws NodeFailure {
        session.look(StateQuery::writeModes);
        session.look(StateQuery::semiSync);
        session.look(StateQuery::executed);
        session.channel();
        session.change("SET SESSION net_retry_count = @@GLOBAL.net_retry_count");
        session.readBack("SELECT @@SESSION.net_retry_count");
    }

    @Override
    public Fencing refuseWrites(Node node, Duration deadline) {
        return new WriteFence(connections, listener, node, deadline).close();
    }

    @Override
    public Fencing refuseWrites(Node node, Duration grace, Duration deadline) {
        return new WriteFence(connections, listener, node, grace, deadline).close();
    }

    @Override
    public Change openWrites(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            Variables before = session.look(StateQuery::writeModes);
            boolean offline = before.on("offline_mode");
            if (StateQuery.writeMode(before) == WriteMode.WRITABLE && !offline) {
                return new Change.Done(node + " accepts writes already");
            }
            session.change("SET GLOBAL super_read_only = 0, GLOBAL read_only = 0"
                    + (offline ? ", GLOBAL offline_mode = 0" : ""));
            String now = session
                    .readBack("SELECT @@GLOBAL.super_read_only + @@GLOBAL.read_only + @@GLOBAL.offline_mode");
            return now.equals("0")
                    ? new Change.Done(node + " accepts writes")
                    : new Change.Rejected(node + " kept read_only, super_read_only or offline_mode");
        });
    }

    @Override
    public Change stopReceiver(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            Optional<ReplicaState> before = session.look(StateQuery::replication);
            if (before.isEmpty()) {
                return new Change.Done(node + " has no source");
            }
            if (before.get().receiver() == Receiver.STOPPED) {
                return new Change.Done("receiver of " + node + " stood already");
            }
            session.change(session.dialect().stopReceiver());
            return session.look(StateQuery::replication)
                    .map(ReplicaState::receiver)
                    .orElse(Receiver.STOPPED) == Receiver.STOPPED
                            ? new Change.Done("receiver of " + node + " stopped")
                            : new Change.Rejected("receiver of " + node + " runs again");
        });
    }

    @Override
    public Change startReplication(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            Optional<ReplicaState> before = session.look(StateQuery::replication);
            if (before.isEmpty()) {
                return new Change.Rejected(node + " has no source to replicate from");
            }
            if (before.get().applierRunning() && before.get().receiver() != Receiver.STOPPED) {
                return new Change.Done(node + " replicates from " + before.get().source() + " already");
            }
            session.change(session.dialect().startReplication());
            return session.look(StateQuery::replication)
                    .map(state -> started(node, state))
                    .orElseGet(() -> new Change.Rejected(node + " lost its source meanwhile"));
        });
    }

    private static Change started(Node node, ReplicaState state) {
        if (!state.applierRunning()) {
            return new Change.Rejected(
                    "applier of " + node + " stopped: " + state.applierErrno() + " " + state.applierError());
        }
        return state.receiver() == Receiver.STOPPED
                ? new Change.Rejected(
                        "receiver of " + node + " stopped: " + state.receiverErrno() + " " + state.receiverError())
                : new Change.Done(node + " replicates from " + state.source());
    }

    @Override
    public CatchUp catchUp(Node node, GtidSet target, Duration deadline, Consumer<GtidSet> missing) {
        return applying(node, deadline, session -> catchUp(session, target, missing));
    }

    /** A server that cannot be reached, or is lost meanwhile, is an answer too. */
    private CatchUp applying(Node node, Duration deadline, Applying work) {
        Session session;
        try {
            session = Session.open(connections, listener, node, Deadline.in(deadline));
        } catch (NodeFailure e) {
            return new CatchUp.Unreachable(Session.why(node, e));
        }
        try (session) {
            return work.on(session);
        } catch (NodeFailure e) {
            return new CatchUp.Unreachable(Session.why(node, e));
        }
    }

    private interface Applying {

        CatchUp on(Session session) throws NodeFailure;
    }

    private CatchUp catchUp(Session session, GtidSet target, Consumer<GtidSet> missing) throws NodeFailure {
        boolean started = false;
        GtidSet executed = session.look(StateQuery::executed);
        while (!executed.contains(target)) {
            missing.accept(target.minus(executed));
            if (session.deadline().before(POLL.multipliedBy(2)).passed()) {
                return new CatchUp.Behind(target.minus(executed));
            }
            try {
                Optional<CatchUp> stopped = stopped(session, started);
                if (stopped.isPresent()) {
                    return stopped.get();
                }
                started = true;
                waitFor(session, target);
                executed = session.look(StateQuery::executed);
            } catch (NodeFailure e) {
                // It answered before, and the time is up: slow, not gone.
                if (session.deadline().passed()) {
                    return new CatchUp.Behind(target.minus(executed));
                }
                throw e;
            }
        }
        missing.accept(GtidSet.empty());
        return new CatchUp.Reached(executed);
    }

    /** Starts the applier if it stands, once. @return why nothing will be applied; empty when it runs */
    private static Optional<CatchUp> stopped(Session session, boolean started) throws NodeFailure {
        Optional<ReplicaState> state = session.look(StateQuery::replication);
        if (state.isEmpty()) {
            return Optional.of(new CatchUp.Stopped(0, session.node() + " has no source to apply from"));
        }
        if (state.get().applierRunning()) {
            return Optional.empty();
        }
        if (started || state.get().applierErrno() != 0) {
            return Optional.of(new CatchUp.Stopped(state.get().applierErrno(), state.get().applierError()));
        }
        try {
            session.change(session.dialect().startApplier());
        } catch (NodeFailure e) {
            if (e.errno() == 0) {
                throw e;
            }
            return Optional.of(new CatchUp.Stopped(e.errno(), e.failure().sentence()));
        }
        return Optional.empty();
    }

    /** A slice of the wait, short enough to notice soon that the applier stopped. */
    private static void waitFor(Session session, GtidSet target) throws NodeFailure {
        Duration slice = session.deadline().left().minus(POLL);
        slice = slice.compareTo(SLICE) < 0 ? slice : SLICE;
        if (slice.isNegative()) {
            return;
        }
        if (session.dialect().waitsForParts()) {
            double seconds = slice.toMillis() / 1000.0;
            session.look(link -> link.text("SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)", target.toString(), seconds));
        } else {
            // 5.7 knows whole seconds only.
            session.pause(POLL);
        }
    }

    @Override
    public Change repoint(Node replica, Node source, Account replication, Duration deadline) {
        if (replica.id().equals(source.id())) {
            return new Change.Rejected(replica + " cannot follow itself");
        }
        return change(replica, deadline, session -> new Repointing(session, source, replication).run());
    }

    @Override
    public Change injectEmpty(Node primary, GtidSet gtids, Duration deadline) {
        return change(primary, deadline, session -> {
            GtidSet left = gtids.minus(session.look(StateQuery::executed));
            if (left.count() > MOST_INJECTED) {
                return new Change.Rejected(left.count() + " transactions, at most " + MOST_INJECTED
                        + " are injected: rebuild the server that holds them");
            }
            try {
                for (String gtid : left.each(MOST_INJECTED)) {
                    session.change("SET SESSION gtid_next = '" + gtid + "'");
                    session.change("BEGIN");
                    session.change("COMMIT");
                }
            } finally {
                // The session goes back to others: with a GTID of its own it could do nothing.
                session.change("SET SESSION gtid_next = 'AUTOMATIC'");
            }
            GtidSet missing = gtids.minus(session.look(StateQuery::executed));
            return missing.isEmpty()
                    ? new Change.Done(left.count() + " empty transactions on " + primary)
                    : new Change.Rejected(missing + " were not executed on " + primary);
        });
    }

    @Override
    public Change liftDelay(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            Optional<ReplicaState> before = session.look(StateQuery::replication);
            if (before.isEmpty()) {
                return new Change.Rejected(node + " has no source to be behind");
            }
            if (before.get().delay().isZero()) {
                return new Change.Done(node + " is not delayed");
            }
            boolean receives = before.get().receiver() != Receiver.STOPPED;
            if (!receives) {
                session.change(session.dialect().startReceiver());
            }
            try {
                session.change(session.dialect().stopApplier());
                session.change(session.dialect().noDelay());
                session.change(session.dialect().startApplier());
            } finally {
                if (!receives) {
                    session.change(session.dialect().stopReceiver());
                }
            }
            Optional<ReplicaState> after = session.look(StateQuery::replication);
            return after.filter(state -> state.delay().isZero()).isPresent()
                    ? new Change.Done(node + " is not delayed any more")
                    : new Change.Rejected(node + " is still delayed");
        });
    }

    @Override
    public Change stopReplication(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            Optional<ReplicaState> before = session.look(StateQuery::threads);
            if (before.isEmpty()) {
                return new Change.Done(node + " has no source");
            }
            if (!before.get().replicates() && before.get().channels() == 1) {
                return new Change.Done(node + " replicated no more");
            }
            stopBoth(session, before.get());
            return session.look(StateQuery::threads).filter(ReplicaState::replicates).isEmpty()
                    ? new Change.Done(node + " replicates no more from " + before.get().source())
                    : new Change.Rejected(node + " replicates again");
        });
    }

    private static void stopBoth(Session session, ReplicaState before) throws NodeFailure {
        if (before.receiver() != Receiver.STOPPED) {
            session.change(session.dialect().stopReceiver());
        }
        Unfinished.end(session);
        session.change(session.dialect().stopReplication());
    }

    @Override
    public Change forgetSource(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            Optional<StateQuery.Channel> before = session.channel();
            if (before.isEmpty()) {
                return new Change.Done(node + " has no source");
            }
            stopBoth(session, before.get().state());
            GtidSet executed = session.look(StateQuery::executed);
            GtidSet dropped = session.channel()
                    .map(channel -> channel.state().retrieved().minus(executed))
                    .orElse(GtidSet.empty());
            session.change(session.dialect().resetReplication());
            return session.channel().isEmpty()
                    ? new Change.Done(node + " forgot its source " + before.get().state().source()
                            + (dropped.isEmpty()
                                    ? ""
                                    : ", and " + dropped.count() + " transactions not applied: " + dropped))
                    : new Change.Rejected(node + " kept its source");
        });
    }

    @Override
    public CatchUp applyRelayLogs(Node node, NodeId source, String first, GtidSet target, Duration deadline,
            Consumer<GtidSet> missing) {
        return applying(node, deadline, session -> new RelayLogs(session).apply(source, first, target, missing));
    }

    @Override
    public Change dropRelayLogs(Node node, Duration deadline) {
        return change(node, deadline, session -> new RelayLogs(session).drop());
    }

    @Override
    public RelayLogPurge purgeRelayLogs(Node node, boolean begun, Duration patience, Duration statement) {
        Session session;
        try {
            session = Session.open(connections, listener, node, Deadline.in(patience.plus(statement)));
        } catch (NodeFailure e) {
            return begun
                    ? new RelayLogPurge.Unrestored(Session.why(node, e))
                    : new RelayLogPurge.Failed(Session.why(node, e));
        }
        RelayLogPurge answer;
        try (session) {
            answer = new KeptRelayLogs(session).purge(begun, patience);
        } catch (NodeFailure e) {
            answer = new RelayLogPurge.Failed(Session.why(node, e));
        }
        if (!begun && !session.changed()) {
            return answer;
        }
        // On a connection of its own: a flush that waits for a full disk holds the other one.
        Change kept = change(node, statement, again -> {
            again.change("SET GLOBAL " + KeptRelayLogs.VARIABLE + " = 0");
            return readBack(again, KeptRelayLogs.VARIABLE, "0");
        });
        return kept instanceof Change.Done ? answer : new RelayLogPurge.Unrestored(kept.sentence());
    }

    @Override
    public Change semiSyncReplica(Node node, boolean on, Duration deadline) {
        return change(node, deadline, session -> {
            Variables variables = session.look(StateQuery::semiSync);
            SemiSyncWords words = SemiSyncWords.of(variables);
            if (words.replica().isEmpty()) {
                return absent(node, on, "acknowledging");
            }
            String name = words.replicaEnabled();
            if (variables.on(name) == on) {
                return new Change.Done(name + " was " + (on ? "on" : "off") + " at " + node);
            }
            session.change("SET GLOBAL " + name + " = " + (on ? 1 : 0));
            return readBack(session, name, on ? "1" : "0");
        });
    }

    @Override
    public Change semiSyncSource(Node node, boolean on, Optional<Integer> waitCount, Duration deadline) {
        return change(node, deadline, session -> {
            Variables variables = session.look(StateQuery::semiSync);
            SemiSyncWords words = SemiSyncWords.of(variables);
            if (words.source().isEmpty()) {
                return absent(node, on, "waiting");
            }
            // The count first: switched on with the old one, a commit could wait for too many.
            if (waitCount.isPresent() && variables.number(words.waitCount()) != waitCount.get()) {
                session.change("SET GLOBAL " + words.waitCount() + " = " + waitCount.get());
                Change counted = readBack(session, words.waitCount(), Integer.toString(waitCount.get()));
                if (!(counted instanceof Change.Done)) {
                    return counted;
                }
            }
            String name = words.sourceEnabled();
            if (variables.on(name) != on) {
                session.change("SET GLOBAL " + name + " = " + (on ? 1 : 0));
            }
            return readBack(session, name, on ? "1" : "0");
        });
    }

    private static Change absent(Node node, boolean on, String side) {
        return on
                ? new Change.Rejected("the plugin for the " + side + " side of semi-sync is not loaded at " + node)
                : new Change.Done(node + " has no plugin for the " + side + " side of semi-sync");
    }

    private static Change readBack(Session session, String variable, String expected) throws NodeFailure {
        String now = session.readBack("SELECT @@GLOBAL." + variable);
        return now.equals(expected)
                ? new Change.Done(variable + "=" + now + " at " + session.node())
                : new Change.Rejected(session.node() + " kept " + variable + "=" + now + ", not " + expected);
    }

    @Override
    public Change enableEvents(Node node, List<String> events, Duration deadline) {
        return change(node, deadline, session -> {
            int enabled = 0;
            for (String event : events) {
                Optional<Event> found = session.look(link -> event(link, event));
                if (found.isEmpty()) {
                    return new Change.Rejected(node + " has no event " + event + "; " + enabled + " enabled before it");
                }
                if (!found.get().enabled) {
                    session.change(found.get().enable());
                    enabled++;
                }
            }
            return new Change.Done(enabled + " of " + events.size() + " events enabled at " + node);
        });
    }

    @Override
    public Change disableEvents(Node node, List<String> events, Duration deadline) {
        return change(node, deadline, session -> {
            List<Event> enabled = new ArrayList<>();
            for (String event : events) {
                session.look(link -> event(link, event)).filter(Event::enabled).ifPresent(enabled::add);
            }
            if (enabled.isEmpty()) {
                return new Change.Done("no event is enabled at " + node);
            }
            boolean closed = session.look(link -> link.text("SELECT @@GLOBAL.super_read_only")).equals("1");
            session.change("SET SESSION sql_log_bin = 0");
            if (closed) {
                session.change("SET GLOBAL super_read_only = 0");
            }
            try {
                for (Event event : enabled) {
                    session.change(event.disable(session.dialect()));
                }
            } finally {
                if (closed) {
                    session.change("SET GLOBAL super_read_only = 1");
                }
                session.change("SET SESSION sql_log_bin = 1");
            }
            return new Change.Done(enabled.size() + " events are disabled at " + node + ", a replica");
        });
    }

    private record Event(String schema, String name, String definer, boolean enabled) {

        /** Whoever alters an event becomes its definer, unless the old one is named. */
        String enable() {
            return alter("ENABLE");
        }

        String disable(Dialect dialect) {
            return alter("DISABLE ON " + dialect.eventsWord());
        }

        private String alter(String how) {
            int at = definer.lastIndexOf('@');
            return "ALTER DEFINER = " + Sql.name(definer.substring(0, at)) + "@" + Sql.name(definer.substring(at + 1))
                    + " EVENT "
                    + Sql.name(schema) + "." + Sql.name(name) + " " + how;
        }
    }

    private static Optional<Event> event(Link link, String qualified) throws SQLException {
        return link.query("SELECT EVENT_SCHEMA, EVENT_NAME, DEFINER, STATUS FROM information_schema.EVENTS "
                + "WHERE CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) = ?",
                rows -> rows.next()
                        ? Optional.of(new Event(rows.getString(1), rows.getString(2), rows.getString(3),
                                rows.getString(4).equals("ENABLED")))
                        : Optional.empty(),
                qualified);
    }

    @Override
    public Change provesWritable(Node node, Optional<Host> via, String schema, Duration deadline) {
        if (via.isEmpty()) {
            return change(node, deadline, session -> write(session, schema));
        }
        return change(node, deadline, direct -> {
            String expected = direct.look(link -> link.text("SELECT @@GLOBAL.server_uuid"));
            Session session;
            try {
                session = Session.at(connections, listener, node, via.get(), direct.deadline());
            } catch (NodeFailure e) {
                return new Change.Unreachable(
                        via.get() + " (virtual address of " + node + ") " + e.failure().sentence());
            }
            try {
                String answering = session.readBack("SELECT @@GLOBAL.server_uuid");
                return answering.equals(expected)
                        ? write(session, schema)
                        : new Change.Rejected(
                                "at " + via.get() + " answers server " + answering + ", not " + node + " ("
                                        + expected + ")");
            } catch (NodeFailure e) {
                return failed(node, session.changed(), e);
            } finally {
                // Not kept: the address may be another server's by the next call.
                session.abandon();
            }
        });
    }

    private static Change write(Session session, String schema) throws NodeFailure {
        Variables variables = session.look(StateQuery::writeModes);
        if (StateQuery.writeMode(variables) != WriteMode.WRITABLE || variables.on("offline_mode")) {
            return new Change.Rejected(session.node() + " is " + StateQuery.writeMode(variables)
                    + (variables.on("offline_mode") ? " and offline" : "") + ": clients cannot write");
        }
        String token = UUID.randomUUID().toString();
        try {
            session.change(PingTable.write(schema, token));
        } catch (NodeFailure e) {
            if (e.errno() == NO_DATABASE || e.errno() == NO_TABLE) {
                return new Change.Rejected("schema " + schema + " or its table is missing at " + session.node());
            }
            throw e;
        }
        return session.readBack(PingTable.read(schema)).equals(token)
                ? new Change.Done("wrote to " + schema + " at " + session.node() + " and read it back")
                : new Change.Rejected(session.node() + " gave back another row than was written");
    }

    @Override
    public Change createSchema(Node primary, String schema, Duration deadline) {
        return change(primary, deadline, session -> {
            String there = session.look(link -> link.text(
                    "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'ping'",
                    schema));
            if (there.equals("1")) {
                return new Change.Done("schema " + schema + " is there");
            }
            session.change("CREATE DATABASE IF NOT EXISTS " + Sql.name(schema));
            session.change(PingTable.create(schema));
            return new Change.Done("schema " + schema + " made at " + primary);
        });
    }

    @Override
    public Change persistReadOnly(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            if (!session.dialect().persists()) {
                return new Change.Rejected(node + " is " + session.dialect().version()
                        + " and persists nothing: set super_read_only=ON in its option file");
            }
            String query = "SELECT COUNT(*) FROM performance_schema.persisted_variables "
                    + "WHERE VARIABLE_NAME = 'super_read_only' AND VARIABLE_VALUE = 'ON'";
            if (session.look(link -> link.text(query)).equals("1")) {
                return new Change.Done("super_read_only is persisted at " + node);
            }
            session.change("SET PERSIST_ONLY super_read_only = ON");
            return session.readBack(query).equals("1")
                    ? new Change.Done("super_read_only persisted at " + node)
                    : new Change.Rejected(node + " did not persist super_read_only");
        });
    }

    @Override
    public Change beginCopy(Node recipient, Node donor, Duration deadline) {
        Change ready = change(donor, deadline, session -> Clone.load(session, () -> closeAgain(donor, deadline)));
        return ready instanceof Change.Done
                ? change(recipient, deadline,
                        session -> Clone.begin(session, donor, () -> closeAgain(recipient, deadline)))
                : new Change.Rejected(donor + " cannot be copied: " + ready.sentence());
    }

    /** On a connection and with a deadline of its own: the other one may hang. */
    private Change closeAgain(Node node, Duration deadline) {
        return change(node, deadline, session -> {
            session.change("SET GLOBAL super_read_only = 1");
            return StateQuery.writeMode(session.look(StateQuery::writeModes)) == WriteMode.SUPER_READ_ONLY
                    ? new Change.Done(node + " is super_read_only again")
                    : new Change.Rejected(node + " kept super_read_only off");
        });
    }

    @Override
    public Change endCopy(Node recipient, Duration deadline) {
        return change(recipient, deadline, session -> {
            Variables before = session.look(StateQuery::writeModes);
            if (StateQuery.writeMode(before) != WriteMode.SUPER_READ_ONLY) {
                return new Change.Rejected(recipient + " is " + StateQuery.writeMode(before));
            }
            if (!before.on("offline_mode")) {
                return new Change.Done("offline_mode was off at " + recipient);
            }
            session.change("SET GLOBAL offline_mode = 0");
            return readBack(session, "offline_mode", "0");
        });
    }

    @Override
    public void close() {
        connections.close();
    }
}
