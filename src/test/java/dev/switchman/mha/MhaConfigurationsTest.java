package dev.switchman.mha;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.config.Inventory;
import dev.switchman.config.Problem;
import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Hooks;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;

import static org.assertj.core.api.Assertions.assertThat;

/** What MHA's files become. */
class MhaConfigurationsTest {

    /** Every parameter of MHA 0.58, from its reference, and a value that it takes. */
    private static final Map<String, String> REFERENCE = Map.ofEntries(
            Map.entry("hostname", "db1"), Map.entry("ip", "10.1.0.11"), Map.entry("port", "3307"),
            Map.entry("ssh_host", "db1"), Map.entry("ssh_ip", "10.1.0.11"), Map.entry("ssh_port", "2222"),
            Map.entry("ssh_user", "ops"), Map.entry("ssh_options", "-o BatchMode=yes"),
            Map.entry("ssh_connection_timeout", "7"), Map.entry("user", "mha"), Map.entry("password", "pa=ss"),
            Map.entry("repl_user", "repl"), Map.entry("repl_password", "re=pl"), Map.entry("node_label", "east"),
            Map.entry("candidate_master", "1"), Map.entry("no_master", "0"), Map.entry("ignore_fail", "1"),
            Map.entry("skip_init_ssh_check", "1"), Map.entry("skip_reset_slave", "1"),
            Map.entry("multi_tier_slave", "1"), Map.entry("check_repl_delay", "0"),
            Map.entry("check_repl_filter", "0"), Map.entry("latest_priority", "0"),
            Map.entry("use_gtid_auto_pos", "0"), Map.entry("disable_log_bin", "1"),
            Map.entry("handle_raw_binlog", "0"), Map.entry("master_pid_file", "/run/mysqld/mysqld.pid"),
            Map.entry("master_binlog_dir", "/var/lib/mysql"), Map.entry("manager_workdir", "/var/log/mha"),
            Map.entry("manager_log", "/var/log/mha/manager.log"), Map.entry("remote_workdir", "/var/tmp"),
            Map.entry("log_level", "debug"), Map.entry("client_bindir", "/opt/mysql/bin"),
            Map.entry("client_libdir", "/opt/mysql/lib"), Map.entry("ping_interval", "2"),
            Map.entry("ping_type", "Insert"), Map.entry("secondary_check_script", "masterha_secondary_check -s w1"),
            Map.entry("master_ip_failover_script", "/etc/mha/failover"),
            Map.entry("master_ip_online_change_script", "/etc/mha/online"),
            Map.entry("shutdown_script", "/etc/mha/power"), Map.entry("report_script", "/etc/mha/report"),
            Map.entry("init_conf_load_script", "/bin/true"));

    private static final Path PAGE = Path.of("docs", "migrating-from-mha.md");

    @TempDir
    Path folder;

    @BeforeEach
    void keys() throws IOException {
        Files.createDirectories(folder.resolve(".ssh"));
        Files.writeString(folder.resolve(".ssh/id_rsa"), "a key\n");
        Files.setPosixFilePermissions(folder.resolve(".ssh/id_rsa"), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(folder.resolve(".ssh/known_hosts"), "");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Import read(String text) throws IOException {
        return new MhaConfigurations(folder, "somebody").read(List.of(file("app1.cnf", text)),
                Optional.of(file("global.cnf", "[server default]\n")));
    }

    private Import.Read good(String text) throws IOException {
        return switch (read(text)) {
            case Import.Read read -> read;
            case Import.Invalid(List<Problem> problems) -> throw new AssertionError(problems.toString());
        };
    }

    private List<String> problems(String text) throws IOException {
        return switch (read(text)) {
            case Import.Read read -> throw new AssertionError(read.yaml());
            case Import.Invalid(List<Problem> problems) -> shown(problems);
        };
    }

    private List<String> shown(List<Problem> problems) {
        return problems.stream().map(problem -> problem.toString().replace(folder + "/", "")).toList();
    }

    /** Reads the YAML as {@code serve} would, with its paths in this folder. */
    private List<Cluster> clusters(Import.Read read) throws IOException {
        for (Map.Entry<String, Secret> secret : read.secrets().entrySet()) {
            Path path = folder.resolve(secret.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, secret.getValue().reveal() + "\n");
        }
        Path yaml = file("switchman.yaml", read.yaml().replace("~/", folder + "/"));
        return switch (Inventory.read(yaml)) {
            case Inventory.Loaded loaded -> loaded.clusters();
            case Inventory.Invalid invalid -> throw new AssertionError(shown(invalid.problems()) + "\n" + read.yaml());
        };
    }

    private static final String ACCOUNTS = """
            user=mha
            password='pa ss"1=#\\'
            repl_user=repl
            repl_password=secret;2
            ssh_options=-i .ssh/id_rsa -o UserKnownHostsFile=.ssh/known_hosts
            """;

    @Test
    void every_parameter_of_the_reference_has_a_fate() {
        assertThat(Parameter.ALL.stream().map(Parameter::name)).containsExactlyInAnyOrderElementsOf(REFERENCE.keySet());
        assertThat(Parameter.ALL).allSatisfy(parameter -> assertThat(parameter.says()).isNotBlank());
    }

    /** To renew the table: {@code mvn test -Dtest=MhaConfigurationsTest -Dswitchman.docs.write=true}. */
    @Test
    void the_table_in_the_docs_is_the_one_in_the_code() throws IOException {
        String table = Parameter.ALL.stream().map(Parameter::row).collect(Collectors.joining("\n"));
        String page = Files.readString(PAGE);
        int from = page.indexOf("| `hostname` |");
        int to = page.indexOf("\n\n", from);
        if (Boolean.getBoolean("switchman.docs.write")) {
            Files.writeString(PAGE, page.substring(0, from) + table + page.substring(to));
        }

        assertThat(Files.readString(PAGE)).contains("\n" + table + "\n\n");
    }

    @Test
    void no_parameter_that_stands_in_a_file_is_dropped_without_a_word() throws IOException {
        StringBuilder server = new StringBuilder("[server1]\n");
        REFERENCE.forEach((name, value) -> server.append(name).append('=').append(value).append('\n'));
        StringBuilder binlog = new StringBuilder("[binlog1]\n");
        REFERENCE.forEach((name, value) -> binlog.append(name).append('=').append(value).append('\n'));
        StringBuilder defaults = new StringBuilder("[server default]\n");
        REFERENCE.forEach((name, value) -> defaults.append(name).append('=').append(value).append('\n'));

        Import.Read read = good(defaults + "\n" + server + "[server2]\nhostname=db2\n" + binlog);

        for (String section : List.of("server1", "server default", "binlog1")) {
            for (String name : REFERENCE.keySet()) {
                List<Import.Account> rows = read.account()
                        .stream()
                        .filter(row -> row.setting().contains(": [" + section + "] " + name + "="))
                        .toList();
                assertThat(rows).as("[" + section + "] " + name).hasSize(1);
                assertThat(rows.getFirst().outcome()).isNotBlank();
                assertThat(read.yaml()).contains("#   " + rows.getFirst());
            }
        }
        assertThat(read.toString()).doesNotContain("pa=ss", "re=pl");
        assertThat(read.secrets().get("secrets/app1.mysql.password")).isEqualTo(new Secret("pa=ss"));
    }

    @Test
    void a_file_becomes_a_cluster_that_the_reader_of_configurations_takes() throws IOException {
        Import.Read read = good("""
                # the orders cluster
                [server default]
                %s
                ping_interval=2
                ping_type = CONNECT
                ; an old one

                [server10]
                hostname=db10
                no_master=1
                ignore_fail=1
                [server2]
                hostname = name2
                ip = 10.1.0.12
                port = 3307
                candidate_master=1
                ssh_port=2222
                user=other
                password=x
                [server1]
                hostname=db1
                """.formatted(ACCOUNTS));

        Cluster cluster = clusters(read).getFirst();

        assertThat(cluster.name().value()).isEqualTo("app1");
        assertThat(cluster.nodes()).extracting(Node::id)
                .containsExactly(NodeId.of("db1", 3306), NodeId.of("10.1.0.12", 3307), NodeId.of("db10", 3306));
        assertThat(cluster.nodes()).extracting(Node::role)
                .containsExactly(PromotionRole.ALLOWED, PromotionRole.PREFERRED, PromotionRole.NEVER);
        assertThat(cluster.nodes()).extracting(Node::ignoreFailure).containsExactly(false, false, true);
        assertThat(cluster.nodes()).extracting(Node::mysql)
                .containsExactly(new Account("mha", new Secret("pa ss\"1=#\\")), new Account("other", new Secret("x")),
                        new Account("mha", new Secret("pa ss\"1=#\\")));
        assertThat(cluster.nodes()).extracting(node -> node.ssh().port()).containsExactly(22, 2222, 22);
        assertThat(cluster.nodes()).extracting(node -> node.ssh().user()).containsOnly("somebody");
        assertThat(cluster.nodes()).extracting(node -> node.ssh().key()).containsOnly(folder.resolve(".ssh/id_rsa"));
        assertThat(cluster.replication()).isEqualTo(new Account("repl", new Secret("secret;2")));
        assertThat(cluster.detection().ping()).isEqualTo(PingKind.CONNECT);
        assertThat(cluster.detection().interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(cluster.detection().failures()).isEqualTo(4);
        assertThat(cluster.detection().restartGrace()).isZero();
        assertThat(read.warnings()).isEmpty();
        assertThat(read.byHand()).isEmpty();
    }

    @Test
    void a_value_is_looked_for_in_the_block_then_in_the_file_then_in_the_global_file() throws IOException {
        Path global = file("default.cnf", """
                [server default]
                user=global
                password=p
                repl_user=repl
                repl_password=p
                ssh_user=global
                ssh_options=-i .ssh/id_rsa -o UserKnownHostsFile=.ssh/known_hosts
                port=3400
                """);
        Path first = file("first.cnf", """
                [server default]
                ssh_user=app
                [server1]
                hostname=a1
                ssh_user=block
                [server2]
                hostname=a2
                port=3401
                """);
        Path second = file("second.cnf", "[server1]\nhostname=b1\n[server2]\nhostname=b2\nuser=own\n");

        Import.Read read = (Import.Read) new MhaConfigurations(folder, "me").read(List.of(first, second),
                Optional.of(global));
        List<Cluster> clusters = clusters(read);

        assertThat(clusters).extracting(cluster -> cluster.name().value()).containsExactly("first", "second");
        assertThat(clusters.get(0).nodes()).extracting(Node::id)
                .containsExactly(NodeId.of("a1", 3400), NodeId.of("a2", 3401));
        assertThat(clusters.get(0).nodes()).extracting(node -> node.ssh().user()).containsExactly("block", "app");
        assertThat(clusters.get(1).nodes()).extracting(node -> node.mysql().user()).containsExactly("global", "own");
        assertThat(clusters.get(1).nodes()).extracting(node -> node.ssh().user()).containsExactly("global", "global");
    }

    @Test
    void comments_behind_values_and_a_missing_header_are_understood_with_a_warning() throws IOException {
        Import.Read read = good("""
                manager_workdir=/data/mha/main                 #where MHA works
                %s
                ping_interval=1                                #every second

                [server1]
                hostname=192.0.2.109
                port=3109
                candidate_master=1                             #may be promoted ; really
                [server2]
                hostname=192.0.2.110 ; the other
                port=3110
                """.formatted(ACCOUNTS));

        assertThat(clusters(read).getFirst().nodes()).extracting(Node::id)
                .containsExactly(NodeId.of("192.0.2.109", 3109), NodeId.of("192.0.2.110", 3110));
        assertThat(shown(read.warnings())).hasSize(4)
                .anySatisfy(line -> assertThat(line).startsWith("app1.cnf:1: stands before any section"))
                .anySatisfy(line -> assertThat(line).startsWith("app1.cnf:8: what stands behind #"));
    }

    @Test
    void what_stands_twice_counts_as_in_mha_and_is_told() throws IOException {
        Import.Read read = good("""
                [server default]
                %s
                user=second
                [server1]
                hostname=db1
                [server2]
                hostname=db2
                [server1]
                port=3310
                [server default]
                ping_interval=5
                """.formatted(ACCOUNTS));

        assertThat(clusters(read).getFirst().nodes().getFirst().id()).isEqualTo(NodeId.of("db1", 3310));
        assertThat(clusters(read).getFirst().nodes().getFirst().mysql().user()).isEqualTo("second");
        assertThat(shown(read.warnings())).containsExactlyInAnyOrder(
                "app1.cnf:8: [server default] user: stands here a second time, first in line 2; the last one counts, as in MHA",
                "app1.cnf:13: [server1]: stands here a second time, first in line 9; both are taken together, as MHA does",
                "app1.cnf:15: [server default]: stands here a second time, first in line 1; both are taken together, as MHA does");
    }

    @Test
    void all_that_is_wrong_is_told_at_once_and_no_password() throws IOException {
        assertThat(problems("""
                [server default]
                pasword=hidden
                secret line
                ping_interval=often
                ping_type=PONG
                ssh_options=-p ssh -i 'open
                [servers default]
                [group]
                [server1]
                port=70000
                [server2]
                hostname=db/2
                candidate_master=yes
                [server3]
                hostname=db3
                [server4]
                hostname=db3
                """)).containsExactlyInAnyOrder(
                "app1.cnf:2: [server default] pasword: MHA 0.58 knows no such parameter",
                "app1.cnf:3: [server default]: is neither [section] nor name=value nor a comment (line not shown)",
                "app1.cnf:4: [server default] ping_interval: not a whole number from 1 to 60: often",
                "app1.cnf:5: [server default] ping_type: not SELECT, CONNECT or INSERT: PONG",
                "app1.cnf:6: [server default] ssh_options: a quote is not closed: ': -p ssh -i 'open",
                "app1.cnf:7: [servers default]: MHA knows no such section: [server default], [serverN] and [binlogN] it does",
                "app1.cnf:8: [group]: MHA knows no such section: [server default], [serverN] and [binlogN] it does",
                "app1.cnf:9: [server1] hostname: is missing",
                "app1.cnf:10: [server1] port: not a whole number from 1 to 65535: 70000",
                "app1.cnf:12: [server2] hostname: not a host name or address: db/2",
                "app1.cnf:13: [server2] candidate_master: not a whole number from 0 to 999999999: yes",
                "app1.cnf:16: [server4]: is the same server as [server3]: db3:3306");
    }

    @Test
    void a_file_that_is_not_there_or_has_one_server_is_told() throws IOException {
        assertThat(problems("[server1]\nhostname=db1\n")).containsExactly(
                "app1.cnf: names 1 servers ([server1] …); a failover needs at least two");
        assertThat(problems("[server1]\nhostname=a\nno_master=1\n[server2]\nhostname=b\nno_master=1\n"))
                .containsExactly("app1.cnf: every server has no_master: none could be promoted");
        Import none = new MhaConfigurations(folder, "me").read(List.of(folder.resolve("none.cnf")), Optional.empty());
        assertThat(shown(((Import.Invalid) none).problems())).containsExactly("none.cnf: no such file");
    }

    @Test
    void what_mha_would_find_out_by_itself_is_left_to_a_person_by_name() throws IOException {
        Import.Read read = good("""
                [server1]
                hostname=db1
                ssh_host=jump1
                ssh_options="-o ProxyJump=gate -q"
                [server2]
                hostname=db2
                """);

        assertThat(shown(read.byHand())).containsExactlyInAnyOrder(
                "app1.cnf:4: [server1] ssh_options: Switchman's SSH client has no such option, see whether it is needed:"
                        + " -o ProxyJump=gate",
                "app1.cnf:3: [server1] ssh_host: Switchman reaches MySQL and SSH under one name; make db1 lead to its sshd"
                        + " too, not only jump1",
                "app1.cnf: there is no password: write it, as the only line, into secrets/app1.mysql.password beside the"
                        + " configuration, for its user alone (chmod 600)",
                "app1.cnf: there is no repl_user: MHA takes the one that it finds on a replica, Switchman wants it written:"
                        + " replication.user (SHOW REPLICA STATUS names it)",
                "app1.cnf: there is no repl_password: write it, as the only line, into"
                        + " secrets/app1.replication.password beside the configuration, for its user alone (chmod 600)");
        assertThat(read.yaml()).contains("mysql: {user: root, ", "key: ~/.ssh/id_rsa");
    }

    @Test
    void the_load_script_is_run_without_a_shell_and_wins_over_the_defaults_of_its_file() throws IOException {
        Path script = file("load", """
                #!/bin/sh
                echo "password=a=b"
                echo "Deep recursion, never mind" >&2
                echo "repl_password=$1"
                """);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));

        Import.Read read = good("""
                [server default]
                init_conf_load_script=%s "two words"
                password=old
                repl_user=repl
                [server1]
                hostname=db1
                [server2]
                hostname=db2
                password=own
                """.formatted(script));

        assertThat(read.secrets()).isEqualTo(Map.of("secrets/app1.mysql.password", new Secret("a=b"),
                "secrets/app1.db2-3306.mysql.password", new Secret("own"),
                "secrets/app1.replication.password", new Secret("two words")));
    }

    @Test
    void a_load_script_that_cannot_be_run_is_told() throws IOException {
        String servers = "[server1]\nhostname=db1\n[server2]\nhostname=db2\n";

        assertThat(problems("[server default]\ninit_conf_load_script=/no/such/program\n" + servers).getFirst())
                .startsWith(
                        "app1.cnf:2: [server default] init_conf_load_script: /no/such/program ended with status 127");
        assertThat(problems("[server default]\ninit_conf_load_script=cat a | b\n" + servers)).containsExactly(
                "app1.cnf:2: [server default] init_conf_load_script: it is run without a shell, which alone would"
                        + " understand |; quote that, or put the command into a script of its own: cat a | b");
        assertThat(problems("[server default]\ninit_conf_load_script=echo top secret\n" + servers)).containsExactly(
                "app1.cnf:2: [server default] init_conf_load_script: line 1 of what it prints is no name=value of a"
                        + " parameter that MHA knows (line not shown): echo top secret");
    }

    @Test
    void scripts_become_hooks_with_their_arguments() throws IOException {
        for (String name : List.of("failover", "online", "power", "report")) {
            Files.setPosixFilePermissions(file(name, "#!/bin/sh\n"), PosixFilePermissions.fromString("rwx------"));
        }

        Import.Read read = good("""
                [server default]
                %1$s
                master_ip_failover_script= %2$s/failover --vip=10.1.0.9 --label 'eth0:1'
                master_ip_online_change_script= "%2$s/online"
                shutdown_script=%2$s/power
                report_script=%2$s/report
                secondary_check_script=sh -s w1 -s w2
                master_pid_file=/run/mysqld/mysqld.pid
                [server1]
                hostname=db1
                [server2]
                hostname=db2
                """.formatted(ACCOUNTS, folder));

        assertThat(clusters(read).getFirst().hooks()).isEqualTo(new Hooks(
                command(folder + "/failover", "--vip=10.1.0.9", "--label", "eth0:1"), command(folder + "/online"),
                command(folder + "/power"), command(folder + "/report"), command("sh", "-s", "w1", "-s", "w2"),
                Optional.of("/run/mysqld/mysqld.pid"), Optional.of(folder + "/app1.cnf"), Duration.ofMinutes(1)));
        assertThat(problems("""
                [server default]
                report_script=/etc/mha/report | mail root
                [server1]
                hostname=db1
                [server2]
                hostname=db2
                """))
                .containsExactly("app1.cnf:2: [server default] report_script: it is run without a shell, which alone"
                        + " would understand |; quote that, or put the command into a script of its own: /etc/mha/report |"
                        + " mail root");
    }

    @Test
    void the_hosts_of_MHAs_own_secondary_check_become_witnesses() throws IOException {
        String text = """
                [server default]
                %s
                ssh_user=root
                secondary_check_script=%s
                [server1]
                hostname=db1
                [server2]
                hostname=db2
                """;
        Import.Read read = good(text.formatted(ACCOUNTS,
                "/usr/local/bin/masterha_secondary_check -s w1 --secondary_host=w2 -sw1 --secondary_host db2"
                        + " --user=root --port 22 --timeout=3"));

        Cluster cluster = clusters(read).getFirst();
        assertThat(cluster.detection().witnessHosts()).extracting(witness -> witness.host().toString())
                .containsExactly("w1", "w2");
        assertThat(cluster.hooks().secondaryCheck()).isEmpty();
        assertThat(read.toString()).contains("db2 is a server of this cluster, and its host is asked anyway");

        assertThat(read(text.formatted(ACCOUNTS, "masterha_secondary_check -s w1 --user=mha")).toString())
                .contains("let that in there, besides mha on port 22");
        assertThat(problems(text.formatted(ACCOUNTS, "masterha_secondary_check -s"))).singleElement()
                .asString()
                .contains("masterha_secondary_check -s lacks its value");
        assertThat(problems(text.formatted(ACCOUNTS, "masterha_secondary_check --options=-v -s w1"))).singleElement()
                .asString()
                .contains("masterha_secondary_check --options cannot be taken over");
        assertThat(problems(text.formatted(ACCOUNTS, "masterha_secondary_check --timeout=5"))).singleElement()
                .asString()
                .contains("names no host (-s)");
    }

    private static Optional<CommandWords> command(String... words) {
        return Optional.of(new CommandWords(List.of(words)));
    }

    @Test
    void what_a_cluster_has_one_of_must_agree_or_is_the_first_servers() throws IOException {
        String servers = """
                [server1]
                hostname=db1
                ping_interval=2
                repl_user=%s
                [server2]
                hostname=db2
                ping_interval=9
                repl_user=repl
                """;

        assertThat(good(servers.formatted("repl")).yaml()).contains("interval: 2s");
        assertThat(shown(good(servers.formatted("repl")).warnings())).containsExactly(
                "app1.cnf:7: [server2] ping_interval: Switchman has one for each cluster; that of [server1] ping_interval is"
                        + " taken, as MHA does: 2");
        assertThat(problems(servers.formatted("other"))).containsExactly(
                "app1.cnf:8: [server2] repl_user: Switchman has one repl_user for each cluster, and another server has"
                        + " another: repl");
    }

    @Test
    void a_file_in_another_encoding_and_with_other_ends_of_lines_is_read() throws IOException {
        List<Byte> bytes = new ArrayList<>();
        for (byte b : "\uFEFF[server default]\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            bytes.add(b);
        }
        for (byte b : new byte[]{'#', (byte) 0xC9, (byte) 0xE8, '\r', '\n'}) {
            bytes.add(b);
        }
        String rest = ACCOUNTS.replace("\n", "\r\n") + "[server_a]\rhostname=db1\r[server_b]\r\nhostname=db2\r\n";
        for (byte b : rest.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            bytes.add(b);
        }
        byte[] all = new byte[bytes.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes.get(i);
        }
        Path path = Files.write(folder.resolve("My App.conf"), all);

        Import.Read read = (Import.Read) new MhaConfigurations(folder, "me").read(List.of(path), Optional.empty());

        // The byte order mark is three characters in that encoding.
        assertThat(clusters(read).getFirst().name().value()).isEqualTo("My-App");
        assertThat(Set.copyOf(read.warnings())).isEmpty();
    }
}
