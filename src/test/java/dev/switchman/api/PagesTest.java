package dev.switchman.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.servlet.http.Cookie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.servlet.AutoConfigureMockMvc;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;

import dev.switchman.audit.Journal;
import dev.switchman.fleet.FakeMemory;
import dev.switchman.lab.Eventually;
import dev.switchman.memory.ClusterMemory.Quarantine;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.RunHistory;
import dev.switchman.runbook.RunHistory.Reply;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.Action;
import dev.switchman.topology.NodeId;
import dev.switchman.verdict.Specimens;
import dev.switchman.verdict.Verdict;

import static dev.switchman.api.World.DB1;
import static dev.switchman.api.World.NOW;
import static dev.switchman.api.World.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

/** The pages behind their gates: what each role sees, what is refused, and that nothing but text comes of a text. */
@SpringBootTest(classes = {World.class, PagesTest.Pages.class}, properties = {
        "spring.jackson.deserialization.fail-on-unknown-properties=true", "spring.mvc.problemdetails.enabled=true",
        "spring.thymeleaf.check-template-location=false"})
@AutoConfigureMockMvc
@DirtiesContext(classMode = DirtiesContext.ClassMode.AFTER_CLASS)
class PagesTest {

    private static final String HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";

    @ComponentScan(basePackages = "dev.switchman.web", excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\$.*"))
    static class Pages {}

    @Autowired
    MockMvc http;
    @Autowired
    Journal journal;
    @Autowired
    World.RecordedRunbooks runbooks;
    @Autowired
    World.RecordedApprovals approvals;
    @Autowired
    World.RecordedHistory history;
    @Autowired
    World.FixedWatch watch;
    @Autowired
    World.FixedClaims claims;
    @Autowired
    FakeMemory memory;
    @Autowired
    Progress progress;
    @Autowired
    ObjectMapper json;

    @BeforeEach
    void quiet() {
        runbooks.open.clear();
        approvals.questions.clear();
        history.traces.clear();
        history.questions.clear();
        memory.forget();
        memory.rememberPrimary(SHOP, DB1);
        watch.sight = Optional.of(new Watch.Sight(Specimens.healthy(), new Verdict.Healthy(DB1)));
        claims.claim = World.FixedClaims.OURS;
    }

    // ---- who comes in

    /** 302 is the login page. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"/clusters", "/clusters/live", "/clusters/shop", "/clusters/shop/live",
            "/clusters/shop/switchover", "/clusters/shop/failover", "/clusters/shop/purge-relay-logs", "/runs",
            "/runs/r1", "/runs/r1/live",
            "/runs/r1/export.html", "/runs/r1/export.json", "/runs/r1/diagrams/r1", "/runs/r1/tables/0", "/decisions",
            "/decisions/live"})
    void every_page_is_for_everybody_who_is_logged_in_and_for_nobody_else(String page) throws Exception {
        failover("r1");

        assertThat(status(http.perform(get(page).accept(MediaType.TEXT_HTML)).andReturn())).isEqualTo(302);
        for (String role : List.of("auditor", "operator", "approver", "admin")) {
            assertThat(status(http.perform(get(page).session(session(role))).andReturn())).as(role).isEqualTo(200);
        }
    }

    @Test
    void a_login_leads_to_the_clusters() throws Exception {
        assertThat(http.perform(get("/").session(session("auditor"))).andReturn().getResponse().getRedirectedUrl())
                .isEqualTo("/clusters");
    }

    // ---- what each role finds, and what the server takes from it

    @ParameterizedTest
    @CsvSource({"auditor,false,false", "operator,true,false", "approver,false,true", "admin,true,true"})
    void buttons_are_those_of_the_role_and_the_server_thinks_so_too(String role, boolean starts, boolean answers)
            throws Exception {
        failover("r1");
        open("r2", "carol");
        memory.quarantine(SHOP, NodeId.of("db3", 3306), new Quarantine(NOW, "was the primary", true));

        assertThat(page("/clusters/shop", role).contains("data-api=\"/api/clusters/shop/rejoin\"")).isEqualTo(starts);
        assertThat(page("/clusters/shop", role).contains("name=\"node\" value=\"db3:3306\"")).isEqualTo(starts);
        assertThat(page("/clusters/shop", role).contains("data-api=\"/api/clusters/shop/pause\"")).isEqualTo(starts);
        assertThat(page("/clusters/shop", role).contains("href=\"/clusters/shop/switchover\"")).isEqualTo(starts);
        assertThat(page("/clusters/shop/switchover", role).contains("data-api=\"/api/clusters/shop/switchover\""))
                .isEqualTo(starts);
        assertThat(page("/clusters/shop/failover", role).contains("data-api=\"/api/clusters/shop/failover\""))
                .isEqualTo(starts);
        assertThat(page("/clusters/shop", role).contains("href=\"/clusters/shop/purge-relay-logs\"")).isEqualTo(starts);
        assertThat(page("/clusters/shop", role).contains("data-api=\"/api/clusters/shop/notify-test\""))
                .isEqualTo(starts);
        assertThat(page("/clusters/shop/purge-relay-logs", role)
                .contains("data-api=\"/api/clusters/shop/purge-relay-logs\"")).isEqualTo(starts);
        assertThat(button("/api/clusters/shop/notify-test", "{}", role)).isEqualTo(starts ? 200 : 403);
        assertThat(page("/runs/r2", role).contains("data-api=\"/api/runs/r2/answer\"")).isEqualTo(answers);
        assertThat(page("/decisions", role).contains("data-api=\"/api/runs/r2/answer\"")).isEqualTo(answers);
        assertThat(button("/api/clusters/shop/pause", "{\"for\":\"PT1H\",\"reason\":\"x\"}", role))
                .isEqualTo(starts ? 200 : 403);
        assertThat(button("/api/runs/r2/answer", "{\"approve\":true}", role)).isEqualTo(answers ? 200 : 403);
    }

    @Test
    void a_purge_is_shown_with_what_it_would_meet_before_it_is_started() throws Exception {
        assertThat(page("/clusters/shop/purge-relay-logs", "operator"))
                .contains("accepts writes", "no run holds the cluster", "deletes its relay logs itself",
                        "No replica that was seen keeps its relay logs")
                .doesNotContain("disabled=\"disabled\"");
        watch.sight = Optional.empty(); // a look that sees nobody
        assertThat(page("/clusters/shop/purge-relay-logs", "operator"))
                .contains("does not answer, or accepts no writes", "was not seen: it is not looked after",
                        "disabled=\"disabled\"");
    }

    @Test
    void a_button_without_the_pages_token_is_refused() throws Exception {
        assertThat(status(http.perform(post("/api/clusters/shop/pause").session(session("operator"))
                .contentType(MediaType.APPLICATION_JSON)
                .content("{\"for\":\"PT1H\",\"reason\":\"x\"}")).andReturn())).isEqualTo(403);
    }

    @Test
    void who_asked_for_a_run_finds_no_button_to_approve_it() throws Exception {
        open("r2", "Approver");

        assertThat(page("/runs/r2", "approver")).doesNotContain("data-api=\"/api/runs/r2/answer\"")
                .contains("Your answer would not count");
        assertThat(page("/decisions", "approver")).doesNotContain("data-api=\"/api/runs/r2/answer\"");
        assertThat(page("/decisions", "admin")).contains("data-api=\"/api/runs/r2/answer\"");
    }

    // ---- what a page tells

    @Test
    void the_clusters_stand_there_with_their_verdict() throws Exception {
        assertThat(page("/clusters", "auditor")).contains("db1:3306 is the primary and answers.", ">healthy<",
                "href=\"/clusters/shop\"");
    }

    @Test
    void a_cluster_is_drawn_with_lag_gap_address_and_modes() throws Exception {
        String page = page("/clusters/shop", "auditor");

        assertThat(page).contains("primary, accepts writes", "replica, super-read-only", "virtual IP 10.0.0.9/32",
                "GTID gap: none", "lag 0 s");
    }

    @Test
    void a_switchovers_page_shows_its_checks_and_takes_overrides() throws Exception {
        String page = page("/clusters/shop/switchover?to=db3", "operator");

        assertThat(page).contains("db3:3306", "connection refused",
                "name=\"override\" data-kind=\"list\" value=\"server-answers\"");
        assertThat(refused("/clusters/shop/switchover?to=db9", "operator", 400)).contains("db9");
    }

    @Test
    void runs_are_found_by_filter_and_a_wrong_one_is_told_by_its_key() throws Exception {
        journal.runStarted("f1", SHOP, "failover", "monitor", "crashed", NOW);
        journal.runEnded("f1", "DONE", "report", NOW.plusSeconds(3));
        journal.runStarted("f2", SHOP, "switchover", "anna", "kernel update", NOW.plusSeconds(60));

        assertThat(page("/runs?person=anna", "auditor")).contains("/runs/f2").doesNotContain("/runs/f1");
        assertThat(page("/runs?outcome=DONE&cluster=shop&kind=failover", "auditor")).contains("/runs/f1", "3.0 s")
                .doesNotContain("/runs/f2");
        assertThat(page("/runs?outcome=open", "auditor")).contains("/runs/f2").doesNotContain("/runs/f1");
        assertThat(page("/runs?from=2026-11-22&to=2026-11-22", "auditor")).contains("/runs/f1", "/runs/f2");
        assertThat(page("/runs?to=2026-11-21", "auditor")).doesNotContain("/runs/f1").contains("No run is like that");
        assertThat(refused("/runs?from=yesterday", "auditor", 400)).contains("from: not a date", "yesterday");
        assertThat(refused("/runs?kind=tidy", "auditor", 400)).contains("kind: ", "tidy");
        assertThat(refused("/runs?outcome=x", "auditor", 400)).contains("outcome: ");
        assertThat(refused("/runs?cluster=crm", "auditor", 404)).contains("crm");
    }

    @Test
    void more_runs_than_a_page_holds_are_behind_a_link() throws Exception {
        for (int i = 0; i < 51; i++) {
            journal.runStarted("many" + i, SHOP, "reopen", "crowd", "x", NOW.minusSeconds(1000 - i));
        }

        String first = page("/runs?person=crowd", "auditor");

        assertThat(first).contains("/runs/many50").doesNotContain("/runs/many0\"");
        Matcher older = Pattern.compile("href=\"([^\"]*before=[^\"]*)\"").matcher(first);
        assertThat(older.find()).isTrue();
        String next = http.perform(get(java.net.URI.create(older.group(1).replace("&amp;", "&"))).session(
                session("auditor"))).andReturn().getResponse().getContentAsString();
        assertThat(next).contains("/runs/many0\"").doesNotContain("/runs/many1\"");
    }

    @Test
    void a_run_is_told_with_its_diagram_its_statements_its_tables_and_its_approval() throws Exception {
        failover("r1");

        String page = page("/runs/r1", "auditor");

        assertThat(page).contains("Failover of shop", "2026-11-22 10:00:00.000 UTC", "<svg class=\"bpmn\"", "412 ms",
                "version 7", "SET GLOBAL super_read_only=1", "1 row changed", "Row <b>2</b>",
                "was tried in this run and failed", "by bert", "looks right", "the report of this run",
                "db1 answers nobody", "/camunda/app/cockpit/default/#/ended/r1",
                "data-diagram=\"/runs/r1/diagrams/r1\"");
        assertThat(page).doesNotContain("hx-get=\"/runs/r1/live\"");
        assertThat(refused("/runs/ghost", "auditor", 404)).contains("ghost");
    }

    @Test
    void an_open_run_is_followed_live_and_linked_to_its_instance() throws Exception {
        open("r2", "carol");

        assertThat(page("/runs/r2", "auditor")).contains("hx-get=\"/runs/r2/live\"",
                "/camunda/app/cockpit/default/#/process-instance/r2", "It waits for an answer",
                "Answering takes the group");
        assertThat(page("/runs/r2/live", "auditor")).contains("id=\"live\"").doesNotContain("<html");
    }

    @Test
    void what_the_engine_has_forgotten_the_journal_still_tells() throws Exception {
        failover("r1");
        history.traces.clear();

        assertThat(page("/runs/r1", "auditor")).contains("does not know this run any more",
                "SET GLOBAL super_read_only=1");
        assertThat(refused("/runs/r1/diagrams/r1", "auditor", 404)).contains("any more");
    }

    @Test
    void with_nothing_there_a_page_says_what_to_do() throws Exception {
        assertThat(page("/decisions", "auditor")).contains("Nothing waits for a person");
        watch.sight = Optional.empty();
        assertThat(page("/clusters/shop", "auditor")).contains("The first look has not ended yet.", "not looked at yet",
                "Starting and pausing takes the group");
    }

    // ---- safety of what is shown

    @Test
    void a_hostile_text_stays_text_on_every_page() throws Exception {
        failover("r1", HOSTILE);
        open("r2", HOSTILE);
        memory.pause(SHOP, new dev.switchman.memory.ClusterMemory.Pause(HOSTILE, HOSTILE, NOW,
                NOW.plus(Duration.ofDays(9))));

        for (String path : List.of("/clusters", "/clusters/shop", "/runs", "/runs/r1", "/runs/r2", "/decisions",
                "/runs/r1/export.html", "/runs?person=%3Cscript%3Ealert('x')%3C/script%3E")) {
            assertThat(page(path, "admin")).as(path).doesNotContain("<script>", "<img src=x", "onerror=alert(1)>");
        }
        assertThat(page("/runs/r1", "admin")).contains("&lt;script&gt;");
    }

    @Test
    void no_page_loads_anything_from_another_host() throws Exception {
        failover("r1");
        open("r2", "carol");
        Pattern link = Pattern
                .compile("(?:href|src|action|data-api|data-diagram|data-table|data-events|hx-get)=\"([^\"]*)\"");

        for (String path : List.of("/clusters", "/clusters/shop", "/clusters/shop/switchover",
                "/clusters/shop/failover", "/runs", "/runs/r1", "/runs/r2", "/decisions", "/runs/r1/export.html")) {
            String page = page(path, "admin");
            List<String> links = new ArrayList<>();
            Matcher found = link.matcher(page);
            while (found.find()) {
                links.add(found.group(1));
            }
            assertThat(links).as(path).allMatch(to -> to.startsWith("/") && !to.startsWith("//") || to.equals("#main"));
            assertThat(page).as(path).doesNotContainPattern("@import|url\\((?!#)");
            assertThat(page).as(path).doesNotContainPattern("<script>|<script [^>]*>[^<]|\\son[a-z]+=\"|javascript:");
        }
    }

    @Test
    void a_page_may_load_its_own_files_only_and_stands_in_no_frame() throws Exception {
        MvcResult page = http.perform(get("/clusters").session(session("auditor"))).andReturn();

        assertThat(page.getResponse().getHeader("Content-Security-Policy")).startsWith("default-src 'none'")
                .contains("script-src 'self';", "frame-ancestors 'none'")
                .doesNotContain("unsafe-eval", "http");
        for (String file : List.of("/assets/switchman.css", "/assets/switchman.js", "/assets/diagram.css",
                "/assets/icon.svg", "/lib/htmx/htmx.min.js", "/lib/bpmn-js/bpmn-navigated-viewer.production.min.js",
                "/lib/bpmn-js/diagram-js.css", "/lib/bpmn-js/bpmn-js.css", "/lib/dmn-js/dmn-viewer.production.min.js",
                "/lib/dmn-js/dmn-js-shared.css", "/lib/dmn-js/dmn-js-decision-table.css")) {
            assertThat(status(http.perform(get(file).session(session("auditor"))).andReturn())).as(file).isEqualTo(200);
        }
    }

    // ---- export

    @Test
    void from_the_exported_file_alone_one_can_answer_what_an_auditor_asks() throws Exception {
        failover("r1");

        MvcResult result = http.perform(get("/runs/r1/export.html").session(session("auditor"))).andReturn();
        String file = result.getResponse().getContentAsString();

        assertThat(result.getResponse().getHeader("Content-Disposition")).isEqualTo(
                "attachment; filename=\"run-r1.html\"");
        assertThat(file).as("who asked, and why").contains("Asked for by", "carol", "kernel update");
        assertThat(file).as("who approved, on what facts")
                .contains("by bert", "looks right", "Go on with db2?",
                        "db1 answers nobody");
        assertThat(file).as("which rule chose")
                .contains("Row <b>2</b>", "was tried in this run and failed",
                        "Failed in this run");
        assertThat(file).as("what was sent, and answered")
                .contains("db1:3306", "SET GLOBAL super_read_only=1",
                        "1 row changed");
        assertThat(file).as("which version ran").contains("version 7", "c0ffee");
        assertThat(file).as("stands alone")
                .contains("<svg class=\"bpmn\"", "--paper:", "@media print")
                .doesNotContain("<link", "<script", "src=\"");
        assertThat(file).contains("Exported by auditor");
    }

    @Test
    void the_same_is_there_for_machines() throws Exception {
        failover("r1");

        JsonNode export = json.readTree(page("/runs/r1/export.json", "auditor"));

        assertThat(export.path("format").asText()).isEqualTo("switchman-run/1");
        JsonNode story = export.path("story");
        assertThat(story.at("/run/startedBy").asText()).isEqualTo("carol");
        assertThat(story.at("/run/startedAt").asText()).isEqualTo("2026-11-22T10:00:00Z");
        assertThat(story.at("/approvals/0/by").asText()).isEqualTo("bert");
        assertThat(story.at("/approvals/0/comment").asText()).isEqualTo("looks right kernel update");
        assertThat(story.at("/decisions/0/rows/0").asInt()).isEqualTo(2);
        assertThat(story.at("/decisions/0/reasons/0").asText()).isEqualTo("was tried in this run and failed");
        assertThat(story.at("/run/cause").asText()).isEqualTo("kernel update");
        assertThat(story.at("/approvals/0/question").asText()).isEqualTo("Go on with db2? kernel update");
        assertThat(story.at("/approvals/0/answer").asText()).isEqualTo("yes");
        assertThat(story.at("/approvals/0/notBy/0").asText()).isEqualTo("carol");
        assertThat(story.at("/findings/0/label").asText()).isEqualTo("evidence");
        assertThat(story.at("/findings/0/text").asText()).isEqualTo("db1 answers nobody, kernel update");
        assertThat(story.at("/decisions/0/facts/Failed in this run").asText()).isEqualTo("true");
        assertThat(story.at("/decisions/0/table/version").asInt()).isEqualTo(2);
        assertThat(story.at("/decisions/0/table/sha256").asText()).isEqualTo("decaf");
        assertThat(story.at("/steps/0/sent/0/node").asText()).isEqualTo("db1:3306");
        assertThat(story.at("/steps/0/sent/0/text").asText()).isEqualTo("SET GLOBAL super_read_only=1");
        assertThat(story.at("/steps/0/sent/0/answer").asText()).isEqualTo("1 row changed");
        assertThat(story.at("/parts/0/diagram/version").asInt()).isEqualTo(7);
        assertThat(story.at("/parts/0/diagram/sha256").asText()).isEqualTo("c0ffee");
        assertThat(story.at("/parts/0/xml").asText()).contains("<bpmn:process");
    }

    @Test
    void how_far_long_work_is_stands_on_the_page_of_its_run_and_of_its_cluster() throws Exception {
        open("r2", "carol");
        try (Progress.Work work = progress.of(new RunId("r2"), DB1, "copy of <b>", Progress.Unit.BYTES,
                (label, text) -> {})) {
            work.told("file copy", 1 << 20, OptionalLong.of(4 << 20));
            for (String path : List.of("/runs/r2", "/runs/r2/live", "/clusters/shop", "/clusters/shop/live")) {
                assertThat(page(path, "auditor")).as(path)
                        .contains("db1:3306: copy of &lt;b&gt;, file copy, 1 of 4 MiB (25 %)", "value=\"25\"");
            }
            work.told("redo copy", 5, OptionalLong.empty());
            assertThat(page("/runs/r2", "auditor")).contains("redo copy, 5 bytes").doesNotContain("value=\"25\"");
        }
        assertThat(page("/runs/r2", "auditor")).doesNotContain("How far it is", "<progress");
    }

    // ---- who is told of changes

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"/events/clusters", "/events/clusters/shop", "/events/runs/r1", "/events/decisions"})
    void whoever_may_see_a_page_may_follow_it_and_nobody_else(String events) throws Exception {
        failover("r1");

        MvcResult stranger = http.perform(get(events).accept(MediaType.TEXT_EVENT_STREAM)).andReturn();
        assertThat(status(stranger)).isEqualTo(302);
        assertThat(stranger.getRequest().isAsyncStarted()).isFalse();
        MvcResult page = followed(events, session("auditor"));
        assertThat(page.getResponse().getHeader("X-Accel-Buffering")).isEqualTo("no");
        assertThat(page.getResponse().getHeader("Cache-Control")).contains("no-store");
    }

    @Test
    void nothing_is_followed_that_is_not_there() throws Exception {
        refused("/events/clusters/nowhere", "auditor", 404);
        refused("/events/runs/nowhere", "auditor", 404);
    }

    @Test
    void a_step_of_a_run_a_verdict_and_a_question_are_told() throws Exception {
        MockHttpSession session = session("auditor");
        open("followed1", "carol");
        MvcResult run = followed("/events/runs/followed1", session);
        MvcResult cluster = followed("/events/clusters/shop", session);
        MvcResult clusters = followed("/events/clusters", session);
        MvcResult decisions = followed("/events/decisions", session);

        journal.stepBegins("followed1", "fenceOldPrimary", "Takes write access.", NOW);
        awaitEvent(run, "changed");
        assertThat(events(cluster) + events(clusters) + events(decisions)).doesNotContain("changed");

        watch.sight = Optional.of(new Watch.Sight(Specimens.healthy(), new Verdict.Crashed(DB1, "refused")));
        awaitEvent(cluster, "changed");
        awaitEvent(clusters, "changed");
        assertThat(events(decisions)).doesNotContain("changed");

        open("followed2", "bert");
        awaitEvent(decisions, "changed");
        assertThat(events(cluster)).contains("event:seen", "data:{\"shop\":\"2026-").doesNotContain("crashed");
    }

    @Test
    void a_logout_ends_what_was_followed() throws Exception {
        MockHttpSession session = session("auditor");
        MvcResult page = followed("/events/decisions", session);
        http.perform(post("/logout").session(session)
                .param("_csrf", "token")
                .cookie(new Cookie("SWITCHMAN-CSRF", "token"))).andReturn();

        awaitEvent(page, "over");
    }

    private MvcResult followed(String events, MockHttpSession session) throws Exception {
        MvcResult page = http.perform(get(events).session(session).accept(MediaType.TEXT_EVENT_STREAM)).andReturn();
        assertThat(page.getRequest().isAsyncStarted()).as(events).isTrue();
        return page;
    }

    private static String events(MvcResult page) throws IOException {
        return page.getResponse().getContentAsString(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static void awaitEvent(MvcResult page, String name) {
        Eventually.until("told: " + name, Duration.ofSeconds(10), () -> {
            try {
                return events(page).contains("event:" + name) ? Optional.empty() : Optional.of(events(page));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    // ---- the world

    private void failover(String run) throws IOException {
        failover(run, "kernel update");
    }

    private void failover(String run, String cause) throws IOException {
        journal.runStarted(run, SHOP, "failover", "carol", cause, NOW);
        Journal.StepEntry step = journal.stepBegins(run, "fenceOldPrimary", "Takes write access.", NOW);
        journal.acted(new Action(DB1, Action.Channel.SQL, "SET GLOBAL super_read_only=1", Duration.ofMillis(3),
                "1 row changed"));
        journal.note(run, "evidence", "db1 answers nobody, " + cause);
        step.ended("DONE", "3 sessions ended", Duration.ofMillis(7));
        journal.runEnded(run, "DONE", "the report of this run", NOW.plusSeconds(2));
        RunHistory.Part part = new RunHistory.Part(run, Optional.empty(),
                new RunHistory.Version("failover:7", "failover", "Failover", 7, NOW.minusSeconds(9), "c0ffee",
                        Files.readString(Path.of("bpmn", "failover.bpmn"))),
                List.of(visit("StartEvent_1", 0, 0), visit("Task_ConfirmFailure", 0, 412)));
        RunHistory.Decided decided = new RunHistory.Decided(
                new RunHistory.Version("choose-primary:2", "choose-primary", "Choose primary", 2, NOW, "decaf",
                        Files.readString(Path.of("dmn", "choose-primary.dmn"))),
                run, "Task_ChoosePrimary", NOW.plusMillis(500), Map.of("Failed in this run", "true"),
                List.of("Rule_choose_primary_2"), Map.of("eligible", "false"));
        history.traces.put(run, new RunHistory.Trace(List.of(part), List.of(decided)));
        history.questions.put(run, List.of(new RunHistory.Asked("Go on with db2? " + cause, NOW, Optional.empty(), 1,
                Set.of("carol"),
                new Reply.Given(new Approvals.Answer(true, "bert", "looks right " + cause, NOW.plusSeconds(1))))));
    }

    private static RunHistory.Visit visit(String box, int from, int until) {
        return new RunHistory.Visit(box, box, NOW.plusMillis(from), Optional.of(NOW.plusMillis(until)), false);
    }

    /** A run that waits for an answer. */
    private void open(String run, String by) {
        journal.runStarted(run, SHOP, "switchover", by, "kernel update", NOW);
        runbooks.opened(run, true);
        approvals.ask(new RunId(run), "Go on? " + by);
        history.questions.put(run, List.of(new RunHistory.Asked("Go on? " + by, NOW,
                Optional.of(Instant.parse("2026-11-22T10:30:00Z")), 1, Set.of(by), new Reply.Awaited(Set.of()))));
    }

    private MockHttpSession session(String role) throws Exception {
        MvcResult login = http.perform(post("/login").param("username", role)
                .param("password", role)
                .param("_csrf", "token")
                .cookie(new Cookie("SWITCHMAN-CSRF", "token"))).andReturn();
        assertThat(login.getResponse().getRedirectedUrl()).isEqualTo("/");
        return (MockHttpSession) java.util.Objects.requireNonNull(login.getRequest().getSession(false));
    }

    private String page(String path, String role) throws Exception {
        return refused(path, role, 200);
    }

    private String refused(String path, String role, int status) throws Exception {
        MvcResult answer = http.perform(get(java.net.URI.create(path)).session(session(role))).andReturn();
        assertThat(status(answer)).as(path + " for " + role).isEqualTo(status);
        return answer.getResponse().getContentAsString(java.nio.charset.StandardCharsets.UTF_8);
    }

    private int button(String api, String body, String role) throws Exception {
        return status(http.perform(post(api).session(session(role))
                .header("X-CSRF-TOKEN", "token")
                .cookie(new Cookie("SWITCHMAN-CSRF", "token"))
                .contentType(MediaType.APPLICATION_JSON)
                .content(body)).andReturn());
    }

    private static int status(MvcResult result) {
        return result.getResponse().getStatus();
    }
}
