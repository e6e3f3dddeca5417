package dev.switchman.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import dev.switchman.topology.Copying;
import dev.switchman.topology.Node;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.WriteMode;

/** The CLONE plugin: a server becomes a copy of another (8.0.17). */
final class Clone {

    static final int NO_TABLE = 1146;
    /** The data is copied, and nobody supervises mysqld: it stops instead of restarting. */
    private static final int NOT_RESTARTED = 3707;
    /** A database of any size is copied in this time; the watching is done elsewhere. */
    private static final Duration LONGEST = Duration.ofDays(7);
    /** A refusal comes at once. */
    private static final Duration REFUSAL = Duration.ofSeconds(1);

    private Clone() {}

    /**
     * Loads the plugin where it is not there. Waits a second at most for a backup lock ({@code LOCK INSTANCE FOR BACKUP}), which
     * holds up INSTALL PLUGIN: meanwhile the server is not super_read_only.
     *
     * @param close makes the server super_read_only again, on another connection than this session's, which may hang
     */
    static Change load(Session session, Supplier<Change> close) throws NodeFailure {
        Optional<String> refused = refused(session);
        if (refused.isPresent()) {
            return new Change.Rejected(refused.get());
        }
        if (loaded(session)) {
            return new Change.Done(session.node() + " has the plugin");
        }
        boolean closed = StateQuery.writeMode(session.look(StateQuery::writeModes)) == WriteMode.SUPER_READ_ONLY;
        if (!closed) {
            install(session);
        } else {
            try {
                session.change("SET GLOBAL super_read_only = 0");
                install(session);
            } catch (NodeFailure e) {
                Change again = close.get();
                if (again instanceof Change.Done) {
                    throw e;
                }
                return new Change.Rejected(Session.why(session.node(), e) + "; " + open(session, again));
            }
            Change again = close.get();
            if (!(again instanceof Change.Done)) {
                return new Change.Rejected(open(session, again));
            }
        }
        return loaded(session)
                ? new Change.Done("the plugin is loaded at " + session.node())
                : new Change.Rejected(session.node() + " did not load the plugin clone");
    }

    private static void install(Session session) throws NodeFailure {
        session.change("SET SESSION lock_wait_timeout = 1");
        try {
            session.change("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
        } catch (NodeFailure e) {
            // Never kept: its lock_wait_timeout is short.
            session.abandon();
            throw e;
        }
        session.change("SET SESSION lock_wait_timeout = @@GLOBAL.lock_wait_timeout");
    }

    private static String open(Session session, Change again) {
        return session.node() + " is left without super_read_only, which was off while the plugin was loaded: "
                + again.sentence();
    }

    private static Optional<String> refused(Session session) {
        return knows(session.dialect())
                ? Optional.empty()
                : Optional.of(session.node() + " is MySQL " + session.dialect().version() + ", and knows no CLONE");
    }

    static boolean knows(Dialect dialect) {
        return dialect.version().atLeast(8, 0, 17);
    }

    private static boolean loaded(Session session) throws NodeFailure {
        return session.look(Clone::loaded);
    }

    static boolean loaded(Link link) throws SQLException {
        return link.text("SELECT COUNT(*) FROM information_schema.PLUGINS"
                + " WHERE PLUGIN_NAME = 'clone' AND PLUGIN_STATUS = 'ACTIVE'").equals("1");
    }

    /** Begins the copy, and waits for a refusal. @param close as for {@link #load} */
    static Change begin(Session session, Node donor, Supplier<Change> close) throws NodeFailure {
        Change loaded = load(session, close);
        if (!(loaded instanceof Change.Done)) {
            return loaded;
        }
        if (session.look(Clone::state) instanceof Copying.UnderWay way) {
            return new Change.Done(session.node() + " copies already: " + way.sentence());
        }
        session.change("SET GLOBAL clone_valid_donor_list = ?", donor.id().host().name() + ":" + donor.id().port());
        session.change("SET GLOBAL offline_mode = 1");
        session.change("SET GLOBAL super_read_only = 0");
        Sql sql = Sql.of("CLONE INSTANCE FROM ?@?:" + donor.id().port() + " IDENTIFIED BY ?"
                + (donor.tls() == TlsMode.PREFERRED || donor.tls() == TlsMode.DISABLED ? "" : " REQUIRE SSL"),
                donor.mysql().user(), donor.id().host().name(), donor.mysql().password());
        Deadline took = Deadline.in(Duration.ZERO);
        Future<Boolean> copying = session.leave(Deadline.in(LONGEST), link -> {
            try {
                link.execute(sql.text(), sql.arguments());
            } catch (SQLException e) {
                if (e.getErrorCode() > 0 && e.getErrorCode() != NOT_RESTARTED) {
                    link.execute("SET GLOBAL super_read_only = 1, GLOBAL offline_mode = 0", List.of());
                }
                throw e;
            }
            return true;
        });
        Change begun = answer(session, copying, took);
        session.tell(sql.shown(), took, begun.sentence());
        return begun;
    }

    private static Change answer(Session session, Future<Boolean> copying, Deadline took) {
        try {
            copying.get(REFUSAL.toMillis(), TimeUnit.MILLISECONDS);
            return new Change.Done(session.node() + " has its copy, and restarts");
        } catch (TimeoutException e) {
            return new Change.Done(session.node() + " copies");
        } catch (ExecutionException e) {
            NodeFailure failure = NodeFailure.of(e.getCause() == null ? e : e.getCause(), took.spent());
            // A connection that ends without an error is the restart after a short copy.
            return failure.errno() > 0 && failure.errno() != NOT_RESTARTED
                    ? new Change.Rejected(Session.why(session.node(), failure))
                    : new Change.Done(session.node() + " has its copy, and goes down: " + failure.failure().sentence());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Change.Unknown("interrupted");
        }
    }

    static Copying state(Link link) throws SQLException {
        Optional<Copying> ended = link.query(
                "SELECT STATE, IFNULL(ERROR_NO, 0), IFNULL(ERROR_MESSAGE, '') FROM performance_schema.clone_status",
                rows -> {
                    if (!rows.next()) {
                        return Optional.of(new Copying.None());
                    }
                    return switch (String.valueOf(rows.getString(1))) {
                        case "Completed" -> Optional.of(new Copying.Completed(0));
                        case "Failed" -> Optional.of(new Copying.Failed(rows.getInt(2), rows.getString(3)));
                        case "Not Started" -> Optional.of(new Copying.None());
                        default -> Optional.empty();
                    };
                });
        if (ended.isPresent()) {
            return ended.get() instanceof Copying.Completed
                    ? link.query("SELECT IFNULL(SUM(DATA), 0) FROM performance_schema.clone_progress",
                            rows -> new Copying.Completed(rows.next() ? rows.getLong(1) : 0))
                    : ended.get();
        }
        return link.query("SELECT STAGE, IFNULL(DATA, 0), IFNULL(ESTIMATE, 0)"
                + " FROM performance_schema.clone_progress WHERE STATE <> 'Not Started' ORDER BY BEGIN_TIME DESC LIMIT 1",
                rows -> rows.next()
                        ? new Copying.UnderWay(rows.getString(1), rows.getLong(2), rows.getLong(3))
                        : new Copying.UnderWay("BEGIN", 0, 0));
    }
}
