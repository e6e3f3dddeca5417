package dev.switchman.mysql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import com.mysql.cj.jdbc.Driver;
import org.jspecify.annotations.Nullable;

import dev.switchman.topology.Failure;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.TlsMode;

/**
 * Opens, keeps and gives up connections. The driver works on threads of this class, so that a caller returns at its
 * deadline whatever the driver does; no lock is held while a server is asked, so that no server delays another.
 */
final class Connections implements AutoCloseable {

    /** Kept per node; more are opened when more are in use, and closed when given back. */
    private static final int KEPT = 3;

    /** The driver's own timeout shall come first: its error tells more. */
    private static final Duration GRACE = Duration.ofMillis(20);

    private static final int IDLE_TOO_LONG = 4031;

    // Platform threads: name resolution is native and would pin the carrier of a virtual one.
    private final ExecutorService workers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("mysql-", 0).factory());
    private final Driver driver;
    private final Map<NodeId, Deque<Link>> idle = new ConcurrentHashMap<>();
    private final Map<NodeId, Set<Link>> open = new ConcurrentHashMap<>();
    /** Whether one call may send several statements: for those that look, with words of their own only. */
    private final boolean several;
    private volatile boolean closed;

    Connections() {
        this(false);
    }

    /** Connections on which {@link Link#ask} works. */
    static Connections forLooks() {
        return new Connections(true);
    }

    private Connections(boolean several) {
        this.several = several;
        try {
            driver = new Driver();
        } catch (SQLException e) {
            throw new IllegalStateException("the MySQL driver does not start", e);
        }
    }

    /**
     * Works on a kept connection; when that turns out to have been closed meanwhile, by the server or by {@link #forget}, once
     * more on a new one.
     */
    <T> T read(Node node, Deadline deadline, Link.Work<T> work) throws NodeFailure {
        Link kept = take(node);
        if (kept != null) {
            try {
                return keeping(kept, deadline, work);
            } catch (NodeFailure e) {
                if (!stale(e) && !(kept.givenUp() && e.failure() instanceof Failure.Unclear && !deadline.passed())) {
                    throw e;
                }
            }
        }
        return keeping(open(node, node.id().host(), deadline), deadline, work);
    }

    /** Works on a kept connection, or on a new one; that a kept one broke is what the caller wants to know. */
    <T> T ping(Node node, Deadline deadline, Link.Work<T> work) throws NodeFailure {
        Link kept = take(node);
        return keeping(kept != null ? kept : open(node, node.id().host(), deadline), deadline, work);
    }

    static boolean stale(NodeFailure e) {
        return e.failure() instanceof Failure.Broken || e.errno() == IDLE_TOO_LONG;
    }

    private <T> T keeping(Link link, Deadline deadline, Link.Work<T> work) throws NodeFailure {
        boolean usable = false;
        try {
            T result = on(link, deadline, work);
            usable = true;
            return result;
        } finally {
            if (usable) {
                giveBack(link);
            } else {
                discard(link);
            }
        }
    }

    /** Works on a new connection and closes it. */
    <T> T once(Node node, Deadline deadline, Link.Work<T> work) throws NodeFailure {
        Link link = open(node, node.id().host(), deadline);
        try {
            return on(link, deadline, work);
        } finally {
            discard(link);
        }
    }

    /** Works on this connection, which is given up when that fails otherwise than with an error packet. */
    <T> T on(Link link, Deadline deadline, Link.Work<T> work) throws NodeFailure {
        return await(link, start(link, deadline, work), deadline);
    }

    /** Begins work on this connection without waiting for it. */
    <T> Future<T> start(Link link, Deadline deadline, Link.Work<T> work) throws NodeFailure {
        return submit(() -> {
            link.bound(deadline.millis());
            return work.on(link);
        });
    }

    /** Waits for the end of what was begun, however it ends. @return whether it has ended within this time */
    static boolean ended(Future<?> working, Duration wait) throws NodeFailure {
        try {
            working.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeFailure(new Failure.Unclear("interrupted"));
        }
    }

    /** @throws NodeFailure {@link Failure.TimedOut} at the deadline; the connection is given up then and at any other failure but an error packet */
    <T> T await(Link link, Future<T> working, Deadline deadline) throws NodeFailure {
        try {
            return get(working, deadline);
        } catch (NodeFailure e) {
            boolean byUs = link.givenUp();
            if (e.errno() == 0) {
                discard(link);
            }
            throw byUs ? new NodeFailure(new Failure.Unclear("the connection was given up here")) : e;
        }
    }

    /** @return a kept connection that may have been closed by the server meanwhile, or null */
    @Nullable
    Link take(Node node) {
        Deque<Link> links = idle.get(node.id());
        if (links == null) {
            return null;
        }
        synchronized (links) {
            for (Link link = links.pollFirst(); link != null; link = links.pollFirst()) {
                if (link.node().equals(node)) {
                    return link;
                }
                discard(link);
            }
            return null;
        }
    }

    void giveBack(Link link) {
        Deque<Link> links = idle.computeIfAbsent(link.node().id(), any -> new ArrayDeque<>());
        synchronized (links) {
            if (!link.givenUp() && !closed && links.size() < KEPT) {
                link.answered();
                links.addFirst(link);
                return;
            }
        }
        discard(link);
    }

    void discard(Link link) {
        Set<Link> links = open.get(link.node().id());
        if (links != null) {
            links.remove(link);
        }
        link.abort();
    }

    /** A new connection. @param host where to connect to, in place of the node's own */
    Link open(Node node, Host host, Deadline deadline) throws NodeFailure {
        if (closed) {
            throw new NodeFailure(new Failure.Unclear("closed"));
        }
        // Whoever comes second, the connection or the end of the wait for it, sees the other and closes.
        AtomicBoolean first = new AtomicBoolean(true);
        AtomicReference<@Nullable Link> late = new AtomicReference<>();
        Future<Link> opening = submit(() -> {
            Link link = connect(node, host, deadline);
            late.set(link);
            if (!first.getAndSet(false)) {
                link.abort();
            }
            return link;
        });
        try {
            Link link = get(opening, deadline);
            open.computeIfAbsent(node.id(), any -> ConcurrentHashMap.newKeySet()).add(link);
            return link;
        } catch (NodeFailure e) {
            if (!first.getAndSet(false)) {
                Link link = late.get();
                if (link != null) {
                    link.abort();
                }
            }
            throw e;
        }
    }

    private Link connect(Node node, Host host, Deadline deadline) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", node.mysql().user());
        properties.setProperty("password", node.mysql().password().reveal());
        properties.setProperty("connectTimeout", Integer.toString(deadline.millis()));
        properties.setProperty("socketTimeout", Integer.toString(deadline.millis()));
        boolean elsewhere = !host.equals(node.id().host());
        // A certificate names its host, not the virtual address.
        TlsMode tls = elsewhere && node.tls() == TlsMode.VERIFY_IDENTITY ? TlsMode.VERIFY_CA : node.tls();
        properties.setProperty("sslMode", tls.name());
        // caching_sha2_password without TLS asks for the server's key; where the peer must be proven that is no proof.
        properties.setProperty("allowPublicKeyRetrieval",
                Boolean.toString(tls != TlsMode.VERIFY_CA && tls != TlsMode.VERIFY_IDENTITY));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("jdbcCompliantTruncation", "false");
        properties.setProperty("connectionAttributes", "program_name:switchman");
        properties.setProperty("allowMultiQueries", Boolean.toString(several));
        // An error then never repeats a statement, which may hold a password.
        properties.setProperty("paranoid", "true");
        String url = "jdbc:mysql://" + new NodeId(host, node.id().port()) + "/";
        Connection connection = driver.connect(url, properties);
        if (connection == null) {
            throw new SQLException("the driver does not take " + url);
        }
        try {
            return new Link(node, connection, workers);
        } catch (SQLException | RuntimeException e) {
            connection.abort(workers);
            throw e;
        }
    }

    private <T> Future<T> submit(Callable<T> work) throws NodeFailure {
        try {
            return workers.submit(work);
        } catch (RejectedExecutionException e) {
            throw new NodeFailure(new Failure.Unclear("closed"));
        }
    }

    private static <T> T get(Future<T> working, Deadline deadline) throws NodeFailure {
        try {
            return working.get(deadline.left().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new NodeFailure(new Failure.TimedOut(deadline.spent(), "no answer"));
        } catch (ExecutionException e) {
            throw NodeFailure.of(e.getCause() == null ? e : e.getCause(), deadline.spent());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeFailure(new Failure.Unclear("interrupted"));
        }
    }

    /** Gives up every connection to this node, those in use too. */
    void forget(Node node) {
        Deque<Link> links = idle.remove(node.id());
        if (links != null) {
            synchronized (links) {
                links.clear();
            }
        }
        Set<Link> all = open.remove(node.id());
        if (all != null) {
            List.copyOf(all).forEach(Link::abort);
        }
    }

    @Override
    public void close() {
        closed = true;
        idle.clear();
        open.values().forEach(links -> links.forEach(Link::abort));
        open.clear();
        workers.shutdown();
    }
}
