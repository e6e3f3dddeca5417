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
                + folder.resolve("told") + "'\necho '" + says + "'\nexit " + status + "\n");
        Files.setPosixFilePermissions(switchman, PosixFilePermissions.fromString("rwx------"));
        List<String> command = new ArrayList<>(List.of(PROGRAMS.resolve(program).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile());
        builder.environment().put("SWITCHMAN", switchman.toString());
        Process process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @ParameterizedTest
    @CsvSource({"0:PING_OK, 0", "2:NOT_RUNNING, 2", "10:INITIALIZING_MONITOR, 10", "20:PING_FAILING, 20",
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
                "--dead_master_host=db1", "--ignore_last_failover")).isEqualTo(status);
        assertThat(folder.resolve("told")).hasContent("failover app1");
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
        assertThat(folder.resolve("told")).hasContent("check my-app");
        assertThat(folder.resolve("said")).content().endsWith("MySQL Replication Health is OK.\n");
        assertThat(run("", 2, "masterha_check_repl", "--conf=a.cnf")).isEqualTo(1);
        assertThat(run("", 2, "masterha_manager", "--conf=a.cnf", "--global_conf=g.cnf")).isEqualTo(1);
        assertThat(folder.resolve("told")).hasContent("serve --mha-conf a.cnf --global g.cnf");
    }
}
