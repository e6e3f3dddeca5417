package dev.switchman.notify;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import jakarta.mail.internet.MimeMessage;

import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.switchman.ExampleClusters;
import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Host;
import dev.switchman.topology.MailSettings;
import dev.switchman.topology.Secret;

import static org.assertj.core.api.Assertions.assertThat;

/** Against a real SMTP server in this JVM. */
class MailNotifierTest {

    private static final Account LOGIN = new Account("switchman", new Secret("c0rrect"));

    private final Notifier mail = Notifiers.byMail();
    private final GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void a_report_is_delivered_without_authentication() throws Exception {
        server.start();

        Notifier.Sent sent = mail.send(cluster(Optional.empty()),
                "[shop] failover done: db2 is the primary\r\nBcc: x@y",
                "Zeit: 0,3 s\nalles läuft\n");

        assertThat(sent).isEqualTo(new Notifier.Sent.Delivered("dba@example.org, oncall@example.org"));
        MimeMessage received = server.getReceivedMessages()[0];
        assertThat(received.getSubject()).isEqualTo("[shop] failover done: db2 is the primary Bcc: x@y");
        assertThat(received.getContentType()).startsWith("multipart/");
        assertThat(MailParts.text(received, "text/plain").replace("\r\n", "\n").strip())
                .isEqualTo("Zeit: 0,3 s\nalles läuft");
        assertThat(MailParts.text(received, "text/html")).contains(">Zeit: 0,3 s</p>", ">alles läuft</p>");
        assertThat(received.getFrom()[0]).hasToString("switchman@example.org");
        assertThat(received.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(server.getReceivedMessages()).hasSize(2);
    }

    @Test
    void a_report_is_drawn_with_its_timeline() throws Exception {
        server.start();

        mail.send(cluster(Optional.empty()), "s", """
                db1:3306 failed over to <db2:3306> (done in 0.41 s).

                Cluster  shop
                Runbook  failover, run 42

                Why it ran
                  db1:3306 has crashed & is gone

                Timeline
                  +0.010 s  fenceOldPrimary: done in 8 ms. closed
                  +0.100 s  openPrimary: refused in 12 ms. SERVER_UNREACHABLE: db2 <silent>
                """);

        assertThat(MailParts.text(server.getReceivedMessages()[0], "text/html"))
                .contains("db1:3306 failed over to &lt;db2:3306&gt; (done in 0.41 s).", ">Cluster</th>",
                        ">Why it ran</h2>", "has crashed &amp; is gone", ">Timeline</h2>", "<th>step</th>",
                        ">fenceOldPrimary</td>", ">8 ms</td>", "db2 &lt;silent&gt;</td>")
                .doesNotContain("<silent>", "http:", "https:");
    }

    @Test
    void a_report_is_delivered_with_authentication() throws Exception {
        authenticating();

        assertThat(mail.send(cluster(Optional.of(LOGIN)), "subject", "body"))
                .isInstanceOf(Notifier.Sent.Delivered.class);
        assertThat(server.getReceivedMessages()).hasSize(2)
                .allSatisfy(message -> assertThat(MailParts.text(message, "text/plain")).isEqualTo("body"));
    }

    @Test
    void a_wrong_password_is_told_without_the_password() {
        authenticating();

        Notifier.Sent sent = mail.send(cluster(Optional.of(new Account("switchman", new Secret("wr0ng")))), "s", "b");

        assertThat(sent).isInstanceOfSatisfying(Notifier.Sent.Failed.class, failed -> assertThat(failed.why())
                .contains("127.0.0.1:" + port(), "uthenticat")
                .doesNotContain("wr0ng"));
        assertThat(server.getReceivedMessages()).isEmpty();
    }

    @Test
    void a_server_that_offers_no_tls_is_not_told_anything_when_tls_is_asked_for() {
        server.start();
        MailSettings plain = settings(port(), Optional.empty());
        MailSettings tls = new MailSettings(plain.server(), plain.port(), Optional.empty(), true, plain.from(),
                plain.to());

        assertThat(mail.send(ExampleClusters.mailing(tls), "s", "b")).isInstanceOfSatisfying(Notifier.Sent.Failed.class,
                failed -> assertThat(failed.why()).contains("STARTTLS"));
        assertThat(server.getReceivedMessages()).isEmpty();
    }

    @Test
    void a_server_that_accepts_and_says_nothing_holds_up_nobody() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Notifier impatient = new MailNotifier(Duration.ofMillis(200), Duration.ofSeconds(10));
            long start = System.nanoTime();

            Notifier.Sent sent = impatient.send(
                    ExampleClusters.mailing(settings(mute.getLocalPort(), Optional.empty())), "s", "b");

            assertThat(sent).isInstanceOfSatisfying(Notifier.Sent.Failed.class,
                    failed -> assertThat(failed.why()).contains(":" + mute.getLocalPort(), "timed out"));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void the_whole_delivery_has_an_end() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Notifier patient = new MailNotifier(Duration.ofSeconds(30), Duration.ofMillis(200));

            assertThat(patient.send(ExampleClusters.mailing(settings(mute.getLocalPort(), Optional.empty())), "s", "b"))
                    .isInstanceOfSatisfying(Notifier.Sent.Failed.class,
                            failed -> assertThat(failed.why()).contains("longer than 200 ms"));
        }
    }

    @Test
    void nobody_listens() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        assertThat(mail.send(ExampleClusters.mailing(settings(free, Optional.empty())), "s", "b"))
                .isInstanceOfSatisfying(Notifier.Sent.Failed.class,
                        failed -> assertThat(failed.why()).contains("127.0.0.1:" + free, "refused"));
    }

    @Test
    void a_cluster_without_mail_tells_nobody() {
        assertThat(mail.send(ExampleClusters.named("shop"), "s", "b")).isEqualTo(new Notifier.Sent.NobodyToTell());
    }

    private void authenticating() {
        server.start();
        GreenMailUser user = server.setUser("switchman@example.org", LOGIN.user(), LOGIN.password().reveal());
        assertThat(user.getLogin()).isEqualTo(LOGIN.user());
        server.getUserManager().setAuthRequired(true);
    }

    private Cluster cluster(Optional<Account> login) {
        return ExampleClusters.mailing(settings(port(), login));
    }

    private int port() {
        return server.getSmtp().getPort();
    }

    private static MailSettings settings(int port, Optional<Account> login) {
        return new MailSettings(new Host("127.0.0.1"), port, login, false, "switchman@example.org",
                List.of("dba@example.org", "oncall@example.org"));
    }
}
