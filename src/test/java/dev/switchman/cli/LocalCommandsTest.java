package dev.switchman.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.PortProbe;

import static org.assertj.core.api.Assertions.assertThat;

/** Commands that need no server. */
class LocalCommandsTest {

    @TempDir
    Path home;

    private Path config = Path.of("");
    private Shell shell = new Shell(Path.of(""));

    @BeforeEach
    void files() throws IOException {
        Files.writeString(home.resolve("key"), "a key\n");
        home.resolve("key").toFile().setReadable(false, false);
        home.resolve("key").toFile().setReadable(true, true);
        Files.writeString(home.resolve("known_hosts"), "");
        config = Files.writeString(home.resolve("switchman.yaml"), """
                switchman:
                  clusters:
                    - name: orders
                      mysql: {user: switchman, password: {plain: x}}
                      replication: {user: repl, password: {plain: x}}
                      ssh: {key: key, known-hosts: known_hosts}
                      nodes: [{host: db1}, {host: db2}]
                """);
        shell = new Shell(home);
    }

    @Test
    void no_verb_shows_the_help() {
        Shell.Result result = shell.run();

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("serve", "check", "adopt", "import-mha", "lint", "status", "failover",
                "pause",
                "resume", "runs",
                "run",
                "approve", "reject", "demo", "bench", "Exit codes:");
    }

    @Test
    void lint_prints_every_problem() throws IOException {
        Path file = Files.writeString(home.resolve("failover.bpmn"), "<bpmn/>");

        assertThat(shell.run("lint", file.toString()))
                .isEqualTo(new Shell.Result(0, "no problems\n", ""));
        shell.problems.add("failover.bpmn: Task_FenceOldPrimary: can be reached without the policy's go");
        assertThat(shell.run("lint", file.toString())).isEqualTo(new Shell.Result(1,
                "failover.bpmn: Task_FenceOldPrimary: can be reached without the policy's go\n1 problems\n", ""));
        assertThat(shell.run("lint", "--json", file.toString()).out()).contains("\"passed\" : false",
                "the policy's go");
        assertThat(shell.asked).containsOnly("lint failover.bpmn");
    }

    @Test
    void lint_names_a_file_that_it_cannot_take() throws IOException {
        Path other = Files.writeString(Files.createDirectory(home.resolve("old")).resolve("failover.bpmn"), "");
        Path file = Files.writeString(home.resolve("failover.bpmn"), "");

        assertThat(shell.run("lint", "nowhere.bpmn")).isEqualTo(
                new Shell.Result(2, "", "FILE: cannot read nowhere.bpmn: NoSuchFileException\n"));
        assertThat(shell.run("lint", file.toString(), other.toString())).isEqualTo(
                new Shell.Result(2, "", "FILE: two files are named failover.bpmn\n"));
        assertThat(shell.asked).isEmpty();
    }

    @Test
    void every_verb_has_help() {
        for (String verb : new String[]{"serve", "check", "adopt", "import-mha", "lint", "status", "failover", "pause",
                "resume", "runs",
                "run",
                "approve", "reject"}) {
            Shell.Result result = shell.run(verb, "--help");

            assertThat(result.exitCode()).as(verb).isZero();
            assertThat(result.out()).as(verb).startsWith("Usage: switchman " + verb).contains("--json");
        }
    }

    @Test
    void wrong_usage_ends_with_2() {
        assertThat(shell.run("statsu")).satisfies(result -> {
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err()).startsWith("Unmatched argument at index 0: 'statsu'").contains("status");
        });
        assertThat(shell.run("failover").err()).startsWith("Missing required parameter: 'CLUSTER'");
        assertThat(shell.run("failover").exitCode()).isEqualTo(2);
        assertThat(shell.run("pause", "orders", "--for", "2h").err())
                .startsWith("Missing required option: '--reason=TEXT'");
        assertThat(shell.run("pause", "orders", "--for", "2", "--reason", "x")).isEqualTo(
                new Shell.Result(2, "", "--for: needs a unit, such as 2s or 2ms: 2\n"));
        assertThat(shell.run("pause", "orders", "--for", "0s", "--reason", "x")).isEqualTo(
                new Shell.Result(2, "", "--for: must be longer than nothing: 0s\n"));
        assertThat(shell.run("runs", "--limit", "0")).isEqualTo(
                new Shell.Result(2, "", "--limit: must be 1 to 1000: 0\n"));
        assertThat(shell.run("status", "--server", "db1:8080")).isEqualTo(
                new Shell.Result(2, "", "--server: not a URL such as http://127.0.0.1:8080: \"db1:8080\"\n"));
        assertThat(shell.run("status", "--server", "no url")).isEqualTo(
                new Shell.Result(2, "", "--server: not a URL: \"no url\"\n"));
    }

    @Test
    void a_bad_configuration_ends_with_2_and_all_its_problems() throws IOException {
        Files.writeString(config,
                Files.readString(config).replace("host: db2", "hots: db2").replace("key: key", "key: no"));

        String where = config + ":";
        assertThat(shell.run("check", "orders", "--config", config.toString())).isEqualTo(new Shell.Result(2, "",
                where + "6: switchman.clusters[orders].ssh.key: no such file: " + home.resolve("no") + "\n"
                        + where + "7: switchman.clusters[orders].nodes[1].hots: unknown key; did you mean \"host\"?\n"
                        + where + "7: switchman.clusters[orders].nodes[1].host: is missing\n"
                        + "3 problems in the configuration\n"));
        assertThat(shell.run("serve", "--config", config.toString()).exitCode()).isEqualTo(2);
        assertThat(shell.run("check", "--json", "--config", config.toString()).out()).contains(
                "\"path\" : \"switchman.clusters[orders].ssh.key\"");
        assertThat(shell.asked).isEmpty();
    }

    @Test
    void an_unknown_cluster_is_told_with_the_known_ones() {
        Shell.Result result = shell.run("check", "order", "--config", config.toString());

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).endsWith("no cluster \"order\"; known: orders\n");
    }

    @Test
    void check_prints_findings_and_fails_when_one_failed() {
        shell.findings.add(new Finding("host-key", "db1", Grade.PASSED, "known"));
        shell.findings.add(new Finding("super-read-only-at-boot", "db2:3306", Grade.WARNING, "boots writable"));

        Shell.Result good = shell.run("check", "orders", "--config", config.toString());
        shell.findings.add(new Finding("gtid-mode", "db2:3306", Grade.FAILED, "OFF"));
        Shell.Result bad = shell.run("check", "--config", config.toString(), "--json");

        assertThat(good.exitCode()).isZero();
        assertThat(good.out()).isEqualTo("""
                RESULT   CHECK                    SUBJECT   DETAIL
                passed   host-key                 db1       known
                warning  super-read-only-at-boot  db2:3306  boots writable
                orders: 0 failed, 1 warnings, 1 passed
                """);
        assertThat(good.err()).contains("warning: " + config + ":4: switchman.clusters[orders].mysql.password: the"
                + " password stands in the file in plain text");
        assertThat(bad.exitCode()).isEqualTo(1);
        assertThat(bad.out()).contains("\"grade\" : \"failed\"", "\"passed\" : false");
    }

    @Test
    void adopt_changes_nothing_without_yes() {
        Shell.Result shown = shell.run("adopt", "orders", "--config", config.toString());
        Shell.Result made = shell.run("adopt", "orders", "--yes", "--config", config.toString());

        assertThat(shown.out()).isEqualTo("""
                db1:3306: boots read-only
                Nothing was changed; repeat with --yes to do this.
                """);
        assertThat(made.out()).isEqualTo("db1:3306: boots read-only: persisted\n");
        assertThat(made.exitCode()).isZero();
        assertThat(shell.asked).containsExactly("adopt orders false", "adopt orders true");
    }

    @Test
    void adopt_fails_when_something_is_left_to_do_by_hand() {
        shell.adjustments.add(new Ports.Adjustment("db2:3306", "boots read-only", Ports.Adjustment.State.BY_HAND,
                "MySQL 5.7.22 can persist nothing"));

        Shell.Result made = shell.run("adopt", "orders", "--yes", "--config", config.toString());

        assertThat(made.exitCode()).isEqualTo(1);
        assertThat(made.out()).isEqualTo("""
                db1:3306: boots read-only: persisted
                db2:3306: BY HAND: boots read-only: MySQL 5.7.22 can persist nothing
                Not all is done: see the lines with BY HAND.
                """);
        Shell.Result json = shell.run("adopt", "orders", "--yes", "--json", "--config", config.toString());
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.out()).contains("\"complete\" : false", "\"state\" : \"by-hand\"");
    }

    @Test
    void serve_is_handed_the_file_and_the_data_folder() {
        shell.run("serve", "--config", config.toString());
        shell.environment.put("XDG_STATE_HOME", "/state");
        shell.run("serve", "--config", config.toString());
        shell.run("serve", "--config", config.toString(), "--data", "/somewhere");

        assertThat(shell.asked).containsExactly(
                "serve " + config + " " + home.resolve(".local/state/switchman"),
                "serve " + config + " /state/switchman",
                "serve " + config + " /somewhere");
    }

    @Test
    void serve_takes_a_port_and_a_data_folder_from_outside() throws IOException {
        shell.environment.put("SWITCHMAN_DATA", home.resolve("data").toString());
        shell.run("serve", "--config", config.toString(), "--port", "8081");
        shell.run("serve", "--mha-conf", mha().toString(), "--port", "8082");
        shell.run("serve", "--mha-conf", mha().toString(), "--port", "8083", "--data", home.resolve("own").toString());
        shell.run("serve", "--mha-conf", mha().toString());

        assertThat(shell.asked).containsExactly(
                "serve " + config + " " + home.resolve("data") + " 8081",
                "serve " + home.resolve("data/mha-orders/mha/switchman.yaml") + " " + home.resolve("data/mha-orders")
                        + " 8082",
                "serve " + home.resolve("own/mha/switchman.yaml") + " " + home.resolve("own") + " 8083",
                "serve " + home.resolve("data/mha/switchman.yaml") + " " + home.resolve("data"));
        assertThat(shell.run("serve", "--config", config.toString(), "--port", "70000")).isEqualTo(
                new Shell.Result(2, "", "--port: must be 1 to 65535: 70000\n"));
    }

    private static final String MHA = """
            [server default]
            user=mha
            password=hidden
            repl_user=repl
            repl_password=hidden too
            ssh_options=-i %s/key -o UserKnownHostsFile=%s/known_hosts
            [server1]
            hostname=db1
            [server2]
            hostname=db2
            """;

    private Path mha() throws IOException {
        return Files.writeString(home.resolve("orders.cnf"), MHA.formatted(home, home));
    }

    @Test
    void import_mha_prints_a_configuration_and_no_password() throws IOException {
        Shell.Result result = shell.run("import-mha", mha().toString());

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("    - name: orders\n",
                "[server default] password=******: becomes mysql.password",
                "mysql: {user: mha, password: {file: secrets/orders.mysql.password}}");
        assertThat(result.out() + result.err()).doesNotContain("hidden");
        assertThat(shell.run("import-mha", mha().toString(), "--json").out()).contains("\"yaml\" : ", "\"outcome\" : ")
                .doesNotContain("hidden");
    }

    @Test
    void import_mha_writes_what_check_can_use_and_passwords_for_their_owner_alone() throws IOException {
        Path file = home.resolve("new/switchman.yaml");

        Shell.Result result = shell.run("import-mha", mha().toString(), "--write", file.toString());
        Shell.Result again = shell.run("import-mha", mha().toString(), "--write", file.toString());

        assertThat(result).isEqualTo(new Shell.Result(0, "", file + ": written, with 2 passwords beside it\n"));
        Path secret = home.resolve("new/secrets/orders.mysql.password");
        assertThat(secret).hasContent("hidden");
        assertThat(Files.getPosixFilePermissions(secret)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(shell.run("check", "orders", "--config", file.toString()).exitCode()).isZero();
        assertThat(again).isEqualTo(new Shell.Result(2, "", "--write: exists already: " + file + "\n"));
    }

    @Test
    void import_mha_fails_when_what_it_wrote_is_not_complete_yet() throws IOException {
        Path source = Files.writeString(home.resolve("app.cnf"),
                MHA.formatted(home, home).replace("repl_user=repl\nrepl_password=hidden too\n", ""));

        Shell.Result result = shell.run("import-mha", source.toString(), "--write", home.resolve("w.yaml").toString());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("by hand: " + source + ": there is no repl_user",
                "switchman.clusters[app].replication.user: has no value",
                "replication.password: no such file: " + home.resolve("secrets/app.replication.password"));
    }

    @Test
    void import_mha_refuses_a_bad_file_with_2_and_all_its_problems() throws IOException {
        Path source = Files.writeString(home.resolve("app.cnf"), "[server1]\nhost=a\nport=x\n");

        assertThat(shell.run("import-mha", source.toString())).isEqualTo(new Shell.Result(2, "", source
                + ":2: [server1] host: MHA 0.58 knows no such parameter; did you mean hostname?\n" + source
                + ": names 1 servers ([server1] …); a failover needs at least two\n" + source
                + ":1: [server1] hostname: is missing\n" + source
                + ":3: [server1] port: not a whole number from 1 to 65535: x\n4 problems in the configuration\n"));
    }

    @Test
    void serve_runs_straight_from_mha_s_files() throws IOException {
        Path data = home.resolve("data");

        Shell.Result result = shell.run("serve", "--mha-conf", mha().toString(), "--data", data.toString());
        Shell.Result both = shell.run("serve", "--mha-conf", mha().toString(), "--config", config.toString());

        assertThat(result.exitCode()).isZero();
        assertThat(shell.asked).containsExactly("serve " + data.resolve("mha/switchman.yaml") + " " + data);
        assertThat(Files.getPosixFilePermissions(data)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(both).isEqualTo(new Shell.Result(2, "", "--config and --mha-conf: one of them\n"));
    }

    @Test
    void check_repl_says_it_in_mhas_words_and_a_replica_that_lags_is_not_well() {
        assertThat(shell.run("check-repl", "orders", "--config", config.toString()).out())
                .endsWith("MySQL Replication Health is OK.\n");
        shell.findings.add(new Finding("replication-lag", "db2:3306", Grade.WARNING, "31 s behind"));
        Shell.Result result = shell.run("check-repl", "orders", "--config", config.toString(),
                "--seconds-behind-master", "7");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("31 s behind").endsWith("MySQL Replication Health is NOT OK!\n");
        assertThat(shell.asked).containsExactly("check orders", "check orders lag 7");
    }

    @Test
    void check_ssh_asks_for_all_pairs_where_it_is_told_to() {
        assertThat(shell.run("check-ssh", "orders", "--config", config.toString()).exitCode()).isZero();
        shell.findings.add(new Finding("ssh-pair", "db1 to db2", Grade.FAILED, "Permission denied"));

        Shell.Result result = shell.run("check-ssh", "orders", "--all-pairs", "--config", config.toString());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("Permission denied").endsWith("Not every SSH connection works.\n");
        assertThat(shell.asked).containsExactly("checkSsh orders false", "checkSsh orders true");
    }

    @Test
    void a_secondary_check_says_with_mhas_numbers_who_reaches_the_server() {
        String[] asked = {"secondary-check", "-s", "w1", "-s", "w2", "--master-host", "db1", "--timeout", "2"};
        assertThat(shell.run(asked)).isEqualTo(new Shell.Result(1, """
                w1: the port is silent
                w2: the port is silent
                db1:3306 (0:UNREACHABLE_FROM_ALL)
                """, ""));
        assertThat(shell.asked.getFirst()).isEqualTo("probe w1 SshAccess[user=root, port=22, key="
                + home.resolve(".ssh/id_ed25519") + ", knownHosts=" + home.resolve(".ssh/known_hosts")
                + "] db1:3306 PT2S");
        shell.probes.put("w1", new PortProbe.Abstained("no route"));
        assertThat(shell.run(asked).out()).endsWith("db1:3306 (2:WITNESS_NOT_REACHED)\n");
        shell.probes.put("w2", new PortProbe.Greeted());
        assertThat(shell.run(asked).out()).endsWith("db1:3306 (3:REACHABLE)\n");
        assertThat(shell.run(asked).exitCode()).isZero();
        assertThat(shell.run("secondary-check", "-s", "w1", "--master-host", "db1", "--timeout", "0")).isEqualTo(
                new Shell.Result(2, "", "--timeout: must be 1 to 600: 0\n"));
    }

    @Test
    void conf_host_adds_a_server_and_takes_it_out_again_and_leaves_the_rest_as_it_was() throws IOException {
        String before = Files.readString(config);

        assertThat(shell.run("conf-host", "add", config.toString(), "--hostname", "db3", "--params",
                "role=never;port=3307").exitCode()).isZero();
        assertThat(Files.readString(config)).isEqualTo(before.replace("{host: db2}]",
                "{host: db2}, {host: db3, port: 3307, role: never}]"));
        assertThat(shell.run("conf-host", "delete", config.toString(), "--hostname", "db3").exitCode()).isZero();
        assertThat(Files.readString(config)).isEqualTo(before);
        assertThat(home.toFile().list()).containsExactlyInAnyOrder("key", "known_hosts", "switchman.yaml");
    }

    @Test
    void conf_host_leaves_a_file_alone_that_would_not_be_valid_any_more() throws IOException {
        String before = Files.readString(config);

        Shell.Result result = shell.run("conf-host", "add", config.toString(), "--hostname", "db3", "--params",
                "role=sometimes");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains(config + ":", "role", "sometimes", "Nothing was changed");
        assertThat(Files.readString(config)).isEqualTo(before);
        assertThat(shell.run("conf-host", "add", config.toString(), "--cluster", "orders", "--hostname", "db2").err())
                .isEqualTo("--hostname: cluster orders has the server already: \"db2:3306\"\n");
        assertThat(shell.run("conf-host", "move", config.toString()).exitCode()).isEqualTo(2);
        assertThat(shell.run("conf-host", "add", "nowhere.yaml", "--hostname", "x").err())
                .isEqualTo("FILE: no such file: nowhere.yaml\n");
        assertThat(shell.run("conf-host", "delete", config.toString(), "--cluster", "orders", "--hostname", "db9"))
                .isEqualTo(
                        new Shell.Result(0, "Nothing to delete in " + config
                                + ": cluster orders has no server \"db9\"; its servers are [db1:3306, db2:3306]\n",
                                ""));
    }

    @Test
    void conf_host_edits_mhas_files_too_and_keeps_their_permissions() throws IOException {
        Path file = Files.writeString(home.resolve("app1.cnf"), "# ours\r\n[server1]\r\nhostname=db1\r\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThat(shell.run("conf-host", "add", file.toString(), "--block=4", "--hostname=db4",
                "--params=candidate_master=1;port=3307").exitCode()).isZero();

        assertThat(Files.readString(file)).isEqualTo("# ours\r\n[server1]\r\nhostname=db1\r\n\r\n[server4]\r\n"
                + "hostname=db4\r\ncandidate_master=1\r\nport=3307\r\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-r-----");
        assertThat(shell.run("conf-host", "add", file.toString(), "--block=server4", "--hostname=db5").err())
                .isEqualTo("--block: the file has it already: \"server4\"\n");
        assertThat(shell.run("conf-host", "delete", file.toString(), "--block=4").exitCode()).isZero();
        assertThat(Files.readString(file)).isEqualTo("# ours\r\n[server1]\r\nhostname=db1\r\n");
    }
}
