package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** {@code switchman serve} as a process of its own, and its HTTP interface. */
public final class ServerProcess implements AutoCloseable {

    /** The first start of a checkout builds the jar and its start-up cache. */
    private static final Duration UP = Duration.ofMinutes(5);
    private static final Duration REHEARSED = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(100);
    static final Duration END = Duration.ofSeconds(20);
    private static final Duration VERB = Duration.ofMinutes(2);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Pattern PASSWORD = Pattern.compile("(?m)^First start: log in as .* with password (\\S+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path log;
    private final Path data;
    private final String address;
    private final Optional<StartArchive> archive;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    private ServerProcess(Process process, Path log, Path data, String address, Optional<StartArchive> archive) {
        this.process = process;
        this.log = log;
        this.data = data;
        this.address = address;
        this.archive = archive;
    }

    /** @return a TCP port that nobody listens on at 127.0.0.1 just now */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts {@code ./switchman serve}, which builds what is not built yet. */
    public static ServerProcess start(Path configuration, Path directory, int port) {
        return start(configuration, directory, port, List.of());
    }

    /** @param options for the Java machine */
    static ServerProcess start(Path configuration, Path directory, int port, List<String> options) {
        return start(List.of("env", "SWITCHMAN_JAVA_OPTS=" + String.join(" ", options),
                Engine.home().resolve("switchman").toString()), configuration, directory, port, Optional.empty());
    }

    /** Starts the program from this process's own class path: nothing is built. */
    public static ServerProcess startHere(Path configuration, Path directory, int port) {
        return startHere(configuration, directory, port, List.of());
    }

    /** @param options for the Java machine */
    public static ServerProcess startHere(Path configuration, Path directory, int port, List<String> options) {
        StartArchive archive = new StartArchive(Integer.toString(port));
        List<String> program = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        program.addAll(options);
        program.addAll(archive.options());
        program.add("dev.switchman.app.Switchman");
        return start(program, configuration, directory, port, Optional.of(archive));
    }

    /** Starts the server in a session of its own: Ctrl-C on a terminal does not reach it, {@link #close} ends it. */
    private static ServerProcess start(List<String> program, Path configuration, Path directory, int port,
            Optional<StartArchive> archive) {
        Path log = directory.resolve("serve.log");
        Path data = directory.resolve("data");
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(program);
        command.addAll(List.of("serve", "--config", configuration.toString(), "--data", data.toString()));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(Engine.home().toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return new ServerProcess(process, log, data, "http://127.0.0.1:" + port, archive);
        } catch (IOException e) {
            throw new LabException("cannot start " + program.getFirst() + ": " + e.getMessage(), e);
        }
    }

    /** @throws LabException with the last lines of its log when it ends first */
    public void awaitUp() {
        Eventually.until("up: ./switchman serve", UP, LOOK, () -> {
            if (!process.isAlive()) {
                throw new LabException(
                        "./switchman serve ended with status " + process.exitValue());
            }
            try {
                HttpResponse<String> response = http.send(request("/api/health").build(),
                        HttpResponse.BodyHandlers.ofString());
                return response.statusCode() == 200 && Files.exists(token())
                        ? Optional.empty()
                        : Optional.of("GET /api/health: status " + response.statusCode());
            } catch (IOException e) {
                return Optional.of("GET /api/health: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LabException("interrupted while ./switchman serve started", e);
            }
        });
    }

    /** Waits until the server has rehearsed a failover, as it does after each start; goes on when that takes too long. */
    void awaitRehearsed() {
        long begun = System.nanoTime();
        while (!read(log).contains("rehears") && System.nanoTime() - begun < REHEARSED.toNanos()) {
            Eventually.pause(LOOK);
        }
    }

    /** @param path {@code /api/…} */
    public JsonNode get(String path) {
        return send("GET", path, Optional.empty(), Optional.empty());
    }

    /** As the local administrator. @param path {@code /api/…} @param body one JSON object */
    public JsonNode post(String path, String body) {
        return send("POST", path, Optional.of(body), Optional.empty());
    }

    /** As a person. @param login name and password with a colon between */
    public JsonNode post(String path, String body, String login) {
        return send("POST", path, Optional.of(body), Optional.of(login));
    }

    private JsonNode send(String method, String path, Optional<String> body, Optional<String> login) {
        try {
            String authorization = login.isPresent()
                    ? "Basic " + Base64.getEncoder().encodeToString(login.get().getBytes(StandardCharsets.UTF_8))
                    : "Bearer " + Files.readString(token()).strip();
            HttpResponse<String> response = http.send(request(path).header("Authorization", authorization)
                    .header("Content-Type", "application/json")
                    .method(method, body.map(HttpRequest.BodyPublishers::ofString)
                            .orElseGet(HttpRequest.BodyPublishers::noBody))
                    .build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new LabException(
                        method + " " + path + ": status " + response.statusCode() + ": " + response.body());
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new LabException(method + " " + path + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while " + method + " " + path + " was under way", e);
        }
    }

    /** @param path {@code /api/…} */
    String text(String path) {
        try {
            HttpResponse<String> response = http.send(
                    request(path).header("Authorization", "Bearer " + Files.readString(token()).strip()).build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new LabException("GET " + path + ": status " + response.statusCode() + ": " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new LabException("GET " + path + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while GET " + path + " was under way", e);
        }
    }

    /** What a verb printed, on both streams, and its exit status. */
    public record Said(int status, String output) {}

    /** Runs a verb as the local administrator. @param words the verb and its arguments */
    public Said verb(String... words) {
        List<String> command = new ArrayList<>(List.of("env", "SWITCHMAN_SERVER=" + address,
                "SWITCHMAN_TOKEN=" + read(token()).strip(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                "dev.switchman.app.Switchman"));
        command.addAll(List.of(words));
        Shell.Ended ended = Shell.run(command, VERB);
        return new Said(ended.status(), ended.output());
    }

    /** @return the process that was started; the program is it, or a descendant */
    long process() {
        return process.pid();
    }

    String address() {
        return address;
    }

    Path log() {
        return log;
    }

    /** @return shell commands that end the server and wait for its end */
    List<String> removal() {
        return List.of("kill -TERM -- -" + process.pid(),
                "while kill -0 -- -" + process.pid() + " 2>/dev/null; do sleep 0.1; done");
    }

    /** @return the administrator's password, which is printed once, at the first start */
    public Optional<String> administratorPassword() {
        Matcher line = PASSWORD.matcher(read(log));
        return line.find() ? Optional.of(line.group(1)) : Optional.empty();
    }

    public String lastLines() {
        List<String> lines = read(log).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    private Path token() {
        return data.resolve("cli.token");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).timeout(ANSWER);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The program stands still ({@code SIGSTOP}). */
    public void suspend() {
        signal("STOP");
    }

    /** Takes {@link #suspend} back; nothing where it goes on already. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        Shell.run(List.of("bash", "-c", "kill -" + name + " -- -" + process.pid() + " 2>/dev/null || true"), ANSWER);
    }

    /** Ends the server as a power cut would: {@code kill -9}. */
    public void kill() {
        if (!ended("KILL", END)) {
            throw new LabException("./switchman serve, process " + process.pid() + ", outlived a kill -9");
        }
    }

    /** Ends the server and all that it started: asks first, and ends it by force when it takes too long. */
    @Override
    public void close() {
        boolean served = process.isAlive();
        if (ended("TERM", archive.map(StartArchive::end).orElse(END))) {
            archive.filter(kept -> served).ifPresent(StartArchive::keep);
            return;
        }
        if (ended("KILL", END)) {
            return;
        }
        throw new LabException("./switchman serve, process " + process.pid() + ", could not be ended");
    }

    private boolean ended(String signal, Duration deadline) {
        signal(signal);
        try {
            return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while ./switchman serve ended", e);
        }
    }
}
