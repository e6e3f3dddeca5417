package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.switchman.cli.Cli;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.topology.Lint;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code switchman check} on real servers: what would hurt in a failover is named before it does. */
class CheckIT {

    private static LabCluster lab;
    private static Path configuration;
    private static LabNode primary;
    private static LabNode last;

    private record Checked(int exitCode, String err, Set<String> failed, String text) {}

    @BeforeAll
    static void start() {
        lab = LabCluster.builder().start();
        primary = lab.primary();
        last = lab.nodes().getLast();
        configuration = lab.directory().resolve("switchman.yaml");
        lab.writeConfig(configuration, "shop", 18080, "standard");
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void aSoundClusterPasses() throws IOException {
        Checked checked = check(configuration);

        assertThat(checked.failed()).as(checked.text()).isEmpty();
        assertThat(checked.exitCode()).isZero();
    }

    @Test
    void whatIsAskedWrongEndsWith2() throws IOException {
        assertThat(run("check", "shopp", "--config", configuration.toString()).exitCode()).isEqualTo(2);
        assertThat(check(changed("ping-schema:", "pong-schema:"))).satisfies(checked -> {
            assertThat(checked.exitCode()).isEqualTo(2);
            assertThat(checked.err()).contains("pong-schema");
        });
    }

    @Test
    void hostsLogInToEachOtherOnceTheyHaveAKeyForIt() {
        String config = configuration.toString();
        assertThat(said("check-ssh", "shop", "--config", config)).satisfies(checked -> {
            assertThat(checked.exitCode()).as(checked.text()).isZero();
            assertThat(checked.text()).endsWith("All SSH connection tests passed.\n");
        });
        Checked without = said("check-ssh", "shop", "--all-pairs", "--config", config);
        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.text()).contains("ssh-pair", "Permission denied");

        String key = lab.sshKey().toString();
        lab.nodes().forEach(node -> putKey(node, key));
        Checked with = said("check-ssh", "shop", "--all-pairs", "--config", config);

        assertThat(with.exitCode()).as(with.text()).isZero();
        lab.nodes()
                .forEach(node -> assertThat(lab.exec(node, "sh", "-c", "ls -A /root/.ssh"))
                        .as("no host key is kept")
                        .doesNotContain("known_hosts"));
        lab.nodes().forEach(node -> lab.exec(node, "rm", "/root/.ssh/id_ed25519"));
    }

    private static Checked said(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        PrintWriter printOut = new PrintWriter(out, true);
        PrintWriter printErr = new PrintWriter(err, true);
        int exitCode = Cli.run(arguments, new Doors(printOut, printErr), printOut, printErr);
        return new Checked(exitCode, err.toString(), Set.of(), out + "" + err);
    }

    private static void putKey(LabNode node, String key) {
        String text;
        try {
            text = java.util.Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(key)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        lab.exec(node, "sh", "-c", "umask 077; echo " + text + " | base64 -d >/root/.ssh/id_ed25519");
    }

    @Test
    void otherHostsSayWhetherTheyReachAServer() {
        String[] asked = {"secondary-check", "-s", last.address(), "--master-host", primary.address(), "--key",
                lab.sshKey().toString(), "--known-hosts", lab.knownHosts().toString()};
        Checked reached = said(asked);
        assertThat(reached.text()).endsWith("(3:REACHABLE)\n");
        assertThat(reached.exitCode()).isZero();

        String[] elsewhere = java.util.Arrays.copyOf(asked, asked.length + 2);
        elsewhere[asked.length] = "--master-port";
        elsewhere[asked.length + 1] = "3399";
        assertThat(said(elsewhere).text()).contains("the port is refused").endsWith("(0:UNREACHABLE_FROM_ALL)\n");

        asked[2] = lab.gateway();
        assertThat(said(asked).text()).contains("could not be asked").endsWith("(2:WITNESS_NOT_REACHED)\n");
    }

    @Test
    void aWrongHostKeyIsNamed() throws IOException {
        List<String> swapped = new ArrayList<>();
        for (String line : Files.readAllLines(lab.knownHosts())) {
            // Each host is known by the key of the next.
            LabNode node = lab.nodes()
                    .stream()
                    .filter(one -> line.startsWith(one.address() + " "))
                    .findFirst()
                    .orElseThrow();
            LabNode other = lab.nodes().get(node.serverId() % lab.nodes().size());
            swapped.add(line.replace(node.address() + " ", other.address() + " "));
        }
        Path known = Files.write(lab.directory().resolve("swapped_hosts"), swapped);

        named(check(changed(lab.knownHosts().toString(), known.toString())), "ssh-host-key", lab.nodes());
    }

    @Test
    void aWrongPasswordIsNamed() throws IOException {
        named(check(changed("switchman.password", secret("wrong.password"))), "connect", lab.nodes());
    }

    @Test
    void aReplicationAccountThatCannotLogInIsNamed() throws IOException {
        named(check(changed("repl.password", secret("wrong.password"))), "replication-account", lab.nodes());
    }

    @Test
    void aMissingPrivilegeIsNamed() throws IOException {
        lab.execute(primary, "REVOKE CONNECTION_ADMIN, SUPER ON *.* FROM 'switchman'@'%'");
        lab.replicas().forEach(replica -> lab.awaitCaughtUp(replica, primary));
        try {
            Checked checked = check(configuration);

            named(checked, "privileges", lab.nodes());
            assertThat(checked.text()).contains("missing: CONNECTION_ADMIN");
        } finally {
            lab.execute(primary, "GRANT CONNECTION_ADMIN, SUPER ON *.* TO 'switchman'@'%'");
            lab.replicas().forEach(replica -> lab.awaitCaughtUp(replica, primary));
        }
    }

    @Test
    void aHostThatCannotAnnounceIsNamed() throws IOException {
        lab.exec(last, "sh", "-c",
                "for p in arping perl python3; do f=$(command -v $p) && mv -T $(readlink -f $f) $(readlink -f $f).away;"
                        + " done; true");
        try {
            named(check(configuration), "host-arping", List.of(last));
        } finally {
            lab.exec(last, "sh", "-c", "for f in /usr/bin/*.away /usr/sbin/*.away; do [ ! -e $f ] || mv $f ${f%.away};"
                    + " done");
        }
    }

    @Test
    void anInterfaceThatIsNotThereIsNamed() throws IOException {
        named(check(changed("interface: " + LabCluster.DEVICE, "interface: eth7")), "virtual-ip-device", lab.nodes());
    }

    @Test
    void aServerThatBootsWritableIsNamed() throws IOException {
        lab.execute(last, "SET PERSIST_ONLY super_read_only = OFF");
        try {
            assertThat(check(configuration)).satisfies(checked -> {
                assertThat(checked.exitCode()).isEqualTo(1);
                assertThat(checked.failed()).as(checked.text()).contains("boots-read-only " + last.id());
            });
        } finally {
            lab.execute(last, "SET PERSIST_ONLY super_read_only = ON");
        }
    }

    @Test
    void whatCostsSafetyInAFaultIsNamedWithTheReason() throws IOException {
        lab.execute(last, "SET GLOBAL sync_binlog = 0", "SET GLOBAL innodb_flush_log_at_trx_commit = 2",
                "SET GLOBAL binlog_expire_logs_seconds = 3600", "SET GLOBAL rpl_semi_sync_source_timeout = 1000",
                "STOP REPLICA SQL_THREAD", "SET GLOBAL replica_preserve_commit_order = OFF",
                "SET GLOBAL replica_exec_mode = IDEMPOTENT",
                "CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 60", "START REPLICA SQL_THREAD");
        lab.execute(primary, "SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = 2");
        try {
            Checked checked = check(configuration);

            JsonNode findings = new ObjectMapper().readTree(checked.text()).path("clusters").path(0).path("findings");
            Set<String> warned = new TreeSet<>();
            for (JsonNode finding : findings) {
                if (finding.path("grade").asText().equals("warning")) {
                    warned.add(finding.path("check").asText() + " " + finding.path("subject").asText() + ": "
                            + finding.path("detail").asText());
                }
            }
            for (Lint lint : List.of(Lint.SYNC_BINLOG, Lint.FLUSH_LOG_AT_COMMIT, Lint.BINLOG_EXPIRY,
                    Lint.SEMI_SYNC_TIMEOUT, Lint.COMMIT_ORDER, Lint.EXECUTION_MODE, Lint.DELAY,
                    Lint.DELAYED_ACKNOWLEDGES, Lint.SYNC_RELAY_LOG)) {
                assertThat(warned).as(lint.word())
                        .anySatisfy(warning -> assertThat(warning)
                                .startsWith(lint.word() + " " + last.id() + ": ")
                                .endsWith(": " + lint.why()));
            }
            assertThat(warned).anySatisfy(warning -> assertThat(warning)
                    .isEqualTo("semi-sync-wait-count " + primary.id() + ": waits for 2 of 2: "
                            + Lint.SEMI_SYNC_WAIT_COUNT.why()));
            assertThat(checked.exitCode()).as("warnings alone").isZero();
        } finally {
            lab.execute(primary, "SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = 1");
            lab.execute(last, "SET GLOBAL sync_binlog = 1", "SET GLOBAL innodb_flush_log_at_trx_commit = 1",
                    "SET GLOBAL binlog_expire_logs_seconds = 2592000",
                    "SET GLOBAL rpl_semi_sync_source_timeout = DEFAULT", "STOP REPLICA SQL_THREAD",
                    "SET GLOBAL replica_preserve_commit_order = ON", "SET GLOBAL replica_exec_mode = STRICT",
                    "CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0", "START REPLICA SQL_THREAD");
            lab.awaitHealthy(primary);
        }
    }

    @Test
    void aHostThatIsGoneIsNamed() throws IOException {
        lab.silence(last);
        try {
            assertThat(check(configuration)).satisfies(checked -> {
                assertThat(checked.exitCode()).isEqualTo(1);
                assertThat(checked.failed()).as(checked.text())
                        .contains("connect " + last.id(),
                                "ssh-connection " + last.id());
            });
        } finally {
            lab.unsilence(last);
            lab.awaitHealthy(primary);
        }
    }

    private static void named(Checked checked, String check, List<LabNode> nodes) {
        assertThat(checked.exitCode()).isEqualTo(1);
        assertThat(checked.failed()).as(checked.text())
                .containsAll(nodes.stream().map(node -> check + " " + node.id()).toList());
    }

    private static String secret(String name) throws IOException {
        Path file = lab.directory().resolve(name);
        Files.writeString(file, "wr0ng");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return name;
    }

    private static Path changed(String before, String after) throws IOException {
        String text = Files.readString(configuration);
        assertThat(text).contains(before);
        return Files.writeString(lab.directory().resolve("changed.yaml"), text.replace(before, after));
    }

    private static Checked check(Path file) throws IOException {
        return run("check", "shop", "--json", "--config", file.toString());
    }

    private static Checked run(String... arguments) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        PrintWriter printOut = new PrintWriter(out, true);
        PrintWriter printErr = new PrintWriter(err, true);
        int exitCode = Cli.run(arguments, new Doors(printOut, printErr), printOut, printErr);
        Set<String> failed = new TreeSet<>();
        if (exitCode != 2) {
            JsonNode json = new ObjectMapper().readTree(out.toString());
            for (JsonNode finding : json.path("clusters").path(0).path("findings")) {
                if (finding.path("grade").asText().equals("failed")) {
                    failed.add(finding.path("check").asText() + " " + finding.path("subject").asText());
                }
            }
            assertThat(json.path("passed").asBoolean()).isEqualTo(exitCode == 0);
        }
        return new Checked(exitCode, err.toString(), failed, out.toString());
    }
}
