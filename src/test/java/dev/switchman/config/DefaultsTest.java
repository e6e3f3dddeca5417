package dev.switchman.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Limits;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.WriteWatch;

import static org.assertj.core.api.Assertions.assertThat;

/** Pins every key and its default. Who adds a key adds it here and to {@code docs/configuration.md}. */
class DefaultsTest {

    private static final Path PAGE = Path.of("docs", "configuration.md");
    private static final Path EXAMPLE = Path.of("docs", "examples", "switchman.yaml");

    private static final String REQUIRED = "required";
    private static final String NONE = "none";

    @TempDir
    Path temporary;

    private static Map<String, String> pinned() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("switchman.server.address", "127.0.0.1");
        keys.put("switchman.server.port", "8080");
        keys.put("switchman.server.admin-user", "admin");
        keys.put("switchman.server.public-url", NONE);
        keys.put("switchman.server.log-format", "text");
        keys.put("switchman.server.audit.keep", NONE);
        keys.put("switchman.server.audit.head-file", NONE);
        keys.put("switchman.server.store.url", REQUIRED);
        keys.put("switchman.server.store.user", REQUIRED);
        keys.put("switchman.server.store.password", REQUIRED);
        keys.put("switchman.server.oidc.issuer", REQUIRED);
        keys.put("switchman.server.oidc.client-id", REQUIRED);
        keys.put("switchman.server.oidc.client-secret", NONE);
        keys.put("switchman.server.oidc.audience", NONE);
        keys.put("switchman.server.oidc.scopes", "openid profile email");
        keys.put("switchman.server.oidc.name-claim", "preferred_username");
        keys.put("switchman.server.oidc.groups-claim", "groups");
        keys.put("switchman.server.oidc.groups.operator", "switchman-operator");
        keys.put("switchman.server.oidc.groups.approver", "switchman-approver");
        keys.put("switchman.server.oidc.groups.auditor", "switchman-auditor");
        keys.put("switchman.server.oidc.groups.admin", "switchman-admin");
        keys.put("commands[].name", REQUIRED);
        keys.put("commands[].run", REQUIRED);
        keys.put("commands[].on", REQUIRED);
        keys.put("commands[].deadline", "30s");
        keys.put("name", REQUIRED);
        keys.put("virtual-ip.address", REQUIRED);
        keys.put("tier", "production");
        keys.put("unit", NONE);
        keys.put("shutdown-hook", NONE);
        keys.put("guard.lease", "10s");
        keys.put("hooks.master-ip-failover", NONE);
        keys.put("hooks.master-ip-online-change", NONE);
        keys.put("hooks.shutdown", NONE);
        keys.put("hooks.report", NONE);
        keys.put("hooks.secondary-check", NONE);
        keys.put("hooks.pid-file", NONE);
        keys.put("hooks.conf", NONE);
        keys.put("virtual-ip.prefix", "32");
        keys.put("virtual-ip.interface", REQUIRED);
        keys.put("mysql.user", REQUIRED);
        keys.put("mysql.password", REQUIRED);
        keys.put("mysql.tls", "preferred");
        keys.put("replication.user", REQUIRED);
        keys.put("replication.password", REQUIRED);
        keys.put("ssh.user", "root");
        keys.put("ssh.port", "22");
        keys.put("ssh.key", "~/.ssh/id_ed25519");
        keys.put("ssh.known-hosts", "~/.ssh/known_hosts");
        keys.put("ping-schema", "switchman");
        keys.put("detection.preset", "standard");
        keys.put("detection.ping", "select");
        keys.put("detection.interval", "1s");
        keys.put("detection.timeout", "1s");
        keys.put("detection.failures", "2");
        keys.put("detection.witnesses", "1");
        keys.put("detection.restart-grace", "30s");
        keys.put("detection.write-interval", "5s");
        keys.put("detection.write-timeout", "5s");
        keys.put("detection.disk-warning", "90");
        keys.put("detection.witness-hosts", NONE);
        keys.put("limits.connect", "1s");
        keys.put("limits.statement", "3s");
        keys.put("limits.fence", "3s");
        keys.put("limits.fence-silent", "150ms");
        keys.put("limits.shutdown-hook", "15s");
        keys.put("limits.hook", "1m");
        keys.put("limits.catch-up", "1m");
        keys.put("limits.semi-sync", "3s");
        keys.put("limits.repoint", "5s");
        keys.put("limits.verify", "5s");
        keys.put("limits.lag", "30s");
        keys.put("limits.cool-down", "8h");
        keys.put("limits.resume", "5m");
        keys.put("limits.approval", "15m");
        keys.put("limits.reminder", "5m");
        keys.put("limits.transaction", "2s");
        keys.put("limits.grace", "1500ms");
        keys.put("limits.salvage", "10s");
        keys.put("policies.unproven-fence", "act");
        keys.put("policies.semi-sync-degraded", "lower");
        keys.put("policies.manager-locks", "majority");
        keys.put("policies.rejoin", "by-hand");
        keys.put("policies.unsalvaged", "act");
        keys.put("policies.purge-relay-logs", "3d");
        keys.put("mail.server", REQUIRED);
        keys.put("mail.port", "25");
        keys.put("mail.user", NONE);
        keys.put("mail.password", NONE);
        keys.put("mail.start-tls", "false");
        keys.put("mail.from", REQUIRED);
        keys.put("mail.to", REQUIRED);
        keys.put("notify[].name", NONE);
        keys.put("notify[].url", REQUIRED);
        keys.put("notify[].shape", "json");
        keys.put("notify[].severity", "warning");
        keys.put("notify[].secret", NONE);
        keys.put("notify[].deadline", "5s");
        keys.put("notify[].try-for", "1h");
        keys.put("nodes[].host", REQUIRED);
        keys.put("nodes[].port", "3306");
        keys.put("nodes[].role", "allowed");
        keys.put("nodes[].ignore-failure", "false");
        return keys;
    }

    private static Map<String, String> actual() {
        Map<String, String> keys = new LinkedHashMap<>();
        Keys.SERVER.forEach(key -> keys.put("switchman.server." + key.path(), shown(key)));
        Keys.COMMAND.forEach(key -> keys.put("commands[]." + key.path(), shown(key)));
        Keys.OWN.forEach(key -> keys.put(key.path(), shown(key)));
        Keys.SHARED.forEach(key -> keys.put(key.path(), shown(key)));
        Keys.RECEIVER.forEach(key -> keys.put("notify[]." + key.path(), shown(key)));
        Keys.NODE.stream()
                .filter(key -> !Keys.SHARED.contains(key))
                .forEach(key -> keys.put("nodes[]." + key.path(), shown(key)));
        return keys;
    }

    private static String shown(Key<?> key) {
        return key.fallback().orElse(key.required() ? REQUIRED : NONE);
    }

    @Test
    void every_key_has_the_default_that_is_pinned_here() {
        assertThat(actual()).isEqualTo(pinned());
    }

    @Test
    void every_key_stands_in_the_reference_with_its_default() throws IOException {
        List<String> rows = Files.readAllLines(PAGE);
        List<String> missing = new ArrayList<>();
        actual().forEach((key, value) -> {
            String shown = value.equals(REQUIRED) || value.equals(NONE) ? value : "`" + value + "`";
            boolean found = rows.stream()
                    .anyMatch(row -> row.startsWith("| `" + key + "` |") && row.contains(" | " + shown + " | "));
            if (!found) {
                missing.add("| `" + key + "` | … | " + shown + " | … |");
            }
        });

        assertThat(missing).as("rows missing in " + PAGE).isEmpty();
    }

    @Test
    void the_smallest_file_gives_a_cluster_of_defaults() throws IOException {
        ConfigurationFolder folder = ConfigurationFolder.in(temporary);
        folder.file("home/.ssh/id_ed25519", "a private key\n", "rw-------");
        folder.file("home/.ssh/known_hosts", "", "rw-r--r--");

        Inventory.Loaded loaded = folder.loaded("""
                switchman:
                  clusters:
                    - name: orders
                      mysql: {user: switchman, password: {file: secret}}
                      replication: {user: repl, password: {file: secret}}
                      nodes: [{host: db1}, {host: db2}]
                """);

        SshAccess ssh = new SshAccess("root", 22, temporary.resolve("home/.ssh/id_ed25519"),
                temporary.resolve("home/.ssh/known_hosts"));
        Account mysql = new Account("switchman", new Secret("from-file"));
        assertThat(loaded).isEqualTo(new Inventory.Loaded(List.of(new Cluster(
                new ClusterName("orders"),
                "production",
                List.of(node("db1", mysql, ssh), node("db2", mysql, ssh)),
                Optional.empty(),
                new Account("repl", new Secret("from-file")),
                "switchman",
                new Detection(PingKind.SELECT, Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 1,
                        Duration.ofSeconds(30), new WriteWatch(Duration.ofSeconds(5), Duration.ofSeconds(5), 90)),
                new Limits(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(3), Duration.ofMillis(150),
                        Duration.ofSeconds(15), Duration.ofMinutes(1), Duration.ofSeconds(3), Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30), Duration.ofHours(8), Duration.ofMinutes(5), Duration.ofMinutes(15),
                        Duration.ofMinutes(5), Duration.ofSeconds(2), Duration.ofMillis(1500), Duration.ofSeconds(10)),
                new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                        Policies.ManagerLocks.MAJORITY, Policies.Rejoin.BY_HAND, Policies.Unsalvaged.ACT,
                        Duration.ofDays(3)),
                Optional.empty(), Optional.empty())),
                new ServerSettings("127.0.0.1", 8080, "admin", Optional.empty(), Optional.empty(), Optional.empty()),
                List.of()));
    }

    @Test
    void the_example_in_the_docs_loads() throws IOException {
        ConfigurationFolder folder = ConfigurationFolder.in(temporary);
        for (String name : List.of("mysql.password", "replication.password", "mail.password", "id_ed25519")) {
            folder.file("secrets/" + name, "from-file\n", "rw-------");
        }
        folder.file("secrets/known_hosts", "", "rw-r--r--");

        Inventory.Loaded loaded = folder.loaded(Files.readString(EXAMPLE));

        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.clusters()).extracting(cluster -> cluster.name().value())
                .containsExactly("orders", "reporting");
    }

    private static Node node(String host, Account mysql, SshAccess ssh) {
        return new Node(NodeId.of(host, 3306), PromotionRole.ALLOWED, false, mysql, TlsMode.PREFERRED, ssh,
                Optional.empty());
    }
}
