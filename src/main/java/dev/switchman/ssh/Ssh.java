package dev.switchman.ssh;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.kex.KexProposalOption;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

import dev.switchman.topology.Action;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;
import dev.switchman.topology.SshAccess;

/**
 * Opens the room: one SSH client with a warm session to each host, and the two doors over it. Only the configured key is
 * offered, only a host key that stands in the configured known_hosts file is accepted; no agent, no password, nothing from
 * {@code ~/.ssh}. Both files are read anew for each session, so a change in them counts from the next one on.
 */
public final class Ssh implements AutoCloseable {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(2);
    private static final int KEEP_ALIVES_UNANSWERED = 2;
    private static final int THREADS = 4;

    private final SshClient client;
    private final ScheduledExecutorService timer;
    private final Map<Target, Link> links = new ConcurrentHashMap<>();
    private final HostReader reader;
    private final RemoteShell shell;
    private volatile boolean closed;

    private record Target(Host host, SshAccess access) {}

    private Ssh(SshClient client, Action.Listener listener) {
        this.client = client;
        this.timer = Executors
                .newSingleThreadScheduledExecutor(Thread.ofPlatform().name("ssh-timer").daemon().factory());
        LastSeen lastSeen = new LastSeen();
        this.reader = new SshHostReader(this, lastSeen);
        this.shell = new SshRemoteShell(this, lastSeen, listener);
        timer.scheduleWithFixedDelay(() -> links.values().removeIf(Link::closeIfForgotten), 1, 1, TimeUnit.MINUTES);
    }

    /** @param listener told of each command that acts; looking is not told */
    public static Ssh open(Action.Listener listener) {
        SshClient client = ClientBuilder.builder().build();
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
        client.setAgentFactory(null);
        client.setServerKeyVerifier(
                (session, address, key) -> attempt(session) instanceof Link.Attempt attempt && attempt.accepts(key));
        client.addSessionListener(new KnownKeysFirst());
        CoreModuleProperties.NIO_WORKERS.set(client, THREADS);
        CoreModuleProperties.TCP_NODELAY.set(client, true);
        CoreModuleProperties.SOCKET_KEEPALIVE.set(client, true);
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, KEEP_ALIVE);
        CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, KEEP_ALIVES_UNANSWERED);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
        CoreModuleProperties.NIO2_READ_TIMEOUT.set(client, Duration.ZERO);
        client.start();
        return new Ssh(client, listener);
    }

    /** Looks only. May be used from any number of threads. */
    public HostReader reader() {
        return reader;
    }

    /** Acts. May be used from any number of threads. */
    public RemoteShell shell() {
        return shell;
    }

    Link link(Node node) {
        return link(node.id().host(), node.ssh());
    }

    Link link(Host host, SshAccess access) {
        Link link = links.computeIfAbsent(new Target(host, access),
                target -> new Link(client, timer, target.host(), target.access()));
        if (closed) {
            link.close();
        }
        return link;
    }

    /** @return whether acting needs no {@code sudo -n} */
    boolean isRoot(Node node) {
        return node.ssh().user().equals("root");
    }

    /** Closes all sessions; commands that run are not waited for. */
    @Override
    public void close() {
        closed = true;
        links.values().forEach(Link::close);
        timer.shutdownNow();
        client.close(true);
        client.stop();
    }

    private static Link.@Nullable Attempt attempt(Session session) {
        return session instanceof ClientSession client && client.getConnectionContext() != null
                ? client.getConnectionContext().getAttribute(Link.ATTEMPT)
                : null;
    }

    /** With its default order the client and a host agree on ECDSA although only the host's ed25519 or RSA key is known. */
    private static final class KnownKeysFirst implements SessionListener {

        @Override
        public void sessionNegotiationOptionsCreated(Session session, Map<KexProposalOption, String> proposal) {
            Link.Attempt attempt = attempt(session);
            String algorithms = proposal.get(KexProposalOption.SERVERKEYS);
            if (attempt != null && algorithms != null) {
                proposal.put(KexProposalOption.SERVERKEYS,
                        String.join(",", attempt.order(Arrays.asList(algorithms.split(",")))));
            }
        }
    }
}
