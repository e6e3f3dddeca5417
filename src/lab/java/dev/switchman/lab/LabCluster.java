package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import com.github.dockerjava.api.model.Container;

import dev.switchman.mysql.Change;
import dev.switchman.mysql.MySql;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.topology.Account;
import dev.switchman.topology.Node;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;

/**
 * A MySQL cluster on containers of this machine: real servers on hosts of their own, with SSH, GTID replication,
 * semi-sync and a virtual IP, in a network that leads nowhere else. The first node is the primary at the start; every
 * node boots super_read_only. Any number of labs may live at the same time.
 *
 * <p>
 * Stop what talks to the nodes before {@link #close}. Faults stay until they are healed.
 */
public final class LabCluster implements AutoCloseable {

    /** The interface of every node that carries its address, and the virtual IP. */
    public static final String DEVICE = "eth0";
    /** Schema of Switchman's own, as the configuration names it. */
    public static final String PING_SCHEMA = "switchman";
    /** Schema that applications may write to. */
    public static final String APPLICATION_SCHEMA = "app";

    private static final String LOGS = "/var/lib/mysql-logs";
    private static final String LOGS_SIZE = "64m";
    private static final String HOST_KEY = "/etc/ssh/ssh_host_ed25519_key";
    private static final String REPOSITORY = "switchman/mysql-node";
    private static final Duration BOOT = Eventually.PATIENCE;
    /** Below the time that a statement may take here. */
    private static final Duration HEALTHY = Eventually.PATIENCE;

    private final Engine engine;
    private final String id;
    /** Of each node, in their order. */
    private final List<String> versions;
    private final boolean semiSync;
    private final boolean kept;
    private final boolean smallLogs;
    private final boolean hasWitness;
    private final Path directory;
    private final SshKey key;
    private final Account admin = account("admin");
    private final Account switchman = account("switchman");
    private final Account replication = account("repl");
    private final Account application = account("app");
    private final List<LabNode> nodes = new ArrayList<>();
    private final Map<String, String> containers = new LinkedHashMap<>();

    private Subnet subnet = new Subnet(Subnet.FIRST);
    private Optional<String> network = Optional.empty();
    private Optional<RouteGuard> guard = Optional.empty();
    private Optional<LabNode> witness = Optional.empty();
    private boolean closed;

    private LabCluster(Builder builder) {
        id = HexFormat.of().toHexDigits(new SecureRandom().nextInt());
        versions = builder.versions.isEmpty()
                ? Collections.nCopies(builder.nodes, builder.version)
                : builder.versions;
        kept = builder.kept;
        smallLogs = builder.smallLogs;
        hasWitness = builder.witness;
        List<String> without = versions.stream().filter(version -> !SqlWords.of(version).hasSemiSync()).toList();
        semiSync = builder.semiSync.orElse(without.isEmpty());
        if (semiSync && !without.isEmpty()) {
            throw new IllegalArgumentException(
                    "the lab's MySQL " + without.getFirst() + " comes without semi-sync plugins");
        }
        key = SshKey.generate("switchman-lab-" + id);
        engine = Engine.with(versions.stream().distinct().map(LabCluster::image).toArray(String[]::new));
        try {
            directory = Files.createTempDirectory("switchman-lab-" + id + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins with three nodes of MySQL 9.7, with semi-sync. */
    public static Builder builder() {
        return new Builder();
    }

    /** What a lab is to be like. */
    public static final class Builder {

        private int nodes = 3;
        private String version = "9.7";
        private List<String> versions = List.of();
        private Optional<Boolean> semiSync = Optional.empty();
        private boolean kept;
        private boolean smallLogs;
        private boolean witness;

        private Builder() {}

        /** @param count 1 to 9 */
        public Builder nodes(int count) {
            if (count < 1 || count > 9) {
                throw new IllegalArgumentException("a lab has 1 to 9 nodes, not " + count);
            }
            nodes = count;
            return this;
        }

        /** @param tag of the node image: {@code 9.7}, {@code 8.0.33}, {@code 8.0.12}, {@code 5.7} */
        public Builder version(String tag) {
            version = tag;
            return this;
        }

        /** One node for each, of its own version; the first is the primary. */
        public Builder versions(String... tags) {
            versions = List.of(tags);
            return nodes(tags.length);
        }

        /** Without this call: on where the version has it. */
        public Builder semiSync(boolean on) {
            semiSync = Optional.of(on);
            return this;
        }

        /** Binary logs stand on a file system of their own, which {@link LabCluster#fillDisk} can fill. */
        public Builder smallLogs() {
            smallLogs = true;
            return this;
        }

        /** Beside the nodes a host that a manager can ask whether the primary is there: {@link LabCluster#witness}. */
        public Builder witness() {
            witness = true;
            return this;
        }

        /** The lab outlives its process and {@link #close}: a person removes it by {@link #removal}. */
        public Builder kept() {
            kept = true;
            return this;
        }

        /** Makes the lab; returns when it is healthy. Nothing is left behind when that fails. */
        public LabCluster start() {
            LabCluster lab = new LabCluster(this);
            try {
                lab.start(nodes);
                return lab;
            } catch (RuntimeException | Error e) {
                try {
                    lab.remove();
                } catch (RuntimeException alsoFailed) {
                    e.addSuppressed(alsoFailed);
                }
                throw e;
            }
        }
    }

    private void start(int count) {
        new Leftovers(engine, image(versions.getFirst())).remove();
        Map<String, String> labels = labels();
        network = Optional.of(createNetwork(labels));
        guard = Optional.of(RouteGuard.over(engine, image(versions.getFirst()), subnet));
        for (int number = 1; number <= count; number++) {
            nodes.add(new LabNode("db" + number, subnet.node(number), number));
        }
        List<String> ids = onEach(nodes, node -> engine.startNode(hostName(node), image(version(node)),
                network.orElseThrow(),
                node.address(), environment(node), labels,
                smallLogs ? Map.of(LOGS, "size=" + LOGS_SIZE + ",mode=1777") : Map.of()));
        for (int i = 0; i < count; i++) {
            containers.put(nodes.get(i).name(), ids.get(i));
        }
        onEach(nodes, node -> {
            awaitUp(node);
            return node;
        });
        writeFiles();
        if (hasWitness) {
            startWitness();
        }
        replicate();
        addVirtualIp(primary());
        awaitHealthy(primary());
    }

    private static String image(String version) {
        return REPOSITORY + ":" + version;
    }

    /** @return tag of the node's image */
    private String version(LabNode node) {
        return versions.get(node.serverId() - 1);
    }

    private SqlWords words(LabNode node) {
        return SqlWords.of(version(node));
    }

    private Map<String, String> labels() {
        return Map.of(Engine.LAB, id, Engine.DIRECTORY, directory.toString(), Engine.OWNER,
                kept ? Owner.NOBODY : Owner.thisProcess().toString());
    }

    private String createNetwork(Map<String, String> labels) {
        int choices = Subnet.LAST - Subnet.FIRST + 1;
        int first = new SecureRandom().nextInt(choices);
        for (int i = 0; i < choices; i++) {
            Subnet choice = new Subnet(Subnet.FIRST + (first + i) % choices);
            if (isOnThisMachine(choice)) {
                continue;
            }
            String made = engine.createNetwork("switchman-lab-" + id, choice, labels);
            if (!made.isEmpty()) {
                subnet = choice;
                return made;
            }
        }
        throw new LabException("no subnet is free from " + new Subnet(Subnet.FIRST).cidr() + " to "
                + new Subnet(Subnet.LAST).cidr());
    }

    private static boolean isOnThisMachine(Subnet choice) {
        String prefix = choice.gateway().substring(0, choice.gateway().lastIndexOf('.') + 1);
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(address -> address.getHostAddress().startsWith(prefix));
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the name of the node's container */
    public String hostName(LabNode node) {
        return "switchman-lab-" + id + "-" + node.name();
    }

    private Map<String, String> environment(LabNode node) {
        return Map.of(
                "SERVER_ID", String.valueOf(node.serverId()),
                "ADMIN_PASSWORD", admin.password().reveal(),
                "AUTHORIZED_KEY", key.publicKey(),
                "MYSQL_EXTRA", (semiSync ? words(node).semiSyncOptions() : "")
                        + (smallLogs ? "\nlog_bin = " + LOGS + "/binlog" : ""));
    }

    private Optional<String> answers(LabNode node) {
        try (Connection connection = connect(node.address(), admin, "", Duration.ofSeconds(1),
                Duration.ofSeconds(10))) {
            return connection.isValid(1) ? Optional.empty() : Optional.of("no valid connection");
        } catch (SQLException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void writeFiles() {
        writeSecret(sshKey(), key.privateKey());
        List<String> known = onEach(nodes, node -> {
            Stream<String> keys = exec(node, "sh", "-c", "cat /etc/ssh/ssh_host_*_key.pub").lines();
            return String.join("\n", keys.map(line -> line.split(" "))
                    .map(parts -> node.address() + " " + parts[0] + " " + parts[1])
                    .toList());
        });
        writeSecret(knownHosts(), String.join("\n", known) + "\n");
        for (Account account : List.of(switchman, replication)) {
            writeSecret(secretFile(account), account.password().reveal());
        }
    }

    private static void writeSecret(Path file, String content) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void replicate() {
        onEach(nodes, node -> {
            execute(node, words(node).persistReadOnly());
            return node;
        });
        SqlWords words = words(primary());
        execute(primary(), words.open());
        execute(primary(),
                words.createUser(switchman),
                "GRANT ALL ON *.* TO 'switchman'@'%' WITH GRANT OPTION",
                words.createUser(replication),
                "GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%'",
                words.createUser(application),
                "GRANT ALL ON " + APPLICATION_SCHEMA + ".* TO 'app'@'%'",
                "CREATE DATABASE " + APPLICATION_SCHEMA);
        try (NodeOperator mysql = MySql.operator(Clock.systemUTC(), action -> {})) {
            Change made = mysql.createSchema(topologyNode(primary()), PING_SCHEMA, HEALTHY);
            if (!(made instanceof Change.Done)) {
                throw new LabException("no schema " + PING_SCHEMA + ": " + made.sentence());
            }
        }
        onEach(replicas(), node -> {
            execute(node, words(node).follow(primary().address(), replication), words(node).startReplica());
            return node;
        });
        onEach(replicas(), node -> {
            Eventually.until("replicating: " + node, HEALTHY, () -> replicationProblem(node, primary()));
            return node;
        });
        if (semiSync) {
            execute(primary(), "SET GLOBAL rpl_semi_sync_source_enabled = ON");
        }
    }

    private void addVirtualIp(LabNode node) {
        exec(node, "ip", "addr", "add", virtualIp() + "/32", "dev", DEVICE);
        exec(node, "arping", "-U", "-c", "1", "-I", DEVICE, virtualIp());
    }

    /**
     * Adds a host without a MySQL server: a machine that looks after the others. It logs in on them as root, as
     * {@code ssh} does without options.
     *
     * @param name none of the nodes'
     * @return the host; it is none of {@link #nodes}
     */
    public LabNode addHost(String name) {
        LabNode host = new LabNode(name, subnet.node(nodes.size() + containers.size()), 0);
        if (containers.containsKey(name)) {
            throw new IllegalArgumentException("the lab has a " + name + " already");
        }
        containers.put(name,
                engine.startHost(hostName(host), image(versions.getFirst()), network.orElseThrow(), host.address(),
                        labels()));
        try {
            write(host, "/root/.ssh/id_ed25519", "600", Files.readString(sshKey()));
            write(host, "/root/.ssh/known_hosts", "600", Files.readString(knownHosts()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return host;
    }

    private void startWitness() {
        LabNode host = addHost("witness");
        write(host, "/root/.ssh/authorized_keys", "600", key.publicKey());
        exec(host, "sh", "-c", "mkdir -p /run/sshd && ssh-keygen -q -t ed25519 -N '' -f " + HOST_KEY
                + " && /usr/sbin/sshd");
        String hostKey = exec(host, "cut", "-d", " ", "-f", "1,2", HOST_KEY + ".pub");
        try {
            Files.writeString(knownHosts(), host.address() + " " + hostKey.strip() + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        witness = Optional.of(host);
    }

    /** @return the host that {@link #writeConfig} names as a witness */
    public LabNode witness() {
        return witness.orElseThrow(() -> new IllegalStateException("this lab was built without witness()"));
    }

    /** Writes a file on the host, with the folders that it needs. @param mode as {@code chmod} takes it */
    public void write(LabNode host, String file, String mode, String content) {
        exec(host, "sh", "-c", "umask 077; mkdir -p \"${1%/*}\" && printf %s \"$3\" >\"$1\" && chmod \"$2\" \"$1\"",
                "sh", file, mode, content);
    }

    // ---- what it is

    /** @return short unique name of this lab; the value of the label {@code dev.switchman.lab} on all that it made */
    public String id() {
        return id;
    }

    public List<LabNode> nodes() {
        return List.copyOf(nodes);
    }

    /** @param name {@code db1}, {@code db2} … */
    public LabNode node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the lab has no node " + name));
    }

    /** @return the node that was made primary at the start, whatever has happened since */
    public LabNode primary() {
        return nodes.getFirst();
    }

    /** @return all nodes but {@link #primary} */
    public List<LabNode> replicas() {
        return List.copyOf(nodes.subList(1, nodes.size()));
    }

    /** @return the address that clients write to; at the start on {@link #primary} */
    public String virtualIp() {
        return subnet.virtualIp();
    }

    /** @return {@code 10.77.x.0/24} */
    public String subnet() {
        return subnet.cidr();
    }

    /** @return this machine's address on the lab's network: where a manager and clients here come from */
    public String gateway() {
        return subnet.gateway();
    }

    public boolean hasSemiSync() {
        return semiSync;
    }

    /** @return the lab's own folder: key, known hosts, secrets; removed with the lab */
    public Path directory() {
        return directory;
    }

    /** @return private key that logs in as root on every node */
    public Path sshKey() {
        return directory.resolve("id_ed25519");
    }

    public Path knownHosts() {
        return directory.resolve("known_hosts");
    }

    /** @return the account that Switchman uses, with all privileges */
    public Account account() {
        return switchman;
    }

    public Account replicationAccount() {
        return replication;
    }

    /** @return an ordinary account that may write to {@link #APPLICATION_SCHEMA} */
    public Account applicationAccount() {
        return application;
    }

    /** @return the node as the product's nouns have it, with {@link #account} and SSH as root */
    public Node topologyNode(LabNode node) {
        return new Node(node.id(), PromotionRole.ALLOWED, false, switchman, TlsMode.PREFERRED,
                new SshAccess("root", 22, sshKey(), knownHosts()), Optional.empty());
    }

    /**
     * Writes a configuration with this one cluster, and its secrets beside the lab's keys.
     *
     * @param port that the server is to listen on, on 127.0.0.1
     * @param detection value of {@code detection.preset}
     */
    public void writeConfig(Path file, String clusterName, int port, String detection) {
        writeConfig(file, clusterName, port, detection, "production");
    }

    /** The same for a cluster of another tier: the policies ask nobody for a switchover of {@code test}. */
    public void writeConfig(Path file, String clusterName, int port, String detection, String tier) {
        StringBuilder yaml = new StringBuilder("""
                switchman:
                  server:
                    port: %d
                  clusters:
                    - name: %s
                      tier: %s
                      virtual-ip: {address: %s, prefix: 32, interface: %s}
                      mysql: {user: %s, password: {file: "%s"}}
                      replication: {user: %s, password: {file: "%s"}}
                      ssh: {user: root, key: "%s", known-hosts: "%s"}
                      ping-schema: %s
                      detection: {preset: %s%s}
                      nodes:
                """.formatted(port, clusterName, tier, virtualIp(), DEVICE, switchman.user(), secretFile(switchman),
                replication.user(), secretFile(replication), sshKey(), knownHosts(), PING_SCHEMA, detection,
                witness.map(host -> ", witness-hosts: [" + host.address() + "]").orElse("")));
        for (LabNode node : nodes) {
            yaml.append("        - {host: ").append(node.address()).append("}\n");
        }
        try {
            Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path secretFile(Account account) {
        return directory.resolve(account.user() + ".password");
    }

    // ---- SQL

    /** Connects as {@link #account}: 1 s to connect, 10 s for an answer. */
    public Connection connect(LabNode node) throws SQLException {
        return connect(node.address(), switchman, "", Duration.ofSeconds(1), Duration.ofSeconds(10));
    }

    static Connection connect(String address, Account account, String schema, Duration connect, Duration answer)
            throws SQLException {
        return DriverManager.getConnection("jdbc:mysql://" + address + ":" + LabNode.PORT + "/" + schema
                + "?user=" + account.user()
                + "&password=" + account.password().reveal()
                + "&sslMode=DISABLED&allowPublicKeyRetrieval=true&cacheServerConfiguration=true"
                + "&connectTimeout=" + connect.toMillis()
                + "&socketTimeout=" + answer.toMillis());
    }

    /** Runs statements on one connection of the {@code admin} account, which is no ordinary user: not fenced off. */
    public void execute(LabNode node, String... statements) {
        for (String sql : statements) {
            query(node, sql);
        }
    }

    /** @return the first column of the first row; empty when there is no row or it is NULL */
    public Optional<String> value(LabNode node, String sql) {
        return rows(node, sql).stream().findFirst().map(List::getFirst).filter(text -> !text.isEmpty());
    }

    /** @return the first column of each row */
    public List<String> column(LabNode node, String sql) {
        return rows(node, sql).stream().map(List::getFirst).toList();
    }

    /** @return all rows as text, NULL as empty text */
    public List<List<String>> rows(LabNode node, String sql) {
        return query(node, sql);
    }

    private List<List<String>> query(LabNode node, String sql) {
        try (Connection connection = connect(node.address(), admin, "", Duration.ofSeconds(2), Duration.ofSeconds(30));
                Statement statement = connection.createStatement()) {
            List<List<String>> rows = new ArrayList<>();
            if (!statement.execute(sql)) {
                return rows;
            }
            ResultSet result = statement.getResultSet();
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(Optional.ofNullable(result.getString(i)).orElse(""));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new LabException(node + ": " + sql + ": error " + e.getErrorCode() + ", " + e.getMessage(), e);
        }
    }

    /** @return whether the server accepts writes: neither read_only nor super_read_only */
    public boolean isWritable(LabNode node) {
        return value(node, "SELECT @@GLOBAL.read_only + @@GLOBAL.super_read_only").equals(Optional.of("0"));
    }

    /** @return the address that the node replicates from; empty when it has no channel */
    public Optional<String> source(LabNode node) {
        return value(node, "SELECT HOST FROM performance_schema.replication_connection_configuration"
                + " WHERE CHANNEL_NAME = ''");
    }

    /** @return why {@code node} does not follow {@code source} with both threads, or does not say; empty when it does */
    public Optional<String> replicationProblem(LabNode node, LabNode source) {
        List<List<String>> rows;
        try {
            rows = replication(node);
        } catch (LabException e) {
            // It may be down, or its sessions are being ended.
            return Optional.of(String.valueOf(e.getMessage()));
        }
        if (rows.isEmpty()) {
            return Optional.of("it follows nobody");
        }
        List<String> row = rows.getFirst();
        if (!row.get(0).equals(source.address())) {
            return Optional.of("it follows " + row.get(0) + ", not " + source.address());
        }
        if (!row.get(1).equals("ON")) {
            return Optional.of("receiver " + row.get(1) + " " + row.get(2));
        }
        return row.get(3).equals("ON") ? Optional.empty() : Optional.of("applier " + row.get(3) + " " + row.get(4));
    }

    private List<List<String>> replication(LabNode node) {
        return rows(node, """
                SELECT cc.HOST, cs.SERVICE_STATE, cs.LAST_ERROR_MESSAGE, a.SERVICE_STATE,
                       (SELECT MAX(LAST_ERROR_MESSAGE) FROM performance_schema.replication_applier_status_by_worker)
                  FROM performance_schema.replication_connection_configuration cc
                  JOIN performance_schema.replication_connection_status cs USING (CHANNEL_NAME)
                  JOIN performance_schema.replication_applier_status a USING (CHANNEL_NAME)
                 WHERE CHANNEL_NAME = ''""");
    }

    /** Waits until {@code primary} is writable and acknowledged by semi-sync as made, and all others follow it. */
    public void awaitHealthy(LabNode primary) {
        Eventually.until("healthy", HEALTHY, () -> {
            if (!isWritable(primary)) {
                return Optional.of(primary + " is not writable");
            }
            for (LabNode node : nodes) {
                Optional<String> problem = node.equals(primary) ? Optional.empty() : replicationProblem(node, primary);
                if (problem.isPresent()) {
                    return problem.map(text -> node + ": " + text);
                }
            }
            return semiSyncProblem(primary);
        });
    }

    /** {@code node} follows {@code source} from now on: a chained replica, if that one is a replica itself. */
    public void follow(LabNode node, LabNode source) {
        execute(node, words(node).stopReplica(), words(node).follow(source.address(), replication),
                words(node).startReplica());
        Eventually.until("replicating: " + node, HEALTHY, () -> replicationProblem(node, source));
    }

    /** {@code node} applies everything so much later from now on. */
    public void delay(LabNode node, int seconds) {
        execute(node, words(node).stopReplica(), words(node).delay(seconds), words(node).startReplica());
    }

    /** {@code node} goes on applying and receives no more, as when its link is too slow. */
    public void stopReceiver(LabNode node) {
        execute(node, words(node).stopReceiver());
    }

    /** Waits until {@code node} has executed what {@code source} has executed now. */
    public void awaitCaughtUp(LabNode node, LabNode source) {
        String executed = value(source, "SELECT @@GLOBAL.gtid_executed").orElse("");
        Optional<String> timedOut = value(node, "SELECT WAIT_FOR_EXECUTED_GTID_SET('" + executed + "', "
                + HEALTHY.toSeconds() + ")");
        if (!timedOut.equals(Optional.of("0"))) {
            throw new LabException(node + " had not executed " + executed + " after " + HEALTHY.toSeconds() + " s: "
                    + replicationProblem(node, source).orElse("it replicates"));
        }
    }

    private Optional<String> semiSyncProblem(LabNode primary) {
        if (!semiSync || nodes.size() == 1) {
            return Optional.empty();
        }
        Map<String, String> status = new LinkedHashMap<>();
        rows(primary, "SHOW GLOBAL STATUS LIKE 'Rpl\\_semi\\_sync\\_source\\_%'")
                .forEach(row -> status.put(row.get(0), row.get(1)));
        String clients = status.getOrDefault("Rpl_semi_sync_source_clients", "");
        String on = status.getOrDefault("Rpl_semi_sync_source_status", "");
        return on.equals("ON") && clients.equals(String.valueOf(nodes.size() - 1))
                ? Optional.empty()
                : Optional.of("semi-sync of " + primary + " is " + on + " with " + clients + " replicas");
    }

    // ---- hosts and faults

    /** Runs a command as root on the node's host, for a minute at most. @throws LabException when it fails */
    public String exec(LabNode node, String... command) {
        Shell.Ended ended = attempt(node, command);
        if (ended.status() != 0) {
            throw new LabException(node + ": " + String.join(" ", command) + ": status " + ended.status() + ": "
                    + ended.output());
        }
        return ended.output();
    }

    /** Runs a command as root on the node's host, for a minute at most. @return how it ended, whatever the status */
    Shell.Ended attempt(LabNode node, String... command) {
        return engine.exec(container(node), List.of(command));
    }

    /** @return whether the node's interface carries the virtual IP, also when the interface is down */
    public boolean hasVirtualIp(LabNode node) {
        return exec(node, "ip", "-4", "-o", "addr", "show", "dev", DEVICE).contains(" " + virtualIp() + "/");
    }

    /** @return the nodes that carry the virtual IP, by a look at every one that is not frozen */
    List<LabNode> virtualIpHolders() {
        return nodes.stream().filter(node -> !isFrozen(node) && hasVirtualIp(node)).toList();
    }

    public boolean runsMysqld(LabNode node) {
        return engine.exec(container(node), List.of("pidof", "mysqld")).status() == 0;
    }

    /** {@code kill -9} of mysqld; its host lives on. @return when it struck */
    public Instant crash(LabNode node) {
        return struck(exec(node, "sh", "-c", "date +%s%N; pkill -9 -x mysqld"));
    }

    /** From now on a supervisor waits for the end of mysqld, and starts it once more so long after it. */
    public void superviseOnce(LabNode node, Duration later) {
        exec(node, "sh", "-c", "setsid sh -c 'while pidof mysqld; do sleep 0.1; done; sleep " + later.toSeconds()
                + "; start-mysqld' </dev/null >/dev/null 2>&1 &");
    }

    /** Waits until mysqld, which somebody else starts, answers. */
    public void awaitUp(LabNode node) {
        Eventually.until("up: " + node, BOOT, () -> answers(node));
    }

    /** Ends mysqld in good order. */
    public void stopMysqld(LabNode node) {
        exec(node, "stop-mysqld");
    }

    /** Starts mysqld where it does not run; returns when it answers. */
    public void restartMysqld(LabNode node) {
        exec(node, "start-mysqld");
    }

    /** The host is gone from the network, for everyone; it keeps its addresses. @return when it struck */
    public Instant silence(LabNode node) {
        return struck(exec(node, "sh", "-c", "date +%s%N; ip link set " + DEVICE + " down"));
    }

    public void unsilence(LabNode node) {
        exec(node, "ip", "link", "set", DEVICE, "up");
    }

    /** Nothing on the host runs any more, but its kernel still answers ARP and accepts connections. @return when it struck */
    public Instant freeze(LabNode node) {
        Instant now = Instant.now();
        engine.pause(container(node));
        return now;
    }

    public void thaw(LabNode node) {
        engine.unpause(container(node));
    }

    public boolean isFrozen(LabNode node) {
        return engine.isPaused(container(node));
    }

    /** The host goes on, and its mysqld stands still ({@code SIGSTOP}). @return when it struck */
    public Instant suspendMysqld(LabNode node) {
        return struck(exec(node, "sh", "-c", "date +%s%N; pkill -STOP -x mysqld"));
    }

    /** Takes {@link #suspendMysqld} back; nothing where mysqld does not run. */
    public void resumeMysqld(LabNode node) {
        engine.exec(container(node), List.of("pkill", "-CONT", "-x", "mysqld"));
    }

    /** No room is left for binary logs; in a lab with {@link Builder#smallLogs}. @return when it struck */
    public Instant fillDisk(LabNode node) {
        if (!smallLogs) {
            throw new IllegalStateException("this lab was built without smallLogs()");
        }
        return struck(exec(node, "sh", "-c",
                "date +%s%N; dd if=/dev/zero of=" + LOGS + "/filling bs=4k 2>/dev/null || true"));
    }

    /** Takes {@link #fillDisk} back. */
    public void freeDisk(LabNode node) {
        exec(node, "rm", "-f", LOGS + "/filling");
    }

    /**
     * Puts a node's binary logs on a disk of their own that can stand still; mysqld is down meanwhile. In a lab with
     * {@link Builder#smallLogs}, of 8.0.33: the others' images have no {@code mkfs.ext4}.
     */
    public void ownDisk(LabNode node) {
        stopMysqld(node);
        disk(node).make();
        restartMysqld(node);
    }

    /** No access to the disk with the binary logs returns any more; of a node with {@link #ownDisk}. */
    public void stallDisk(LabNode node) {
        disk(node).stall();
    }

    /** Takes {@link #stallDisk} back. */
    public void unstallDisk(LabNode node) {
        disk(node).goOn();
    }

    private OwnDisk disk(LabNode node) {
        return new OwnDisk(engine, container(node), image(version(node)), LOGS);
    }

    /** @param share of one core that the whole host may use; 0 lifts the limit */
    public void limitCpu(LabNode node, double share) {
        engine.limitCpu(container(node), share);
    }

    /** Ends the SSH server and every session of it. */
    public void stopSsh(LabNode node) {
        engine.exec(container(node), List.of("pkill", "sshd"));
    }

    /** Starts the SSH server where it does not run. */
    public void startSsh(LabNode node) {
        exec(node, "sh", "-c", "pgrep -x sshd || /usr/sbin/sshd");
    }

    /** No packet passes between this machine and the node's own address. The virtual IP stays open, for clients here. */
    public void cutManagerFrom(LabNode node) {
        block(node, node.address(), gateway());
    }

    /** No packet passes between this node and anybody else; what runs on it goes on. */
    public void isolate(LabNode node) {
        exec(node, "iptables", "-w", "-I", "INPUT", "!", "-i", "lo", "-j", "DROP");
        exec(node, "iptables", "-w", "-I", "OUTPUT", "!", "-o", "lo", "-j", "DROP");
    }

    /** No packet passes between two nodes. */
    public void cut(LabNode one, LabNode other) {
        block(one, "0.0.0.0/0", other.address());
    }

    private void block(LabNode node, String local, String remote) {
        exec(node, "iptables", "-w", "-I", "INPUT", "-s", remote, "-d", local, "-j", "DROP");
        exec(node, "iptables", "-w", "-I", "OUTPUT", "-s", local, "-d", remote, "-j", "DROP");
    }

    /** Takes back every cut. */
    public void heal() {
        for (LabNode node : nodes) {
            exec(node, "sh", "-c", "iptables -w -F INPUT && iptables -w -F OUTPUT");
        }
    }

    private static Instant struck(String nanosSinceEpoch) {
        long nanos = Long.parseLong(nanosSinceEpoch.lines().findFirst().orElseThrow());
        return Instant.ofEpochSecond(0, nanos);
    }

    private String container(LabNode node) {
        return Optional.ofNullable(containers.get(node.name()))
                .orElseThrow(() -> new IllegalArgumentException("the lab has no node " + node));
    }

    // ---- the end

    /** @return shell commands that remove a kept lab */
    public List<String> removal() {
        return List.of(
                "docker rm -f -v $(docker ps -aq --filter label=" + Engine.LAB + "=" + id + ")",
                "docker network rm switchman-lab-" + id,
                "ip " + String.join(" ", RouteGuard.removal(subnet.cidr())),
                "rm -r " + directory);
    }

    /** Removes all that was made, whatever state it is in; a {@linkplain Builder#kept kept} lab stays. Repeatable. */
    @Override
    public void close() {
        if (!kept) {
            remove();
        }
    }

    /** Removes the lab, kept or not. Repeatable. */
    synchronized void remove() {
        // What was made is removed also on the way out of an interrupted thread.
        boolean interrupted = Thread.interrupted();
        try {
            removeAll();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void removeAll() {
        if (closed) {
            return;
        }
        List<String> left = engine.containers(id).stream().map(Container::getId).toList();
        onEach(left, container -> {
            engine.removeContainer(container);
            return container;
        });
        network.ifPresent(engine::removeNetwork);
        guard.ifPresent(RouteGuard::close);
        Leftovers.removeDirectory(directory);
        closed = true;
    }

    private interface Work<A, R> {

        R on(A item);
    }

    private static <A, R> List<R> onEach(List<A> items, Work<A, R> work) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<R>> calls = items.stream().map(item -> (Callable<R>) () -> work.on(item)).toList();
            List<R> results = new ArrayList<>();
            for (Future<R> future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new LabException(String.valueOf(Optional.ofNullable(e.getCause()).orElse(e).getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }

    private static Account account(String user) {
        byte[] random = new byte[9];
        new SecureRandom().nextBytes(random);
        return new Account(user, new Secret(HexFormat.of().formatHex(random)));
    }
}
