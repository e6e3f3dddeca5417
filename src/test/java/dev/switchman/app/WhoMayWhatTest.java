package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.config.Inventory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may do what, on the whole program with its real engine: people of the store, robots, people of an issuer, and nobody;
 * the API, the engine's own interface, and the pages.
 */
class WhoMayWhatTest {

    private static final String PASSWORD = "Horse-battery-9";

    @TempDir
    static Path folder;

    private static TestIssuer issuer;
    private static RunningServer server;
    private static String local;
    private static String robot;
    private static final Map<String, Visitor> BROWSERS = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws Exception {
        issuer = new TestIssuer();
        StringWriter words = new StringWriter();
        server = RunningServer.start(inventory(folder, issuer.url()), folder.resolve("data"),
                new PrintWriter(words, true));
        local = "Bearer " + Files.readString(folder.resolve("data/cli.token")).strip();
        for (String group : List.of("operator", "approver", "auditor", "admin")) {
            String name = group.substring(0, 2) + "-person";
            assertThat(send("POST", "/api/users", """
                    {"name":"%s","groups":["%s"],"password":"%s"}""".formatted(name, group, PASSWORD), local)
                    .statusCode()).isEqualTo(201);
        }
        HttpResponse<String> made = send("POST", "/api/tokens", """
                {"name":"deploy-bot","groups":["operator"]}""", local);
        robot = "Bearer " + field(made.body(), "token");
        for (String name : List.of("op-person", "ap-person", "au-person", "ad-person")) {
            BROWSERS.put(name, new Visitor(address()));
            BROWSERS.get(name).logIn(name, PASSWORD);
        }
        BROWSERS.put("oidc", fromIssuer("anna", "dba-lead"));
    }

    @AfterAll
    static void stop() {
        server.close();
        issuer.close();
    }

    /**
     * 400 and 409 are a switchover that was let in and then refused, because no server of this cluster answers; 500 is what
     * the engine's interface makes of that at a start without a form.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # request                                                            |nobody|op |ap |au |ad |bot|oidc approver
            GET  /api/clusters                                                   | 401 |200|200|200|200|200|200
            POST /api/clusters/shop/switchover {"reason":"x"}                    | 401 |409|403|403|409|409|403
            POST /api/clusters/shop/pause {"for":"PT1S","reason":"x"}            | 401 |200|403|403|200|200|403
            POST /api/runs/ghost/answer {"approve":true}                         | 401 |403|404|403|404|403|404
            GET  /api/users                                                      | 401 |403|403|200|200|403|403
            POST /api/users {"name":"x"}                                         | 401 |403|403|403|400|403|403
            DELETE /api/tokens/ghost                                             | 401 |403|403|403|404|403|403
            GET  /engine-rest/process-definition                                 | 401 |200|200|200|200|200|200
            GET  /engine-rest/history/process-instance                           | 401 |200|200|200|200|200|200
            GET  /engine-rest/task                                               | 401 |200|200|200|200|200|200
            POST /engine-rest/process-definition/key/switchover/submit-form {"variables":{"cluster":{"value":"shop"},"cause":{"value":"x"}}} | 401 |400|403|403|400|400|403
            POST /engine-rest/process-definition/key/switchover/start {"startInstructions":[{"type":"startBeforeActivity","activityId":"SubProcess_HandOver"}]} | 401 |403|403|403|500|403|403
            POST /engine-rest/deployment/create {}                               | 401 |403|403|403|415|403|403
            DELETE /engine-rest/deployment/ghost                                 | 401 |403|403|403|403|403|403
            DELETE /engine-rest/process-definition/key/failover                  | 401 |403|403|403|403|403|403
            DELETE /engine-rest/process-definition/ghost                         | 401 |403|403|403|403|403|403
            GET  /api/runbooks                                                   | 401 |200|200|200|200|200|200
            POST /api/runbooks/deploy {"dryRun":true}                            | 401 |403|403|403|400|403|403
            DELETE /engine-rest/process-instance/ghost                           | 401 |404|404|404|404|404|404
            PUT  /engine-rest/user/au-person/credentials {"password":"x"}        | 401 |403|403|403|403|403|403
            POST /engine-rest/identity/verify {"username":"admin","password":"x"} | 401 |403|403|403|403|403|403
            POST /engine-rest/group/admin/create {}                              | 401 |403|403|403|403|403|403
            POST /engine-rest/authorization/create {}                            | 401 |403|403|403|403|403|403
            """)
    void byHeader(String request, int nobody, int operator, int approver, int auditor, int admin, int bot, int oidc)
            throws Exception {
        Map<String, String> logins = new LinkedHashMap<>();
        logins.put("nobody", "");
        logins.put("operator", basic("op-person"));
        logins.put("approver", basic("ap-person"));
        logins.put("auditor", basic("au-person"));
        logins.put("admin", basic("ad-person"));
        logins.put("bot", robot);
        logins.put("oidc", "Bearer " + issuer.tokenFor("anna", TestIssuer.CLIENT, Duration.ofMinutes(5), "dba-lead"));
        String[] words = request.strip().split("\\s+", 3);

        // All at once: a switchover is refused only after some seconds in which the servers' locks are tried for.
        Map<String, Integer> answers = new LinkedHashMap<>();
        try (ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Map.Entry<String, Integer>>> sent = new ArrayList<>();
            logins.forEach((who, login) -> sent.add(() -> Map.entry(who,
                    send(words[0], words[1], words.length > 2 ? words[2] : "", login).statusCode())));
            for (Future<Map.Entry<String, Integer>> answer : people.invokeAll(sent)) {
                answers.put(answer.get().getKey(), answer.get().getValue());
            }
        }

        assertThat(answers).isEqualTo(Map.of("nobody", nobody, "operator", operator, "approver", approver, "auditor",
                auditor, "admin", admin, "bot", bot, "oidc", oidc));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # page                                                                       |nobody|op |ap |au |ad |oidc
            /camunda/app/cockpit/default/                                                | 302 |200|200|200|200|200
            /camunda/app/tasklist/default/                                               | 302 |200|200|200|200|200
            /camunda/app/admin/default/                                                  | 302 |403|403|403|200|403
            /camunda/api/engine/engine/default/process-definition                        | 302 |200|200|200|200|200
            /camunda/api/engine/engine/default/process-definition?startableInTasklist=true | 302 |200|200|200|200|200
            /actuator/health                                                             | 302 |403|403|403|200|403
            /api/clusters                                                                | 401 |200|200|200|200|200
            """)
    void inABrowser(String page, int nobody, int operator, int approver, int auditor, int admin, int oidc)
            throws Exception {
        Map<String, Integer> answers = new LinkedHashMap<>();
        answers.put("nobody", new Visitor(address()).get(page, "").statusCode());
        for (Map.Entry<String, Visitor> visitor : BROWSERS.entrySet()) {
            answers.put(visitor.getKey(), visitor.getValue().get(page, "").statusCode());
        }

        assertThat(answers).isEqualTo(Map.of("nobody", nobody, "op-person", operator, "ap-person", approver,
                "au-person", auditor, "ad-person", admin, "oidc", oidc));
    }

    @Test
    void oneLoginAtTheIssuerLeadsIntoEverything() throws Exception {
        Visitor anna = fromIssuer("anna", "dba", "dba-lead", "staff");

        HttpResponse<String> who = anna.get("/camunda/api/admin/auth/user/default", "");
        assertThat(who.body()).contains("\"userId\":\"anna\"", "cockpit", "tasklist").doesNotContain("\"admin\"");
        assertThat(anna.get("/camunda/api/engine/engine/default/task", "").statusCode()).isEqualTo(200);
        assertThat(anna.post("/api/clusters/shop/pause", "{\"for\":\"PT1S\",\"reason\":\"x\"}").statusCode())
                .as("a session without the CSRF header")
                .isEqualTo(403);
        assertThat(anna.post("/camunda/api/engine/engine/default/process-definition/key/switchover/submit-form", "{}")
                .statusCode()).as("a session without Camunda's CSRF header").isEqualTo(403);
    }

    @Test
    void groupsInCockpitAreThoseOfTheLoginAndChangeAtOnce() throws Exception {
        send("POST", "/api/users", """
                {"name":"twin","groups":["admin"],"password":"%s"}""".formatted(PASSWORD), local);
        Visitor ofTheIssuer = fromIssuer("twin", "dba");
        Visitor ofTheStore = new Visitor(address());
        ofTheStore.logIn("twin", PASSWORD);
        String who = "/camunda/api/admin/auth/user/default";

        assertThat(ofTheIssuer.get(who, "").body()).contains("cockpit").doesNotContain("\"admin\"");
        assertThat(ofTheStore.get(who, "").body()).contains("\"admin\"");
        send("PUT", "/api/users/twin/groups", "{\"groups\":[\"auditor\"]}", local);
        assertThat(ofTheStore.get(who, "").body()).contains("cockpit").doesNotContain("\"admin\"");
        assertThat(send("DELETE", "/api/users/twin", "", local).statusCode()).isEqualTo(200);
        assertThat(ofTheStore.get(who, "").statusCode()).isEqualTo(302);
        assertThat(ofTheIssuer.get(who, "").body()).contains("\"userId\":\"twin\"");
    }

    /** Without a filter Tasklist shows nobody any task. */
    @Test
    void everybodyFindsTheDecisionsThatWaitInTasklist() throws Exception {
        for (Visitor visitor : BROWSERS.values()) {
            assertThat(visitor.get("/camunda/api/engine/engine/default/filter", "").body())
                    .contains("Decisions waiting");
        }
    }

    @Test
    void theLoginPageShowsBothWays() throws Exception {
        assertThat(new Visitor(address()).get("/login", "").body()).contains("name=\"password\"",
                "href=\"/oauth2/authorization/oidc\"", "127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bert    | staff    | bert is in none of the groups that may use this server
            monitor | dba      | this name is Switchman&#39;s own
            """)
    void whoMayNotUseItIsToldWhy(String name, String group, String why) throws Exception {
        Visitor visitor = new Visitor(address());
        issuer.atTheKeyboard(name, group);

        HttpResponse<String> back = visitor.follow("/oauth2/authorization/oidc");

        assertThat(back.statusCode()).isEqualTo(403);
        assertThat(back.body()).contains(why);
        assertThat(visitor.get("/api/clusters", "").statusCode()).isEqualTo(401);
    }

    @Test
    void aSignedTokenThatIsNotForThisServerOpensNothing() throws Exception {
        Map<String, String> bad = new LinkedHashMap<>();
        bad.put("another audience", issuer.tokenFor("anna", "shop", Duration.ofMinutes(5), "dba"));
        bad.put("expired", issuer.tokenFor("anna", TestIssuer.CLIENT, Duration.ofMinutes(-10), "dba"));
        bad.put("another key", issuer.forged("anna", "dba"));
        bad.put("no group", issuer.tokenFor("anna", TestIssuer.CLIENT, Duration.ofMinutes(5), "staff"));
        bad.put("no signature", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.x");

        List<String> in = new ArrayList<>();
        for (Map.Entry<String, String> one : bad.entrySet()) {
            if (send("GET", "/api/clusters", "", "Bearer " + one.getValue()).statusCode() != 401) {
                in.add(one.getKey());
            }
        }

        assertThat(in).isEmpty();
    }

    @Test
    void whoeverIsRemovedIsOutAtOnceAndTheLastAdministratorStays() throws Exception {
        send("POST", "/api/users", """
                {"name":"leaver","groups":["operator"],"password":"%s"}""".formatted(PASSWORD), local);
        Visitor leaver = new Visitor(address());
        leaver.logIn("leaver", PASSWORD);
        assertThat(leaver.get("/camunda/api/engine/engine/default/process-definition", "").statusCode())
                .isEqualTo(200);

        assertThat(send("PUT", "/api/users/leaver/groups", "{\"groups\":[\"auditor\"]}", local).statusCode())
                .isEqualTo(200);
        assertThat(leaver.get("/camunda/api/admin/auth/user/default", "").statusCode()).isEqualTo(200);
        assertThat(send("DELETE", "/api/users/leaver", "", local).statusCode()).isEqualTo(200);

        assertThat(leaver.get("/camunda/api/engine/engine/default/process-definition", "").statusCode())
                .isEqualTo(302);
        assertThat(send("DELETE", "/api/users/ghost", "", local).statusCode()).isEqualTo(404);
    }

    @Test
    void guessingPasswordsKeepsNoRobotOut() throws Exception {
        for (int i = 0; i < 12; i++) {
            send("GET", "/api/clusters", "", basic("deploy-bot"));
        }

        assertThat(send("GET", "/api/clusters", "", basic("deploy-bot")).statusCode()).isEqualTo(429);
        assertThat(send("GET", "/api/clusters", "", robot).statusCode()).isEqualTo(200);
        assertThat(send("GET", "/engine-rest/engine", "", robot).statusCode()).isEqualTo(200);
    }

    private static Visitor fromIssuer(String name, String... groups) throws Exception {
        issuer.atTheKeyboard(name, groups);
        Visitor visitor = new Visitor(address());
        HttpResponse<String> in = visitor.follow("/oauth2/authorization/oidc");
        assertThat(in.statusCode()).as(in.body()).isEqualTo(302);
        return visitor;
    }

    private static HttpResponse<String> send(String method, String path, String body, String authorization)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address() + path))
                .header("Accept", "application/json")
                .method(method, body.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String basic(String name) {
        return "Basic " + Base64.getEncoder()
                .encodeToString((name + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    }

    private static String field(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
        assertThat(matcher.find()).as(json).isTrue();
        return matcher.group(1);
    }

    private static String address() {
        return "http://127.0.0.1:" + server.port();
    }

    /** @return a server of its own with this issuer, and a cluster of nowhere */
    static Inventory.Loaded inventory(Path folder, String issuerUrl) throws IOException {
        int port = RunningServerTest.freePort();
        Path file = RunningServerTest.configuration(folder, port);
        Files.writeString(folder.resolve("client.secret"), TestIssuer.SECRET);
        Files.writeString(file, Files.readString(file)
                .replace("server: {address: 127.0.0.1, port: " + port + "}", """
                        server:
                            address: 127.0.0.1
                            port: %d
                            oidc:
                              issuer: %s
                              client-id: %s
                              client-secret: {file: client.secret}
                              groups: {operator: dba, approver: [dba-lead, cto]}
                        """.formatted(port, issuerUrl, TestIssuer.CLIENT).stripTrailing()));
        return switch (Inventory.read(file)) {
            case Inventory.Loaded loaded -> loaded;
            case Inventory.Invalid invalid -> throw new AssertionError(invalid.problems());
        };
    }
}
