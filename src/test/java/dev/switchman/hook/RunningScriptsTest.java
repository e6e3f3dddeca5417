package dev.switchman.hook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.ExampleClusters;
import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Hooks;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;

import static org.assertj.core.api.Assertions.assertThat;

/** Scripts of MHA's kind, as real programs: what they are told, in which order, and what is seen of it. */
class RunningScriptsTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String PASSWORD = "it's 'so' $HOME `id` \\ \"x\"!";

    private final Node old = node("192.0.2.11", 3109, "mha", 22);
    private final Node primary = node("192.0.2.12", 3110, "ops", 2222);
    private final Scripts scripts = ShutdownHooks.scripts();

    @TempDir
    Path folder;

    private Path script = Path.of("");

    @BeforeEach
    void script() throws IOException {
        script = Files.writeString(folder.resolve("a script"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    private static Node node(String host, int port, String sshUser, int sshPort) {
        return new Node(NodeId.of(host, port), PromotionRole.ALLOWED, false,
                new Account("admin", new Secret(PASSWORD)), TlsMode.PREFERRED,
                new SshAccess(sshUser, sshPort, Path.of("key"), Path.of("known_hosts")), Optional.empty());
    }

    private Cluster cluster() {
        Optional<CommandWords> words = Optional.of(new CommandWords(List.of(script.toString(), "--vip=192.0.2.9")));
        return ExampleClusters.named("shop")
                .with(new Hooks(words, words, words, words, words, Optional.of("/run/mysqld.pid"),
                        Optional.of("/etc/mha/shop.cnf"), LONG));
    }

    /** What the script is told, with the passwords that nobody is shown. */
    private List<String> told(Optional<ScriptCall> call) {
        Program.End end = scripts.run(call.orElseThrow(), LONG);
        assertThat(end).isInstanceOf(Program.Exited.class);
        assertThat(end.output()).doesNotContain(PASSWORD);
        assertThat(call.get().toString()).doesNotContain(PASSWORD);
        return end.output().lines().toList();
    }

    @Test
    void the_failover_script_is_told_what_mha_tells_it() {
        assertThat(told(ScriptCall.failoverStatus(cluster(), old))).containsExactly("--vip=192.0.2.9",
                "--command=status", "--ssh_user=mha", "--orig_master_host=192.0.2.11", "--orig_master_ip=192.0.2.11",
                "--orig_master_port=3109");
        assertThat(told(ScriptCall.failoverStop(cluster(), old, false))).containsExactly("--vip=192.0.2.9",
                "--orig_master_host=192.0.2.11", "--orig_master_ip=192.0.2.11", "--orig_master_port=3109",
                "--command=stop");
        assertThat(told(ScriptCall.failoverStop(cluster(), old, true))).containsExactly("--vip=192.0.2.9",
                "--orig_master_host=192.0.2.11", "--orig_master_ip=192.0.2.11", "--orig_master_port=3109",
                "--command=stopssh", "--ssh_user=mha");
        assertThat(told(ScriptCall.failoverStart(cluster(), old, primary))).containsExactly("--vip=192.0.2.9",
                "--command=start", "--ssh_user=ops", "--orig_master_host=192.0.2.11", "--orig_master_ip=192.0.2.11",
                "--orig_master_port=3109", "--new_master_host=192.0.2.12", "--new_master_ip=192.0.2.12",
                "--new_master_port=3110", "--new_master_user=admin", "--new_master_password=******",
                "--new_master_ssh_port=2222");
    }

    @Test
    void the_online_change_script_is_told_what_mha_tells_it() {
        assertThat(told(ScriptCall.onlineChange(cluster(), "stop", old, primary))).containsExactly("--vip=192.0.2.9",
                "--command=stop", "--orig_master_host=192.0.2.11", "--orig_master_ip=192.0.2.11",
                "--orig_master_port=3109", "--orig_master_user=admin", "--orig_master_password=******",
                "--orig_master_ssh_user=mha", "--new_master_host=192.0.2.12", "--new_master_ip=192.0.2.12",
                "--new_master_port=3110", "--new_master_user=admin", "--new_master_password=******",
                "--new_master_ssh_user=ops", "--new_master_ssh_port=2222", "--orig_master_is_new_slave");
    }

    @Test
    void shutdown_report_and_secondary_check_are_told_what_mha_tells_them() {
        assertThat(told(ScriptCall.shutdownStatus(cluster(), old))).containsExactly("--vip=192.0.2.9",
                "--command=status", "--ssh_user=mha", "--host=192.0.2.11", "--ip=192.0.2.11");
        assertThat(told(ScriptCall.shutdownStop(cluster(), old, true))).containsExactly("--vip=192.0.2.9",
                "--command=stopssh", "--ssh_user=mha", "--host=192.0.2.11", "--ip=192.0.2.11", "--port=3109",
                "--pid_file=/run/mysqld.pid");
        assertThat(told(ScriptCall.shutdownStop(cluster(), old, false))).contains("--command=stop")
                .doesNotContain("--ssh_user=mha");
        assertThat(told(ScriptCall.report(cluster(), old, Optional.of(primary), List.of(old, primary), "It \"is\"",
                "two\nlines"))).containsExactly("--vip=192.0.2.9", "--orig_master_host=192.0.2.11",
                        "--new_master_host=192.0.2.12", "--new_slave_hosts=192.0.2.11,192.0.2.12",
                        "--conf=/etc/mha/shop.cnf", "--subject=It \"is\"", "--body=two", "lines");
        assertThat(told(ScriptCall.report(cluster(), old, Optional.empty(), List.of(), "s", "b")))
                .containsExactly("--vip=192.0.2.9", "--orig_master_host=192.0.2.11", "--conf=/etc/mha/shop.cnf",
                        "--subject=s", "--body=b");
        assertThat(told(ScriptCall.secondaryCheck(cluster(), old))).containsExactly("--vip=192.0.2.9", "--user=mha",
                "--master_host=192.0.2.11", "--master_ip=192.0.2.11", "--master_port=3109", "--master_user=admin",
                "--master_password=******", "--ping_type=SELECT");
    }

    @Test
    void a_password_arrives_as_it_is() throws IOException {
        Path told = folder.resolve("told");
        Files.writeString(script, "#!/bin/sh\nfor a in \"$@\"; do case $a in --new_master_password=*) printf %s"
                + " \"${a#*=}\" >'" + told + "';; esac; done\n");

        scripts.run(ScriptCall.failoverStart(cluster(), old, primary).orElseThrow(), LONG);

        assertThat(told).hasContent(PASSWORD);
    }

    @Test
    void the_shutdown_script_proves_a_fence_with_0_and_with_nothing_else() throws IOException {
        Shutdown off = ShutdownHooks.configured().shutDown(cluster(), old, ShutdownHook.Ssh.SILENT, LONG);
        Files.writeString(script, "#!/bin/sh\nexit 10\n");
        Shutdown ended = ShutdownHooks.configured().shutDown(cluster(), old, ShutdownHook.Ssh.ANSWERS, LONG);

        assertThat(off).isInstanceOf(Shutdown.Proven.class);
        assertThat(off.output()).contains("--command=stop\n");
        assertThat(ended).isInstanceOf(Shutdown.NotProven.class);
        assertThat(ended.sentence()).startsWith("ended with status 10").contains("it may come back");
    }

    @Test
    void a_script_that_hangs_is_killed_and_one_that_is_missing_is_told() throws IOException {
        Files.writeString(script, "#!/bin/sh\necho begun\nsleep 600 & wait\n");
        ScriptCall call = ScriptCall.failoverStop(cluster(), old, false).orElseThrow();

        Program.End hung = scripts.run(call, Duration.ofMillis(800));
        Files.delete(script);
        Program.End missing = scripts.run(call, LONG);

        assertThat(hung.sentence()).isEqualTo("did not end within 800 ms and was killed");
        assertThat(hung.output()).isEqualTo("begun");
        assertThat(missing).isInstanceOf(Program.Exited.class);
        assertThat(missing.sentence()).startsWith("ended with status 127");
    }
}
