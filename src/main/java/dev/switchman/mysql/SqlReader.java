package dev.switchman.mysql;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import dev.switchman.topology.Account;
import dev.switchman.topology.Copying;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Glance;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.TrialWrite;

/** {@link NodeReader} over Connector/J. */
final class SqlReader implements NodeReader {

    private static final int INTERRUPTED = 1317;
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration NAP = Duration.ofSeconds(60);
    private static final Duration OVERSLEPT = Duration.ofSeconds(15);

    private final Clock clock;
    // Apart, so that no ping waits for, or is mistaken for, a look.
    private final Connections pings = new Connections();
    private final Connections looks = Connections.forLooks();
    private final Trials trials = new Trials(looks);

    SqlReader(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Ping ping(Node node, PingKind kind, String schema, Duration deadline) {
        return switch (kind) {
            case CONNECT -> reconnect(node, deadline);
            case SELECT -> keptPing(node, deadline, SqlReader::selectOne);
            case INSERT -> keptPing(node, deadline, link -> {
                link.execute(PingTable.beat(schema), List.of());
                return true;
            });
        };
    }

    private Ping keptPing(Node node, Duration duration, Link.Work<Boolean> work) {
        Deadline deadline = Deadline.in(duration);
        try {
            pings.ping(node, deadline, work);
            return new Ping.Answered(deadline.spent());
        } catch (NodeFailure e) {
            return new Ping.Failed(e.failure());
        }
    }

    @Override
    public Ping reconnect(Node node, Duration duration) {
        Deadline deadline = Deadline.in(duration);
        try {
            pings.once(node, deadline, SqlReader::selectOne);
            return new Ping.Answered(deadline.spent());
        } catch (NodeFailure e) {
            return new Ping.Failed(e.failure());
        }
    }

    @Override
    public TrialWrite tryWrite(Node node, String schema, Duration duration) {
        return trials.on(node, schema, Deadline.in(duration));
    }

    private static boolean selectOne(Link link) throws SQLException {
        link.text("SELECT 1");
        return true;
    }

    @Override
    public Observation observe(Node node, Duration duration) {
        Deadline deadline = Deadline.in(duration);
        try {
            ServerState server = looks.read(node, deadline, StateQuery::state);
            return new Observation.Seen(node.id(), clock.instant(), server);
        } catch (NodeFailure e) {
            return new Observation.Unseen(node.id(), clock.instant(), e.failure());
        }
    }

    @Override
    public Glance glance(Node node, Duration duration) {
        try {
            return looks.read(node, Deadline.in(duration), StateQuery::glance);
        } catch (NodeFailure e) {
            return new Glance.Unseen(e.failure());
        }
    }

    @Override
    public int acknowledgers(Node node, Duration duration) {
        try {
            return looks.read(node, Deadline.in(duration), StateQuery::acknowledgers);
        } catch (NodeFailure e) {
            return 0;
        }
    }

    @Override
    public Sessions sessions(Node node, Duration duration) {
        Deadline deadline = Deadline.in(duration);
        try {
            return looks.read(node, deadline, SessionQuery::sessions);
        } catch (NodeFailure e) {
            return new Sessions.Unseen(e.failure().sentence());
        }
    }

    @Override
    public Copying copying(Node node, Duration duration) {
        try {
            return looks.read(node, Deadline.in(duration), Clone::state);
        } catch (NodeFailure e) {
            return e.errno() == Clone.NO_TABLE ? new Copying.None() : new Copying.Unseen(e.failure().sentence());
        }
    }

    @Override
    public LogPoint logPoint(Node node, Duration duration) {
        try {
            return looks.read(node, Deadline.in(duration), StateQuery::logPoint);
        } catch (NodeFailure e) {
            return new LogPoint.Unseen(e.failure().sentence());
        }
    }

    /** A statement that sleeps is the tripwire: the socket tells when the server dies under it. */
    @Override
    public Failure awaitBreak(Node node) throws InterruptedException {
        Link link;
        Deadline deadline = Deadline.in(CONNECT);
        try {
            link = looks.open(node, node.id().host(), deadline);
        } catch (NodeFailure e) {
            return unlessInterrupted(e);
        }
        try {
            looks.on(link, deadline, fresh -> {
                // Or it would fill the slow query log.
                fresh.execute("SET SESSION long_query_time = 31536000", List.of());
                return true;
            });
            while (true) {
                Optional<Failure> end = nap(link);
                if (end.isPresent()) {
                    return link.givenUp() ? new Failure.Unclear("no longer watched") : end.get();
                }
            }
        } catch (NodeFailure e) {
            return unlessInterrupted(e);
        } finally {
            looks.discard(link);
        }
    }

    private static Failure unlessInterrupted(NodeFailure e) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return e.failure();
    }

    private Optional<Failure> nap(Link link) throws InterruptedException {
        Deadline deadline = Deadline.in(NAP.plus(OVERSLEPT));
        try {
            Future<Boolean> napping = looks.start(link, deadline, any -> {
                any.execute("DO SLEEP(" + NAP.toSeconds() + ")", List.of());
                return true;
            });
            napping.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            NodeFailure failure = NodeFailure.of(e.getCause() == null ? e : e.getCause(), deadline.spent());
            // Somebody's KILL QUERY.
            return failure.errno() == INTERRUPTED ? Optional.empty() : Optional.of(failure.failure());
        } catch (NodeFailure e) {
            return Optional.of(e.failure());
        }
    }

    @Override
    public List<Finding> inspect(Node node, Duration duration) {
        Deadline deadline = Deadline.in(duration);
        Inspection inspection = new Inspection(node);
        try {
            looks.once(node, deadline, link -> {
                inspection.connected(link);
                ServerState state = StateQuery.state(link);
                inspection.state(state, StateQuery.channel(link));
                inspection.lints(link, state);
                inspection.binaryLogFilters(Inspection.filtersOfBinaryLog(link));
                return true;
            });
        } catch (NodeFailure e) {
            Optional<ServerVersion> greeted = e.failure() instanceof Failure.Unclear && inspection.findings().isEmpty()
                    ? Greeting.version(node.id(), deadline.left())
                    : Optional.empty();
            greeted.ifPresentOrElse(version -> inspection.withoutTls(e, version), () -> inspection.unreachable(e));
        }
        return inspection.findings();
    }

    @Override
    public Finding inspectSchema(Node node, String schema, Duration duration) {
        String subject = node.toString();
        try {
            return looks.once(node, Deadline.in(duration), Inspection::grants).ownRows(schema)
                    ? new Finding("schema-privileges", subject, Grade.PASSED, "may write to " + schema)
                    : new Finding("schema-privileges", subject, Grade.FAILED,
                            "missing: GRANT ALL ON " + schema + ".* TO " + node.mysql().user());
        } catch (NodeFailure e) {
            return new Finding("schema-privileges", subject, Grade.FAILED, e.failure().sentence());
        }
    }

    @Override
    public Finding inspectReplicationAccount(Node source, Account replication, Duration duration) {
        Deadline deadline = Deadline.in(duration);
        Node asReplica = new Node(source.id(), source.role(), source.ignoreFailure(), replication, source.tls(),
                source.ssh(), source.unit());
        String subject = source.toString();
        try {
            boolean granted = looks.once(asReplica, deadline, link -> Inspection.grants(link).any("REPLICATION SLAVE"));
            return granted
                    ? new Finding("replication-account", subject, Grade.PASSED, replication.user() + " may replicate")
                    : new Finding("replication-account", subject, Grade.FAILED,
                            "GRANT REPLICATION SLAVE ON *.* TO " + replication.user() + " is missing");
        } catch (NodeFailure e) {
            return new Finding("replication-account", subject, Grade.FAILED,
                    replication.user() + " cannot log in: " + e.failure().sentence());
        }
    }

    @Override
    public void forget(Node node) {
        pings.forget(node);
        trials.forget(node);
        looks.forget(node);
    }

    @Override
    public void close() {
        pings.close();
        trials.close();
        looks.close();
    }
}
