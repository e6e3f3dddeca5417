package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;

import jakarta.mail.internet.MimeMessage;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.cli.Cli;
import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.ServerProcess;
import dev.switchman.lab.Writer;
import dev.switchman.runbook.Remark;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whoever comes from MHA keeps the file, the Perl scripts and the programs: on real servers of 5.7, with MHA's own Perl
 * modules as Debian packages them, which the scripts call. The scripts run on a host of the lab, as on MHA's manager.
 *
 * <p>
 * {@code -Dswitchman.mha.scripts=DIR} takes {@code master_ip_failover} and {@code master_ip_online_change} from there, such
 * as those of an installation: they run unmodified but for the lines that name the address and the interface
 * ({@code my $vip = "…"; my $if = "…";}).
 */
@Tag("matrix")
class MhaUserIT {

    private static final String CLUSTER = "mainBusiness";
    private static final Path OWN_SCRIPTS = Path.of("src", "test", "resources", "mha", "scripts");
    private static final Path PROGRAMS = Path.of("src", "main", "mha").toAbsolutePath();
    private static final Duration SOON = Duration.ofSeconds(60);

    /** As it stands in the wild: no header before the first parameters, comments behind values, odd spaces. */
    private static final String FILE = """
            manager_workdir=/data/mha/mainBusiness                 # where the manager works
            manager_log=/data/mha/mainBusiness/manager.log         # its log
            remote_workdir=/data/mha/

            user=%1$s
            password=%2$s
            repl_user=%3$s
            repl_password=%4$s
            ssh_options=-i %5$s -o UserKnownHostsFile=%6$s
            master_binlog_dir= /var/lib/mysql
            #secondary_check_script= masterha_secondary_check -s db1 -s db2
            master_ip_failover_script= docker exec %7$s perl /etc/mha/master_ip_failover              # after a failure
            master_ip_online_change_script= docker exec %7$s perl /etc/mha/master_ip_online_change    # by plan
            report_script= docker exec %7$s perl /etc/mha/send_report --smtp=%8$s
            ping_interval=1                                       # each second
            """;
    private static final String SERVER = """

            [server%1$d]
            hostname=%2$s
            port=3306
            ssh_user=root
            ssh_port=22
            candidate_master=1                                    # may become the primary
            check_repl_delay=0
            """;

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "0.0.0.0", ServerSetup.PROTOCOL_SMTP));
    private LabCluster lab;
    private Path conf;
    private int port;
    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        mail.start();
        lab = LabCluster.builder().version("5.7-mha").start();
        LabNode manager = lab.addHost("manager");
        for (String script : List.of("master_ip_failover", "master_ip_online_change")) {
            lab.write(manager, "/etc/mha/" + script, "700", Files
                    .readString(Path.of(System.getProperty("switchman.mha.scripts", OWN_SCRIPTS.toString()), script))
                    .replaceFirst("my \\$vip = \"[^\"]*\"",
                            Matcher.quoteReplacement("my $vip = \"" + lab.virtualIp() + "\""))
                    .replaceFirst("my \\$if = \"[^\"]*\"",
                            Matcher.quoteReplacement("my $if = \"" + LabCluster.DEVICE + "\"")));
        }
        lab.write(manager, "/etc/mha/send_report", "700", Files.readString(OWN_SCRIPTS.resolve("send_report")));
        conf = Files.writeString(lab.directory().resolve(CLUSTER + ".cnf"),
                FILE.formatted(lab.account().user(), lab.account().password().reveal(),
                        lab.replicationAccount().user(), lab.replicationAccount().password().reveal(), lab.sshKey(),
                        lab.knownHosts(), lab.hostName(manager), lab.gateway() + ":" + mail.getSmtp().getPort())
                        + String.join("",
                                lab.nodes()
                                        .stream()
                                        .map(node -> SERVER.formatted(node.serverId(), node.address()))
                                        .toList()));
        port = ServerProcess.freePort();
        server = ServerProcess.startHere(imported(), lab.directory(), port);
        server.awaitUp();
        awaitState("healthy");
    }

    private Path imported() throws IOException {
        Path yaml = lab.directory().resolve("switchman.yaml");
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said, true);
        int status = Cli.run(new String[]{"import-mha", conf.toString(), "--write", yaml.toString()}, new Doors(to, to),
                to, to);
        assertThat(status).as(said.toString()).isZero();
        // Other servers run on this machine, and this one has no file of the user's to name a port.
        return Files.writeString(yaml,
                Files.readString(yaml).replace("\nswitchman:\n", "\nswitchman:\n  server: {port: " + port + "}\n"));
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.close();
        }
        if (lab != null) {
            lab.close();
        }
        mail.stop();
    }

    @Test
    void theFileTheScriptsAndTheProgramsGoOnWorking() throws Exception {
        LabNode first = lab.primary();
        assertThat(program("masterha_check_repl")).isZero();
        assertThat(program("masterha_check_status")).isZero();
        try (Writer writer = Writer.start(lab)) {
            LabNode second = lab.node("db2");

            assertThat(
                    program("masterha_master_switch", "--master_state=alive", "--new_master_host=" + second.address(),
                            "--interactive=0", "--orig_master_is_new_slave"))
                    .as(server.lastLines())
                    .isZero();

            writer.awaitProgress(SOON);
            assertServedBy(second, List.of());
            assertThat(scriptCalls("switchover")).satisfiesExactly(
                    stop -> assertThat(stop).startsWith("master_ip_online_change_script stop ended with status 0"),
                    start -> assertThat(start).startsWith("master_ip_online_change_script start ended with status 0"));
            awaitState("healthy");

            lab.crash(second);

            JsonNode run = awaitEnd("failover");
            // Without a service manager, and on 5.7, nothing proves that it stays down.
            assertThat(run.path("ending").asText()).as(run.toPrettyString()).isIn("DONE", "WRITES_MAY_BE_LOST");
            writer.awaitProgress(SOON);
            LabNode third = primary();
            assertServedBy(third, List.of(second));
            assertThat(scriptCalls("failover")).anySatisfy(
                    stop -> assertThat(stop).startsWith("master_ip_failover_script stopssh ended with status 0"))
                    .anySatisfy(start -> assertThat(start)
                            .startsWith("master_ip_failover_script start ended with status 0"));
            assertThat(run.toString()).doesNotContain(lab.account().password().reveal());
            assertMailed(second, third, third.equals(first) ? lab.node("db3") : first);
            assertThat(program("masterha_check_status")).isZero();
            // A server is dead now.
            assertThat(program("masterha_check_repl")).isEqualTo(1);
            writer.close();
            assertThat(writer.missingOn(third)).isEmpty();
        }
    }

    private void assertMailed(LabNode old, LabNode primary, LabNode replica) throws Exception {
        Eventually.until("delivered: the report script's mail", SOON,
                () -> mail.getReceivedMessages().length > 0
                        ? Optional.empty()
                        : Optional.of(scriptCalls("failover").toString()));
        MimeMessage message = mail.getReceivedMessages()[0];
        assertThat(message.getSubject()).contains(CLUSTER, old.address(), primary.address());
        assertThat(message.getContent().toString()).contains("old: " + old.address(), "new: " + primary.address(),
                "replicas: " + replica.address(), "conf: " + conf);
    }

    private void assertServedBy(LabNode primary, List<LabNode> gone) {
        for (LabNode node : lab.nodes()) {
            boolean serves = node.equals(primary);
            assertThat(lab.hasVirtualIp(node)).as(node + " has the virtual IP").isEqualTo(serves);
            if (!gone.contains(node)) {
                assertThat(lab.isWritable(node)).as(node + " is writable").isEqualTo(serves);
                if (!serves) {
                    assertThat(lab.replicationProblem(node, primary)).as(node + " follows").isEmpty();
                }
            }
        }
    }

    /** @return the exit status of a program named as MHA's */
    private int program(String name, String... arguments) throws IOException, InterruptedException {
        Path own = lab.directory().resolve("switchman");
        Files.writeString(own, "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -XX:TieredStopAtLevel=1 -cp '" + System.getProperty("java.class.path")
                + "' dev.switchman.app.Switchman \"$@\"\n");
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
        List<String> command = new ArrayList<>(List.of(PROGRAMS.resolve(name).toString(), "--conf=" + conf));
        command.addAll(List.of(arguments));
        Path said = lab.directory().resolve("said");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().put("SWITCHMAN", own.toString());
        builder.environment().put("SWITCHMAN_CONFIG", lab.directory().resolve("switchman.yaml").toString());
        builder.environment().put("SWITCHMAN_SERVER", "http://127.0.0.1:" + port);
        builder.environment()
                .put("SWITCHMAN_TOKEN", Files.readString(lab.directory().resolve("data/cli.token")).strip());
        Process process = builder.start();
        assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).as(name).isTrue();
        System.out.println(name + ": status " + process.exitValue() + "\n" + Files.readString(said));
        return process.exitValue();
    }

    private JsonNode cluster() {
        return server.get("/api/clusters/" + CLUSTER);
    }

    private void awaitState(String verdict) {
        Eventually.until(verdict, SOON, () -> {
            JsonNode cluster = cluster();
            return cluster.path("verdict").asText().equals(verdict) && cluster.path("run").isNull()
                    ? Optional.empty()
                    : Optional.of(cluster.path("verdict").asText() + ": " + cluster.path("sentence").asText());
        });
    }

    private LabNode primary() {
        String id = cluster().path("primary").asText();
        return lab.nodes().stream().filter(node -> node.id().toString().equals(id)).findFirst().orElseThrow();
    }

    private Optional<JsonNode> latest(String runbook) {
        for (JsonNode run : server.get("/api/runs?cluster=" + CLUSTER + "&limit=20")) {
            if (run.path("runbook").asText().equals(runbook)) {
                return Optional.of(server.get("/api/runs/" + run.path("run").asText()));
            }
        }
        return Optional.empty();
    }

    private JsonNode awaitEnd(String runbook) {
        Eventually.until("ended: a " + runbook, SOON, () -> latest(runbook)
                .map(run -> run.path("status").asText().equals("ended")
                        ? Optional.<String>empty()
                        : Optional.of(
                                run.path("status") + " at " + run.path("at") + ", question " + run.path("question")))
                .orElseGet(() -> Optional.of("there is none: " + cluster().path("sentence").asText())));
        return latest(runbook).orElseThrow();
    }

    /** @return what the journal says of each call of a script, in order */
    private List<String> scriptCalls(String runbook) {
        List<String> calls = new ArrayList<>();
        latest(runbook).orElseThrow().path("timeline").forEach(entry -> {
            // The step that called it says the same once more.
            if (entry.path("kind").asText().equals("note") && entry.path("text").asText().equals(Remark.SCRIPT)) {
                calls.add(entry.path("detail").asText(""));
            }
        });
        return calls;
    }
}
