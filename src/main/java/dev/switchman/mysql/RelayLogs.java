package dev.switchman.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;

/** Applies relay logs that somebody has put there, as a channel of their own that lives no longer than that. */
final class RelayLogs {

    private static final Duration POLL = Duration.ofMillis(3);
    private static final String CHANNEL = NodeOperator.SALVAGE_CHANNEL;
    private static final String FOR_CHANNEL = " FOR CHANNEL '" + CHANNEL + "'";
    /** 5.7 alone has them; later servers keep the state in tables always. */
    private static final String REPOSITORIES = "SHOW GLOBAL VARIABLES LIKE '%\\_info\\_repository'";
    /** What it would answer: ER_SLAVE_NEW_CHANNEL_WRONG_REPOSITORY. */
    private static final int NEEDS_TABLES = 3077;

    private final Session session;
    private final Dialect dialect;

    RelayLogs(Session session) {
        this.session = session;
        this.dialect = session.dialect();
    }

    /** What {@code SHOW REPLICA STATUS} says of the channel. */
    private record State(boolean running, int errno, String error) {}

    CatchUp apply(NodeId source, String first, GtidSet target, Consumer<GtidSet> missing) throws NodeFailure {
        if (!inTables()) {
            // It could be changed, but not under super_read_only (1290).
            return new CatchUp.Stopped(NEEDS_TABLES, session.node()
                    + " keeps the state of its replication in files, so it"
                    + " can have no second channel: set master_info_repository and relay_log_info_repository to TABLE");
        }
        try {
            // It may own the GTID of a transaction whose rest will never come: the channel would wait for that.
            Unfinished.end(session);
            session.change(dialect.stopApplier() + " FOR CHANNEL ''");
            session.change(dialect.changeToRelayLogs(source, first, CHANNEL));
            session.change(dialect.startApplier() + FOR_CHANNEL);
            return await(target, missing);
        } catch (NodeFailure e) {
            if (e.errno() != 0) {
                return new CatchUp.Stopped(e.errno(), e.failure().sentence());
            }
            // It answered before, and the time is up: slow, not gone.
            if (session.deadline().passed()) {
                return new CatchUp.Behind(target);
            }
            throw e;
        }
    }

    private boolean inTables() throws NodeFailure {
        return session.look(RelayLogs::inTables);
    }

    /** @return whether the server can have a second channel; always from 8.0 on, where nobody has set it otherwise */
    static boolean inTables(Link link) throws SQLException {
        if (link.dialect().version().atLeast(8, 0, 0)) {
            return true;
        }
        return link.query(REPOSITORIES, rows -> {
            boolean tables = true;
            while (rows.next()) {
                tables &= "TABLE".equals(rows.getString(2));
            }
            return tables;
        });
    }

    private CatchUp await(GtidSet target, Consumer<GtidSet> missing) throws NodeFailure {
        GtidSet executed = GtidSet.empty();
        while (true) {
            Optional<State> state;
            try {
                // Asked first: an applier that has stopped since may have applied all.
                state = state();
                executed = session.look(StateQuery::executed);
            } catch (NodeFailure e) {
                if (session.deadline().passed()) {
                    return new CatchUp.Behind(target.minus(executed));
                }
                throw e;
            }
            missing.accept(target.minus(executed));
            if (executed.contains(target)) {
                return new CatchUp.Reached(executed);
            }
            if (state.isEmpty() || !state.get().running()) {
                return new CatchUp.Stopped(state.map(State::errno).orElse(0),
                        state.map(State::error).orElse("the channel is gone"));
            }
            if (session.deadline().before(POLL.multipliedBy(2)).passed()) {
                return new CatchUp.Behind(target.minus(executed));
            }
            session.pause(POLL);
        }
    }

    Change drop() throws NodeFailure {
        if (state().isEmpty()) {
            return new Change.Done(session.node() + " has no channel " + CHANNEL);
        }
        session.change(dialect.stopReplication() + FOR_CHANNEL);
        session.change(dialect.resetReplication() + FOR_CHANNEL);
        return state().isEmpty()
                ? new Change.Done("channel " + CHANNEL + " of " + session.node() + " is gone")
                : new Change.Rejected(session.node() + " kept its channel " + CHANNEL);
    }

    private Optional<State> state() throws NodeFailure {
        return session.look(link -> link.query(dialect.showReplicaStatus(), rows -> {
            while (rows.next()) {
                if (CHANNEL.equals(rows.getString("Channel_Name"))) {
                    return Optional.of(new State("Yes".equals(rows.getString(dialect.column("Replica_SQL_Running"))),
                            rows.getInt("Last_SQL_Errno"), rows.getString("Last_SQL_Error")));
                }
            }
            return Optional.empty();
        }));
    }
}
