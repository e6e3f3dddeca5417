package dev.switchman.mha;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.switchman.config.Inventory;
import dev.switchman.config.Problem;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Node;
import dev.switchman.topology.Secret;

import static org.assertj.core.api.Assertions.assertThat;

/** Configuration files as they stand in the wild: each becomes a cluster that can be served, and nothing is dropped. */
class WildConfigurationsTest {

    private static final Path FILES = Path.of("src", "test", "resources", "mha", "wild");
    private static final String GLOBAL = "06-global.cnf";
    private static final String UNKNOWN = "13-unknown.cnf";

    private static final List<String> SCRIPTS = List.of("master_ip_failover", "master_ip_online_change", "send_report",
            "power_manager", "vip.sh", "report.py", "ask_the_router.sh");

    @TempDir
    Path folder;

    @BeforeEach
    void whatAnInstallationHas() throws IOException {
        Files.createDirectories(folder.resolve("bin"));
        for (String name : SCRIPTS) {
            Files.setPosixFilePermissions(Files.writeString(folder.resolve("bin").resolve(name), "#!/bin/sh\n"),
                    PosixFilePermissions.fromString("rwx------"));
        }
        Files.createDirectories(folder.resolve(".ssh"));
        for (String name : List.of("id_rsa", "known_hosts")) {
            Files.writeString(folder.resolve(".ssh").resolve(name), "");
            Files.setPosixFilePermissions(folder.resolve(".ssh").resolve(name),
                    PosixFilePermissions.fromString("rw-------"));
        }
    }

    static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !List.of(GLOBAL, UNKNOWN).contains(name))
                    .sorted()
                    .toList();
        }
    }

    private Import read(String name) throws IOException {
        Path global = name.startsWith("06-")
                ? FILES.resolve(GLOBAL)
                : Files.writeString(folder.resolve("none.cnf"), "[server default]\n");
        return new MhaConfigurations(folder, "root").read(List.of(FILES.resolve(name)), Optional.of(global));
    }

    private Import.Read imported(String name) throws IOException {
        return switch (read(name)) {
            case Import.Read read -> read;
            case Import.Invalid(List<Problem> problems) -> throw new AssertionError(name + ": " + problems);
        };
    }

    /** @return the cluster as {@code serve} would read it, its paths in this folder */
    private Cluster cluster(String name) throws IOException {
        Import.Read read = imported(name);
        String yaml = read.yaml()
                .replace("~/", folder + "/")
                .replace("/etc/mha/", folder + "/bin/")
                .replace("/usr/local/mha/bin/", folder + "/bin/");
        if (!yaml.contains("known-hosts: ")) {
            yaml = yaml.replaceFirst("ssh: \\{user:", "ssh: {known-hosts: " + folder + "/.ssh/known_hosts, user:");
        }
        for (Map.Entry<String, Secret> secret : read.secrets().entrySet()) {
            secret(secret.getKey(), secret.getValue().reveal());
        }
        // What the account of the import calls "by hand": a password that stands nowhere.
        for (Problem left : read.byHand()) {
            int at = left.toString().indexOf("secrets/");
            if (at >= 0) {
                secret(left.toString().substring(at).split(" ")[0], "by hand");
            }
        }
        Path file = Files.writeString(folder.resolve("switchman.yaml"), yaml);
        return switch (Inventory.read(file)) {
            case Inventory.Loaded loaded -> loaded.clusters().getFirst();
            case Inventory.Invalid invalid -> throw new AssertionError(invalid.problems() + "\n" + yaml);
        };
    }

    private void secret(String path, String password) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, password + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** Lines that MHA takes for a setting: not empty, no comment, no header. */
    private static List<String> settings(String name) throws IOException {
        List<String> names = new ArrayList<>();
        for (String line : Files.readString(FILES.resolve(name), StandardCharsets.UTF_8).split("\r?\n")) {
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#") && !text.startsWith(";") && !text.startsWith("[")) {
                names.add(text.substring(0, text.indexOf('=')).strip());
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("files")
    void every_line_is_accounted_for_and_the_result_can_be_served(String name) throws IOException {
        Import.Read read = imported(name);

        List<String> told = read.account()
                .stream()
                .map(row -> row.setting().replaceFirst("^.*?: \\[[^\\]]*\\] ", "").replaceFirst("=.*", ""))
                .collect(Collectors.toCollection(ArrayList::new));
        for (String setting : settings(name)) {
            boolean again = read.warnings()
                    .stream()
                    .anyMatch(warning -> warning.toString().contains("] " + setting + ": ")
                            && warning.toString().contains("a second time"));
            assertThat(told.remove(setting) || again).as(name + ": " + setting + " in " + read.account()).isTrue();
        }
        assertThat(cluster(name).nodes()).hasSizeBetween(2, 3);
        for (Secret secret : read.secrets().values()) {
            if (secret.reveal().length() > 6) {
                assertThat(read.toString()).as(name).doesNotContain(secret.reveal());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "01-two-nodes-commented.cnf|198.51.100.109:3109 preferred mha root@22, 198.51.100.110:3110 preferred mha root@22",
            "02-spaced.cnf|db-a.example.net:3306 preferred mha_admin root@22, db-b.example.net:3306 preferred mha_admin root@22, db-c.example.net:3306 never mha_admin root@22",
            "03-everything-in-blocks.cnf|203.0.113.11:3316 preferred mha dba@2202, 203.0.113.12:3316 allowed mha dba@2202",
            "04-binlog-servers.cnf|10.20.0.1:3306 preferred root root@22, 10.20.0.2:3306 preferred root root@22, 10.20.0.3:3306 never root root@22",
            "05-secondary-check.cnf|10.1.1.1:3306 preferred mha root@10022, 10.1.1.2:3306 preferred mha root@10022, 10.1.1.3:3306 allowed mha root@10022",
            "06-inherits.cnf|a1:3306 allowed mha mha@22, a2:3306 allowed mha mha@22, a3:3306 allowed mha other@22",
            "07-crlf.cnf|w1:3306 preferred mha root@22, w2:3306 allowed mha root@22",
            "08-load-script.cnf|v1:3306 allowed mha root@22, v2:3306 allowed mha root@22",
            "09-double-sections.cnf|d1:3306 preferred mha root@22, d2:3307 allowed mha root@22",
            "10-multi-instance.cnf|192.0.2.10:3301 allowed mha root@22, 192.0.2.10:3302 preferred mha root@22, 192.0.2.10:3310 never mha root@22",
            "11-named-blocks.cnf|db01:3306 allowed mha root@22, db02:3306 preferred mha root@22, [2001:db8::3]:3306 never mha root@22",
            "12-scripts-with-arguments.cnf|s1:3306 allowed mha root@2200, s2:3306 allowed mha root@2222"})
    void the_servers_are_those_that_mha_would_see(String name, String servers) throws IOException {
        assertThat(cluster(name).nodes().stream().map(WildConfigurationsTest::shown).collect(Collectors.joining(", ")))
                .isEqualTo(servers);
    }

    private static String shown(Node node) {
        return node.id() + " " + node.role().name().toLowerCase(Locale.ROOT) + " " + node.mysql().user() + " "
                + node.ssh().user() + "@" + node.ssh().port();
    }

    @Test
    void passwords_are_what_mha_would_send() throws IOException {
        assertThat(cluster("02-spaced.cnf").nodes().getFirst().mysql().password())
                .isEqualTo(new Secret("s3cret # not a comment"));
        assertThat(cluster("02-spaced.cnf").replication().password()).isEqualTo(new Secret("it's; fine"));
        assertThat(cluster("03-everything-in-blocks.cnf").nodes()).extracting(node -> node.mysql().password().reveal())
                .containsExactly("one", "two");
        assertThat(cluster("05-secondary-check.cnf").nodes().getFirst().mysql().password())
                .isEqualTo(new Secret("Mha!@#2018"));
        assertThat(cluster("06-inherits.cnf").nodes()).extracting(node -> node.mysql().password().reveal())
                .containsExactly("application", "block", "application");
        assertThat(cluster("08-load-script.cnf").nodes().getFirst().mysql().password())
                .isEqualTo(new Secret("from=vault"));
    }

    @Test
    void scripts_and_their_arguments_become_hooks_and_witnesses() throws IOException {
        assertThat(words(cluster("01-two-nodes-commented.cnf").hooks().masterIpOnlineChange())).containsExactly("sh",
                "bin/master_ip_online_change");
        assertThat(words(cluster("01-two-nodes-commented.cnf").hooks().report())).containsExactly("bin/send_report");
        assertThat(cluster("05-secondary-check.cnf").detection().witnessHosts())
                .extracting(witness -> witness.host().toString())
                .containsExactly("10.1.1.50", "10.1.1.51");
        assertThat(cluster("05-secondary-check.cnf").hooks().shutdown()).isEmpty();
        assertThat(words(cluster("06-inherits.cnf").hooks().masterIpFailover()))
                .containsExactly("bin/master_ip_failover");
        assertThat(words(cluster("10-multi-instance.cnf").hooks().shutdown())).containsExactly("bin/power_manager",
                "--ipmi", "192.0.2.250");
        Cluster last = cluster("12-scripts-with-arguments.cnf");
        assertThat(words(last.hooks().masterIpFailover())).containsExactly("bin/vip.sh", "--vip=10.9.9.9/24",
                "--interface", "bond0:1");
        assertThat(words(last.hooks().masterIpOnlineChange())).containsExactly("bin/vip.sh", "--vip=10.9.9.9/24",
                "--interface", "bond0:1", "--online");
        assertThat(words(last.hooks().report())).containsExactly("bin/report.py", "--to",
                "dba@example.org, oncall@example.org");
        assertThat(words(last.hooks().secondaryCheck())).containsExactly("bin/ask_the_router.sh", "10.9.9.1");
    }

    private List<String> words(Optional<CommandWords> command) {
        return command.orElseThrow().words().stream().map(word -> word.replace(folder + "/", "")).toList();
    }

    /** MHA starts with none of these either. */
    @Test
    void names_that_mha_does_not_know_are_all_told() throws IOException {
        assertThat(read(UNKNOWN)).isInstanceOfSatisfying(Import.Invalid.class,
                invalid -> assertThat(invalid.problems()
                        .stream()
                        .map(problem -> problem.toString().replaceFirst("^.*?\\.cnf:", ""))
                        .toList())
                        .anyMatch(text -> text.startsWith("4: [server default] pasword: "))
                        .anyMatch(text -> text.startsWith("5: [server default] disabled: "))
                        .anyMatch(text -> text.startsWith("6: [server default] vip: "))
                        .anyMatch(text -> text.startsWith("9: [server1] canditate_master: "))
                        .anyMatch(text -> text.startsWith("12: [proxysql]")));
    }
}
