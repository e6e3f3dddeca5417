package dev.switchman.lab;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Chromium in a container, in the network of this machine, so that it meets a server of this machine at the address that
 * people type. A WebDriver client opens as many of them as it likes, each with cookies of its own.
 */
public final class Chromium implements AutoCloseable {

    private static final String IMAGE = "switchman/browser:latest";
    private static final Duration START = Duration.ofSeconds(30);
    /** Chromium's own /dev/shm; Docker's 64 MiB end in crashed pages. */
    private static final long SHARED_MEMORY = 512L << 20;

    private final Engine engine;
    private final String container;
    private final URI driver;

    private Chromium(Engine engine, String container, URI driver) {
        this.engine = engine;
        this.container = container;
        this.driver = driver;
    }

    /** Returns when chromedriver answers. Installs and builds what is missing, which takes minutes the first time. */
    public static Chromium start() {
        Engine engine = Engine.with(IMAGE);
        int port = ServerProcess.freePort();
        String name = "switchman-browser-" + port;
        Chromium chromium = new Chromium(engine, engine.startBeside(name, IMAGE,
                Map.of(Engine.LAB, name, Engine.OWNER, Owner.thisProcess().toString()), SHARED_MEMORY,
                "--port=" + port), URI.create("http://127.0.0.1:" + port));
        try {
            chromium.awaitUp();
            return chromium;
        } catch (RuntimeException e) {
            chromium.close();
            throw e;
        }
    }

    /** Where a WebDriver client finds it. */
    public URI driver() {
        return driver;
    }

    private void awaitUp() {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest status = HttpRequest.newBuilder(driver.resolve("/status")).timeout(START).build();
            Eventually.until("up: chromedriver at " + driver, START, () -> {
                try {
                    HttpResponse<String> answer = http.send(status, HttpResponse.BodyHandlers.ofString());
                    return answer.body().contains("\"ready\":true") ? Optional.empty() : Optional.of(answer.body());
                } catch (IOException e) {
                    return Optional.of(e.toString());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new LabException("interrupted while chromedriver started", e);
                }
            });
        }
    }

    /** Ends all browsers with it. */
    @Override
    public void close() {
        engine.removeContainer(container);
    }
}
