package dev.switchman.ssh;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.future.ConnectFuture;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.future.SshFuture;
import org.apache.sshd.common.future.SshFutureListener;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.switchman.ssh.SshFailure.Kind;
import dev.switchman.topology.Host;
import dev.switchman.topology.SshAccess;

/**
 * The one warm session to a host. Opened in the background, by whoever needs it first or after it was lost; a caller waits for
 * it no longer than its own deadline. A session that did not answer in time is not given to anybody again.
 */
final class Link {

    /** What a session in the making must know on the client's threads; found through the session's connection context. */
    static final AttributeKey<Attempt> ATTEMPT = new AttributeKey<>();

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    /** A first SYN that was lost is sent again after 1 s and after 3 s; a longer wait is better spent on a new attempt. */
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);
    private static final Duration LOGIN_LIMIT = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** A host that nobody asks for any more is left alone. */
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private final SshClient client;
    private final ScheduledExecutorService timer;
    private final Host host;
    private final SshAccess access;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Warm warm;
    private @Nullable CompletableFuture<Warm> opening;
    private @Nullable CompletableFuture<InetAddress> lookup;
    private boolean reopenPlanned;
    private boolean closed;
    private long lastUsedNanos = System.nanoTime();
    private Duration pause = FIRST_PAUSE;

    Link(SshClient client, ScheduledExecutorService timer, Host host, SshAccess access) {
        this.client = client;
        this.timer = timer;
        this.host = host;
        this.access = access;
    }

    /** What came of a command that ended. */
    record Reply(int status, String output) {}

    /** Host keys to expect, and what was found instead. */
    static final class Attempt {

        private final KnownHosts known;
        private volatile @Nullable SshFailure objection;

        Attempt(KnownHosts known) {
            this.known = known;
        }

        List<String> order(List<String> algorithms) {
            return known.order(algorithms);
        }

        boolean accepts(PublicKey shown) {
            objection = known.objection(shown).orElse(null);
            return objection == null;
        }
    }

    /** A session and how many commands run on it. Guarded by the link's lock. */
    private static final class Warm {

        private final ClientSession session;
        private int users;
        private boolean retired;

        Warm(ClientSession session) {
            this.session = session;
        }
    }

    boolean isOpen(Deadline deadline) throws SshFailure {
        leave(enter(deadline));
        return true;
    }

    /**
     * Runs a command and waits for its end.
     *
     * @param command for the remote login shell
     * @throws SshFailure when it was not run, or not seen to end by the deadline
     */
    Reply run(String command, Deadline deadline) throws SshFailure {
        return run(() -> new Exec(command), deadline);
    }

    /** @param command made anew for each attempt; nothing of an attempt is used once it was sent */
    Reply run(Supplier<Exec> command, Deadline deadline) throws SshFailure {
        boolean again = false;
        while (true) {
            Warm entered = enter(deadline);
            Exec exec = command.get();
            try {
                start(entered, exec);
            } catch (IOException | RuntimeException e) {
                // The session went down since it was used last; nothing was sent.
                boolean sent = exec.sentOrCancelled();
                retire(entered);
                leave(entered);
                if (sent) {
                    throw SshFailure.after(Kind.BROKEN,
                            name() + ": the connection broke while the command was sent: " + e, "");
                }
                if (deadline.passed()) {
                    throw SshFailure.before(Kind.TIMED_OUT, name() + ": no session within " + deadline);
                }
                continue;
            }
            try {
                return await(entered, exec, deadline);
            } catch (SshFailure e) {
                // The host closed the session just then: nothing was sent, so another one may be tried; once, since a host that
                // opens no channels looks the same.
                if (e.kind() != Kind.BROKEN || e.sent() || again || deadline.passed()) {
                    throw e;
                }
                again = true;
            } finally {
                leave(entered);
            }
        }
    }

    private void start(Warm entered, Exec exec) throws IOException {
        ConnectionService service = entered.session.getService(ConnectionService.class);
        if (service == null) {
            throw new IOException("session is closed");
        }
        service.registerChannel(exec);
        exec.open().addListener(opened -> {
            if (!opened.isOpened()) {
                exec.close(true);
            }
        });
    }

    private Reply await(Warm entered, Exec exec, Deadline deadline) throws SshFailure {
        try {
            exec.ended().get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            boolean sent = exec.sentOrCancelled();
            retire(entered);
            Thread.startVirtualThread(() -> exec.close(true));
            if (sent) {
                throw SshFailure.after(Kind.TIMED_OUT, name() + ": no end of the command within " + deadline,
                        exec.output());
            }
            throw SshFailure.before(Kind.TIMED_OUT, name() + ": the session was silent for " + deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            boolean sent = exec.sentOrCancelled();
            Thread.startVirtualThread(() -> exec.close(true));
            String why = name() + ": interrupted";
            throw sent ? SshFailure.after(Kind.CLOSED, why, exec.output()) : SshFailure.before(Kind.CLOSED, why);
        } catch (ExecutionException e) {
            throw new IllegalStateException("never completed with an exception", e);
        }
        Integer status = exec.status();
        if (status != null) {
            return new Reply(status, exec.output());
        }
        retire(entered);
        if (exec.sentOrCancelled()) {
            throw SshFailure.after(Kind.BROKEN, name() + ": the connection broke before the command's end",
                    exec.output());
        }
        throw SshFailure.before(Kind.BROKEN,
                name() + ": the connection broke, or sshd opened no channel, before the command was sent");
    }

    /** Waits for the session. An attempt that was under way and failed is not this caller's: it gets one of its own. */
    private Warm enter(Deadline deadline) throws SshFailure {
        boolean own = false;
        while (true) {
            CompletableFuture<Warm> awaited;
            lock.lock();
            try {
                if (closed) {
                    throw SshFailure.before(Kind.CLOSED, name() + ": SSH is shut down");
                }
                lastUsedNanos = System.nanoTime();
                if (warm != null && !warm.retired && warm.session.isOpen()) {
                    warm.users++;
                    return warm;
                }
                if (opening == null) {
                    own = true;
                }
                awaited = beginOpening();
            } finally {
                lock.unlock();
            }
            try {
                awaited.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw SshFailure.before(Kind.TIMED_OUT, name() + ": no session within " + deadline);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw SshFailure.before(Kind.CLOSED, name() + ": interrupted");
            } catch (ExecutionException e) {
                if (own || deadline.passed()) {
                    throw e.getCause() instanceof SshFailure failure
                            ? failure
                            : SshFailure.before(Kind.BROKEN, name() + ": " + e.getCause());
                }
            }
        }
    }

    private void leave(Warm left) {
        boolean last;
        lock.lock();
        try {
            left.users--;
            last = left.retired && left.users == 0;
        } finally {
            lock.unlock();
        }
        if (last) {
            discard(left.session);
        }
    }

    /** Takes a session out of use. Commands that run on it may end; the last one closes it. */
    private void retire(Warm old) {
        lock.lock();
        try {
            old.retired = true;
            if (warm == old) {
                warm = null;
                if (!closed) {
                    beginOpening();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private static void discard(ClientSession session) {
        Thread.startVirtualThread(() -> session.close(true));
    }

    /** Called with the lock held. @return the attempt that is under way now */
    private CompletableFuture<Warm> beginOpening() {
        if (opening != null) {
            return opening;
        }
        CompletableFuture<Warm> attempt = new CompletableFuture<>();
        opening = attempt;
        Thread.ofVirtual().name("ssh-open-" + host).start(() -> open(attempt));
        return attempt;
    }

    private void open(CompletableFuture<Warm> attempt) {
        Warm opened = null;
        SshFailure failure = SshFailure.before(Kind.CLOSED, name() + ": SSH is shut down");
        try {
            opened = new Warm(connect());
        } catch (SshFailure e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            LOG.error("Opening the SSH session to {} failed by a fault of its own", name(), e);
            failure = SshFailure.before(Kind.BROKEN, name() + ": " + e);
        }
        boolean late;
        lock.lock();
        try {
            opening = null;
            late = closed;
            if (opened != null && !late) {
                warm = opened;
                pause = FIRST_PAUSE;
                Warm current = opened;
                opened.session.addCloseFutureListener(gone -> lost(current));
            } else if (failure.kind().passes()) {
                planReopening();
            }
        } finally {
            lock.unlock();
        }
        if (opened == null) {
            attempt.completeExceptionally(failure);
        } else if (late) {
            discard(opened.session);
            attempt.completeExceptionally(failure);
        } else {
            attempt.complete(opened);
        }
    }

    private void lost(Warm gone) {
        lock.lock();
        try {
            gone.retired = true;
            if (warm == gone) {
                warm = null;
                planReopening();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private void planReopening() {
        long unusedNanos = System.nanoTime() - lastUsedNanos;
        if (closed || reopenPlanned || unusedNanos > FORGOTTEN_AFTER.toNanos()) {
            return;
        }
        reopenPlanned = true;
        timer.schedule(this::reopen, pause.toMillis(), TimeUnit.MILLISECONDS);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private void reopen() {
        lock.lock();
        try {
            reopenPlanned = false;
            if (!closed && warm == null) {
                beginOpening();
            }
        } finally {
            lock.unlock();
        }
    }

    /** @return whether nobody has used it for a while; then it is closed */
    boolean closeIfForgotten() {
        lock.lock();
        try {
            if (System.nanoTime() - lastUsedNanos < FORGOTTEN_AFTER.toNanos()) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        close();
        return true;
    }

    void close() {
        Warm last;
        lock.lock();
        try {
            closed = true;
            last = warm;
            warm = null;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            discard(last.session);
        }
    }

    private ClientSession connect() throws SshFailure {
        InetSocketAddress address = new InetSocketAddress(resolve(), access.port());
        SshFailure unreadable = null;
        KnownHosts known;
        try {
            known = KnownHosts.read(access.knownHosts(), host.name(), access.port());
        } catch (SshFailure e) {
            // Told after the host has answered, so that what is said of the host stays true.
            unreadable = e;
            known = new KnownHosts(access.knownHosts(), host.name(), List.of(), List.of());
        }
        Attempt attempt = new Attempt(known);
        ClientSession session = reach(address, attempt);
        boolean loggedIn = false;
        try {
            logIn(session, attempt, unreadable);
            loggedIn = true;
            return session;
        } finally {
            if (!loggedIn) {
                discard(session);
            }
        }
    }

    /**
     * A lookup blocks in native code, where it would hold one of the few threads that carry all virtual ones: it has a thread of
     * its own, and a second one never begins before the first has ended.
     */
    private InetAddress resolve() throws SshFailure {
        CompletableFuture<InetAddress> awaited;
        lock.lock();
        try {
            if (lookup == null || lookup.isDone()) {
                CompletableFuture<InetAddress> begun = new CompletableFuture<>();
                lookup = begun;
                Thread.ofPlatform().daemon().name("ssh-lookup-" + host).start(() -> {
                    try {
                        begun.complete(InetAddress.getByName(host.name()));
                    } catch (UnknownHostException e) {
                        begun.completeExceptionally(e);
                    }
                });
            }
            awaited = lookup;
        } finally {
            lock.unlock();
        }
        try {
            return awaited.get(CONNECT_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw SshFailure.before(Kind.UNRESOLVED, name() + ": the name cannot be resolved");
        } catch (TimeoutException e) {
            throw SshFailure.before(Kind.UNRESOLVED,
                    name() + ": the name was not resolved within " + CONNECT_LIMIT.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SshFailure.before(Kind.CLOSED, name() + ": interrupted");
        }
    }

    private ClientSession reach(InetSocketAddress address, Attempt attempt) throws SshFailure {
        ConnectFuture connecting;
        try {
            connecting = client.connect(access.user(), address, AttributeRepository.ofKeyValuePair(ATTEMPT, attempt),
                    null);
        } catch (IOException e) {
            throw SshFailure.before(Kind.BROKEN, name() + ": " + e.getMessage());
        }
        if (!await(connecting, CONNECT_LIMIT)) {
            // A connection that comes now after all is of no use to anybody.
            connecting.addListener(late -> {
                if (late.isConnected()) {
                    discard(late.getSession());
                }
            });
            connecting.cancel();
            throw SshFailure.before(Kind.TIMED_OUT,
                    name() + ": no connection within " + CONNECT_LIMIT.toMillis() + " ms");
        }
        if (connecting.isConnected()) {
            return connecting.getSession();
        }
        Throwable why = connecting.getException();
        throw switch (rootOf(why)) {
            case NoRouteToHostException e -> SshFailure.before(Kind.UNREACHABLE, name() + ": " + e.getMessage());
            case ConnectException e when String.valueOf(e.getMessage()).contains("timed out") ->
                SshFailure.before(Kind.TIMED_OUT, name() + ": " + e.getMessage());
            case ConnectException e -> SshFailure.before(Kind.CONNECTION_REFUSED, name() + ": connection refused");
            case Throwable e when String.valueOf(e.getMessage()).contains("unreachable") ->
                SshFailure.before(Kind.UNREACHABLE, name() + ": " + e.getMessage());
            case Throwable e -> SshFailure.before(Kind.BROKEN, name() + ": " + e.getMessage());
        };
    }

    private void logIn(ClientSession session, Attempt attempt, @Nullable SshFailure knownHostsUnreadable)
            throws SshFailure {
        if (knownHostsUnreadable != null) {
            throw knownHostsUnreadable;
        }
        session.addPublicKeyIdentity(privateKey(access.key()));
        Throwable why;
        try {
            var login = session.auth();
            if (!await(login, LOGIN_LIMIT)) {
                throw SshFailure.before(Kind.TIMED_OUT,
                        name() + ": connected, and no login within " + LOGIN_LIMIT.toMillis() + " ms");
            }
            if (login.isSuccess()) {
                return;
            }
            why = login.getException();
            SshFailure objection = attempt.objection;
            if (objection != null) {
                throw objection;
            }
            if (login.isFailure() && session.getServerKey() != null && !session.isClosed() || isRefusal(why)) {
                throw SshFailure.before(Kind.LOGIN_REFUSED,
                        name() + ": login as \"" + access.user() + "\" with key " + access.key() + " was refused");
            }
        } catch (IOException | IllegalStateException e) {
            SshFailure objection = attempt.objection;
            if (objection != null) {
                throw objection;
            }
            why = e;
        }
        throw SshFailure.before(Kind.BROKEN,
                name() + ": the connection broke before the login: "
                        + (why == null ? "closed by the host" : why.getMessage()));
    }

    /** SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, RFC 4253 section 11.1. */
    private static boolean isRefusal(@Nullable Throwable why) {
        return why instanceof org.apache.sshd.common.SshException e && e.getDisconnectCode() == 14;
    }

    private KeyPair privateKey(Path file) throws SshFailure {
        try (var in = Files.newInputStream(file)) {
            Iterable<KeyPair> pairs = SecurityUtils.loadKeyPairIdentities(null, NamedResource.ofName(file.toString()),
                    in, null);
            if (pairs != null) {
                Iterator<KeyPair> each = pairs.iterator();
                if (each.hasNext()) {
                    return each.next();
                }
            }
            throw SshFailure.before(Kind.KEY_UNREADABLE, "private key " + file + " holds no key in a known format");
        } catch (NoSuchFileException e) {
            throw SshFailure.before(Kind.KEY_UNREADABLE, "private key " + file + " does not exist");
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw SshFailure.before(Kind.KEY_UNREADABLE,
                    "private key " + file + " cannot be read (a pass phrase is not supported): " + e.getMessage());
        }
    }

    /** Parks this virtual thread until the future is done, without holding a monitor. @return whether it is done */
    private static <T extends SshFuture<T>> boolean await(T future, Duration limit) throws SshFailure {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        SshFutureListener<T> listener = ignored -> done.complete(true);
        future.addListener(listener);
        try {
            return done.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SshFailure.before(Kind.CLOSED, "interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException("never completed with an exception", e);
        }
    }

    private static Throwable rootOf(@Nullable Throwable why) {
        Throwable root = why == null ? new IOException("no connection") : why;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private String name() {
        return "ssh " + access.user() + "@" + host + ":" + access.port();
    }
}
