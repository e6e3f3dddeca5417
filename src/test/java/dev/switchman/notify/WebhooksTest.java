package dev.switchman.notify;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Severity;

import static org.assertj.core.api.Assertions.assertThat;

/** Against a real HTTP server of this machine. */
class WebhooksTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00.250Z");
    private static final Notice NOTICE = new Notice("0b2c", new ClusterName("shop"), "production", NOW,
            Notice.Kind.RUN_ENDED, Severity.WARNING, Severity.CRITICAL, "db1:3306 failed over to <db2:3306> & läuft",
            "Timeline\n  +0.010 s  fenceOldPrimary: done in 8 ms. closed\n",
            Map.of("run", "42", "runbook", "failover", "ending", "DONE"),
            Optional.of(URI.create("https://switchman.example.org/runs/42")));
    private static final Optional<Secret> SECRET = Optional.of(new Secret("s3cret"));

    private final Webhooks webhooks = Notifiers.overHttp(Clock.fixed(NOW, ZoneOffset.UTC));
    private HttpReceiver http;

    @BeforeEach
    void listen() throws IOException {
        http = new HttpReceiver();
    }

    @AfterEach
    void close() throws Exception {
        webhooks.close();
        http.close();
    }

    private Receiver receiver(Receiver.Shape shape, Optional<Secret> secret) {
        return new Receiver("chat", new Secret(http.url()), shape, Severity.INFO, secret, Duration.ofSeconds(5),
                Duration.ofHours(1));
    }

    private Webhooks.Posted post(Receiver receiver) {
        return webhooks.post(receiver, NOTICE);
    }

    private JsonNode sent() throws IOException {
        return new ObjectMapper().readTree(http.requests().getFirst().body());
    }

    @Test
    void a_notice_arrives_as_json_with_each_field() throws IOException {
        assertThat(post(receiver(Receiver.Shape.JSON, Optional.empty())))
                .isEqualTo(new Webhooks.Posted.Delivered("HTTP 200"));

        HttpReceiver.Request request = http.requests().getFirst();
        assertThat(request.path()).isEqualTo("/hooks/k3y?a=b");
        assertThat(request.headers()).containsEntry("content-type", "application/json; charset=utf-8")
                .containsEntry("x-switchman-id", "0b2c")
                .doesNotContainKey("x-switchman-signature");
        assertThat(sent()).isEqualTo(new ObjectMapper().readTree("""
                {"id": "0b2c", "at": "2026-11-23T10:00:00.250Z", "kind": "run-ended", "severity": "warning",
                 "cluster": "shop", "tier": "production", "headline": "db1:3306 failed over to <db2:3306> & läuft",
                 "text": "Timeline\\n  +0.010 s  fenceOldPrimary: done in 8 ms. closed\\n",
                 "about": {"ending": "DONE", "run": "42", "runbook": "failover"},
                 "link": "https://switchman.example.org/runs/42"}"""));
    }

    /** RFC 2104, written out: two hashes around the key. */
    private static String hmac(String secret, String message) throws NoSuchAlgorithmException {
        byte[] key = Arrays.copyOf(secret.getBytes(StandardCharsets.UTF_8), 64);
        MessageDigest inner = MessageDigest.getInstance("SHA-256");
        MessageDigest outer = MessageDigest.getInstance("SHA-256");
        for (byte octet : key) {
            inner.update((byte) (octet ^ 0x36));
            outer.update((byte) (octet ^ 0x5c));
        }
        outer.update(inner.digest(message.getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(outer.digest());
    }

    @Test
    void the_signature_is_that_of_the_timestamp_and_the_body_under_this_secret_and_no_other() throws Exception {
        post(receiver(Receiver.Shape.JSON, SECRET));

        HttpReceiver.Request request = http.requests().getFirst();
        String timestamp = request.headers().getOrDefault("x-switchman-timestamp", "");
        String signature = request.headers().getOrDefault("x-switchman-signature", "");
        assertThat(timestamp).isEqualTo("1795428000");
        assertThat(signature).isEqualTo("sha256=" + hmac("s3cret", timestamp + "." + request.body()))
                .isNotEqualTo("sha256=" + hmac("s3cret", "1795428001." + request.body()))
                .isNotEqualTo("sha256=" + hmac("wr0ng", timestamp + "." + request.body()));
    }

    @Test
    void slack_gets_a_message_in_which_nothing_is_markup_by_accident() throws IOException {
        post(receiver(Receiver.Shape.SLACK, Optional.empty()));

        JsonNode message = sent();
        assertThat(message.path("text").asText())
                .isEqualTo("[warning] shop: db1:3306 failed over to &lt;db2:3306&gt; &amp; läuft");
        assertThat(message.path("blocks")).hasSize(3);
        assertThat(message.at("/blocks/1/text/text").asText()).startsWith("```Timeline\n").endsWith("```");
        assertThat(message.at("/blocks/2/elements/0/text").asText())
                .contains("<https://switchman.example.org/runs/42|open>");
    }

    @Test
    void teams_gets_an_adaptive_card() throws IOException {
        post(receiver(Receiver.Shape.TEAMS, Optional.empty()));

        JsonNode card = sent().at("/attachments/0");
        assertThat(card.path("contentType").asText()).isEqualTo("application/vnd.microsoft.card.adaptive");
        assertThat(card.at("/content/type").asText()).isEqualTo("AdaptiveCard");
        assertThat(card.at("/content/body/0/text").asText())
                .isEqualTo("[warning] shop: db1:3306 failed over to <db2:3306> & läuft");
        assertThat(card.at("/content/actions/0/url").asText()).isEqualTo("https://switchman.example.org/runs/42");
    }

    @Test
    void a_long_report_is_cut_to_what_slack_takes() throws IOException {
        Notice longer = new Notice("1", NOTICE.cluster(), "test", NOW, Notice.Kind.RUN_ENDED, Severity.INFO,
                Severity.INFO, "done", "x".repeat(100_000), Map.of(), Optional.empty());

        webhooks.post(receiver(Receiver.Shape.SLACK, Optional.empty()), longer);

        assertThat(sent().at("/blocks/1/text/text").asText().length()).isLessThan(3_000);
    }

    @Test
    void what_may_go_better_later_is_told_from_what_will_not() {
        http.answers(500, 503, 429, 404, 401, 302);
        Receiver receiver = receiver(Receiver.Shape.JSON, Optional.empty());

        assertThat(post(receiver)).isEqualTo(new Webhooks.Posted.Failed("HTTP 500: answer 500"));
        assertThat(post(receiver)).isEqualTo(new Webhooks.Posted.Failed("HTTP 503: answer 503"));
        assertThat(post(receiver)).isEqualTo(new Webhooks.Posted.Failed("HTTP 429: answer 429"));
        assertThat(post(receiver)).isEqualTo(new Webhooks.Posted.Refused("HTTP 404: answer 404"));
        assertThat(post(receiver)).isEqualTo(new Webhooks.Posted.Refused("HTTP 401: answer 401"));
        assertThat(post(receiver)).isEqualTo(new Webhooks.Posted.Refused("HTTP 302: answer 302"));
        assertThat(http.requests()).as("the redirect is not followed").hasSize(6);
    }

    @Test
    void a_receiver_that_hangs_is_left_at_the_deadline_also_in_the_middle_of_its_answer() {
        http.answers(HttpReceiver.HANG, HttpReceiver.TRICKLE);
        Receiver impatient = new Receiver("chat", new Secret(http.url()), Receiver.Shape.JSON, Severity.INFO,
                Optional.empty(), Duration.ofMillis(300), Duration.ofHours(1));
        long begin = System.nanoTime();

        assertThat(post(impatient)).isEqualTo(new Webhooks.Posted.Failed("no answer within 300 ms"));
        assertThat(post(impatient)).isEqualTo(new Webhooks.Posted.Failed("no answer within 300 ms"));

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
        assertThat(post(receiver(Receiver.Shape.JSON, Optional.empty())))
                .as("the next one is not held up")
                .isInstanceOf(Webhooks.Posted.Delivered.class);
    }

    @Test
    void nobody_listens_and_no_answer_names_the_address() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        Receiver nobody = new Receiver("chat", new Secret("http://127.0.0.1:" + free + "/hooks/k3y"),
                Receiver.Shape.JSON, Severity.INFO, Optional.empty(), Duration.ofSeconds(5), Duration.ofHours(1));

        assertThat(post(nobody)).isInstanceOfSatisfying(Webhooks.Posted.Failed.class,
                failed -> assertThat(failed.why()).contains("ConnectException").doesNotContain("k3y"));
        assertThat(nobody.toString()).doesNotContain("k3y");
    }

    @Test
    void a_notice_is_read_back_as_it_was_written_down() {
        assertThat(Notices.parse(Notices.print(NOTICE))).isEqualTo(NOTICE);
    }
}
