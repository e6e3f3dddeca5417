package dev.switchman.config;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Guard;
import dev.switchman.topology.Hooks;
import dev.switchman.topology.Host;
import dev.switchman.topology.Limits;
import dev.switchman.topology.MailSettings;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Severity;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WitnessHost;
import dev.switchman.topology.WriteWatch;

import static org.assertj.core.api.Assertions.assertThat;

/** What a good file comes to. */
class InventoryTest {

    private static final WriteWatch WRITES = new WriteWatch(Duration.ofSeconds(5), Duration.ofSeconds(5), 90);

    @TempDir
    Path temporary;

    private ConfigurationFolder folder = new ConfigurationFolder(Path.of(""));

    @BeforeEach
    void files() throws IOException {
        folder = ConfigurationFolder.in(temporary);
    }

    @Test
    void every_key_reaches_its_place() throws IOException {
        folder.file("other-key", "another private key\n", "rw-------");

        Inventory.Loaded loaded = folder.loaded("""
                switchman:
                  server:
                    address: 0.0.0.0
                    port: 9090
                    admin-user: root
                    public-url: https://switchman.example.org
                    audit: {keep: 7y, head-file: heads}
                    oidc:
                      issuer: https://login.example.org/realms/ops
                      client-id: switchman
                      client-secret: {file: secret}
                      audience: api
                      scopes: openid groups
                      name-claim: email
                      groups-claim: realm_access.roles
                      groups: {operator: dba, approver: [lead, cto], auditor: audit, admin: root}
                  clusters:
                    - name: orders
                      tier: test
                      unit: mysql.service
                      virtual-ip: {address: 10.0.0.9, prefix: 24, interface: bond0.7}
                      mysql: {user: switchman, password: {env: DB_PASSWORD}, tls: verify-ca}
                      replication: {user: repl, password: "${env:DB_PASSWORD}"}
                      ssh: {user: admin, port: 2222, key: key, known-hosts: known_hosts}
                      ping-schema: watch
                      shutdown-hook: hook
                      guard: {lease: 17s}
                      detection: {ping: insert, interval: 2s, timeout: 3s, failures: 4, witnesses: 2, restart-grace: 5s,
                                  write-interval: 7s, write-timeout: 8s, disk-warning: 77,
                                  witness-hosts: [mon1, 10.1.0.99]}
                      limits:
                        connect: 101ms
                        statement: 102ms
                        fence: 103ms
                        fence-silent: 104ms
                        shutdown-hook: 105ms
                        catch-up: 5s
                        semi-sync: 106ms
                        repoint: 507ms
                        verify: 508ms
                        lag: 9s
                        cool-down: 10s
                        resume: 11s
                        approval: 12s
                        reminder: 13s
                        transaction: 14s
                        grace: 15ms
                        salvage: 16s
                      policies: {unproven-fence: ask, semi-sync-degraded: off, manager-locks: unopposed,
                                 unsalvaged: ask, rejoin: automatic, purge-relay-logs: 17h}
                      mail:
                        server: mx
                        port: 587
                        user: me
                        password: {file: secret}
                        start-tls: true
                        from: switchman@example.org
                        to: [dba@example.org, oncall@example.org]
                      notify:
                        - name: chat
                          url: https://chat.example.org/hooks/k3y?a=b
                          shape: slack
                          severity: critical
                          secret: {file: secret}
                          deadline: 18s
                          try-for: 19m
                      nodes:
                        - {host: db1, port: 3307, role: preferred, ignore-failure: true}
                        - host: "fd00::2"
                          role: never
                          unit: mysqld@2.service
                          ssh: {key: other-key, port: 22}
                          mysql: {user: other, tls: disabled}
                        - host: db-${env:REGION}
                """);

        Account mysql = new Account("switchman", new Secret("from-environment"));
        Path key = temporary.resolve("key");
        Path known = temporary.resolve("known_hosts");
        SshAccess ssh = new SshAccess("admin", 2222, key, known);
        Optional<String> unit = Optional.of("mysql.service");
        assertThat(loaded).isEqualTo(new Inventory.Loaded(List.of(new Cluster(
                new ClusterName("orders"),
                "test",
                List.of(
                        new Node(NodeId.of("db1", 3307), PromotionRole.PREFERRED, true, mysql, TlsMode.VERIFY_CA, ssh,
                                unit),
                        new Node(NodeId.of("fd00::2", 3306), PromotionRole.NEVER, false,
                                new Account("other", new Secret("from-environment")), TlsMode.DISABLED,
                                new SshAccess("admin", 22, temporary.resolve("other-key"), known),
                                Optional.of("mysqld@2.service")),
                        new Node(NodeId.of("db-west", 3306), PromotionRole.ALLOWED, false, mysql, TlsMode.VERIFY_CA,
                                ssh, unit)),
                Optional.of(new VirtualAddress(new Host("10.0.0.9"), 24, "bond0.7")),
                new Account("repl", new Secret("from-environment")),
                "watch",
                new Detection(PingKind.INSERT, Duration.ofSeconds(2), Duration.ofSeconds(3), 4, 2,
                        Duration.ofSeconds(5), new WriteWatch(Duration.ofSeconds(7), Duration.ofSeconds(8), 77),
                        List.of(new WitnessHost(new Host("mon1"), ssh), new WitnessHost(new Host("10.1.0.99"), ssh))),
                new Limits(Duration.ofMillis(101), Duration.ofMillis(102), Duration.ofMillis(103),
                        Duration.ofMillis(104), Duration.ofMillis(105), Duration.ofSeconds(5), Duration.ofMillis(106),
                        Duration.ofMillis(507),
                        Duration.ofMillis(508), Duration.ofSeconds(9), Duration.ofSeconds(10), Duration.ofSeconds(11),
                        Duration.ofSeconds(12), Duration.ofSeconds(13), Duration.ofSeconds(14),
                        Duration.ofMillis(15), Duration.ofSeconds(16)),
                new Policies(Policies.UnprovenFence.ASK, Policies.SemiSyncDegraded.OFF,
                        Policies.ManagerLocks.UNOPPOSED, Policies.Rejoin.AUTOMATIC, Policies.Unsalvaged.ASK,
                        Duration.ofHours(17)),
                Optional.of(new MailSettings(new Host("mx"), 587,
                        Optional.of(new Account("me", new Secret("from-file"))), true, "switchman@example.org",
                        List.of("dba@example.org", "oncall@example.org"))),
                Optional.of(temporary.resolve("hook")), Hooks.NONE, Optional.of(new Guard(Duration.ofSeconds(17))),
                List.of(new Receiver("chat", new Secret("https://chat.example.org/hooks/k3y?a=b"),
                        Receiver.Shape.SLACK, Severity.CRITICAL, Optional.of(new Secret("from-file")),
                        Duration.ofSeconds(18), Duration.ofMinutes(19))))),
                new ServerSettings("0.0.0.0", 9090, "root", Optional.empty(),
                        Optional.of(URI.create("https://switchman.example.org")),
                        Optional.of(new OidcSettings(URI.create("https://login.example.org/realms/ops"), "switchman",
                                Optional.of(new Secret("from-file")), "api", List.of("openid", "groups"), "email",
                                "realm_access.roles", List.of("dba"), List.of("lead", "cto"), List.of("audit"),
                                List.of("root"))),
                        ServerSettings.LogFormat.TEXT,
                        new ServerSettings.Audit(Optional.of(Period.ofYears(7)),
                                Optional.of(temporary.resolve("heads")))),
                List.of()));
    }

    @Test
    void an_issuer_needs_two_keys_and_plain_http_gets_a_warning() throws IOException {
        Inventory.Loaded loaded = folder.loaded(BadConfigurationTest.GOOD.replace("    port: 8081\n", """
                    oidc: {issuer: "http://login.example.org", client-id: switchman}
                """));

        assertThat(loaded.settings().oidc()).contains(new OidcSettings(URI.create("http://login.example.org"),
                "switchman", Optional.empty(), "switchman", List.of("openid", "profile", "email"),
                "preferred_username", "groups", List.of("switchman-operator"), List.of("switchman-approver"),
                List.of("switchman-auditor"), List.of("switchman-admin")));
        assertThat(folder.shown(loaded.warnings())).containsExactly(
                "switchman.yaml:3: switchman.server.oidc.issuer: is not https: who stands in between could log in as"
                        + " anybody: http://login.example.org");
    }

    @Test
    void a_clusters_own_receivers_take_the_place_of_the_defaults() throws IOException {
        Inventory.Loaded loaded = folder.loaded(withClusters("""
                    notify: [{url: "http://127.0.0.1:1/a", name: all}, {url: "http://chat.example.org/b"}]
                """, """
                    - name: one
                      nodes: [{host: a}, {host: b}]
                    - name: two
                      notify: [{url: "https://own.example.org/c"}]
                      nodes: [{host: c}, {host: d}]
                    - name: three
                      notify: []
                      nodes: [{host: e}, {host: f}]
                """));

        assertThat(loaded.clusters()
                .stream()
                .map(cluster -> cluster.receivers().stream().map(Receiver::name).toList()))
                .containsExactly(List.of("all", "chat.example.org"), List.of("own.example.org"), List.of());
        assertThat(loaded.clusters().getFirst().receivers().getFirst()).isEqualTo(new Receiver("all",
                new Secret("http://127.0.0.1:1/a"), Receiver.Shape.JSON, Severity.WARNING, Optional.empty(),
                Duration.ofSeconds(5), Duration.ofHours(1)));
        assertThat(folder.shown(loaded.warnings())).singleElement()
                .asString()
                .contains("switchman.defaults.notify[1].url: is not https: who stands in between can read and change"
                        + " what is sent to chat.example.org");
    }

    @Test
    void a_cluster_overrides_the_defaults_key_by_key() throws IOException {
        Inventory.Loaded loaded = folder.loaded(withClusters("""
                    limits: {fence: 4s, verify: 6s}
                    virtual-ip: {interface: eth7, prefix: 24}
                    mail: {server: mx, from: a@b, to: c@d}
                """, """
                    - name: one
                      limits: {fence: 7s}
                      virtual-ip: {address: 10.0.0.9}
                      mail: none
                      nodes: [{host: a}, {host: b}]
                    - name: two
                      mail: {to: e@f}
                      nodes: [{host: c}, {host: d}]
                """));

        Cluster one = loaded.clusters().getFirst();
        Cluster two = loaded.clusters().getLast();
        assertThat(one.limits().fence()).isEqualTo(Duration.ofSeconds(7));
        assertThat(one.limits().verify()).isEqualTo(Duration.ofSeconds(6));
        assertThat(one.virtualIp()).contains(new VirtualAddress(new Host("10.0.0.9"), 24, "eth7"));
        assertThat(one.mail()).isEmpty();
        assertThat(two.limits().fence()).isEqualTo(Duration.ofSeconds(4));
        assertThat(two.virtualIp()).isEmpty();
        assertThat(two.mail()).contains(
                new MailSettings(new Host("mx"), 25, Optional.empty(), false, "a@b", List.of("e@f")));
    }

    @Test
    void a_single_key_beats_the_preset_beside_it_and_a_cluster_beats_the_defaults() throws IOException {
        Inventory.Loaded loaded = folder.loaded(withClusters("""
                    detection: {preset: mha, failures: 7, ping: connect}
                """, """
                    - name: one
                      nodes: [{host: a}, {host: b}]
                    - name: two
                      detection: {preset: fast, timeout: 900ms}
                      nodes: [{host: c}, {host: d}]
                    - name: three
                      detection: {preset: standard}
                      nodes: [{host: e}, {host: f}]
                """));

        assertThat(loaded.clusters()).extracting(Cluster::detection)
                .containsExactly(
                        new Detection(PingKind.CONNECT, Duration.ofSeconds(3), Duration.ofSeconds(3), 7, 1,
                                Duration.ZERO, WRITES),
                        new Detection(PingKind.CONNECT, Duration.ofMillis(500), Duration.ofMillis(900), 2, 1,
                                Duration.ofSeconds(15), WRITES),
                        new Detection(PingKind.CONNECT, Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 1,
                                Duration.ofSeconds(30), WRITES));
    }

    @Test
    void what_is_risky_and_works_is_a_warning() throws IOException {
        folder.file("open", "s3cret\n", "rw-r--r--");
        folder.file("key", "a private key\n", "rw-r--r--");

        Inventory.Loaded loaded = folder.loaded(withClusters("", """
                    - name: one
                      mysql: {password: {plain: s3cret}}
                      replication: {password: {file: open}}
                      nodes: [{host: a}, {host: b, role: never}]
                """));

        assertThat(folder.shown(loaded.warnings())).containsExactlyInAnyOrder(
                "switchman.yaml:5: switchman.defaults.ssh.key: every user of this machine can read key; chmod o-r it",
                "switchman.yaml:8: switchman.clusters[one].mysql.password: the password stands in the file in plain"
                        + " text",
                "switchman.yaml:9: switchman.clusters[one].replication.password: every user of this machine can read"
                        + " open; chmod o-r it",
                "switchman.yaml:10: switchman.clusters[one].nodes: only one node has another role than never: there is"
                        + " nobody to fail over to");
        assertThat(loaded.toString()).doesNotContain("s3cret");
    }

    @Test
    void the_home_folder_stands_behind_a_tilde() throws IOException {
        folder.file("home/.ssh/id_ed25519", "a private key\n", "rw-------");
        folder.file("home/.ssh/known_hosts", "", "rw-r--r--");

        Inventory.Loaded loaded = folder.loaded(withClusters("", """
                    - name: one
                      nodes: [{host: a, ssh: {key: ~/.ssh/id_ed25519}}, {host: b}]
                """));

        assertThat(loaded.clusters().getFirst().nodes().getFirst().ssh().key())
                .isEqualTo(temporary.resolve("home/.ssh/id_ed25519"));
    }

    @Test
    void the_named_file_comes_first_then_here_then_the_users_folder_then_the_machines() throws IOException {
        Path here = Files.createDirectories(temporary.resolve("here"));
        Path home = Files.createDirectories(temporary.resolve("home"));
        Path etc = Files.createDirectories(temporary.resolve("etc"));
        Path named = temporary.resolve("named.yaml");

        assertThat(Inventory.find(Optional.empty(), here, home, Map.of(), etc)).hasToString(
                "no configuration file; looked for " + here.resolve("switchman.yaml") + ", "
                        + home.resolve(".config/switchman/switchman.yaml") + ", "
                        + etc.resolve("switchman/switchman.yaml") + "; name one with --config FILE");
        Path machine = folder.file("etc/switchman/switchman.yaml", "", "rw-r--r--");
        assertThat(Inventory.find(Optional.empty(), here, home, Map.of(), etc)).isEqualTo(new Inventory.Found(machine));
        Path user = folder.file("home/.config/switchman/switchman.yaml", "", "rw-r--r--");
        assertThat(Inventory.find(Optional.empty(), here, home, Map.of(), etc)).isEqualTo(new Inventory.Found(user));
        Path xdg = folder.file("xdg/switchman/switchman.yaml", "", "rw-r--r--");
        Map<String, String> environment = Map.of("XDG_CONFIG_HOME", temporary.resolve("xdg").toString());
        assertThat(Inventory.find(Optional.empty(), here, home, environment, etc)).isEqualTo(new Inventory.Found(xdg));
        Path local = folder.file("here/switchman.yaml", "", "rw-r--r--");
        assertThat(Inventory.find(Optional.empty(), here, home, environment, etc))
                .isEqualTo(new Inventory.Found(local));
        assertThat(Inventory.find(Optional.of(named), here, home, environment, etc))
                .isEqualTo(new Inventory.Found(named));
    }

    @Test
    void durations_are_printed_as_they_are_read() {
        for (String text : List.of("0s", "1ms", "500ms", "1500ms", "1s", "90s", "2m", "90m", "8h", "1d", "30d")) {
            assertThat(Durations.print(Durations.parse(text))).isEqualTo(text);
        }
    }

    private static String withClusters(String defaults, String clusters) {
        return """
                switchman:
                  defaults:
                    mysql: {user: switchman, password: {file: secret}}
                    replication: {user: repl, password: {file: secret}}
                    ssh: {key: key, known-hosts: known_hosts}
                %s  clusters:
                %s""".formatted(defaults, clusters);
    }
}
