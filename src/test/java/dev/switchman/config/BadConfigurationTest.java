package dev.switchman.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Each kind of mistake with the whole message that it gets. */
class BadConfigurationTest {

    static final String GOOD = """
            switchman:
              server:
                port: 8081
              defaults:
                mysql: {user: switchman, password: {file: secret}}
                replication: {user: repl, password: {file: secret}}
                ssh: {key: key, known-hosts: known_hosts}
              clusters:
                - name: orders
                  tier: production
                  virtual-ip: {address: 10.0.0.9, prefix: 24, interface: eth0}
                  nodes:
                    - host: db1
                      role: preferred
                    - host: db2
                    - host: db3
                      port: 3307
                  detection:
                    interval: 1s
                - name: billing
                  nodes:
                    - host: db4
                    - host: db5
            """;

    @TempDir
    Path temporary;

    private ConfigurationFolder folder = new ConfigurationFolder(Path.of(""));

    /** @param line of the good file that is replaced @param by what, with {@code |} for a line end */
    record Mistake(String what, int line, String by, String... messages) {

        String yaml() {
            List<String> lines = GOOD.lines().toList();
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < lines.size(); i++) {
                text.append(i + 1 == line ? by.replace("|", "\n") : lines.get(i)).append('\n');
            }
            return text.toString();
        }

        @Override
        public String toString() {
            return what;
        }
    }

    @BeforeEach
    void files() throws IOException {
        folder = ConfigurationFolder.in(temporary);
    }

    static Stream<Mistake> mistakes() {
        String orders = "switchman.clusters[orders].";
        return Stream.of(
                new Mistake("unknown key in a node", 17, "          prot: 3307",
                        "switchman.yaml:17: " + orders + "nodes[2].prot: unknown key; did you mean \"port\"?"),
                new Mistake("unknown key in camel case", 11, "      virtualIp: {address: 10.0.0.9}",
                        "switchman.yaml:11: " + orders + "virtualIp: unknown key; did you mean \"virtual-ip\"?"),
                new Mistake("unknown key that resembles nothing", 3, "    colour: red",
                        "switchman.yaml:3: switchman.server.colour: unknown key; known here: address, port, admin-user,"
                                + " public-url, log-format, audit, store, oidc"),
                new Mistake("a journal that is kept too short", 3, "    audit: {keep: 30d, head-file: nowhere/heads}",
                        "switchman.yaml:3: switchman.server.audit.keep: must be 180d to 100y: 30d",
                        "switchman.yaml:3: switchman.server.audit.head-file: no such folder: nowhere"),
                new Mistake("a journal that is kept for no age", 3, "    audit: {keep: seven years}",
                        "switchman.yaml:3: switchman.server.audit.keep: not an age such as 7y or 3650d: \"seven years\""),
                new Mistake("an issuer without its needs", 3, "    oidc: {client-secret: {file: secret}}",
                        "switchman.yaml:3: switchman.server.oidc.issuer: is missing",
                        "switchman.yaml:3: switchman.server.oidc.client-id: is missing"),
                new Mistake("an issuer that is none", 3,
                        "    oidc: {issuer: login.example.org, client-id: a b, scopes: profile, groups: {root: x}}",
                        "switchman.yaml:3: switchman.server.oidc.issuer: not a URL such as https://login.example.org:"
                                + " \"login.example.org\"",
                        "switchman.yaml:3: switchman.server.oidc.client-id: not a client id (visible characters, no"
                                + " spaces): \"a b\"",
                        "switchman.yaml:3: switchman.server.oidc.scopes: not scopes, with openid among them: \"profile\"",
                        "switchman.yaml:3: switchman.server.oidc.groups.root: unknown key; known here: operator,"
                                + " approver, auditor, admin"),
                new Mistake("a name that is Switchman's own", 3, "    admin-user: Monitor",
                        "switchman.yaml:3: switchman.server.admin-user: not a login name (letters, digits, . _ -; not"
                                + " monitor, engine, local, nobody): \"Monitor\""),
                new Mistake("unknown section", 2, "  sevrer:",
                        "switchman.yaml:2: switchman.sevrer: unknown key; did you mean \"server\"?"),
                new Mistake("unknown key beside the root", 1, "spring:|  x: 1|switchman:",
                        "switchman.yaml:1: spring: unknown key; known here: switchman"),
                new Mistake("a key that belongs to one cluster in defaults", 4,
                        "  defaults:|    virtual-ip: {address: 10.0.0.8}",
                        "switchman.yaml:5: switchman.defaults.virtual-ip.address: unknown key; known here: prefix, interface"),
                new Mistake("nodes in defaults", 4, "  defaults:|    nodes: []",
                        "switchman.yaml:5: switchman.defaults.nodes: unknown key; known here: tier, unit, shutdown-hook, ping-schema,"
                                + " guard, virtual-ip, hooks, mysql, replication, ssh, detection, limits, policies, mail,"
                                + " notify"),
                new Mistake("merge key", 18, "      <<: {tier: x}|      detection:",
                        "switchman.yaml:18: " + orders
                                + "<<: merge keys are not read; put what clusters share under switchman.defaults"),
                new Mistake("key twice", 10, "      tier: production|      tier: test",
                        "switchman.yaml:11: " + orders + "tier: stands here twice; first in line 10"),
                new Mistake("section twice", 4, "  server: {port: 1}|  defaults:",
                        "switchman.yaml:4: switchman.server: stands here twice; first in line 2"),
                new Mistake("cluster name twice", 20, "    - name: Orders",
                        "switchman.yaml:20: switchman.clusters[Orders].name: another cluster has this name: Orders"),
                new Mistake("the name that changes of runbooks go by", 20, "    - name: runbooks",
                        "switchman.yaml:20: switchman.clusters[runbooks].name: changes of runbooks go by this name; choose"
                                + " another: runbooks"),
                new Mistake("a command that is none", 18,
                        "      commands: [{name: Flush, run: flush, on: primary}]|      detection:",
                        "switchman.yaml:18: " + orders
                                + "commands[0].name: not a name (small letters, digits, -): \"Flush\"",
                        "switchman.yaml:18: " + orders
                                + "commands[0].run: must begin with the program's whole path: flush",
                        "switchman.yaml:18: " + orders
                                + "commands[0].on: not one of old-primary, new-primary, replicas,"
                                + " manager: \"primary\""),
                new Mistake("a command for a shell, and one twice", 18,
                        "      commands: [{name: a, run: /bin/a >b, on: manager}, {name: b, run: [/bin/b], on: manager}, {name: b, run: [/bin/b], on: manager}]|      detection:",
                        "switchman.yaml:18: " + orders
                                + "commands[0].run: it is run without a shell, which alone would understand >; quote that, or"
                                + " put the command into a script of its own",
                        "switchman.yaml:18: " + orders + "commands[2].name: another command has this name: b"),
                new Mistake("server twice in a cluster", 15, "        - host: DB1",
                        "switchman.yaml:15: " + orders
                                + "nodes[1]: this server stands in the cluster already: DB1:3306"),
                new Mistake("server in two clusters", 22, "        - {host: db3, port: 3307}",
                        "switchman.yaml:22: switchman.clusters[billing].nodes[0]: this server belongs to"
                                + " switchman.clusters[orders] already: db3:3307"),
                new Mistake("virtual address twice", 21,
                        "      virtual-ip: {address: 10.0.0.9, interface: eth1}|      nodes:",
                        "switchman.yaml:21: switchman.clusters[billing].virtual-ip.address:"
                                + " another cluster has this virtual address: 10.0.0.9"),
                new Mistake("virtual address is a node's", 13, "        - host: 10.0.0.9",
                        "switchman.yaml:11: " + orders
                                + "virtual-ip.address: is the address of a node, not one that can move: 10.0.0.9"),
                new Mistake("virtual address is no address", 11,
                        "      virtual-ip: {address: 10.0.0.256, prefix: 24, interface: eth0}",
                        "switchman.yaml:11: " + orders + "virtual-ip.address: not an IPv4 address: \"10.0.0.256\""),
                new Mistake("prefix out of range", 11,
                        "      virtual-ip: {address: 10.0.0.9, prefix: 33, interface: eth0}",
                        "switchman.yaml:11: " + orders + "virtual-ip.prefix: must be 1 to 32: 33"),
                new Mistake("virtual address without interface", 11, "      virtual-ip: {address: 10.0.0.9}",
                        "switchman.yaml:9: " + orders + "virtual-ip.interface: is missing"),
                new Mistake("interface is none", 11, "      virtual-ip: {address: 10.0.0.9, interface: a b}",
                        "switchman.yaml:11: " + orders
                                + "virtual-ip.interface: not the name of a network interface, such as eth0: \"a b\""),
                new Mistake("virtual-ip is a text", 11, "      virtual-ip: 10.0.0.9/24",
                        "switchman.yaml:11: " + orders + "virtual-ip: must be a section of keys, not a single value"),
                new Mistake("port is no number", 17, "          port: mysql",
                        "switchman.yaml:17: " + orders + "nodes[2].port: not a whole number: \"mysql\""),
                new Mistake("port out of range", 17, "          port: 65536",
                        "switchman.yaml:17: " + orders + "nodes[2].port: must be 1 to 65535: 65536"),
                new Mistake("port beyond all numbers", 3, "    port: 99999999999999999999",
                        "switchman.yaml:3: switchman.server.port: not a whole number: \"99999999999999999999\""),
                new Mistake("value is empty", 17, "          port:",
                        "switchman.yaml:17: " + orders + "nodes[2].port: has no value"),
                new Mistake("value is a list", 17, "          port: [3306, 3307]",
                        "switchman.yaml:17: " + orders + "nodes[2].port: must be one value, not a list"),
                new Mistake("duration without unit", 19, "        interval: 2",
                        "switchman.yaml:19: " + orders + "detection.interval: needs a unit, such as 2s or 2ms: 2"),
                new Mistake("duration with a strange unit", 19, "        interval: 1 sec",
                        "switchman.yaml:19: " + orders
                                + "detection.interval: not a duration such as 500ms, 1s, 2m or 8h: \"1 sec\""),
                new Mistake("duration out of range", 19, "        interval: 5ms",
                        "switchman.yaml:19: " + orders + "detection.interval: must be 100ms to 1m: 5ms"),
                new Mistake("unknown role", 14, "          role: primary",
                        "switchman.yaml:14: " + orders
                                + "nodes[0].role: not one of preferred, allowed, never: \"primary\""),
                new Mistake("unknown ping", 19, "        ping: icmp",
                        "switchman.yaml:19: " + orders
                                + "detection.ping: not one of select, connect, insert: \"icmp\""),
                new Mistake("unknown preset", 19, "        preset: orchestrator",
                        "switchman.yaml:19: " + orders
                                + "detection.preset: not one of fast, standard, mha: \"orchestrator\""),
                new Mistake("unknown policy", 18, "      policies: {unproven-fence: maybe}|      detection:",
                        "switchman.yaml:18: " + orders + "policies.unproven-fence: not one of act, ask: \"maybe\""),
                new Mistake("a witness host that is a node", 19, "        witness-hosts: [mon1, db2]",
                        "switchman.yaml:19: " + orders
                                + "detection.witness-hosts: is a host of this cluster's nodes, which"
                                + " are asked anyway: db2"),
                new Mistake("a witness host twice", 19, "        witness-hosts: [mon1, mon1]",
                        "switchman.yaml:19: " + orders
                                + "detection.witness-hosts: stands there twice, and has one vote:"
                                + " mon1"),
                new Mistake("more witnesses than replicas", 19, "        witnesses: 3",
                        "switchman.yaml:19: " + orders + "detection.witnesses: there are not as many replicas (2),"
                                + " so that no loss could ever be declared: 3"),
                new Mistake("neither true nor false", 17, "          ignore-failure: sometimes",
                        "switchman.yaml:17: " + orders + "nodes[2].ignore-failure: not true or false: \"sometimes\""),
                new Mistake("host is no host", 13, "        - host: db_1!",
                        "switchman.yaml:13: " + orders + "nodes[0].host: not a host name or address: \"db_1!\""),
                new Mistake("host is missing", 15, "        - port: 3306",
                        "switchman.yaml:15: " + orders + "nodes[1].host: is missing"),
                new Mistake("node is a text", 15, "        - db2",
                        "switchman.yaml:15: " + orders + "nodes[1]: must be a section of keys, not a single value"),
                new Mistake("name is missing", 9, "    - ping-schema: switchman",
                        "switchman.yaml:9: switchman.clusters[0].name: is missing"),
                new Mistake("name cannot be one", 20, "    - name: \"a b\"",
                        "switchman.yaml:20: switchman.clusters[1].name: not a cluster name (letters, digits, . _ -):"
                                + " \"a b\""),
                new Mistake("nodes are missing", 21, "      tier: test|      nods:",
                        "switchman.yaml:20: switchman.clusters[billing].nodes: is missing",
                        "switchman.yaml:22: switchman.clusters[billing].nods: unknown key; did you mean \"nodes\"?"),
                new Mistake("a single node", 23, "",
                        "switchman.yaml:22: switchman.clusters[billing].nodes: a failover needs at least two nodes: 1"),
                new Mistake("nobody may be promoted", 22,
                        "        - {host: db4, role: never}|        - {host: db6, role: never}|      # |"
                                + "    - name: spare|      nodes:|        - host: db7",
                        "switchman.yaml:22: switchman.clusters[billing].nodes: every node has the role never:"
                                + " none could be promoted"),
                new Mistake("password in the file", 5, "    mysql: {user: switchman, password: s3cret}",
                        "switchman.yaml:5: switchman.defaults.mysql.password: a password may not stand in the file"
                                + " like this (value not shown); write {file: PATH}, {env: NAME} or \"${env:NAME}\""),
                new Mistake("password as a key", 5, "    mysql: {user: switchman, password: {s3cret: }}",
                        "switchman.yaml:5: switchman.defaults.mysql.password: must be one of {file: PATH}, {env: NAME}"
                                + " and {plain: TEXT} (value not shown)"),
                new Mistake("password as an alias", 5, "    mysql: {user: switchman, password: *s3cret}",
                        "switchman.yaml:5: not YAML: a value that begins with * must stand in quotes (value not shown)"),
                new Mistake("password file is missing", 5, "    mysql: {user: switchman, password: {file: nowhere}}",
                        "switchman.yaml:5: switchman.defaults.mysql.password: no such file: nowhere"),
                new Mistake("password file is a folder", 5, "    mysql: {user: switchman, password: {file: .}}",
                        "switchman.yaml:5: switchman.defaults.mysql.password: not a file: FOLDER"),
                new Mistake("password file is empty", 5, "    mysql: {user: switchman, password: {file: known_hosts}}",
                        "switchman.yaml:5: switchman.defaults.mysql.password: the file is empty: known_hosts"),
                new Mistake("environment variable is missing", 5,
                        "    mysql: {user: switchman, password: {env: NOWHERE}}",
                        "switchman.yaml:5: switchman.defaults.mysql.password: the environment has no variable NOWHERE"),
                new Mistake("environment variable is empty", 5,
                        "    mysql: {user: switchman, password: \"${env:EMPTY}\"}",
                        "switchman.yaml:5: switchman.defaults.mysql.password: the environment variable EMPTY is empty"),
                new Mistake("reference of another kind", 10, "      tier: ${vault:tier}",
                        "switchman.yaml:10: " + orders + "tier: only ${env:NAME} is understood, not ${vault:tier}"),
                new Mistake("account is missing", 5, "",
                        "switchman.yaml:9: " + orders + "mysql.user: is missing",
                        "switchman.yaml:9: " + orders + "mysql.password: is missing",
                        "switchman.yaml:20: switchman.clusters[billing].mysql.user: is missing",
                        "switchman.yaml:20: switchman.clusters[billing].mysql.password: is missing"),
                new Mistake("ssh key is missing", 7, "    ssh: {key: ~/.ssh/none, known-hosts: known_hosts}",
                        "switchman.yaml:7: switchman.defaults.ssh.key: no such file: home/.ssh/none"),
                new Mistake("shutdown hook is missing", 10, "      shutdown-hook: ~/power-off",
                        "switchman.yaml:10: " + orders + "shutdown-hook: no such program: home/power-off"),
                new Mistake("shutdown hook is a folder", 4, "  defaults:|    shutdown-hook: .",
                        "switchman.yaml:5: switchman.defaults.shutdown-hook: not a program: FOLDER"),
                new Mistake("shutdown hook may not be run", 10, "      shutdown-hook: key",
                        "switchman.yaml:10: " + orders + "shutdown-hook: may not be run by the user that runs this"
                                + " (chmod +x?): key"),
                new Mistake("shutdown hook is a command line", 10, "      shutdown-hook: hook --now",
                        "switchman.yaml:10: " + orders + "shutdown-hook: no such program: hook --now"),
                new Mistake("a store that is no PostgreSQL, and without its needs", 3,
                        "    store: {url: 'jdbc:mysql://db1/x', user: switchman}",
                        "switchman.yaml:3: switchman.server.store.password: is missing",
                        "switchman.yaml:3: switchman.server.store.url: not jdbc:postgresql://HOST[:PORT]/DATABASE,"
                                + " without parameters: \"jdbc:mysql://db1/x\""),
                new Mistake("mail without its needs", 10, "      mail: {server: mx, user: me, to: [a@b, nobody]}",
                        "switchman.yaml:9: " + orders + "mail.from: is missing",
                        "switchman.yaml:10: " + orders + "mail.to: not a mail address: \"nobody\"",
                        "switchman.yaml:10: " + orders + "mail.user: needs mail.password beside it: me"),
                new Mistake("receivers of every wrong kind", 10,
                        "      notify:|        - {url: ftp://chat/hook, shape: irc, severity: bad}"
                                + "|        - {secret: {plain: x}, deadline: 2h}"
                                + "|        - {url: '${env:DB_PASSWORD}', try-for: 3}"
                                + "|        - {url: {file: secret}}"
                                + "|        - {url: 'https://a/1'}|        - {url: 'https://a/2'}"
                                + "|        - {url: 'https://a/3', name: 'no good'}|        - words",
                        "switchman.yaml:11: " + orders + "notify[0].url: not a web address such as"
                                + " https://chat.example.org/hooks/1: \"ftp://chat/hook\"",
                        "switchman.yaml:11: " + orders + "notify[0].shape: not one of json, slack, teams: \"irc\"",
                        "switchman.yaml:11: " + orders + "notify[0].severity: not one of info, warning, critical:"
                                + " \"bad\"",
                        "switchman.yaml:12: " + orders + "notify[1].url: is missing",
                        "switchman.yaml:12: " + orders + "notify[1].deadline: must be 100ms to 1m: 2h",
                        "switchman.yaml:13: " + orders + "notify[2].url: not a web address such as"
                                + " https://chat.example.org/hooks/1 (value not shown)",
                        "switchman.yaml:13: " + orders + "notify[2].try-for: needs a unit, such as 3s or 3ms: 3",
                        "switchman.yaml:14: " + orders + "notify[3].url: not a web address such as"
                                + " https://chat.example.org/hooks/1 (value not shown)",
                        "switchman.yaml:16: " + orders + "notify[5].name: another receiver of this list has this name,"
                                + " which is its host; give one of them a name: a",
                        "switchman.yaml:17: " + orders + "notify[6].name: not a name (letters, digits, . _ -):"
                                + " \"no good\"",
                        "switchman.yaml:18: " + orders + "notify[7]: must be a section of keys, not a single value"),
                new Mistake("receivers that are no list", 10, "      notify: {url: 'https://a/1'}",
                        "switchman.yaml:10: " + orders + "notify: must be a list (each receiver begins with"
                                + " \"- url: …\"), not a section of keys"),
                new Mistake("a receiver of the defaults", 4, "  defaults:|    notify: [{urk: 'https://a/1'}]",
                        "switchman.yaml:5: switchman.defaults.notify[0].urk: unknown key; did you mean \"url\"?",
                        "switchman.yaml:5: switchman.defaults.notify[0].url: is missing"),
                new Mistake("a default that every cluster overrides", 4, "  defaults:|    detection: {interval: 7}",
                        "switchman.yaml:5: switchman.defaults.detection.interval: needs a unit, such as 7s or 7ms: 7"),
                new Mistake("tab as indentation", 10, "\ttier: production",
                        "switchman.yaml:10: not YAML: found character '\\t(TAB)' that cannot start any token. "
                                + "(Do not use \\t(TAB) for indentation)"),
                new Mistake("bracket left open", 11, "      virtual-ip: {address: 10.0.0.9",
                        "switchman.yaml:12: not YAML: expected ',' or '}', but got :"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void a_mistake_gets_its_message(Mistake mistake) throws IOException {
        List<String> problems = folder.problems(mistake.yaml());

        assertThat(problems.stream().map(text -> text.replace(temporary.toString(), "FOLDER")))
                .containsExactlyInAnyOrder(mistake.messages());
    }

    @Test
    void the_file_without_a_mistake_is_loaded() throws IOException {
        assertThat(folder.loaded(GOOD).clusters()).hasSize(2);
    }

    @Test
    void all_mistakes_are_told_at_once_in_the_order_of_the_file() throws IOException {
        String yaml = GOOD.replace("8081", "0")
                .replace("role: preferred", "rôle: preferred")
                .replace("interval: 1s", "interval: soon")
                .replace("host: db5", "host: db4");

        List<String> problems = folder.problems(yaml);

        assertThat(problems).containsExactly(
                "switchman.yaml:3: switchman.server.port: must be 1 to 65535: 0",
                "switchman.yaml:14: switchman.clusters[orders].nodes[0].rôle: unknown key; did you mean \"role\"?",
                "switchman.yaml:19: switchman.clusters[orders].detection.interval: not a duration such as 500ms, 1s, 2m"
                        + " or 8h: \"soon\"",
                "switchman.yaml:23: switchman.clusters[billing].nodes[1]: this server stands in the cluster already:"
                        + " db4:3306");
    }

    @Test
    void a_file_without_content_says_so() throws IOException {
        assertThat(folder.problems("")).containsExactly("switchman.yaml: the file is empty");
        assertThat(folder.problems("switchman:\n")).containsExactly("switchman.yaml:1: switchman: is empty");
        assertThat(folder.problems("just words\n"))
                .containsExactly("switchman.yaml:1: must be a section of keys, not a single value");
        assertThat(folder.problems("switchman: {server: {port: 1}}\n"))
                .containsExactly("switchman.yaml:1: switchman.clusters: is missing");
        assertThat(folder.problems("switchman: {clusters: []}\n"))
                .containsExactly("switchman.yaml:1: switchman.clusters: names no cluster");
        assertThat(folder.problems("switchman: {clusters: {orders: {}}}\n"))
                .containsExactly("switchman.yaml:1: switchman.clusters: must be a list (each cluster begins with"
                        + " \"- name: …\"), not a section of keys");
    }

    @Test
    void a_file_that_cannot_be_read_says_so() throws IOException {
        Path binary = temporary.resolve("binary.yaml");
        Files.write(binary, new byte[]{'a', ':', ' ', (byte) 0xff, (byte) 0xfe});

        assertThat(Inventory.read(temporary.resolve("none.yaml"))).hasToString(
                "Invalid[problems=[" + temporary.resolve("none.yaml") + ": no such file]]");
        assertThat(Inventory.read(temporary))
                .hasToString("Invalid[problems=[" + temporary + ": is a folder, not a file]]");
        assertThat(Inventory.read(binary)).hasToString("Invalid[problems=[" + binary + ": not written in UTF-8]]");
    }

    @Test
    void a_secret_is_never_in_a_message() throws IOException {
        for (String value : List.of("s3cret", "\"s3cret\"", "[s3cret]", "{s3cret: 1}", "{plain: [s3cret]}", "*s3cret",
                "!s3cret", "&s3cret", "{env: s3cret!}", "${s3cret", "\"s3cret", "{plain: s3cret, file: x}")) {
            String yaml = GOOD.replace("password: {file: secret}}", "password: " + value + "}");

            assertThat(folder.problems(yaml)).as(value).noneMatch(text -> text.contains("s3cret"));
        }
    }

    @Test
    void scripts_that_cannot_be_run_or_have_a_rival_are_told() throws IOException {
        assertThat(ConfigurationFolder.in(temporary).problems("""
                switchman:
                  clusters:
                    - name: orders
                      mysql: {user: switchman, password: {file: secret}}
                      replication: {user: repl, password: {file: secret}}
                      ssh: {key: key, known-hosts: known_hosts}
                      virtual-ip: {address: 10.0.0.9, interface: eth0}
                      shutdown-hook: hook
                      hooks:
                        master-ip-failover: ./hook --vip=10.0.0.9
                        shutdown: ./hook
                        report: ./hook | mail root
                        secondary-check: masterha-secondary -s w1
                        pid-file: mysqld.pid
                      nodes: [{host: db1}, {host: db2}]
                """)).containsExactly(
                "switchman.yaml:10: switchman.clusters[orders].hooks.master-ip-failover: the script moves the address, and so"
                        + " would virtual-ip: one of them",
                "switchman.yaml:11: switchman.clusters[orders].hooks.shutdown: there is a shutdown-hook already: one of them",
                "switchman.yaml:12: switchman.clusters[orders].hooks.report: it is run without a shell, which alone would"
                        + " understand |; quote that, or put the command into a script of its own",
                "switchman.yaml:13: switchman.clusters[orders].hooks.secondary-check: no such program in PATH:"
                        + " masterha-secondary",
                "switchman.yaml:14: switchman.clusters[orders].hooks.pid-file: not an absolute path: \"mysqld.pid\"");
    }
}
