package dev.switchman.ssh;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.shell.ProcessShellCommandFactory;
import org.apache.sshd.server.shell.ProcessShellFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.ssh.RemoteShell.Ran;
import dev.switchman.topology.Account;
import dev.switchman.topology.Action;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;

import static org.assertj.core.api.Assertions.assertThat;

/** The real protocol against a server in this JVM that runs commands in this machine's shell. */
class SshTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration SLACK = Duration.ofMillis(800);

    @TempDir
    Path directory;

    private final ConcurrentLinkedQueue<Action> told = new ConcurrentLinkedQueue<>();
    private final AtomicInteger logins = new AtomicInteger();
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private KeyPair hostKey;
    private KeyPair otherHostKey;
    private KeyPair userKey;
    private SshServer server;
    private Ssh ssh;

    @BeforeEach
    void start() throws Exception {
        hostKey = TestKeys.ed25519();
        otherHostKey = TestKeys.ecdsa();
        userKey = TestKeys.ed25519();
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(KeyPairProvider.wrap(otherHostKey, hostKey));
        server.setPublickeyAuthenticator(
                (user, key, session) -> KeyUtils.compareKeys(key, userKey.getPublic()));
        server.setCommandFactory(new ProcessShellCommandFactory() {
            @Override
            public Command createCommand(
                    ChannelSession channel, String command) {
                // A program of the test's own directory wins: sudo.
                String line = "PATH=" + directory + ":$PATH; " + command;
                return new ProcessShellFactory(line, "/bin/sh", "-c", line).createShell(channel);
            }
        });
        server.addSessionListener(new SessionListener() {
            @Override
            public void sessionEvent(Session session, Event event) {
                if (event == Event.Authenticated) {
                    logins.incrementAndGet();
                    sessions.add(session);
                }
            }
        });
        server.start();
        TestKeys.write(userKey, directory.resolve("id"));
        know(hostKey);
        ssh = Ssh.open(told::add);
    }

    @AfterEach
    void stop() throws IOException {
        ssh.close();
        server.stop(true);
    }

    @Test
    void everyArgumentArrivesAsItIs() {
        List<String> awkward = List.of("a b", "", "it's", "\"quoted\"", "$HOME", "`id`", "$(id)", "a;b", "a&b|c>d<e",
                "*", "~", "#", "!1", "\\",
                "-n", "two\nlines", "tab\there", "ümläut", "'");
        for (String argument : awkward) {
            assertThat(run(List.of("printf", "%s", argument))).as(argument).isEqualTo(new Ran.Ended(0, argument));
        }
        assertThat(run(List.of("sh", "-c", "echo $#", "x", "", "a b", "c"))).isEqualTo(new Ran.Ended(0, "3\n"));
    }

    @Test
    void statusAndBothOutputsAreTold() {
        Ran ran = run(List.of("sh", "-c", "echo out; echo err >&2; exit 7"));

        assertThat(ran).isInstanceOfSatisfying(Ran.Ended.class, ended -> {
            assertThat(ended.status()).isEqualTo(7);
            assertThat(ended.output().lines()).containsExactlyInAnyOrder("out", "err");
        });
        assertThat(told).extracting(Action::text).containsExactly("sh -c 'echo out; echo err >&2; exit 7'");
        assertThat(told.element().answer()).startsWith("status 7: ");
    }

    @Test
    void outputIsCappedAndTheCommandStillEnds() {
        assertThat(run(List.of("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; exit 3")))
                .isInstanceOfSatisfying(Ran.Ended.class, ended -> {
                    assertThat(ended.status()).isEqualTo(3);
                    assertThat(ended.output()).hasSize(64 * 1024);
                });
    }

    @Test
    void commandsShareOneSession() {
        run(List.of("true"));
        run(List.of("true"));
        ssh.reader().look(node(), LONG);

        assertThat(logins).hasValue(1);
    }

    @Test
    void aSessionThatTheHostClosedIsOpenedAgain() throws Exception {
        run(List.of("true"));
        for (Session session : sessions) {
            session.close(true).await(LONG);
        }

        assertThat(run(List.of("echo", "again"))).isEqualTo(new Ran.Ended(0, "again\n"));
        assertThat(logins).hasValue(2);
    }

    @Test
    void keysOfEveryKindLogIn() throws Exception {
        for (KeyPair key : List.of(TestKeys.rsa(), TestKeys.ecdsa(), TestKeys.ed25519())) {
            userKey = key;
            Path file = directory.resolve(key.getPublic().getAlgorithm());
            TestKeys.write(key, file);

            assertThat(ssh.reader().warm(node("root", server.getPort(), file), LONG)).as(key.getPublic().getAlgorithm())
                    .isTrue();
        }
    }

    @Test
    void aHostKeyOfAnyKindMayBeTheKnownOne() throws Exception {
        know(otherHostKey);
        assertThat(run(List.of("true"))).isEqualTo(new Ran.Ended(0, ""));
    }

    @Test
    void anUnknownHostKeyIsNamedAndAcceptedOnceItIsAdded() throws Exception {
        Files.writeString(directory.resolve("known_hosts"), "");
        HostView unknown = ssh.reader().look(node(), LONG);
        know(hostKey);

        assertThat(unknown).isInstanceOfSatisfying(HostView.Closed.class, closed -> assertThat(closed.why())
                .contains("[127.0.0.1]:" + server.getPort(), "is not in",
                        KeyUtils.getFingerPrint(otherHostKey.getPublic())));
        assertThat(run(List.of("true"))).isEqualTo(new Ran.Ended(0, ""));
    }

    @Test
    void aChangedHostKeyIsNamed() throws Exception {
        know(TestKeys.ed25519());

        assertThat(run(List.of("true"))).isInstanceOfSatisfying(Ran.Unreachable.class,
                unreachable -> assertThat(unreachable.why()).contains("has changed",
                        KeyUtils.getFingerPrint(hostKey.getPublic())));
        assertThat(failedCheck(node())).isEqualTo("ssh-host-key");
    }

    @Test
    void aMissingKnownHostsFileIsNamed() throws Exception {
        Files.delete(directory.resolve("known_hosts"));

        assertThat(ssh.reader().look(node(), LONG)).isInstanceOfSatisfying(HostView.Closed.class,
                closed -> assertThat(closed.why()).contains("known_hosts does not exist"));
    }

    @Test
    void keysThatCannotBeUsedAreNamed() throws Exception {
        Path garbage = directory.resolve("garbage");
        Files.writeString(garbage, "not a key");
        Path missing = directory.resolve("missing");

        assertThat(why(node("root", server.getPort(), missing))).contains(missing + " does not exist");
        assertThat(why(node("root", server.getPort(), garbage))).contains(garbage.toString());
        assertThat(failedCheck(node("root", server.getPort(), missing))).isEqualTo("ssh-key");
    }

    @Test
    void aRefusedLoginIsNamed() throws Exception {
        Path stranger = directory.resolve("stranger");
        TestKeys.write(TestKeys.ed25519(), stranger);

        assertThat(why(node("root", server.getPort(), stranger))).contains("login as \"root\"", "was refused");
        assertThat(failedCheck(node("root", server.getPort(), stranger))).isEqualTo("ssh-login");
    }

    @Test
    void aClosedPortIsNamed() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        assertThat(why(node("root", port, directory.resolve("id")))).contains("connection refused");
        assertThat(failedCheck(node("root", port, directory.resolve("id")))).isEqualTo("ssh-connection");
    }

    @Test
    void aHostThatAcceptsAndStaysSilentCostsTheDeadlineAndBlocksNoOther() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Node mute = node("root", silent.getLocalPort(), directory.resolve("id"));
            run(List.of("true"));

            for (int i = 0; i < 3; i++) {
                Timed<HostView> look = timed(() -> ssh.reader().look(mute, SHORT));
                assertThat(look.result()).isInstanceOf(HostView.Silent.class);
                assertThat(look.took()).isLessThan(SHORT.plus(SLACK));
            }
            Timed<Ran> other = timed(() -> run(List.of("true")));

            assertThat(other.result()).isEqualTo(new Ran.Ended(0, ""));
            assertThat(other.took()).isLessThan(SLACK);
            assertThat(ssh.reader().probe(mute, NodeId.of("127.0.0.1", 1), SHORT))
                    .isInstanceOf(PortProbe.Abstained.class);
        }
    }

    @Test
    void aCommandWithoutEndIsUnknownAtTheDeadlineAndOthersGoOn() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        Thread.startVirtualThread(() -> {
            run(List.of("sh", "-c", "sleep 1.5; echo late"));
            done.countDown();
        });

        Timed<Ran> endless = timed(() -> ssh.shell().run(node(), List.of("sleep", "30"), SHORT));

        assertThat(endless.result()).isInstanceOf(Ran.Unknown.class);
        assertThat(endless.took()).isLessThan(SHORT.plus(SLACK));
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(told.stream().map(Action::answer).collect(Collectors.toSet())).contains("ok: late");
    }

    @Test
    void aUserWhoIsNotRootActsThroughSudo() throws Exception {
        Path sudo = directory.resolve("sudo");
        Files.writeString(sudo, "#!/bin/sh\n[ \"$1\" = -n ] && shift && echo raised && exec \"$@\"\n");
        assertThat(sudo.toFile().setExecutable(true)).isTrue();
        Node node = node("deploy", server.getPort(), directory.resolve("id"));

        assertThat(ssh.shell().run(node, List.of("echo", "a  b"), LONG)).isEqualTo(new Ran.Ended(0, "raised\na  b\n"));
        Files.delete(sudo);
        Files.writeString(sudo, "#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n");
        assertThat(sudo.toFile().setExecutable(true)).isTrue();
        assertThat(ssh.reader().inspect(node, Optional.empty(), LONG)).anySatisfy(finding -> {
            assertThat(finding.check()).isEqualTo("host-rights");
            assertThat(finding.grade()).isEqualTo(Grade.FAILED);
            assertThat(finding.detail()).contains("a password is required");
        });
    }

    @Test
    void afterClosingNothingIsReached() {
        ssh.close();

        assertThat(run(List.of("true"))).isInstanceOf(Ran.Unreachable.class);
    }

    private Ran run(List<String> command) {
        return ssh.shell().run(node(), command, LONG);
    }

    private String why(Node node) {
        return ssh.shell().run(node, List.of("true"), LONG) instanceof Ran.Unreachable(String why) ? why : "reached";
    }

    private String failedCheck(Node node) {
        return ssh.reader()
                .inspect(node, Optional.empty(), LONG)
                .stream()
                .filter(finding -> finding.grade() == Grade.FAILED)
                .map(Finding::check)
                .collect(Collectors.joining(","));
    }

    private void know(KeyPair key) throws IOException, GeneralSecurityException {
        Files.writeString(directory.resolve("known_hosts"),
                "[127.0.0.1]:" + server.getPort() + " " + TestKeys.line(key) + "\n");
    }

    private Node node() {
        return node("root", server.getPort(), directory.resolve("id"));
    }

    private Node node(String user, int port, Path key) {
        return new Node(NodeId.of("127.0.0.1", 3306), PromotionRole.ALLOWED, false,
                new Account("nobody", new Secret("nothing")),
                TlsMode.PREFERRED, new SshAccess(user, port, key, directory.resolve("known_hosts")), Optional.empty());
    }

    private record Timed<T>(T result, Duration took) {}

    private static <T> Timed<T> timed(Supplier<T> work) {
        long from = System.nanoTime();
        T result = work.get();
        return new Timed<>(result, Duration.ofNanos(System.nanoTime() - from));
    }
}
