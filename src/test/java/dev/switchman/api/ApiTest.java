package dev.switchman.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

import jakarta.servlet.http.Cookie;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureMockMvc;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

import dev.switchman.audit.Journal;
import dev.switchman.fleet.FakeMemory;
import dev.switchman.fleet.ManualClock;
import dev.switchman.memory.ClusterMemory.Quarantine;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Outages;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Roster;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Action;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Histogram;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Verdict;

import static dev.switchman.api.World.DB1;
import static dev.switchman.api.World.NOW;
import static dev.switchman.api.World.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.httpBasic;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.request;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

@SpringBootTest(classes = World.class, properties = {"spring.jackson.deserialization.fail-on-unknown-properties=true",
        "spring.mvc.problemdetails.enabled=true", "springdoc.api-docs.path=/api/openapi"})
@AutoConfigureMockMvc
@DirtiesContext(classMode = DirtiesContext.ClassMode.AFTER_CLASS)
class ApiTest {

    @Autowired
    Progress progress;
    @Autowired
    MockMvc http;
    @Autowired
    Journal journal;
    @Autowired
    World.RecordedRunbooks runbooks;
    @Autowired
    World.RecordedApprovals approvals;
    @Autowired
    World.RecordedRoster roster;
    @Autowired
    FakeMemory memory;
    @Autowired
    World.FixedWatch watch;
    @Autowired
    Outages outages;
    @Autowired
    World.FixedClaims claims;
    @Autowired
    ManualClock clock;
    @Autowired
    List<Cluster> clusters;

    @BeforeEach
    void quiet() {
        runbooks.requests.clear();
        runbooks.open.clear();
        runbooks.answer = Optional.empty();
        approvals.questions.clear();
        approvals.answers.clear();
        approvals.refusal = Optional.empty();
        roster.forget();
        memory.forget();
        memory.rememberPrimary(SHOP, DB1);
        watch.sight = Optional.empty();
        watch.probes.clear();
        watch.lateness = Histogram.NONE;
        claims.claim = World.FixedClaims.OURS;
        clock.advance(Duration.ofHours(1));
    }

    /** Who may do what: the whole table. 302 is the login page. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
            # method, path                           | body                              |anonymous|auditor|operator|approver|admin|token|robot
            GET  /api/health                         |                                   | 200 | 200 | 200 | 200 | 200 | 200 | 200
            GET  /api/ready                          |                                   | 503 | 503 | 503 | 503 | 503 | 503 | 503
            GET  /api/metrics                        |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            GET  /api/clusters                       |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            GET  /api/clusters/shop                  |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            POST /api/clusters/shop/failover         | {"reason":"test"}                 | 401 | 403 | 202 | 403 | 202 | 202 | 202
            POST /api/clusters/shop/switchover       | {"reason":"test"}                 | 401 | 403 | 202 | 403 | 202 | 202 | 202
            POST /api/clusters/shop/rejoin           | {"node":"db2","reason":"test"}    | 401 | 403 | 202 | 403 | 202 | 202 | 202
            POST /api/clusters/shop/purge-relay-logs | {"reason":"test"}                 | 401 | 403 | 202 | 403 | 202 | 202 | 202
            POST /api/clusters/shop/repair-errant | {"node":"db2","choice":"accept","reason":"test"} | 401 | 403 | 202 | 403 | 202 | 202 | 202
            GET  /api/clusters/shop/switchover       |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            POST /api/clusters/shop/notify-test      | {}                                | 401 | 403 | 200 | 403 | 200 | 200 | 200
            POST /api/clusters/shop/pause            | {"for":"PT2H","reason":"test"}    | 401 | 403 | 200 | 403 | 200 | 200 | 200
            POST /api/clusters/shop/resume           |                                   | 401 | 403 | 200 | 403 | 200 | 200 | 200
            GET  /api/runs                           |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            GET  /api/runs/matrix                    |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            POST /api/runs/matrix/answer             | {"approve":true,"comment":"yes"}  | 401 | 403 | 403 | 200 | 200 | 403 | 403
            GET  /api/runbooks                       |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            POST /api/runbooks/deploy                | {"shipped":["promote"],"reason":"x"} | 401 | 403 | 403 | 403 | 202 | 202 | 403
            DELETE /engine-rest/deployment/x         |                                   | 401 | 403 | 403 | 403 | 403 | 403 | 403
            DELETE /engine-rest/process-definition/x |                                   | 401 | 403 | 403 | 403 | 403 | 403 | 403
            POST /api/runs/matrix/cancel             | {"reason":"no need any more"}     | 401 | 403 | 409 | 403 | 409 | 409 | 409
            GET  /api/audit                          |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            GET  /api/openapi                        |                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
            GET  /api/nothing                        |                                   | 401 | 404 | 404 | 404 | 404 | 404 | 404
            DELETE /api/clusters/shop                |                                   | 401 | 403 | 403 | 403 | 405 | 405 | 403
            GET  /engine-rest/process-definition     |                                   | 401 | 404 | 404 | 404 | 404 | 404 | 404
            POST /engine-rest/deployment/create      | {}                                | 401 | 403 | 403 | 403 | 404 | 404 | 403
            POST /engine-rest/engine/default/deployment/create | {}                      | 401 | 403 | 403 | 403 | 404 | 404 | 403
            GET  /api/users                          |                                   | 401 | 200 | 403 | 403 | 200 | 200 | 403
            POST /api/users                          | {"name":"eve","groups":["admin"],"password":"x"} | 401 | 403 | 403 | 403 | 201 | 201 | 403
            PUT  /api/users/admin/groups             | {"groups":["auditor"]}            | 401 | 403 | 403 | 403 | 200 | 200 | 403
            PUT  /api/users/anna/password            | {"password":"x"}                  | 401 | 403 | 403 | 403 | 200 | 200 | 403
            DELETE /api/users/anna                   |                                   | 401 | 403 | 403 | 403 | 200 | 200 | 403
            GET  /api/tokens                         |                                   | 401 | 200 | 403 | 403 | 200 | 200 | 403
            POST /api/tokens                         | {"name":"eve","groups":["admin"]} | 401 | 403 | 403 | 403 | 201 | 201 | 403
            DELETE /api/tokens/deploy                |                                   | 401 | 403 | 403 | 403 | 200 | 200 | 403
            POST /engine-rest/process-definition/key/switchover/start | {}               | 401 | 403 | 403 | 403 | 404 | 404 | 403
            POST /engine-rest/process-definition/key/switchover/submit-form | {}         | 401 | 404 | 404 | 404 | 404 | 404 | 404
            POST /engine-rest/engine/default/process-definition/x/restart | {}           | 401 | 403 | 403 | 403 | 404 | 404 | 403
            POST /engine-rest/identity/verify        | {}                                | 401 | 403 | 403 | 403 | 403 | 403 | 403
            DELETE /engine-rest/user/admin           |                                   | 401 | 403 | 403 | 403 | 403 | 403 | 403
            """)
    void roles(String request, @Nullable String body, int anonymous, int auditor, int operator, int approver, int admin,
            int token, int robot)
            throws Exception {
        journal.runStarted("matrix", SHOP, "failover", "monitor", "crash", NOW);
        String[] words = request.split("\\s+");
        Map<String, Integer> expected = Map.of("auditor", auditor, "operator", operator, "approver", approver, "admin",
                admin);

        assertThat(ask(call(words, body))).as("anonymous").isEqualTo(anonymous);
        for (Map.Entry<String, Integer> one : expected.entrySet()) {
            approvals.ask(new RunId("matrix"), "Go on?");
            assertThat(ask(call(words, body).with(httpBasic(one.getKey(), one.getKey())))).as(one.getKey())
                    .isEqualTo(one.getValue());
        }
        approvals.ask(new RunId("matrix"), "Go on?");
        assertThat(ask(call(words, body).header("Authorization", "Bearer " + World.TOKEN))).as("token")
                .isEqualTo(token);
        assertThat(ask(call(words, body).header("Authorization", "Bearer " + World.ROBOT_TOKEN))).as("robot")
                .isEqualTo(robot);
    }

    @Test
    void everybody_changes_his_own_password_and_the_administrator_anybodys() throws Exception {
        String body = "{\"password\":\"Another-1-of-those\"}";

        http.perform(call("PUT", "/api/users/auditor/password", body).with(httpBasic("auditor", "auditor")))
                .andExpect(status().isOk());
        http.perform(call("PUT", "/api/users/admin/password", body).with(httpBasic("auditor", "auditor")))
                .andExpect(status().isForbidden())
                .andExpect(jsonPath("$.detail").value("auditor may not change the password of \"admin\""));

        assertThat(roster.asked).containsExactly("password auditor Another-1-of-those");
    }

    @Test
    void a_session_ends_with_its_person() throws Exception {
        MockHttpSession session = session("operator");
        assertThat(ask(get("/api/clusters").session(session))).isEqualTo(200);

        roster.remove("operator");

        assertThat(ask(get("/api/clusters").session(session))).isEqualTo(401);
        assertThat(session.isInvalid()).isTrue();
    }

    @Test
    void the_local_token_is_nobody_and_answers_no_question() throws Exception {
        journal.runStarted("r23", SHOP, "switchover", "anna", "disk", NOW);
        approvals.ask(new RunId("r23"), "Go on?");

        http.perform(call("POST", "/api/runs/r23/answer", "{\"approve\":true}").header("Authorization",
                "Bearer " + World.TOKEN))
                .andExpect(status().isForbidden())
                .andExpect(jsonPath("$.detail").value(containsString("the token of this machine is nobody")));

        assertThat(approvals.answers).isEmpty();
    }

    @Test
    void people_and_robots_are_listed_without_their_secrets() throws Exception {
        http.perform(get("/api/users").with(httpBasic("auditor", "auditor")))
                .andExpect(content().json("""
                        [{"name":"anna","groups":["operator","approver"],"mail":"anna@example.org"}]"""));
        http.perform(get("/api/tokens").with(httpBasic("auditor", "auditor")))
                .andExpect(content().json("""
                        [{"name":"deploy","groups":["operator"],"madeBy":"admin","madeAt":"2026-11-22T10:00:00Z"}]"""));
        http.perform(call("POST", "/api/tokens", "{\"name\":\"ci\",\"groups\":[\"operator\"]}")
                .with(httpBasic("admin", "admin")))
                .andExpect(content().json("""
                        {"name":"ci","groups":["operator"],"token":"switchman_secret"}"""));
        assertThat(roster.asked).containsExactly("robot ci [OPERATOR] by admin");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            Unknown  | 404 | there is no user "bob"
            Conflict | 409 | "bob" is the last one
            Unfit    | 400 | password: too simple
            """)
    void what_the_roster_refuses_is_told(String kind, int status, String detail) throws Exception {
        roster.answer = Optional.of(switch (kind) {
            case "Unknown" -> new Roster.Changed.Unknown("user \"bob\"");
            case "Conflict" -> new Roster.Changed.Conflict("\"bob\" is the last one");
            default -> new Roster.Changed.Unfit("password", "too simple");
        });

        http.perform(call("DELETE", "/api/users/bob", null).with(httpBasic("admin", "admin")))
                .andExpect(status().is(status))
                .andExpect(jsonPath("$.detail").value(detail));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            GET  /camunda/app/cockpit/default/                              | 302 | 404 | 404
            GET  /actuator/health                                           | 302 | 403 | 200
            POST /camunda/api/engine/engine/default/deployment/create       | 302 | 403 | 404
            POST /camunda/api/admin/setup/default/user/create               | 302 | 403 | 403
            """)
    void pages(String request, int anonymous, int operator, int admin) throws Exception {
        String[] words = request.split("\\s+");

        assertThat(ask(call(words, null))).as("anonymous").isEqualTo(anonymous);
        assertThat(ask(call(words, null).session(session("operator")))).as("operator").isEqualTo(operator);
        assertThat(ask(call(words, null).session(session("admin")))).as("admin").isEqualTo(admin);
    }

    @Test
    void a_wrong_token_or_password_is_a_problem() throws Exception {
        http.perform(get("/api/clusters").header("Authorization", "Bearer wrong"))
                .andExpect(status().isUnauthorized())
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON))
                .andExpect(jsonPath("$.status").value(401))
                .andExpect(jsonPath("$.detail").value(containsString("token")));
        http.perform(get("/api/clusters").with(httpBasic("admin", "wrong")))
                .andExpect(status().isUnauthorized())
                .andExpect(header().string("WWW-Authenticate", "Bearer realm=\"switchman\""))
                .andExpect(jsonPath("$.detail").value("wrong name or password"));
        http.perform(get("/api/clusters").with(httpBasic("nobody", "wrong")))
                .andExpect(status().isUnauthorized())
                .andExpect(jsonPath("$.detail").value("wrong name or password"));
    }

    @Test
    void guessing_is_slowed_down_for_that_name_and_address_and_never_for_the_token() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(ask(get("/api/clusters").with(httpBasic("auditor", "guess" + i)))).isEqualTo(401);
        }

        http.perform(get("/api/clusters").with(httpBasic("auditor", "auditor")))
                .andExpect(status().isTooManyRequests())
                .andExpect(header().string("Retry-After", "1"))
                .andExpect(jsonPath("$.detail").value(containsString("1 s")));
        assertThat(ask(get("/api/clusters").with(httpBasic("operator", "operator")))).isEqualTo(200);
        assertThat(ask(get("/api/clusters").header("Authorization", "Bearer " + World.TOKEN))).isEqualTo(200);
        for (int i = 0; i < 20; i++) {
            ask(get("/api/clusters").with(httpBasic("robot", "guess" + i)));
        }
        assertThat(ask(get("/api/clusters").header("Authorization", "Bearer " + World.ROBOT_TOKEN))).isEqualTo(200);
        assertThat(ask(get("/api/clusters").with(httpBasic("auditor", "auditor")).with(from -> {
            from.setRemoteAddr("10.1.1.1");
            return from;
        }))).isEqualTo(200);

        clock.advance(Duration.ofSeconds(1));
        assertThat(ask(get("/api/clusters").with(httpBasic("auditor", "auditor")))).isEqualTo(200);
    }

    @Test
    void a_session_needs_the_csrf_header_to_change_something() throws Exception {
        MockHttpSession session = session("operator");
        String[] pause = {"POST", "/api/clusters/shop/pause"};
        String body = "{\"for\":\"PT2H\",\"reason\":\"test\"}";

        http.perform(call(pause, body).session(session))
                .andExpect(status().isForbidden())
                .andExpect(jsonPath("$.detail").value(containsString("X-CSRF-TOKEN")));
        assertThat(memory.pause(SHOP)).isEmpty();

        Cookie csrf = Objects.requireNonNull(http.perform(get("/api/clusters").session(session))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getCookie("SWITCHMAN-CSRF"));
        http.perform(call(pause, body).session(session).cookie(csrf).header("X-CSRF-TOKEN", csrf.getValue()))
                .andExpect(status().isOk());
        assertThat(memory.pause(SHOP)).isPresent();
    }

    @Test
    void a_refusal_names_who_may_not_do_what() throws Exception {
        http.perform(
                call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\"}").with(httpBasic("auditor", "auditor")))
                .andExpect(status().isForbidden())
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON))
                .andExpect(jsonPath("$.detail").value("auditor may not POST /api/clusters/shop/failover"));
    }

    @ParameterizedTest(name = "{1} {2}")
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            POST | /api/clusters/shop/failover | none                            | 400 | body is missing
            POST | /api/clusters/shop/failover | {"reason":                      | 400 | not JSON
            POST | /api/clusters/shop/failover | []                              | 400 | not a JSON object
            POST | /api/clusters/shop/failover | {}                              | 400 | reason: missing
            POST | /api/clusters/shop/failover | {"reason":" "}                  | 400 | reason: missing
            POST | /api/clusters/shop/failover | {"reason":{"a":1}}              | 400 | reason: not a text
            POST | /api/clusters/shop/failover | {"why":"x"}                     | 400 | why: there is no such field; known are [
            POST | /api/clusters/shop/pause    | {"reason":"x"}                  | 400 | for: missing
            POST | /api/clusters/shop/pause    | {"for":"2h","reason":"x"}       | 400 | for: not an ISO-8601 duration such as PT2H: "2h"
            POST | /api/clusters/shop/pause    | {"for":"PT-2H","reason":"x"}    | 400 | "PT-2H"
            POST | /api/clusters/shop/pause    | {"for":"PT721H","reason":"x"}   | 400 | at most 30 days (PT720H): "PT721H"
            POST | /api/clusters/shop/switchover | {}                            | 400 | reason: missing
            POST | /api/clusters/shop/switchover | {"reason":"x","to":"db9"}     | 400 | to: cluster shop has no server "db9"
            POST | /api/clusters/shop/switchover | {"reason":"x","override":["A b"]} | 400 | override: not the name of a check, such as server-answers: "A b"
            POST | /api/clusters/shop/failover | {"reason":"x","primary":"db2"}  | 409 | primary: cluster shop has the primary db1:3306, not db2
            POST | /api/clusters/shop/failover | {"reason":"x","primary":"db9"}  | 400 | primary: cluster shop has no server "db9"
            POST | /api/clusters/shop/failover | {"reason":"x","to":"db1"}       | 400 | to: is the primary that is to be replaced: db1
            POST | /api/clusters/shop/failover | {"reason":"x","lastFailoverMinutes":-1} | 400 | lastFailoverMinutes: must be 0 to 525600: -1
            POST | /api/clusters/shop/rejoin   | {"reason":"x"}                  | 400 | node: missing
            POST | /api/clusters/shop/purge-relay-logs | {}                      | 400 | reason: missing
            POST | /api/clusters/shop/repair-errant | {"choice":"accept","reason":"x"} | 400 | node: missing
            POST | /api/clusters/shop/repair-errant | {"node":"db2","reason":"x"}  | 400 | choice: must be one of [inject-empty, accept]
            POST | /api/clusters/shop/repair-errant | {"node":"db1","choice":"accept","reason":"x"} | 400 | node: is the primary
            POST | /api/clusters/nope/purge-relay-logs | {"reason":"x"}          | 404 | there is no cluster "nope"
            POST | /api/clusters/shop/rejoin   | {"node":"db2"}                  | 400 | reason: missing
            POST | /api/clusters/shop/rejoin   | {"node":"db9","reason":"x"}     | 400 | node: cluster shop has no server "db9"
            POST | /api/clusters/shop/rejoin   | {"node":"db1","reason":"x"}     | 400 | node: is the primary of cluster shop, and follows nobody: db1:3306
            GET  | /api/clusters/shop/switchover?to=x | none                     | 400 | to: cluster shop has no server "x"
            POST | /api/clusters/nope/failover | {"reason":"x"}                  | 404 | there is no cluster "nope"; configured are [shop]
            GET  | /api/clusters/nope          | none                            | 404 | "nope"
            GET  | /api/runs?cluster=nope      | none                            | 404 | "nope"
            GET  | /api/runs?limit=many        | none                            | 400 | limit: not a number: "many"
            GET  | /api/runs?limit=0           | none                            | 400 | limit: must be from 1 to 1000: "0"
            GET  | /api/runs/ghost             | none                            | 404 | there is no run "ghost"
            POST | /api/runs/ghost/answer      | {"approve":true}                | 404 | "ghost"
            POST | /api/runs/bad/answer        | {}                              | 400 | approve: missing
            POST | /api/users                  | {"groups":["admin"],"password":"x"}          | 400 | name: missing
            POST | /api/users                  | {"name":"bob","groups":["admin"]}            | 400 | password: missing
            POST | /api/users                  | {"name":"bob","groups":["root"],"password":"x"} | 400 | groups: not one of operator, approver, auditor, admin: "root"
            POST | /api/users                  | {"name":"bob","groups":"admin","password":"x"} | 400 | groups
            PUT  | /api/users/bob/password     | {}                              | 400 | password: missing
            PUT  | /api/users/bob/groups       | {"groups":[null]}               | 400 | groups: not one of operator, approver, auditor, admin: "null"
            POST | /api/tokens                 | {"groups":["operator"]}         | 400 | name: missing
            GET  | /api/audit?head=0xCAFE      |                                 | 400 | head: must be 64 hexadecimal digits, 0-9 and a-f: "0xCAFE"
            POST | /api/runs/bad/answer        | {"approve":"maybe"}             | 400 | approve: not true or false: "maybe"
            """)
    void bad_requests_are_told_the_field_and_the_value(String method, String path, @Nullable String body, int status,
            String detail)
            throws Exception {
        journal.runStarted("bad", SHOP, "failover", "monitor", "crash", NOW);

        http.perform(call(method, path, body).with(httpBasic("admin", "admin")))
                .andExpect(status().is(status))
                .andExpect(content().contentType(MediaType.APPLICATION_PROBLEM_JSON))
                .andExpect(jsonPath("$.detail").value(containsString(detail)));
        assertThat(runbooks.requests).isEmpty();
    }

    @Test
    void a_failover_is_started_with_who_why_and_from_which_primary() throws Exception {
        http.perform(call("POST", "/api/clusters/shop/failover", "{\"reason\":\"disk is dying\"}")
                .with(httpBasic("operator", "operator")))
                .andExpect(status().isAccepted())
                .andExpect(content().json("{\"run\":\"r1\"}", true));

        assertThat(runbooks.requests).containsExactly(new Runbooks.Request(Runbook.FAILOVER, SHOP, "operator",
                "disk is dying", Map.of(Run.OLD_PRIMARY, "db1:3306")));
    }

    @Test
    void a_held_cluster_is_a_conflict_that_names_the_run() throws Exception {
        runbooks.answer = Optional.of(new Runbooks.Started.Held(new RunId("r7"), "failover"));

        http.perform(
                call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\"}").with(httpBasic("admin", "admin")))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.run").value("r7"))
                .andExpect(jsonPath("$.detail").value("cluster shop is held by run r7 (failover)"));
    }

    @Test
    void a_refused_start_is_a_conflict_that_says_why() throws Exception {
        runbooks.answer = Optional.of(new Runbooks.Started.Refused("no such diagram"));

        http.perform(
                call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\"}").with(httpBasic("admin", "admin")))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.detail").value("no such diagram"));
    }

    @Test
    void a_manager_that_only_watches_starts_nothing_and_says_who_acts() throws Exception {
        claims.claim = new Claims.Claim.NotHeld("holds the manager's lock on 0 of 3 servers; it is held by another"
                + " manager on db1:3306: connection 9 of switchman from 10.0.0.8");

        http.perform(
                call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\"}").with(httpBasic("admin", "admin")))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.detail").value("this manager only watches cluster shop: it "
                        + claims.claim.sentence()));
        assertThat(runbooks.requests).isEmpty();
        http.perform(get("/api/clusters/shop").with(httpBasic("auditor", "auditor")))
                .andExpect(jsonPath("$.manager.acts").value(false))
                .andExpect(jsonPath("$.manager.sentence").value(claims.claim.sentence()));
    }

    @Test
    void a_switchover_is_started_with_who_why_where_and_what_is_overridden() throws Exception {
        http.perform(call("POST", "/api/clusters/shop/switchover",
                "{\"reason\":\"new disk\",\"to\":\"db2\",\"override\":[\"server-answers\"]}")
                .with(httpBasic("operator", "operator")))
                .andExpect(status().isAccepted())
                .andExpect(jsonPath("$.run").value("r1"));

        assertThat(runbooks.requests).containsExactly(new Runbooks.Request(Runbook.SWITCHOVER, SHOP, "operator",
                "new disk", Map.of(Run.TARGET, "db2:3306", Run.OVERRIDES, "server-answers")));
    }

    @Test
    void a_failover_too_soon_after_the_last_one_is_refused_to_whom_wants_that() throws Exception {
        memory.rememberFailover(SHOP, clock.instant().minusSeconds(3600));
        String soon = "{\"reason\":\"x\",\"lastFailoverMinutes\":480}";
        http.perform(call("POST", "/api/clusters/shop/failover", soon).with(httpBasic("operator", "operator")))
                .andExpect(status().isConflict())
                .andExpect(content().string(containsString("less than 480 minutes ago")));
        http.perform(call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\",\"lastFailoverMinutes\":59}")
                .with(httpBasic("operator", "operator"))).andExpect(status().isAccepted());
        // The newest one, whichever tests have written runs before.
        Instant last = journal.runs(Optional.of(SHOP), 1)
                .stream()
                .map(Journal.RunRecord::startedAt)
                .findFirst()
                .orElse(NOW)
                .plusSeconds(1);
        journal.runStarted("r77", SHOP, "failover", "monitor", "crash", last);
        journal.runEnded("r77", "NOT_FENCED", "", last);
        http.perform(call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\",\"lastFailoverMinutes\":59}")
                .with(httpBasic("operator", "operator")))
                .andExpect(status().isConflict())
                .andExpect(content().string(containsString("ended NOT_FENCED")));
        http.perform(call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\",\"to\":\"db2\"}")
                .with(httpBasic("operator", "operator"))).andExpect(status().isAccepted());
        assertThat(runbooks.requests.getLast().inputs()).isEqualTo(
                Map.of(Run.OLD_PRIMARY, "db1:3306", Run.TARGET,
                        "db2:3306"));
    }

    @Test
    void a_rejoin_is_started_with_who_why_and_which_server() throws Exception {
        http.perform(call("POST", "/api/clusters/shop/rejoin", "{\"reason\":\"it is back\",\"node\":\"db2\"}")
                .with(httpBasic("operator", "operator")))
                .andExpect(status().isAccepted())
                .andExpect(jsonPath("$.run").value("r1"));

        assertThat(runbooks.requests).containsExactly(new Runbooks.Request(Runbook.REJOIN, SHOP, "operator",
                "it is back", Map.of(Run.OLD_PRIMARY, "db2:3306")));
    }

    @Test
    void a_rejoin_may_override_the_order_of_versions() throws Exception {
        http.perform(call("POST", "/api/clusters/shop/rejoin",
                "{\"reason\":\"it is back\",\"node\":\"db2\",\"override\":[\"version-order\"]}")
                .with(httpBasic("operator", "operator")))
                .andExpect(status().isAccepted());

        assertThat(runbooks.requests.getLast().inputs())
                .isEqualTo(Map.of(Run.OLD_PRIMARY, "db2:3306", Run.OVERRIDES, "version-order"));
        http.perform(call("POST", "/api/clusters/shop/rejoin",
                "{\"reason\":\"it is back\",\"node\":\"db2\",\"override\":[\"Any\"]}")
                .with(httpBasic("operator", "operator")))
                .andExpect(status().isBadRequest());
    }

    @Test
    void a_dry_run_shows_every_check_and_starts_nothing() throws Exception {
        http.perform(call("GET", "/api/clusters/shop/switchover?to=db2:3306", null)
                .with(httpBasic("auditor", "auditor")))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.primary").value("db1:3306"))
                .andExpect(jsonPath("$.candidate").value("db2:3306"))
                .andExpect(jsonPath("$.ready").value(false))
                .andExpect(jsonPath("$.checks[0].check").value("server-answers"))
                .andExpect(jsonPath("$.checks[0].severity").value("needs override"));

        assertThat(runbooks.requests).isEmpty();
    }

    @Test
    void without_a_known_primary_there_is_no_failover() throws Exception {
        memory.forget();

        http.perform(
                call("POST", "/api/clusters/shop/failover", "{\"reason\":\"x\"}").with(httpBasic("admin", "admin")))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.detail").value(containsString("no known primary")));
    }

    @Test
    void a_pause_has_an_owner_and_an_end_and_shows() throws Exception {
        clock.set(NOW);
        http.perform(call("POST", "/api/clusters/shop/pause", "{\"for\":\"PT2H\",\"reason\":\"upgrade\"}")
                .with(httpBasic("operator", "operator"))).andExpect(status().isOk());

        http.perform(get("/api/clusters/shop").with(httpBasic("auditor", "auditor")))
                .andExpect(content()
                        .json("""
                                {"paused":{"by":"operator","reason":"upgrade","since":"2026-11-22T10:00:00Z","until":"2026-11-22T12:00:00Z"}}"""));
        http.perform(call("POST", "/api/clusters/shop/resume", null).with(httpBasic("operator", "operator")))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.paused").doesNotExist());
    }

    @Test
    void a_cluster_before_its_first_look() throws Exception {
        http.perform(get("/api/clusters").with(httpBasic("auditor", "auditor")))
                .andExpect(content().json(
                        """
                                [{"name":"shop","tier":"test","verdict":"not-looked-at","sentence":"The first look has not ended yet.",
                                  "primary":"db1:3306","paused":null,"run":null,
                                  "warnings":[],
                                  "manager":{"acts":true,"sentence":"holds the manager's lock on 3 of 3 servers"},"progress":[]}]""",
                        true));
    }

    @Test
    void a_cluster_with_a_lost_primary() throws Exception {
        NodeId db3 = NodeId.of("db3", 3306);
        Cluster shop = clusters.getFirst();
        watch.sight = Optional.of(new Watch.Sight(
                new Snapshot(shop, NOW, NOW, Optional.of(DB1), java.util.Set.of(), Map.of(DB1,
                        new Observation.Unseen(DB1, NOW, new Failure.Refused("db1:3306"))), Map.of(), Optional.empty()),
                new Verdict.Crashed(DB1, "refused"),
                Map.of(db3, GtidSet.of(new UUID(0, 3), 7, 9))));
        memory.quarantine(SHOP, db3, new Quarantine(NOW, "was the primary", false));
        runbooks.opened("r9", false);

        http.perform(get("/api/clusters/shop").with(httpBasic("auditor", "auditor")))
                .andExpect(content()
                        .json("""
                                {"name":"shop","tier":"test","verdict":"crashed",
                                 "sentence":"db1:3306 has crashed (refused). A failover is due.","primary":"db1:3306",
                                 "virtualIp":"10.0.0.9/32","paused":null,"run":"r9",
                                 "manager":{"acts":true,"sentence":"holds the manager's lock on 3 of 3 servers"},
                                 "quarantined":[{"node":"db3:3306","since":"2026-11-22T10:00:00Z","why":"was the primary","fenceProven":false}],
                                 "nodes":[
                                  {"node":"db1:3306","role":"primary","promotion":"allowed","state":"unreachable","version":null,
                                   "executed":null,"source":null,"receiver":null,"applier":null,"lagSeconds":null,"delaySeconds":null,"semiSync":null,
                                   "problem":"connection refused: db1:3306"},
                                  {"node":"db2:3306","role":"replica","state":"unknown"},
                                  {"node":"db3:3306","role":"replica","state":"unknown",
                                   "errant":"00000000-0000-0000-0000-000000000003:7-9"}]}"""));
    }

    private static HostView host(Disk disk) {
        return new HostView.Seen(true, true, HostView.Unit.ACTIVE, HostView.Ending.RUNNING, java.util.Set.of(), disk);
    }

    @Test
    void the_disk_of_every_server_is_told_and_warned_of_before_it_is_full() throws Exception {
        Cluster shop = clusters.getFirst();
        NodeId db3 = NodeId.of("db3", 3306);
        watch.sight = Optional.of(new Watch.Sight(
                new Snapshot(shop, NOW, NOW, Optional.of(DB1), java.util.Set.of(), Map.of(),
                        Map.of(DB1, host(Disk.used(89)), db3, host(Disk.used(90))), Optional.empty()),
                new Verdict.Healthy(DB1)));

        http.perform(get("/api/clusters/shop").with(httpBasic("auditor", "auditor")))
                .andExpect(content()
                        .json("""
                                {"verdict":"healthy","warnings":["The disk of db3:3306 is nearly full: 90 % used."],
                                 "nodes":[
                                  {"node":"db1:3306","disk":{"state":"working","usedPercent":89,"nearlyFull":false,"detail":"89 % used"}},
                                  {"node":"db2:3306","disk":null},
                                  {"node":"db3:3306","disk":{"state":"working","usedPercent":90,"nearlyFull":true,"detail":"90 % used"}}]}"""));
        http.perform(get("/api/metrics").with(httpBasic("auditor", "auditor")))
                .andExpect(content().string(allOf(
                        containsString("switchman_server_disk_used{cluster=\"shop\",server=\"db1:3306\"} 89.0\n"),
                        containsString(
                                "switchman_server_disk_nearly_full{cluster=\"shop\",server=\"db1:3306\"} 0.0\n"),
                        containsString(
                                "switchman_server_disk_nearly_full{cluster=\"shop\",server=\"db3:3306\"} 1.0\n"))));
    }

    @Test
    void it_is_ready_when_the_store_answers_and_every_cluster_was_seen_a_moment_ago() throws Exception {
        http.perform(get("/api/ready"))
                .andExpect(status().is(503))
                .andExpect(content().json("{\"status\":\"not-ready\",\"lacks\":[\"first-look\"]}"));
        Instant seen = clock.instant();
        watch.sight = Optional.of(new Watch.Sight(new Snapshot(clusters.getFirst(), seen, seen, Optional.of(DB1),
                java.util.Set.of(), Map.of(), Map.of(), Optional.empty()), new Verdict.Healthy(DB1)));
        http.perform(get("/api/ready"))
                .andExpect(status().isOk())
                .andExpect(content().json("{\"status\":\"ready\",\"lacks\":[]}"));
        clock.advance(java.time.Duration.ofSeconds(31));
        http.perform(get("/api/ready"))
                .andExpect(status().is(503))
                .andExpect(content().json("{\"status\":\"not-ready\",\"lacks\":[\"fresh-looks\"]}"));
    }

    /** Names in Prometheus' expressions: what a panel or an alert asks for must be there. */
    @ParameterizedTest
    @ValueSource(strings = {"docker/grafana/switchman.json", "docker/prometheus/alerts.yaml"})
    void every_metric_that_is_asked_for_is_exported(String file) throws Exception {
        java.util.Set<String> exported = new java.util.TreeSet<>(gauges());
        CountedMetrics.HELP.keySet()
                .forEach(name -> java.util.stream.Stream.of("_total", "_count", "_sum", "_bucket")
                        .forEach(ending -> exported.add(name + ending)));
        http.perform(get("/api/metrics").with(httpBasic("auditor", "auditor")))
                .andReturn()
                .getResponse()
                .getContentAsString()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> exported.add(line.replaceAll("[ {].*", "")));

        java.util.Set<String> asked = new java.util.TreeSet<>();
        java.util.regex.Matcher names = java.util.regex.Pattern
                .compile("\\b(?:switchman|jvm|process|system)_[a-z0-9_]+")
                .matcher(java.nio.file.Files.readString(java.nio.file.Path.of(file)));
        while (names.find()) {
            asked.add(names.group());
        }

        assertThat(asked).hasSizeGreaterThan(5);
        assertThat(exported).containsAll(asked);
    }

    private static java.util.Set<String> gauges() {
        return MetricsController.GAUGES.keySet()
                .stream()
                .map(name -> "switchman_" + name.replace('.', '_'))
                .collect(java.util.stream.Collectors.toSet());
    }

    @Test
    void the_documentation_names_every_metric_and_no_other() throws Exception {
        java.util.Set<String> exported = new java.util.TreeSet<>(gauges());
        exported.addAll(CountedMetrics.HELP.keySet());

        java.util.Set<String> told = java.nio.file.Files.readAllLines(java.nio.file.Path.of("docs/monitoring.md"))
                .stream()
                .filter(line -> line.startsWith("| `switchman_"))
                .map(line -> line.replaceAll("^\\| `([a-z_]+)` \\|.*", "$1"))
                .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new));

        assertThat(told).isEqualTo(exported);
    }

    @Test
    void metrics_count_probes_lateness_runs_steps_and_outages() throws Exception {
        Histogram.Counter counter = Histogram.Counter.ofMillis(10, 100);
        counter.count(Duration.ofMillis(4));
        counter.count(Duration.ofMillis(50));
        counter.count(Duration.ofSeconds(2));
        watch.probes.add(new Watch.Probes(SHOP, DB1, Watch.Probe.PING, counter.read(), 5));
        watch.lateness = counter.read();
        outages.measured(SHOP, Duration.ofMillis(700));
        journal.runStarted("c1", SHOP, "purge-relay-logs", "monitor", "due", NOW);
        journal.stepBegins("c1", "purgeRelayLogs", "Purges.", NOW).ended("DONE", "purged", Duration.ofMillis(1500));
        journal.stepBegins("c1", "purgeRelayLogs", "Purges.", NOW).ended("DONE", "purged", Duration.ofMillis(500));
        journal.runEnded("c1", "RELAY_LOGS_KEPT", "", NOW.plusSeconds(2));
        journal.runEnded("c1", "RELAY_LOGS_KEPT", "", NOW.plusSeconds(2));
        approvals.questions
                .add(new Approvals.Question(new RunId("c2"), "shop", "Go?", clock.instant().minusSeconds(90),
                        Optional.empty()));
        approvals.questions
                .add(new Approvals.Question(new RunId("c3"), "shop", "Go?", clock.instant().minusSeconds(30),
                        Optional.empty()));

        String scraped = http.perform(get("/api/metrics").with(httpBasic("auditor", "auditor")))
                .andReturn()
                .getResponse()
                .getContentAsString();

        assertThat(scraped.lines()).contains("# TYPE switchman_probe_duration_seconds histogram",
                "switchman_probe_duration_seconds_bucket{cluster=\"shop\",probe=\"ping\",server=\"db1:3306\",le=\"0.01\"} 1",
                "switchman_probe_duration_seconds_bucket{cluster=\"shop\",probe=\"ping\",server=\"db1:3306\",le=\"0.1\"} 2",
                "switchman_probe_duration_seconds_bucket{cluster=\"shop\",probe=\"ping\",server=\"db1:3306\",le=\"+Inf\"} 3",
                "switchman_probe_duration_seconds_sum{cluster=\"shop\",probe=\"ping\",server=\"db1:3306\"} 2.054",
                "switchman_probe_failures_total{cluster=\"shop\",probe=\"ping\",server=\"db1:3306\"} 5.0",
                "switchman_watch_lateness_seconds_count 3",
                "switchman_outage_seconds_bucket{cluster=\"shop\",le=\"0.5\"} 0",
                "switchman_outage_seconds_bucket{cluster=\"shop\",le=\"1.0\"} 1",
                "# TYPE switchman_runs_ended_total counter",
                "switchman_runs_ended_total{cluster=\"shop\",ending=\"RELAY_LOGS_KEPT\",runbook=\"purge-relay-logs\"} 1.0",
                "switchman_step_duration_seconds_count{outcome=\"DONE\",runbook=\"purge-relay-logs\",step=\"purgeRelayLogs\"} 2",
                "switchman_step_duration_seconds_sum{outcome=\"DONE\",runbook=\"purge-relay-logs\",step=\"purgeRelayLogs\"} 2.0",
                "switchman_decisions_waiting 2.0", "switchman_decision_waiting_age{cluster=\"shop\"} 90.0");
    }

    @Test
    void a_test_of_the_notifications_tells_each_answer() throws Exception {
        http.perform(call("POST", "/api/clusters/shop/notify-test", "{}").with(httpBasic("operator", "operator")))
                .andExpect(content().json("""
                        {"cluster": "shop", "tested": [
                          {"receiver": "mail", "shape": "mail", "arrived": true, "answer": "sent to dba@example.org",
                           "tookMillis": 12},
                          {"receiver": "chat", "shape": "slack", "arrived": false, "answer": "HTTP 404: no such hook",
                           "tookMillis": 34}]}"""));
    }

    @Test
    void metrics_tell_verdict_servers_runs_and_waiting_decisions() throws Exception {
        Cluster shop = clusters.getFirst();
        watch.sight = Optional.of(new Watch.Sight(
                new Snapshot(shop, clock.instant().minusMillis(1500), clock.instant().minusMillis(1500),
                        Optional.of(DB1), java.util.Set.of(),
                        Map.of(DB1, new Observation.Unseen(DB1, NOW, new Failure.Refused("db1:3306"))), Map.of(),
                        Optional.empty()),
                new Verdict.Crashed(DB1, "refused")));
        runbooks.opened("r30", true);
        journal.runStarted("r31", SHOP, "failover", "monitor", "crash", NOW.plusSeconds(7200));
        journal.runEnded("r31", "REPLICAS_LOST", "db3 was lost", NOW.plusSeconds(7202));

        http.perform(get("/api/metrics").with(httpBasic("auditor", "auditor")))
                .andExpect(content().string(allOf(
                        containsString(
                                "switchman_cluster_verdict{cluster=\"shop\",tier=\"test\",verdict=\"crashed\"} 1.0\n"),
                        containsString("switchman_cluster_look_age{cluster=\"shop\"} 1.5\n"),
                        containsString("switchman_server_reachable{cluster=\"shop\",server=\"db1:3306\"} 0.0\n"),
                        containsString("switchman_server_primary{cluster=\"shop\",server=\"db1:3306\"} 1.0\n"),
                        containsString("switchman_manager_acts{cluster=\"shop\"} 1.0\n"),
                        containsString(
                                "switchman_notices_delivered{cluster=\"shop\",receiver=\"chat\"} 7.0\n"),
                        containsString(
                                "switchman_notices_failed_attempts{cluster=\"shop\",receiver=\"chat\"} 3.0\n"),
                        containsString("switchman_notices_lost{cluster=\"shop\",receiver=\"chat\"} 1.0\n"),
                        containsString("switchman_notices_waiting{cluster=\"shop\",receiver=\"chat\"} 2.0\n"),
                        containsString("switchman_decisions_waiting 0.0\n"),
                        containsString(
                                "switchman_run_open{cluster=\"shop\",runbook=\"failover\",waiting=\"true\"} 1.0\n"),
                        containsString(
                                "switchman_run_last_duration{cluster=\"shop\",ending=\"REPLICAS_LOST\",runbook=\"failover\"} 2.0\n"),
                        containsString("jvm_threads_live_threads "))));

        watch.sight = Optional.empty();
        runbooks.open.clear();
        http.perform(get("/api/metrics").with(httpBasic("auditor", "auditor")))
                .andExpect(content().string(allOf(containsString("verdict=\"not-looked-at\"} 1.0\n"),
                        not(containsString("crashed")), not(containsString("switchman_run_open{")))));
    }

    @Test
    void a_run_is_shown_with_its_timeline_question_and_status() throws Exception {
        journal.runStarted("r20", SHOP, "failover", "monitor", "db1:3306 has crashed", NOW);
        Journal.StepEntry step = journal.stepBegins("r20", "fenceOldPrimary", "Takes write access", NOW);
        journal.acted(new Action(DB1, Action.Channel.SQL, "SET GLOBAL super_read_only=1", Duration.ofMillis(4), "OK"));
        journal.note("r20", "set", "a:1-5");
        step.ended("DONE", "closed", Duration.ofMillis(12));
        runbooks.opened("r20", true);
        approvals.ask(new RunId("r20"), "Promote db2?");

        http.perform(get("/api/runs/r20").with(httpBasic("auditor", "auditor")))
                .andExpect(content()
                        .json("""
                                {"run":"r20","cluster":"shop","runbook":"failover","startedBy":"monitor","cause":"db1:3306 has crashed",
                                 "startedAt":"2026-11-22T10:00:00Z","endedAt":null,"ending":null,"status":"waiting",
                                 "at":["Fence old primary"],"question":"Promote db2?","report":null,"exitCode":null,
                                 "timeline":[
                                  {"kind":"step","step":"fenceOldPrimary","text":"Takes write access","outcome":null,"detail":null,
                                   "tookMillis":null,"node":null,"at":"2026-11-22T10:00:00Z"},
                                  {"kind":"action","step":"fenceOldPrimary","text":"SET GLOBAL super_read_only=1","outcome":null,
                                   "detail":"OK","tookMillis":4,"node":"db1:3306"},
                                  {"kind":"note","step":"fenceOldPrimary","text":"set","detail":"a:1-5"},
                                  {"kind":"step","step":"fenceOldPrimary","text":"","outcome":"DONE","detail":"closed","tookMillis":12}]}"""));

        Progress.Work work = progress.of(new RunId("r20"), DB1, "copy of db2:3306", Progress.Unit.BYTES,
                (label, text) -> {});
        work.told("file copy", 1 << 20, OptionalLong.of(4 << 20));
        String shown = """
                {"progress":[{"node":"db1:3306","what":"copy of db2:3306","stage":"file copy","unit":"bytes",
                  "done":1048576,"all":4194304,"percent":25,"perSecond":null,"secondsLeft":null,
                  "sentence":"db1:3306: copy of db2:3306, file copy, 1 of 4 MiB (25 %)"}]}""";
        for (String path : List.of("/api/runs/r20", "/api/clusters/shop")) {
            http.perform(get(path).with(httpBasic("auditor", "auditor"))).andExpect(content().json(shown));
        }
        work.close();
        http.perform(get("/api/runs/r20").with(httpBasic("auditor", "auditor")))
                .andExpect(jsonPath("$.progress").isEmpty());

        // A page that was left open shows the question before this one.
        http.perform(call("POST", "/api/runs/r20/answer",
                "{\"approve\":true,\"askedAt\":\"" + NOW.minusSeconds(5) + "\"}")
                .with(httpBasic("approver", "approver")))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.detail").value("run r20 does not ask that any more: look at it again"));
        assertThat(approvals.answers).isEmpty();
        http.perform(call("POST", "/api/runs/r20/answer", "{\"approve\":false,\"comment\":\"not now\"}")
                .with(httpBasic("approver", "approver"))).andExpect(status().isOk());
        assertThat(approvals.answers).containsExactly(new Approvals.Answer(false, "approver", "not now", NOW));
        http.perform(call("POST", "/api/runs/r20/answer", "{\"approve\":true}").with(httpBasic("approver", "approver")))
                .andExpect(status().isConflict())
                .andExpect(jsonPath("$.detail").value("run r20 asks nothing now"));
    }

    @Test
    void an_ended_run_has_an_ending_a_report_and_an_exit_code() throws Exception {
        journal.runStarted("r21", SHOP, "failover", "monitor", "crash", NOW.plusSeconds(100));
        journal.runEnded("r21", "REPLICAS_LOST", "db3 was lost", NOW.plusSeconds(102));

        http.perform(get("/api/runs/r21").with(httpBasic("auditor", "auditor"))).andExpect(content().json("""
                {"status":"ended","ending":"REPLICAS_LOST","report":"db3 was lost","exitCode":10,"at":[],
                 "endedAt":"2026-11-22T10:01:42Z"}"""));
        http.perform(get("/api/runs?cluster=shop&limit=1").with(httpBasic("auditor", "auditor")))
                .andExpect(content().json("[{\"run\":\"r21\",\"status\":\"ended\",\"ending\":\"REPLICAS_LOST\"}]"));
    }

    @Test
    void who_may_not_answer_this_question_is_told_why() throws Exception {
        journal.runStarted("r22", SHOP, "failover", "approver", "crash", NOW);
        approvals.refusal = Optional.of(new Approvals.Answered.NotAllowed("you started this run yourself"));

        http.perform(call("POST", "/api/runs/r22/answer", "{\"approve\":true}").with(httpBasic("approver", "approver")))
                .andExpect(status().isForbidden())
                .andExpect(jsonPath("$.detail").value("you started this run yourself"));
    }

    @Test
    void the_description_names_every_path() throws Exception {
        http.perform(get("/api/openapi").with(httpBasic("auditor", "auditor")))
                .andExpect(jsonPath("$.paths['/api/clusters/{name}/failover'].post").exists())
                .andExpect(jsonPath("$.paths['/api/runs/{id}/answer'].post").exists())
                .andExpect(jsonPath("$.components.securitySchemes.token.scheme").value("bearer"));
    }

    private MockHttpSession session(String name) throws Exception {
        Cookie csrf = Objects.requireNonNull(
                http.perform(get("/login")).andReturn().getResponse().getCookie("SWITCHMAN-CSRF"));
        MvcResult login = http.perform(request(HttpMethod.POST, "/login").param("username", name)
                .param("password", name)
                .cookie(csrf)
                .param("_csrf", csrf.getValue())).andExpect(status().is3xxRedirection()).andReturn();
        return (MockHttpSession) Objects.requireNonNull(login.getRequest().getSession(false));
    }

    private int ask(MockHttpServletRequestBuilder request) throws Exception {
        return http.perform(request).andReturn().getResponse().getStatus();
    }

    private static MockHttpServletRequestBuilder call(String[] words, @Nullable String body) {
        return call(words[0], words[1], body);
    }

    private static MockHttpServletRequestBuilder call(String method, String path, @Nullable String body) {
        MockHttpServletRequestBuilder request = request(HttpMethod.valueOf(method.strip()), path);
        return body == null ? request : request.contentType(MediaType.APPLICATION_JSON).content(body);
    }
}
