package dev.switchman.hook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.ExampleClusters;
import dev.switchman.topology.Cluster;

import static org.assertj.core.api.Assertions.assertThat;

/** Real programs. */
@Timeout(30)
class HookProgramTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Cluster withHook(String script, String permissions) throws IOException {
        Path file = folder.resolve("hook with a blank");
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        Cluster plain = ExampleClusters.named("shop");
        return new Cluster(plain.name(), plain.tier(), plain.nodes(), plain.virtualIp(), plain.replication(),
                plain.pingSchema(), plain.detection(), plain.limits(), plain.policies(), plain.mail(),
                Optional.of(file));
    }

    private Shutdown run(String script, Duration deadline) throws IOException {
        Cluster cluster = withHook("#!/bin/sh\n" + script, "rwx------");
        return ShutdownHooks.configured()
                .shutDown(cluster, cluster.nodes().getFirst(), ShutdownHook.Ssh.SILENT, deadline);
    }

    @Test
    void status_0_is_proof() throws IOException {
        Shutdown shutdown = run("echo off; echo noise >&2", LONG);

        assertThat(shutdown).isInstanceOf(Shutdown.Proven.class);
        assertThat(shutdown.output()).isEqualTo("off\nnoise");
        assertThat(shutdown.sentence()).matches("ended with status 0 after \\d+ ms");
    }

    @Test
    void any_other_status_is_none() throws IOException {
        Shutdown shutdown = run("echo the switch does not answer; exit 3", LONG);

        assertThat(shutdown).isInstanceOf(Shutdown.NotProven.class);
        assertThat(shutdown.output()).isEqualTo("the switch does not answer");
        assertThat(shutdown.sentence()).matches("ended with status 3 after \\d+ ms");
    }

    @Test
    void a_program_that_kills_itself_proves_nothing() throws IOException {
        assertThat(run("kill -9 $$", LONG).sentence()).startsWith("ended with status 137");
    }

    @Test
    void it_is_told_of_the_server_by_name() throws IOException {
        assertThat(run("printf '%s\\n' \"$@\"; pwd; cat", LONG).output())
                .isEqualTo("--cluster=shop\n--host=db1\n--port=3306\n--ssh=silent\n/");
    }

    @Test
    void its_environment_holds_nothing_of_ours() throws IOException {
        List<String> names = run("env", LONG).output().lines().map(line -> line.replaceAll("=.*", "")).toList();

        // What a shell sets by itself.
        assertThat(names).isSubsetOf("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PWD", "OLDPWD", "SHLVL", "_");
        assertThat(System.getenv()).as("there is something to keep back").hasSizeGreaterThan(5);
    }

    @Test
    void what_is_too_late_is_killed_with_all_that_it_has_started() throws IOException {
        Path pids = folder.resolve("pids");
        // The second child's parent has ended: nobody's descendant, and deaf to SIGTERM and SIGHUP.
        String script = """
                trap '' TERM HUP
                ( trap '' TERM HUP; echo $$ >>PIDS; while :; do sleep 100; done ) &
                ( ( trap '' TERM HUP; sleep 4711.5 & echo $! >>PIDS; wait ) & )
                echo $$ >>PIDS
                echo working
                while :; do sleep 100; done
                """.replace("PIDS", "'" + pids + "'");

        long begun = System.nanoTime();
        Shutdown shutdown = run(script, Duration.ofSeconds(2));

        assertThat(shutdown).isInstanceOf(Shutdown.NotProven.class);
        assertThat(shutdown.sentence()).isEqualTo("did not end within 2000 ms and was killed");
        assertThat(shutdown.output()).isEqualTo("working");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        List<String> started = Files.readAllLines(pids);
        assertThat(started).hasSize(3);
        assertThat(commandLines())
                .noneMatch(line -> line.contains("hook with a blank") || line.equals("sleep 4711.5 "));
    }

    private static List<String> commandLines() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.map(process -> process.resolve("cmdline")).filter(Files::exists).map(file -> {
                try {
                    return Files.readString(file).replace('\0', ' ');
                } catch (IOException e) {
                    return ""; // it has ended meanwhile
                }
            }).toList();
        }
    }

    @Test
    void a_flood_of_output_is_cut_and_never_holds_it_up() throws IOException {
        Shutdown shutdown = run("head -c 5000000 /dev/zero | tr '\\0' x", LONG);

        assertThat(shutdown).isInstanceOf(Shutdown.Proven.class);
        assertThat(shutdown.output()).startsWith("xxx")
                .endsWith("\n(" + (5_000_000 - Output.KEPT) + " bytes more)")
                .hasSizeLessThan(Output.KEPT + 50);
    }

    @Test
    void a_child_that_keeps_the_output_open_does_not_hold_up_the_answer() throws IOException {
        long begun = System.nanoTime();

        Shutdown shutdown = run("sleep 5 & echo off", LONG);

        assertThat(shutdown).isInstanceOf(Shutdown.Proven.class);
        assertThat(shutdown.output()).isEqualTo("off");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void what_cannot_be_started_proves_nothing() throws IOException {
        Cluster notExecutable = withHook("#!/bin/sh\nexit 0\n", "rw-------");
        Cluster noInterpreter = withHook("#!/no/such/interpreter\n", "rwx------");

        for (Cluster cluster : List.of(notExecutable, noInterpreter)) {
            Shutdown shutdown = ShutdownHooks.configured()
                    .shutDown(cluster, cluster.nodes().getFirst(), ShutdownHook.Ssh.UNKNOWN, LONG);

            assertThat(shutdown).isInstanceOf(Shutdown.NotProven.class);
            assertThat(shutdown.sentence() + shutdown.output()).contains("hook with a blank");
        }
    }
}
