package dev.switchman.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.switchman.verdict.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

/** Commands against a server, over real HTTP. */
class ServerCommandsTest {

    private static final Set<String> ANSWERING = Set.of("healthy", "busy", "two-writable", "quarantined-returned",
            "virtual-ip-misplaced", "replication-broken", "replicas-lost");

    private static final String RUN = """
            {"run":"r1","cluster":"orders","runbook":"failover","startedBy":"anna","cause":"drill",
             "startedAt":"2026-11-22T12:00:00Z","endedAt":%s,"ending":%s,"status":"%s","at":["%s"],
             "question":%s,"report":%s,"exitCode":%s,"timeline":[%s]}""";
    private static final String CONFIRMING = """
            {"at":"2026-11-22T12:00:00.100Z","kind":"step","step":"ConfirmLoss","text":"Confirm the loss.",
             "outcome":null,"detail":null,"tookMillis":null,"node":null}""";
    private static final String CONFIRM = """
            {"at":"2026-11-22T12:00:00.124Z","kind":"step","step":"ConfirmLoss","text":"",
             "outcome":"done","detail":"refused, process gone","tookMillis":24,"node":null}""";
    private static final String ACTION = """
            {"at":"2026-11-22T12:00:00.140Z","kind":"action","step":"FenceOldPrimary",
             "text":"SET GLOBAL super_read_only=1","outcome":null,"detail":"connection refused","tookMillis":2,
             "node":"db1:3306"}""";
    private static final String NOTE = """
            {"at":"2026-11-22T12:00:00.150Z","kind":"note","step":"FenceOldPrimary","text":"fence",
             "outcome":null,"detail":"CLOSED\\nunit masked","node":null}""";

    @TempDir
    Path home;

    private Shell shell = new Shell(Path.of(""));
    private StubServer server = stub();

    private static StubServer stub() {
        try {
            return new StubServer();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String running(String... timeline) {
        return RUN.formatted("null", "null", "running", "Fence old primary", "null", "null", "null",
                String.join(",", timeline));
    }

    private static String ended(String ending, int exitCode, String... timeline) {
        return RUN.formatted("\"2026-11-22T12:00:01Z\"", "\"" + ending + "\"", "ended", "",
                "null", "\"db2:3306 is the primary now.\\n\"", exitCode, String.join(",", timeline));
    }

    @BeforeEach
    void shell() {
        shell = new Shell(home);
        shell.environment.put("SWITCHMAN_SERVER", server.url());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void status_shows_a_line_for_each_cluster() {
        server.when("GET /api/clusters", 200,
                """
                        [{"name":"orders","tier":"production","verdict":"healthy","sentence":"db1:3306 accepts writes.",
                          "primary":"db1:3306","paused":null,"run":null},
                         {"name":"billing","tier":"test","verdict":"primary-dead","sentence":"db4:3306 is gone.",
                          "primary":null,"run":"r1","warnings":["The disk of db5 is full."],
                          "progress":[{"sentence":"db5:3306: copy of db6:3306, file copy, 1 of 4 MiB (25 %)"}],
                          "paused":{"by":"anna","reason":"upgrade","since":"2026-11-22T12:00:00Z","until":"2026-11-22T14:00:00Z"}}]""");

        server.when("GET /api/runbooks", 200, "{\"versions\":[],\"offered\":[\"promote.bpmn\"]}");

        Shell.Result result = shell.run("status");

        assertThat(result).isEqualTo(new Shell.Result(0,
                """
                        CLUSTER  TIER        VERDICT       PRIMARY   PAUSED                     RUN
                        orders   production  healthy       db1:3306  -                          -    db1:3306 accepts writes.
                        billing  test        primary-dead  -         until 2026-11-22 14:00:00  r1   db4:3306 is gone. WARNING: The disk of db5 is full.
                        billing: db5:3306: copy of db6:3306, file copy, 1 of 4 MiB (25 %)
                        promote.bpmn: this program brings another version than is in force: switchman runbooks
                        """,
                ""));
    }

    @Test
    void notify_test_prints_each_answer_and_fails_when_one_did_not_arrive() {
        server.when("GET /api/clusters", 200, "[{\"name\":\"orders\"},{\"name\":\"billing\"}]");
        server.when("POST /api/clusters/orders/notify-test", 200, """
                {"cluster":"orders","tested":[
                  {"receiver":"mail","shape":"mail","arrived":true,"answer":"sent to dba@example.org","tookMillis":12},
                  {"receiver":"chat","shape":"slack","arrived":false,"answer":"HTTP 404","tookMillis":7}]}""");
        server.when("POST /api/clusters/billing/notify-test", 200, "{\"cluster\":\"billing\",\"tested\":[]}");

        Shell.Result result = shell.run("notify-test");

        assertThat(result).isEqualTo(new Shell.Result(1, """
                CLUSTER  RECEIVER  SHAPE  RESULT   TOOK   ANSWER
                orders   mail      mail   arrived  12 ms  sent to dba@example.org
                orders   chat      slack  FAILED   7 ms   HTTP 404
                billing: nobody is told; name somebody under mail or notify in the configuration
                """, ""));
    }

    @Test
    void notify_test_is_well_when_all_arrived() {
        server.when("POST /api/clusters/orders/notify-test", 200, """
                {"cluster":"orders","tested":[
                  {"receiver":"chat","shape":"json","arrived":true,"answer":"HTTP 204","tookMillis":7}]}""");

        assertThat(shell.run("notify-test", "orders").exitCode()).isZero();
        assertThat(shell.run("notify-test", "orders", "--json").out()).contains("HTTP 204");
    }

    @Test
    void status_of_a_cluster_shows_its_servers() {
        server.when("GET /api/clusters/orders", 200,
                """
                        {"name":"orders","tier":"production","verdict":"healthy","sentence":"db2:3306 accepts writes.",
                         "primary":"db2:3306","virtualIp":"10.0.0.9/24 dev eth0",
                         "paused":{"by":"anna","reason":"upgrade","until":"2026-11-22T14:00:00Z"},"run":null,
                         "manager":{"acts":false,"sentence":"holds the manager's lock on 0 of 3 servers"},
                         "quarantined":[{"node":"db1:3306","since":"2026-11-22T12:00:00Z","why":"was the primary",
                                         "fenceProven":true}],
                         "warnings":["The disk of db3:3306 is nearly full: /srv 93 % used."],
                         "nodes":[
                          {"node":"db1:3306","role":"replica","promotion":"preferred","state":"unreachable","version":null,"executed":null,
                           "source":null,"receiver":null,"applier":null,"lagSeconds":null,"semiSync":null,
                           "problem":"connection refused"},
                          {"node":"db3:3306","role":"replica","promotion":"allowed","state":"super-read-only",
                           "version":"9.7.4","executed":"u:1-5",
                           "source":"db2:3306","receiver":"running","applier":"running","lagSeconds":0,"semiSync":"replica",
                           "errant":"u:6-7","problem":null,
                           "disk":{"state":"working","usedPercent":93,"nearlyFull":true,"detail":"/srv 93 % used"}}]}""");

        Shell.Result result = shell.run("status", "orders");

        assertThat(result).isEqualTo(new Shell.Result(0,
                """
                        orders (production): healthy
                        db2:3306 accepts writes.
                        primary:    db2:3306
                        virtual IP: 10.0.0.9/24 dev eth0
                        run:        -
                        manager:    ONLY WATCHES; it holds the manager's lock on 0 of 3 servers
                        paused:     until 2026-11-22 14:00:00 by anna: upgrade

                        NODE      ROLE     PROMOTION  STATE            VERSION  SOURCE    RECEIVER  APPLIER  LAG  DISK   SEMI-SYNC
                        db1:3306  replica  preferred  unreachable      -        -         -         -        -    -      -
                        db3:3306  replica  allowed    super-read-only  9.7.4    db2:3306  running   running  0 s  93 %!  replica
                        db1:3306: connection refused
                        db3:3306: errant transactions u:6-7
                        WARNING: The disk of db3:3306 is nearly full: /srv 93 % used.
                        quarantined: db1:3306 since 2026-11-22 12:00:00, fence proven: was the primary
                        """,
                ""));
    }

    @Test
    void json_is_the_servers_answer() {
        server.when("GET /api/clusters", 200, "[{\"name\":\"orders\"}]");

        assertThat(shell.run("status", "--json").out()).isEqualTo("[ {\n  \"name\" : \"orders\"\n} ]\n");
    }

    @Test
    void an_unknown_cluster_is_told_with_the_known_ones() {
        server.when("GET /api/clusters", 200, "[{\"name\":\"orders\"},{\"name\":\"billing\"}]")
                .when("POST /api/clusters/order/failover", 404, "{\"status\":404}");

        assertThat(shell.run("failover", "order")).isEqualTo(
                new Shell.Result(2, "", "no cluster \"order\"; known: orders, billing\n"));
        assertThat(shell.run("status", "order")).isEqualTo(
                new Shell.Result(2, "", "no cluster \"order\"; known: orders, billing\n"));
    }

    @Test
    void a_failover_is_followed_to_its_end() {
        server.when("POST /api/clusters/orders/failover", 202, "{\"run\":\"r1\"}")
                .when("GET /api/runs/r1", 200, running())
                .when("GET /api/runs/r1", 200, running(CONFIRMING))
                .when("GET /api/runs/r1", 200, running(CONFIRMING, CONFIRM, ACTION))
                .when("GET /api/runs/r1", 200, ended("DONE", 0, CONFIRMING, CONFIRM, ACTION, NOTE));

        Shell.Result result = shell.run("failover", "orders", "--reason", "drill");

        assertThat(result).isEqualTo(new Shell.Result(0, """
                Run r1 started
                12:00:00.100  Confirm the loss. …
                12:00:00.124    ConfirmLoss: done: refused, process gone (24 ms)
                12:00:00.140      db1:3306: SET GLOBAL super_read_only=1 - connection refused (2 ms)
                12:00:00.150      fence: CLOSED unit masked

                db2:3306 is the primary now.

                Run r1 ended: DONE
                """, ""));
        assertThat(server.requests().getFirst())
                .isEqualTo("POST /api/clusters/orders/failover [] {\"reason\":\"drill\"}");
    }

    @Test
    void a_switchover_says_where_to_why_and_what_is_overridden() {
        server.when("POST /api/clusters/orders/switchover", 202, "{\"run\":\"r1\"}");

        assertThat(shell.run("switchover", "orders", "--to", "db2", "--reason", "new disk", "--override",
                "server-answers", "--detach")).isEqualTo(
                        new Shell.Result(0, "Run r1 started; follow it with: switchman run r1\n", ""));

        assertThat(server.requests().getFirst()).isEqualTo("POST /api/clusters/orders/switchover [] "
                + "{\"to\":\"db2\",\"override\":[\"server-answers\"],\"reason\":\"new disk\"}");
    }

    @Test
    void a_change_of_runbooks_is_shown_before_anybody_is_asked() throws IOException {
        Path file = Files.writeString(home.resolve("failover.bpmn"), "<x/>");
        server.when("POST /api/runbooks/deploy", 200,
                "{\"run\":null,\"changes\":[{\"file\":\"failover.bpmn\",\"beside\":3,\"lines\":[\"~ box\"]}],\"problems\":[]}")
                .when("POST /api/runbooks/deploy", 202, "{\"run\":\"r1\",\"changes\":[],\"problems\":[]}");

        assertThat(shell.run("deploy", file.toString(), "--reason", "ask at night", "--detach")).isEqualTo(
                new Shell.Result(0, """
                        failover.bpmn, beside version 3 in force
                          ~ box
                        Run r1 asks a second person; follow it with: switchman run r1
                        """, ""));

        assertThat(server.requests()).containsExactly(
                "POST /api/runbooks/deploy [] {\"files\":{\"failover.bpmn\":\"PHgvPg==\"},\"dryRun\":true}",
                "POST /api/runbooks/deploy [] {\"files\":{\"failover.bpmn\":\"PHgvPg==\"},\"reason\":\"ask at night\"}");
    }

    @Test
    void a_change_that_breaks_a_rule_asks_nobody() throws IOException {
        Path file = Files.writeString(home.resolve("failover.bpmn"), "<x/>");
        server.when("POST /api/runbooks/deploy", 200,
                "{\"run\":null,\"changes\":[],\"problems\":[\"failover.bpmn: Task_X: is no good\"]}");

        assertThat(shell.run("deploy", file.toString(), "--reason", "x")).isEqualTo(new Shell.Result(1, "",
                "failover.bpmn: Task_X: is no good\n1 problem; nothing was changed\n"));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void an_earlier_version_is_named_with_its_number_and_a_shipped_one_by_its_name() {
        server.when("POST /api/runbooks/deploy", 200, "{\"run\":null,\"changes\":[],\"problems\":[]}");

        assertThat(shell.run("deploy", "--rollback", "failover", "--to", "2", "--dry-run").out())
                .isEqualTo("in force as it is: nothing to do\n");
        assertThat(shell.run("deploy", "--shipped", "promote", "--dry-run").exitCode()).isZero();
        assertThat(shell.run("deploy", "--rollback", "failover", "--reason", "x")).isEqualTo(new Shell.Result(2, "",
                "--rollback and --to belong together: switchman deploy --rollback failover --to 2\n"));
        assertThat(shell.run("deploy", "--reason", "x")).isEqualTo(new Shell.Result(2, "", "name files, or --rollback"
                + " RUNBOOK --to VERSION, or --shipped RUNBOOK: none is given\n"));
        assertThat(shell.run("deploy", "--shipped", "promote").err())
                .isEqualTo("--reason: missing; whoever is to agree wants to know why\n");
        assertThat(shell.run("deploy", "nowhere.bpmn", "--reason", "x").err())
                .isEqualTo("FILE: cannot read nowhere.bpmn: NoSuchFileException\n");

        assertThat(server.requests()).containsExactly(
                "POST /api/runbooks/deploy [] {\"rollback\":{\"runbook\":\"failover\",\"version\":2},\"dryRun\":true}",
                "POST /api/runbooks/deploy [] {\"shipped\":[\"promote\"],\"dryRun\":true}");
    }

    @Test
    void runbooks_are_listed_with_who_brought_them_and_who_agreed() {
        server.when("GET /api/runbooks", 200,
                """
                        {"versions":[
                          {"file":"failover.bpmn","version":2,"checksum":"0123456789abcdef","at":"2026-11-22T12:00:00Z","by":"anna",
                           "approvedBy":"bert","run":"r1","inForce":true,"shipped":false},
                          {"file":"failover.bpmn","version":1,"checksum":"f123456789abcdef","at":"2026-11-21T12:00:00Z",
                           "by":"switchman","approvedBy":null,"run":null,"inForce":false,"shipped":true}],
                         "offered":["promote.bpmn"]}""");

        assertThat(shell.run("runbooks").out()).isEqualTo(
                """
                        FILE           VERSION            SINCE                BY    APPROVED BY  SHIPPED  SHA-256       RUN
                        failover.bpmn  2        in force  2026-11-22 12:00:00  anna  bert         -        0123456789ab  r1
                        promote.bpmn: this program brings another version; see it with: switchman deploy --shipped promote.bpmn --dry-run
                        """);
        assertThat(shell.run("runbooks", "failover").out()).contains(
                "failover.bpmn  1        -         2026-11-21 12:00:00  switchman  -            this program's  f123456789ab  -");
        assertThat(shell.run("runbooks", "fail")).isEqualTo(new Shell.Result(2, "",
                "RUNBOOK: no runbook, table or form is named \"fail\"\n"));
    }

    @Test
    void a_purge_of_relay_logs_says_why() {
        server.when("POST /api/clusters/orders/purge-relay-logs", 202, "{\"run\":\"r1\"}");

        assertThat(shell.run("purge-relay-logs", "orders", "--reason", "the disk", "--detach").exitCode()).isZero();
        assertThat(server.requests().getFirst()).isEqualTo("POST /api/clusters/orders/purge-relay-logs [] "
                + "{\"reason\":\"the disk\"}");
    }

    @Test
    void a_repair_of_errant_transactions_says_which_and_how_and_why() {
        server.when("POST /api/clusters/orders/repair-errant", 202, "{\"run\":\"r1\"}");

        assertThat(shell.run("repair-errant", "orders", "db2", "--choice", "accept", "--reason", "reports", "--detach")
                .exitCode()).isZero();
        assertThat(server.requests().getFirst()).isEqualTo("POST /api/clusters/orders/repair-errant [] "
                + "{\"node\":\"db2\",\"choice\":\"accept\",\"reason\":\"reports\"}");
        assertThat(shell.run("repair-errant", "orders", "db2", "--reason", "x").exitCode()).isEqualTo(2);
    }

    @Test
    void a_rejoin_says_which_server_and_why() {
        server.when("POST /api/clusters/orders/rejoin", 202, "{\"run\":\"r1\"}");

        assertThat(shell.run("rejoin", "orders", "db1", "--reason", "it is back", "--detach")).isEqualTo(
                new Shell.Result(0, "Run r1 started; follow it with: switchman run r1\n", ""));

        assertThat(server.requests().getFirst()).isEqualTo("POST /api/clusters/orders/rejoin [] "
                + "{\"node\":\"db1\",\"reason\":\"it is back\"}");
    }

    @Test
    void a_journal_that_is_whole_is_said_to_be() {
        server.when("GET /api/audit", 200, """
                {"whole":true,"lines":12,"earlier":3,"head":"ab","problems":[]}""");

        assertThat(shell.run("audit", "verify")).isEqualTo(new Shell.Result(0,
                "12 lines, as they were written; 3 of an earlier version are not tied; head ab\n", ""));
    }

    @Test
    void what_was_purged_by_policy_is_told() {
        server.when("GET /api/audit", 200, """
                {"whole":true,"lines":12,"earlier":0,"head":"ab","problems":[],"purged":{"lines":4711,"runs":90,
                 "last":"2019-11-22T10:15:30Z","policy":"audit.keep=7y","at":"2026-11-23T02:00:00Z"}}""");

        assertThat(shell.run("audit", "verify")).isEqualTo(new Shell.Result(0,
                "4711 lines of 90 runs, the last of 2019-11-22T10:15:30Z, were purged under audit.keep=7y,"
                        + " most recently at 2026-11-23T02:00:00Z\n12 lines, as they were written; head ab\n",
                ""));
    }

    @Test
    void a_journal_that_was_changed_or_cut_off_ends_the_command_with_1() {
        server.when("GET /api/audit?head=cd", 200,
                """
                        {"whole":false,"lines":12,"earlier":0,"head":"ab","headFound":false,"problems":["line 7 does not fit"]}""");

        Shell.Result result = shell.run("audit", "verify", "--head", "cd");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out())
                .isEqualTo("line 7 does not fit\nno line has the head cd: what was written until then is"
                        + " not there any more as it was\n12 lines; head ab\n");
        assertThat(server.requests().getFirst()).startsWith("GET /api/audit?head=cd");
    }

    @Test
    void a_rejoin_names_the_check_that_a_person_overrides() {
        server.when("POST /api/clusters/orders/rejoin", 202, "{\"run\":\"r1\"}");

        shell.run("rejoin", "orders", "db1", "--reason", "5.7 once more", "--override", "version-order", "--detach");

        assertThat(server.requests().getFirst()).isEqualTo("POST /api/clusters/orders/rejoin [] "
                + "{\"node\":\"db1\",\"override\":[\"version-order\"],\"reason\":\"5.7 once more\"}");
    }

    @Test
    void a_dry_run_shows_the_checks_and_says_whether_it_would_begin() {
        String preflight = """
                {"primary":"db1:3306","candidate":"db2:3306","ready":false,"checks":[
                {"check":"candidate-eligible","subject":"db2:3306","severity":"blocks","result":"passed","evidence":"allowed"},
                {"check":"server-answers","subject":"db3:3306","severity":"needs override","result":"failed","evidence":"refused"}]}
                """;
        server.when("GET /api/clusters/orders/switchover", 200, preflight)
                .when("GET /api/clusters/orders/switchover", 200, preflight);

        Shell.Result blocked = shell.run("switchover", "orders", "--dry-run");
        Shell.Result overridden = shell.run("switchover", "orders", "--dry-run", "--override", "server-answers");

        assertThat(blocked.exitCode()).isEqualTo(4);
        assertThat(blocked.out()).contains("failed, needs override").contains("1 check is in its way");
        assertThat(overridden.exitCode()).isZero();
        assertThat(overridden.out()).contains("from db1:3306 to db2:3306; a switchover would begin");
    }

    @Test
    void the_exit_code_is_the_runs() {
        server.when("POST /api/clusters/orders/failover", 202, "{\"run\":\"r1\"}")
                .when("GET /api/runs/r1", 200, ended("WRITES_MAY_BE_LOST", 11));

        assertThat(shell.run("failover", "orders").exitCode()).isEqualTo(11);
        assertThat(shell.run("run", "r1").exitCode()).isEqualTo(11);
    }

    @Test
    void a_followed_run_as_json_is_one_object() throws IOException {
        server.when("POST /api/clusters/orders/failover", 202, "{\"run\":\"r1\"}")
                .when("GET /api/runs/r1", 200, running(CONFIRM))
                .when("GET /api/runs/r1", 200, ended("REPLICAS_LOST", 10, CONFIRM));

        Shell.Result result = shell.run("failover", "orders", "--json");

        assertThat(result.exitCode()).isEqualTo(10);
        assertThat(Json.parse(result.out())).isEqualTo(Json.parse(ended("REPLICAS_LOST", 10, CONFIRM)));
    }

    @Test
    void a_run_that_waits_for_a_person_ends_with_3_and_says_how_to_answer() {
        server.when("GET /api/runs/r1", 200, RUN.formatted("null", "null", "waiting", "Approve promotion",
                "\"The fence is not proven. Promote db2:3306?\"", "null", "null", CONFIRM));

        Shell.Result result = shell.run("run", "r1");

        assertThat(result).isEqualTo(new Shell.Result(3,
                """
                        Run r1: failover of orders, started 2026-11-22 12:00:00 by anna: drill
                        12:00:00.124    ConfirmLoss: done: refused, process gone (24 ms)

                        Run r1 waits for a person: The fence is not proven. Promote db2:3306?
                        Answer with: switchman approve r1 --comment …   or: switchman reject r1 --comment …
                        """,
                ""));
    }

    @Test
    void detach_returns_at_once() {
        server.when("POST /api/clusters/orders/failover", 202, "{\"run\":\"r1\"}")
                .when("GET /api/runs/r1", 200, running());

        assertThat(shell.run("failover", "orders", "--detach")).isEqualTo(
                new Shell.Result(0, "Run r1 started; follow it with: switchman run r1\n", ""));
        assertThat(shell.run("failover", "orders", "--detach", "--json").out()).isEqualTo("{\n  \"run\" : \"r1\"\n}\n");
        assertThat(shell.run("run", "r1", "--detach").out()).endsWith("Still running, at: Fence old primary\n");
    }

    @Test
    void a_refused_failover_ends_with_4_and_names_the_run_in_its_way() {
        server.when("POST /api/clusters/orders/failover", 409,
                "{\"error\":\"run r0 (failover) holds the cluster\",\"run\":\"r0\"}");

        assertThat(shell.run("failover", "orders")).isEqualTo(new Shell.Result(4, "",
                "not started: run r0 (failover) holds the cluster\nSee it with: switchman run r0\n"));
    }

    @Test
    void following_outlasts_a_server_that_restarts() {
        server.when("GET /api/runs/r1", 200, running(CONFIRM))
                .when("GET /api/runs/r1", 0, "")
                .when("GET /api/runs/r1", 0, "")
                .when("GET /api/runs/r1", 200, ended("DONE", 0, CONFIRM));

        Shell.Result result = shell.run("run", "r1");

        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEqualTo(
                "The server does not answer; a run outlives that. Trying again for 60 s …\n");
        assertThat(result.out()).endsWith("Run r1 ended: DONE\n");
    }

    @Test
    void pause_and_resume_tell_what_they_did() {
        server.when("POST /api/clusters/orders/pause", 200, "").when("POST /api/clusters/orders/resume", 204, "");

        assertThat(shell.run("pause", "orders", "--for", "2h", "--reason", "upgrade")).isEqualTo(
                new Shell.Result(0, "orders is paused for 2h: upgrade\n", ""));
        assertThat(shell.run("resume", "orders")).isEqualTo(new Shell.Result(0, "orders is no longer paused\n", ""));
        assertThat(server.requests()).containsExactly(
                "POST /api/clusters/orders/pause [] {\"for\":\"PT2H\",\"reason\":\"upgrade\"}",
                "POST /api/clusters/orders/resume [] {}");
    }

    @Test
    void runs_are_listed() {
        String list = "[" + running() + "," + ended("DONE", 0).replace("r1", "r0") + "]";
        server.when("GET /api/runs?limit=20", 200, list).when("GET /api/runs?limit=5&cluster=orders", 200, list);

        assertThat(shell.run("runs")).isEqualTo(new Shell.Result(0, """
                RUN  CLUSTER  RUNBOOK   STARTED              STATUS   ENDING  BY    CAUSE
                r1   orders   failover  2026-11-22 12:00:00  running  -       anna  drill
                r0   orders   failover  2026-11-22 12:00:00  ended    DONE    anna  drill
                """, ""));
        assertThat(shell.run("runs", "orders", "--limit", "5").exitCode()).isZero();
    }

    @Test
    void a_question_is_answered() {
        server.when("POST /api/runs/r1/answer", 200, "{}")
                .when("POST /api/runs/r2/answer", 409, "{\"detail\":\"run r2 asks nothing\"}")
                .when("POST /api/runs/r3/answer", 403, "{\"detail\":\"who started a run may not approve it\"}");

        assertThat(shell.run("approve", "r1", "--comment", "seen")).isEqualTo(
                new Shell.Result(0, "Run r1 is approved; follow it with: switchman run r1\n", ""));
        assertThat(shell.run("reject", "r1", "--comment", "no").out()).startsWith("Run r1 is rejected");
        assertThat(shell.run("approve", "r2", "--comment", "x")).isEqualTo(
                new Shell.Result(4, "", "not answered: run r2 asks nothing\n"));
        assertThat(shell.run("approve", "r3", "--comment", "x")).isEqualTo(new Shell.Result(4, "",
                "the server does not allow this: who started a run may not approve it\n"));
        assertThat(server.requests()).startsWith(
                "POST /api/runs/r1/answer [] {\"approve\":true,\"comment\":\"seen\"}",
                "POST /api/runs/r1/answer [] {\"approve\":false,\"comment\":\"no\"}");
    }

    @Test
    void the_login_comes_from_the_environment_or_the_servers_folder() throws IOException {
        server.when("GET /api/runs?limit=20", 200, "[]").when("GET /api/runs", 200, "[]");
        Path state = Files.createDirectories(home.resolve(".local/state/switchman"));
        Path other = Files.createDirectories(home.resolve("other"));
        Files.writeString(state.resolve("cli.token"), "t1\n");
        Files.writeString(other.resolve("cli.token"), "t2\n");

        shell.run("runs");
        shell.run("runs", "--data", other.toString());
        shell.environment.put("SWITCHMAN_USER", "anna");
        shell.environment.put("SWITCHMAN_PASSWORD", "pw");
        shell.run("runs");

        assertThat(server.requests()).containsExactly(
                "GET /api/runs?limit=20 [Bearer t1]",
                "GET /api/runs?limit=20 [Bearer t2]",
                "GET /api/runs?limit=20 [Basic YW5uYTpwdw==]");
    }

    @Test
    void a_token_of_this_machine_is_not_shown_to_another() throws IOException {
        Files.writeString(home.resolve("cli.token"), "t1\n");

        Login far = Login.find(shell.environment, home, java.net.URI.create("http://db1:8080"), false);
        Login near = Login.find(shell.environment, home, java.net.URI.create("http://127.0.0.1:8080"), false);

        assertThat(far.header()).isEmpty();
        assertThat(near.header()).contains("Bearer t1");
    }

    @Test
    void a_server_that_wants_a_login_says_how_to_get_one() {
        server.when("GET /api/clusters", 401, "");

        assertThat(shell.run("status")).isEqualTo(new Shell.Result(4, "", "the server at " + server.url()
                + " wants a login: set SWITCHMAN_TOKEN, or SWITCHMAN_USER and SWITCHMAN_PASSWORD, or name the server's folder with --data"
                + " (there is no " + home.resolve(".local/state/switchman/cli.token") + ")\n"));
    }

    @Test
    void faults_of_the_server_are_told_in_its_words() {
        server.when("GET /api/clusters", 500, "{\"title\":\"Internal Server Error\",\"detail\":\"store is full\"}")
                .when("GET /api/clusters", 200, "<html>")
                .when("GET /api/runs/r9", 404, "{\"detail\":\"no run r9\"}");

        assertThat(shell.run("status")).isEqualTo(
                new Shell.Result(1, "", "the server failed: store is full\n"));
        assertThat(shell.run("status")).isEqualTo(new Shell.Result(1, "",
                "what answers at " + server.url() + "/api/clusters is not Switchman: no JSON\n"));
        assertThat(shell.run("run", "r9")).isEqualTo(new Shell.Result(2, "", "no run r9\n"));
    }

    @Test
    void nobody_there_is_told_with_the_address() {
        server.close();

        assertThat(shell.run("status")).isEqualTo(new Shell.Result(1, "", "no server answers at " + server.url()
                + " (ConnectException); is \"switchman serve\" running there?\n"));
    }

    @ParameterizedTest
    @CsvSource({"healthy, 0:PING_OK, 0", "busy, 0:PING_OK, 0", "not-looked-at, 10:INITIALIZING_MONITOR, 1",
            "suspected, 20:PING_FAILING, 1", "host-lost, 21:PING_FAILED, 1", "disk-full, 21:PING_FAILED, 1",
            "disk-stalled, 21:PING_FAILED, 1",
            "everything-lost, 30:RETRYING_MONITOR, 1", "no-known-primary, 31:CONFIG_ERROR, 1"})
    void check_status_says_it_with_mhas_numbers(String verdict, String state, int exitCode) {
        server.when("GET /api/clusters/orders", 200,
                "{\"name\":\"orders\",\"verdict\":\"" + verdict + "\",\"primary\":\"db1:3306\",\"run\":null}");
        server.when("GET /api/runs?limit=20&cluster=orders", 200, "[]");

        Shell.Result result = shell.run("check-status", "orders");

        assertThat(result).isEqualTo(
                new Shell.Result(exitCode, "orders is running(" + state + "), master:db1:3306\n", ""));
    }

    /** A verdict that is new to it must not pass for a primary that answers. */
    @ParameterizedTest
    @MethodSource("verdicts")
    void check_status_calls_no_lost_primary_healthy(String verdict) {
        server.when("GET /api/clusters/orders", 200,
                "{\"name\":\"orders\",\"verdict\":\"" + verdict + "\",\"primary\":\"db1:3306\",\"run\":null}");
        server.when("GET /api/runs?limit=20&cluster=orders", 200, "[]");

        Shell.Result result = shell.run("check-status", "orders");

        assertThat(result.exitCode()).isEqualTo(ANSWERING.contains(verdict) ? 0 : 1);
    }

    static Stream<String> verdicts() {
        return Stream.of(Verdict.class.getPermittedSubclasses())
                .map(verdict -> verdict.getSimpleName().replaceAll("(?<!^)([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }

    @Test
    void check_status_tells_a_failover_and_a_server_that_is_not_there() {
        server.when("GET /api/clusters/orders", 200,
                "{\"name\":\"orders\",\"verdict\":\"crashed\",\"primary\":\"db1:3306\",\"run\":\"r1\"}");
        server.when("GET /api/runs/r1", 200, running());

        assertThat(shell.run("check-status", "orders").out()).startsWith("orders is running(50:FAILOVER_RUNNING)");
        server.close();
        assertThat(shell.run("check-status", "orders")).isEqualTo(
                new Shell.Result(1, "orders is stopped(2:NOT_RUNNING)\n", ""));
    }

    @Test
    void check_status_tells_a_cluster_that_nobody_looks_after_an_old_verdict_and_a_failover_that_failed() {
        String head = "{\"name\":\"orders\",\"primary\":\"db1:3306\",\"run\":null,";
        server.when("GET /api/clusters/orders", 200, head + "\"verdict\":\"healthy\",\"paused\":{\"reason\":\"x\"}}");
        assertThat(shell.run("check-status", "orders").out()).startsWith("orders is stopped(2:NOT_RUNNING)");

        server.when("GET /api/clusters/orders", 200,
                head + "\"verdict\":\"healthy\",\"lookAgeSeconds\":11}");
        shell.run("check-status", "orders");
        assertThat(shell.run("check-status", "orders").out()).startsWith("orders is running(32:TIMESTAMP_OLD)");
        assertThat(shell.run("check-status", "orders", "--ping-limit", "11").out())
                .startsWith("orders is running(0:PING_OK)");

        server.when("GET /api/runs?limit=20&cluster=orders", 200,
                """
                        [{"run":"r3","runbook":"reopen","ending":"DONE"},{"run":"r2","runbook":"failover","ending":"NOT_FENCED"}]""");
        server.when("GET /api/clusters/orders", 200, head + "\"verdict\":\"crashed\"}");
        shell.run("check-status", "orders");
        assertThat(shell.run("check-status", "orders").out()).startsWith("orders is running(51:FAILOVER_ERROR)");
    }

    @Test
    void a_failover_is_told_which_server_is_lost_which_is_wanted_and_how_soon_is_too_soon() {
        server.when("POST /api/clusters/orders/failover", 202, "{\"run\":\"r1\"}");

        assertThat(shell.run("failover", "orders", "--primary", "db1", "--to", "db2", "--last-failover-minute", "480",
                "--detach").exitCode()).isZero();
        assertThat(
                shell.run("failover", "orders", "--last-failover-minute", "480", "--ignore-last-failover", "--detach")
                        .exitCode())
                .isZero();

        assertThat(server.requests()).containsExactly("POST /api/clusters/orders/failover [] "
                + "{\"primary\":\"db1\",\"to\":\"db2\",\"lastFailoverMinutes\":480,\"reason\":\"started by hand\"}",
                "POST /api/clusters/orders/failover [] {\"reason\":\"started by hand\"}");
    }

    @Test
    void stop_pauses_for_as_long_as_a_pause_may_last_unless_a_failover_runs() {
        server.when("GET /api/clusters/orders", 200, "{\"name\":\"orders\",\"run\":null}");
        server.when("POST /api/clusters/orders/pause", 200, "{}");

        assertThat(shell.run("stop", "orders")).isEqualTo(
                new Shell.Result(0, "Stopped orders successfully.\n", ""));
        assertThat(server.requests().getLast()).isEqualTo("POST /api/clusters/orders/pause [] "
                + "{\"for\":\"PT720H\",\"reason\":\"stopped: switchman stop\"}");
    }

    @Test
    void stop_leaves_a_failover_alone_unless_told_otherwise() {
        server.when("GET /api/clusters/orders", 200, "{\"name\":\"orders\",\"run\":\"r1\"}");
        server.when("GET /api/runs/r1", 200, running());
        server.when("POST /api/clusters/orders/pause", 200, "{}");

        assertThat(shell.run("stop", "orders")).isEqualTo(new Shell.Result(4, "",
                "not stopped: failover r1 is under way (--abort breaks it off)\n"));
        server.close();
        assertThat(shell.run("stop", "orders")).isEqualTo(
                new Shell.Result(0, "orders is not looked after: no server answers\n", ""));
    }

    @Test
    void stop_breaks_a_failover_off_once_nothing_more_is_started() {
        server.when("GET /api/clusters/orders", 200, "{\"name\":\"orders\",\"run\":\"r1\"}");
        server.when("GET /api/runs/r1", 200, running());
        server.when("GET /api/runs/r1", 200, running());
        server.when("GET /api/runs/r1", 200, ended("CANCELLED", 4));
        server.when("POST /api/clusters/orders/pause", 200, "{}");
        server.when("POST /api/runs/r1/cancel", 202, "{\"run\":\"r1\"}");

        assertThat(shell.run("stop", "orders", "--abort")).isEqualTo(new Shell.Result(0,
                "Stopped orders successfully.\n", "failover r1 was broken off: CANCELLED\n"));
        assertThat(server.requests().stream().filter(request -> request.startsWith("POST")))
                .containsExactly("POST /api/clusters/orders/pause [] "
                        + "{\"for\":\"PT720H\",\"reason\":\"stopped: switchman stop\"}",
                        "POST /api/runs/r1/cancel [] {\"reason\":\"switchman stop --abort\"}");
    }

    @Test
    void a_failover_that_cannot_be_broken_off_any_more_is_told_with_where_it_is() {
        server.when("GET /api/clusters/orders", 200, "{\"name\":\"orders\",\"run\":\"r1\"}");
        server.when("GET /api/runs/r1", 200, running());
        server.when("POST /api/clusters/orders/pause", 200, "{}");
        server.when("POST /api/runs/r1/cancel", 202, "{\"run\":\"r1\"}");

        Shell.Result result = shell.run("stop", "orders", "--abort", "--abort-timeout", "1");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("nothing more is started for orders, and failover r1 has not ended within"
                + " 1 s (at: Fence old primary)");
    }

    @Test
    void check_status_tells_a_manager_that_would_not_act() {
        server.when("GET /api/clusters/orders", 200, "{\"name\":\"orders\",\"primary\":\"db1:3306\",\"run\":null,"
                + "\"verdict\":\"healthy\",\"manager\":{\"acts\":false,\"sentence\":\"holds 0 of 3\"}}");

        assertThat(shell.run("check-status", "orders")).isEqualTo(
                new Shell.Result(1, "orders is running(3:PARTIALLY_RUNNING), master:db1:3306\n", ""));
    }

    @Test
    void resume_can_leave_a_pause_alone_that_somebody_else_has_made() {
        server.when("GET /api/clusters/orders", 200, "{\"paused\":{\"reason\":\"upgrade\"}}");
        server.when("POST /api/clusters/orders/resume", 200, "{}");

        assertThat(shell.run("resume", "orders", "--only-stopped").out()).isEqualTo("orders was not stopped\n");
        server.when("GET /api/clusters/orders", 200, "{\"paused\":{\"reason\":\"stopped: switchman stop\"}}");
        shell.run("resume", "orders", "--only-stopped");
        assertThat(shell.run("resume", "orders", "--only-stopped").out()).isEqualTo("orders is no longer paused\n");
    }
}
