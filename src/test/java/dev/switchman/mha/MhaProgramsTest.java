package dev.switchman.mha;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The programs that are named as MHA's, over a program that stands in for {@code switchman}. */
class MhaProgramsTest {

    private static final Path PROGRAMS = Path.of("src", "main", "mha").toAbsolutePath();

    @TempDir
    Path folder;

    private int run(String says, int status, String program, String... arguments)
            throws IOException, InterruptedException {
        Path switchman = Files.writeString(folder.resolve("switchman"), "#!/bin/sh\necho \"$@\" >'"
                + folder.resolve("told") + "'\necho \"$SWITCHMAN_SERVER $SWITCHMAN_TOKEN\" >'"
                + folder.resolve("found") + "'\necho '" + says + "'\nexit " + status + "\n");
        Files.setPosixFilePermissions(switchman, PosixFilePermissions.fromString("rwx------"));
        List<String> command = new ArrayList<>(List.of(PROGRAMS.resolve(program).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile());
        builder.environment().put("SWITCHMAN", switchman.toString());
        builder.environment().put("SWITCHMAN_DATA", folder.resolve("data").toString());
        Process process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @ParameterizedTest
    @CsvSource({"0:PING_OK, 0", "2:NOT_RUNNING, 2", "3:PARTIALLY_RUNNING, 3", "31:CONFIG_ERROR, 31",
            "10:INITIALIZING_MONITOR, 10", "20:PING_FAILING, 20",
            "50:FAILOVER_RUNNING, 50"})
    void check_status_ends_with_mhas_number(String state, int status) throws Exception {
        assertThat(run("app1 is running(" + state + "), master:db1:3306", 1, "masterha_check_status",
                "--conf=/etc/mha/app1.cnf")).isEqualTo(status);
        assertThat(folder.resolve("told")).hasContent("check-status app1");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "3, 1", "4, 1", "10, 10", "11, 10"})
    void master_switch_ends_with_mhas_status(int of, int status) throws Exception {
        assertThat(run("", of, "masterha_master_switch", "--master_state=alive", "--conf", "/etc/mha/app1.cnf",
                "--new_master_host=db2", "--interactive=0", "--orig_master_is_new_slave")).isEqualTo(status);
        assertThat(folder.resolve("told")).hasContent("switchover app1 --to db2:3306");
        assertThat(run("", of, "masterha_master_switch", "--master_state=dead", "--conf=/etc/mha/app1.cnf",
                "--dead_master_host=db1", "--ignore_last_failover", "--interactive=0")).isEqualTo(status);
        assertThat(folder.resolve("told")).hasContent("failover app1 --primary db1:3306 --ignore-last-failover");
    }

    @Test
    void a_failover_is_refused_as_soon_after_the_last_one_as_mha_refuses_it() throws Exception {
        assertThat(run("", 0, "masterha_master_switch", "--master_state=dead", "--conf=/etc/mha/app1.cnf",
                "--dead_master_host=db1", "--dead_master_port", "3307", "--new_master_host=db2")).isZero();
        assertThat(folder.resolve("told"))
                .hasContent("failover app1 --primary db1:3307 --to db2:3306 --last-failover-minute 480");
        assertThat(run("", 0, "masterha_master_switch", "--master_state=dead", "--conf=/etc/mha/app1.cnf",
                "--dead_master_host=db1", "--last_failover_minute=5")).isZero();
        assertThat(folder.resolve("told")).hasContent("failover app1 --primary db1:3306 --last-failover-minute 5");
    }

    @Test
    void a_server_that_has_an_address_in_mhas_file_is_known_by_it() throws Exception {
        Path conf = Files.writeString(folder.resolve("app1.cnf"), """
                [server1]
                hostname=db1
                ip=10.0.0.1
                [server2]
                ip="10.0.0.2"
                hostname = db2
                """);

        run("", 0, "masterha_master_switch", "--master_state=dead", "--conf=" + conf, "--dead_master_host=db1",
                "--new_master_host=db2", "--ignore_last_failover");

        assertThat(folder.resolve("told"))
                .hasContent("failover app1 --primary 10.0.0.1:3306 --to 10.0.0.2:3306 --ignore-last-failover");
    }

    /** Each option of MHA's program, and what becomes of it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"alive | --running_updates_limit=5 | limits.transaction",
            "alive | --running_seconds_limit=5 | limits.transaction", "alive | --seconds_behind_master=5 | limits.lag",
            "alive | --skip_lock_all_tables | super_read_only", "alive | --flush_tables=1 | super_read_only",
            "alive | --remove_orig_master_conf | masterha_conf_host", "alive | --workdir=/tmp | data folder",
            "dead | --dead_master_ip=10.0.0.1 | known by its name", "dead | --ssh_reachable=1 | is found out",
            "dead | --skip_save_master_binlog | limits.salvage", "dead | --ignore_binlog_server_error | limits.salvage",
            "dead | --wait_until_gtid_in_sync=0 | limits.verify",
            "dead | --remove_dead_master_conf | masterha_conf_host"})
    void what_is_not_needed_is_told(String state, String option, String why) throws Exception {
        assertThat(run("", 0, "masterha_master_switch", "--master_state=" + state, "--conf=a.cnf",
                state.equals("dead") ? "--dead_master_host=db1" : "--interactive=0", option)).isZero();
        assertThat(folder.resolve("said")).content().contains(option.split("=")[0] + " is not needed", why);
    }

    @ParameterizedTest
    @CsvSource({"--skip_change_master", "--skip_disable_read_only"})
    void what_would_leave_a_failover_half_done_is_refused(String option) throws Exception {
        assertThat(run("", 0, "masterha_master_switch", "--master_state=dead", "--conf=a.cnf", "--dead_master_host=db1",
                option)).isEqualTo(1);
        assertThat(folder.resolve("said")).content().contains(option + " cannot be had");
        assertThat(folder.resolve("told")).doesNotExist();
    }

    @Test
    void ssh_stop_and_conf_host_know_0_and_1() throws Exception {
        assertThat(run("", 0, "masterha_check_ssh", "--conf=/etc/mha/app1.cnf")).isZero();
        assertThat(folder.resolve("told")).hasContent("check-ssh app1 --all-pairs");
        assertThat(run("", 0, "masterha_stop", "--conf=/etc/mha/app1.cnf", "--abort", "--abort_timeout=3")).isZero();
        assertThat(folder.resolve("told")).hasContent("stop app1 --abort --abort-timeout 3");
        assertThat(run("", 4, "masterha_stop", "--conf=/etc/mha/app1.cnf")).isEqualTo(1);
        assertThat(run("", 2, "masterha_conf_host", "--command=add", "--conf=/etc/mha/app1.cnf", "--block=server4",
                "--hostname", "db4", "--params=port=3307;no_master=1")).isEqualTo(1);
        assertThat(folder.resolve("told")).hasContent(
                "conf-host add /etc/mha/app1.cnf --block=server4 --hostname=db4 --params=port=3307;no_master=1");
        assertThat(run("", 0, "masterha_conf_host", "--command=remove", "--conf=a.cnf", "--block=server4")).isZero();
        assertThat(folder.resolve("told")).hasContent("conf-host delete a.cnf --block=server4");
        assertThat(run("", 0, "masterha_conf_host", "--command=rename", "--conf=a.cnf")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0:UNREACHABLE_FROM_ALL, 1, 0", "2:WITNESS_NOT_REACHED, 1, 2", "3:REACHABLE, 0, 3", "nothing, 2, 1"})
    void secondary_check_ends_with_mhas_status(String says, int of, int status) throws Exception {
        assertThat(run("db1:3306 (" + says + ")", of, "masterha_secondary_check", "-s", "w1", "--secondary_host=w2",
                "--user=me", "--master_host=db1", "--master_ip=10.0.0.1", "--master_port=3307", "--master_password=x",
                "--options=-i /k -oUserKnownHostsFile=/h")).isEqualTo(status);
        assertThat(folder.resolve("told")).hasContent("secondary-check --master-host 10.0.0.1 --secondary-host w1"
                + " --secondary-host w2 --user me --master-port 3307 --key /k --known-hosts /h");
    }

    @Test
    void usage_errors_end_with_1() throws Exception {
        assertThat(run("", 0, "masterha_check_status")).isEqualTo(1);
        assertThat(folder.resolve("said")).hasContent("masterha_check_status: --conf=FILE is missing");
        assertThat(run("", 0, "masterha_master_switch", "--conf=a.cnf", "--master_state=asleep")).isEqualTo(1);
        assertThat(run("", 0, "masterha_master_switch", "--conf=a.cnf", "--master_state=alive", "--no_such"))
                .isEqualTo(1);
        assertThat(run("", 0, "masterha_master_switch", "--conf=a.cnf", "--master_state=dead")).isEqualTo(1);
        assertThat(folder.resolve("said"))
                .hasContent("masterha_master_switch: --dead_master_host=HOST is missing");
        assertThat(run("", 0, "masterha_master_switch", "--conf=a.cnf", "--dead_master_host=db1", "--check_only",
                "--master_state=dead")).isEqualTo(1);
        assertThat(folder.resolve("said"))
                .hasContent("masterha_master_switch: unknown option with --master_state=dead: --check_only");
        assertThat(folder.resolve("told")).doesNotExist();
    }

    /** Each name is a part of the contract between {@code import-mha} and these programs. */
    @ParameterizedTest
    @CsvSource({"app1.cnf", "_app.v2.cnf", "--.cnf", "my app.cnf",
            "a123456789b123456789c123456789d123456789e123456789f123456789g123456789.cnf"})
    void a_file_names_the_cluster_as_its_import_does(String file) throws Exception {
        MhaFile read = new MhaFile(Path.of("/etc/mha", file), Map.of());
        Application application = new Application(read, Layers.of(Optional.empty(), new Findings()), folder, "root",
                new Findings());

        run("app is running(0:PING_OK)", 0, "masterha_check_status", "--conf=/etc/mha/" + file);

        assertThat(folder.resolve("told")).hasContent("check-status " + application.name());
    }

    @Test
    void check_repl_and_manager_know_0_and_1() throws Exception {
        assertThat(run("", 0, "masterha_check_repl", "--conf=/etc/mha/my app.cnf")).isZero();
        assertThat(folder.resolve("told")).hasContent("check-repl my-app");
        assertThat(run("", 2, "masterha_check_repl", "--conf=a.cnf")).isEqualTo(1);
        assertThat(run("", 2, "masterha_manager", "--conf=a.cnf", "--global_conf=g.cnf")).isEqualTo(1);
        assertThat(folder.resolve("told")).hasContent("serve --mha-conf a.cnf --global g.cnf");
        assertThat(run("", 0, "masterha_manager", "--conf=a.cnf", "--port=8081")).isZero();
        assertThat(folder.resolve("told")).hasContent("serve --mha-conf a.cnf --port 8081");
        assertThat(run("", 0, "masterha_manager", "--conf=a.cnf", "--port=many")).isEqualTo(1);
    }

    @Test
    void a_cluster_that_the_server_does_not_know_is_a_configuration_error() throws Exception {
        assertThat(run("", 2, "masterha_check_status", "--conf=/etc/mha/app1.cnf")).isEqualTo(31);
        assertThat(folder.resolve("said")).hasContent("app1 is running(31:CONFIG_ERROR)");
    }

    @Test
    void of_several_managers_each_is_found_by_its_file() throws Exception {
        for (String name : List.of("app1", "app2")) {
            Path data = Files.createDirectories(folder.resolve("data/mha-" + name));
            Files.writeString(data.resolve("server.url"), "http://127.0.0.1:1/" + name + "\n");
            Files.writeString(data.resolve("cli.token"), "token-of-" + name + "\n");
        }

        for (String name : List.of("app2", "app1", "app3")) {
            run("x (0:PING_OK)", 0, "masterha_check_status", "--conf=/etc/mha/" + name + ".cnf");

            assertThat(folder.resolve("found")).content()
                    .isEqualToIgnoringNewLines(
                            name.equals("app3") ? " " : "http://127.0.0.1:1/" + name + " token-of-" + name);
        }
    }
}
