package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.config.Inventory;
import dev.switchman.lab.Eventually;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The whole program on a real port, with a real store and engine, over a cluster of which no server answers. */
class RunningServerTest {

    static final Pattern PASSWORD = Pattern.compile("log in as \"admin\" with password (\\S+)");

    @TempDir
    static Path folder;

    private static final StringWriter FIRST_WORDS = new StringWriter();
    private static RunningServer server;
    private static String token;

    private final Visitor visitor = new Visitor(address());

    @BeforeAll
    static void start() throws IOException {
        server = RunningServer.start(inventory(freePort()), folder.resolve("data"), new PrintWriter(FIRST_WORDS, true));
        token = Files.readString(folder.resolve("data/cli.token")).strip();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_first_start_tells_the_password_and_where_to_go() {
        assertThat(FIRST_WORDS.toString()).containsPattern(PASSWORD)
                .contains("Switchman is up at http://127.0.0.1:" + server.port())
                .doesNotContain(token);
    }

    @Test
    void the_token_is_for_its_owner_only_and_opens_the_interface() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data/cli.token"))))
                .isEqualTo("rw-------");

        HttpResponse<String> answer = get("/api/clusters", "Bearer " + token);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"name\":\"shop\"");
    }

    @Test
    void a_diagram_comes_into_force_only_when_it_keeps_the_safety_order_and_a_second_person_agrees() throws Exception {
        String failover = Files.readString(Path.of("bpmn", "failover.bpmn"));
        String act = "sourceRef=\"Gateway_Policy\" targetRef=\"";
        assertThat(failover).contains(act + "Task_ReportRun");

        HttpResponse<String> refused = deploy("failover.bpmn",
                failover.replace(act + "Task_ReportRun", act + "SubProcess_FailOver"));
        String relabelled = failover.replace("name=\"Fence old primary\"", "name=\"Shut old primary out\"");
        HttpResponse<String> alone = deploy("failover.bpmn", relabelled);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("Task_FenceOldPrimary: can be reached without the policy's go");
        assertThat(alone.statusCode()).isEqualTo(400);
        assertThat(alone.body()).contains("a second person must agree", "switchman deploy failover.bpmn");
        assertThat(get("/engine-rest/process-definition/key/failover", basic()).body()).contains("\"version\":1");

        String run = proposed("failover.bpmn", relabelled);
        Eventually.until("a person is asked", Duration.ofSeconds(20), () -> lacks(run, "\"status\":\"waiting\""));
        visitor.logIn("admin", password());
        assertThat(visitor.get("/decisions", "").body()).contains(
                "label &quot;Fence old primary&quot; -&gt; &quot;Shut old primary out&quot;");
        assertThat(send("/api/runs/" + run + "/answer", "{\"approve\":true}", basic()).statusCode()).isEqualTo(200);
        Eventually.until("it is in force", Duration.ofSeconds(20), () -> lacks(run, "\"ending\":\"DONE\""));
        assertThat(get("/engine-rest/process-definition/key/failover", basic()).body()).contains("\"version\":2");
        assertThat(get("/api/runbooks", basic()).body()).contains("\"by\":\"local\",\"approvedBy\":\"admin\",\"run\":\""
                + run + "\",\"inForce\":true");
        assertThat(scrape()).containsPattern(
                "switchman_runs_ended_total\\{cluster=\"[a-z]+\",ending=\"DONE\",runbook=\"deploy\"} 1\\.0\n")
                .contains(
                        "switchman_step_duration_seconds_count{outcome=\"DONE\",runbook=\"deploy\",step=\"putIntoForce\"} 1\n",
                        "switchman_probe_duration_seconds_bucket", "switchman_watch_lateness_seconds_count");
    }

    /** @return the run as it is, until that stands in it */
    private Optional<String> lacks(String run, String text) {
        try {
            return Optional.of(get("/api/runs/" + run, basic()).body()).filter(body -> !body.contains(text));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private String proposed(String name, String content) throws Exception {
        HttpResponse<String> answer = send("/api/runbooks/deploy",
                "{\"reason\":\"a test\",\"files\":{\"" + name + "\":\""
                        + Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8)) + "\"}}",
                "Bearer " + token);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        Matcher run = Pattern.compile("\"run\":\"([^\"]+)\"").matcher(answer.body());
        assertThat(run.find()).isTrue();
        return run.group(1);
    }

    private HttpResponse<String> send(String path, String body, String authorization) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(address() + path))
                    .header("Authorization", authorization)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private HttpResponse<String> deploy(String name, String content) throws Exception {
        String boundary = "----switchman";
        String body = "--" + boundary
                + "\r\nContent-Disposition: form-data; name=\"deployment-name\"\r\n\r\nedited\r\n--"
                + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + name
                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n--" + boundary + "--\r\n";
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(address() + "/engine-rest/deployment/create"))
                    .header("Authorization", basic())
                    .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void nobody_comes_in_without_a_login() throws Exception {
        assertThat(get("/api/health", "").statusCode()).isEqualTo(200);
        assertThat(get("/api/clusters", "").statusCode()).isEqualTo(401);
        assertThat(get("/engine-rest/process-definition", "").statusCode()).isEqualTo(401);
        assertThat(get("/camunda/app/cockpit/default/", "").headers().firstValue("Location")).hasValueSatisfying(
                location -> assertThat(location).endsWith("/login"));
        assertThat(get("/camunda/api/engine/engine/default/process-definition", "").statusCode()).isEqualTo(302);
        assertThat(visitor.post("/camunda/api/admin/setup/default/user/create", "{}").statusCode()).isIn(302, 403);
        assertThat(get("/engine-rest;x=/process-definition", "").statusCode()).isGreaterThanOrEqualTo(400);
    }

    @Test
    void the_engine_answers_the_administrator_and_the_token() throws Exception {
        assertThat(get("/engine-rest/engine", basic()).statusCode()).isEqualTo(200);
        assertThat(get("/engine-rest/user/admin/profile", basic()).body()).contains("\"id\":\"admin\"");
        assertThat(get("/engine-rest/process-definition", "Bearer " + token).statusCode()).isEqualTo(200);
        assertThat(get("/engine-rest/engine", "Basic " + encode("admin:wrong")).statusCode()).isEqualTo(401);
    }

    @Test
    void old_history_is_deleted_at_night() throws Exception {
        assertThat(get("/engine-rest/history/cleanup/configuration", basic()).body())
                .contains("\"enabled\":true", "T02:00:00", "T05:00:00");
    }

    @Test
    void one_login_leads_into_cockpit() throws Exception {
        visitor.logIn("admin", password());

        HttpResponse<String> cockpit = get("/camunda/app/cockpit/default/", "");
        HttpResponse<String> who = get("/camunda/api/admin/auth/user/default", "");
        HttpResponse<String> processes = get("/camunda/api/engine/engine/default/process-definition", "");

        assertThat(cockpit.statusCode()).isEqualTo(200);
        assertThat(who.body()).contains("\"userId\":\"admin\"", "cockpit", "tasklist");
        assertThat(processes.statusCode()).isEqualTo(200);
        assertThat(get("/api/clusters", "").statusCode()).isEqualTo(200);
    }

    @Test
    void errors_are_problems_also_on_the_real_server() throws Exception {
        HttpResponse<String> answer = get("/api/clusters/nope", "Bearer " + token);

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(answer.body()).contains("nope", "configured are [shop]");
    }

    @Test
    void a_folder_in_use_and_a_busy_port_are_told_in_one_line() throws Exception {
        assertThatThrownBy(() -> RunningServer.start(inventory(freePort()), folder.resolve("data"), nowhere()))
                .isInstanceOf(StartRefused.class)
                .hasMessage("--data " + folder.resolve("data") + " is in use by another switchman");
        assertThatThrownBy(() -> RunningServer.start(inventory(server.port()), folder.resolve("other"), nowhere()))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("port " + server.port())
                .hasMessageContaining("in use");
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> RunningServer.start(inventory(freePort()), file, nowhere()))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining(file.toString());
    }

    private String scrape() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(address() + "/api/metrics"))
                    .header("Authorization", basic())
                    .build(), HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private HttpResponse<String> get(String path, String authorization) throws Exception {
        return visitor.get(path, authorization);
    }

    private static String address() {
        return "http://127.0.0.1:" + server.port();
    }

    private static String password() {
        Matcher matcher = PASSWORD.matcher(FIRST_WORDS.toString());
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private static String basic() {
        return "Basic " + encode("admin:" + password());
    }

    private static String encode(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static PrintWriter nowhere() {
        return new PrintWriter(new StringWriter());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Inventory.Loaded inventory(int port) throws IOException {
        return inventory(folder, port);
    }

    static Inventory.Loaded inventory(Path folder, int port) throws IOException {
        return switch (Inventory.read(configuration(folder, port))) {
            case Inventory.Loaded loaded -> loaded;
            case Inventory.Invalid invalid -> throw new AssertionError(invalid.problems());
        };
    }

    /** @return a file that describes a cluster of nowhere */
    static Path configuration(Path folder, int port) throws IOException {
        Path secret = folder.resolve("secret");
        if (!Files.exists(secret)) {
            Files.writeString(secret, "pa55", StandardCharsets.UTF_8);
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
            Files.writeString(folder.resolve("known_hosts"), "");
        }
        Path file = folder.resolve("switchman-" + port + ".yaml");
        Files.writeString(file, """
                switchman:
                  server: {address: 127.0.0.1, port: %d}
                  clusters:
                    - name: shop
                      mysql: {user: none, password: {file: secret}}
                      replication: {user: none, password: {file: secret}}
                      ssh: {key: secret, known-hosts: known_hosts}
                      nodes: [{host: 127.0.0.1, port: 1}, {host: 127.0.0.1, port: 2}]
                """.formatted(port));
        return file;
    }
}
