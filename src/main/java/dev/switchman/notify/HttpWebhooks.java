package dev.switchman.notify;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;

/** Posts over HTTP/1.1 and follows no redirect. */
final class HttpWebhooks implements Webhooks {

    static final String TIMESTAMP = "X-Switchman-Timestamp";
    static final String SIGNATURE = "X-Switchman-Signature";
    static final String ID = "X-Switchman-Id";

    private static final String ALGORITHM = "HmacSHA256";
    /** As much of an answer is looked at. */
    private static final int ANSWER = 200;
    private static final Set<Integer> LATER = Set.of(408, 425, 429);

    private final Clock clock;
    /** Made when it is first needed: most clusters have no receiver, and it brings threads of its own. */
    private Optional<HttpClient> http = Optional.empty();

    HttpWebhooks(Clock clock) {
        this.clock = clock;
    }

    private synchronized HttpClient http() {
        HttpClient client = http.orElseGet(() -> HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build());
        http = Optional.of(client);
        return client;
    }

    /** A server may send one byte of its answer now and then: the whole has an end, and not only each part. */
    @Override
    public Posted post(Receiver receiver, Notice notice) {
        FutureTask<Posted> attempt = new FutureTask<>(() -> attempt(receiver, notice));
        Thread thread = Thread.ofVirtual().name("webhook").start(attempt);
        try {
            return attempt.get(receiver.deadline().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            return new Posted.Failed("no answer within " + receiver.deadline().toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a notice for " + receiver.name() + " could not be made", e.getCause());
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            return new Posted.Failed("interrupted");
        }
    }

    private Posted attempt(Receiver receiver, Notice notice) {
        byte[] body = Shapes.of(receiver.shape(), notice).getBytes(StandardCharsets.UTF_8);
        try {
            HttpResponse<InputStream> response = http().send(request(receiver, notice, body),
                    HttpResponse.BodyHandlers.ofInputStream());
            String said;
            try (InputStream answer = response.body()) {
                said = new String(answer.readNBytes(ANSWER), StandardCharsets.UTF_8).replaceAll("\\s+", " ").strip();
            }
            return judge(response.statusCode(), said);
        } catch (IOException e) {
            return new Posted.Failed(reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Posted.Failed("interrupted");
        }
    }

    private HttpRequest request(Receiver receiver, Notice notice, byte[] body) {
        String timestamp = String.valueOf(clock.instant().getEpochSecond());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(receiver.url().reveal()))
                .timeout(receiver.deadline().plus(Duration.ofSeconds(1)))
                .header("Content-Type", "application/json; charset=utf-8")
                .header("User-Agent", "Switchman")
                .header(ID, notice.id())
                .header(TIMESTAMP, timestamp)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        receiver.secret().ifPresent(secret -> request.header(SIGNATURE, signature(secret, timestamp, body)));
        return request.build();
    }

    /** @return {@code sha256=} and HMAC-SHA256, in hexadecimal digits, over the timestamp, a dot and the body */
    private static String signature(Secret secret, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            mac.update((timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("this Java cannot compute " + ALGORITHM, e);
        }
    }

    private static Posted judge(int status, String said) {
        String answer = "HTTP " + status + (said.isEmpty() ? "" : ": " + said);
        if (status / 100 == 2) {
            return new Posted.Delivered("HTTP " + status);
        }
        return status / 100 == 5 || LATER.contains(status) ? new Posted.Failed(answer) : new Posted.Refused(answer);
    }

    /** A refused connection has no words of its own in this client. */
    private static String reason(IOException e) {
        String name = e.getClass().getSimpleName();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                return name + ": " + cause.getMessage();
            }
        }
        return name + (e instanceof ConnectException ? ": nobody listens there" : "");
    }

    @Override
    public synchronized void close() {
        http.ifPresent(HttpClient::shutdownNow);
    }
}
