package dev.switchman.mysql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Network.Ipam;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.startupcheck.IsRunningStartupCheckStrategy;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

import dev.switchman.lab.Engine;
import dev.switchman.topology.Account;
import dev.switchman.topology.Action;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;

import static java.util.Objects.requireNonNull;

/**
 * Three real servers in containers, started once per version and JVM. The doors work there with exactly the privileges that the
 * documentation names.
 */
final class RealStage implements Stage {

    /** A server version, as an image of {@code docker/images}. */
    enum Version {
        V9_7("9.7", "9.7.0", 10, TlsMode.PREFERRED, "source", "replica"),
        /** With the plugins of before 8.0.26, as a server has them that was updated. */
        V8_0_33("8.0.33", "8.0.33", 40, TlsMode.PREFERRED, "master", "slave"), V8_0_12("8.0.12", "8.0.12", 30,
                TlsMode.PREFERRED, "", ""), V5_7("5.7", "5.7.22", 20, TlsMode.DISABLED, "", "");

        private final String tag;
        private final ServerVersion server;
        private final int firstAddress;
        private final TlsMode tls;
        private final SemiSyncWords semiSync;

        Version(String tag, String server, int firstAddress, TlsMode tls, String source, String replica) {
            this.tag = tag;
            this.server = ServerVersion.parse(server);
            this.firstAddress = firstAddress;
            this.tls = tls;
            this.semiSync = new SemiSyncWords(prefix(source), prefix(replica));
        }

        private static String prefix(String side) {
            return side.isEmpty() ? "" : "rpl_semi_sync_" + side + "_";
        }

        private String image() {
            return "switchman/mysql-node:" + tag;
        }
    }

    /** In a row, before a server counts as full. */
    private static final int REFUSALS = 50;
    private static final String LABEL = "dev.switchman.mysql-it";
    private static final String SUBNET = "10.77.1.";
    /** Of the stage itself, with all privileges. */
    private static final Account ADMIN = new Account("admin", new Secret("it's \"admin\"\\"));
    private static final Account SWITCHMAN = new Account("switchman", new Secret("sw'itch\"man\\"));
    private static final Account APP = new Account("app", new Secret("app-secret"));
    private static final Account REPL = new Account("repl", new Secret("re'pl\\secret"));
    private static final Account REPL_BY_TLS = new Account("repltls", new Secret("repl-tls-secret"));
    private static final Account POOR = new Account("poor", new Secret("poor-secret"));
    /** At the same time: each holds about a gigabyte. */
    private static final int STAGES_AT_ONCE = 2;
    /** The one that was used last comes last. */
    private static final Map<Version, RealStage> STAGES = new LinkedHashMap<>(8, 0.75f, true);

    private static Optional<Network> network = Optional.empty();

    private final Version version;
    private final List<GenericContainer<?>> containers = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    /** Those that fate struck since the last reset. */
    private final Set<Node> disturbed = new HashSet<>();
    private final List<Action> told = new CopyOnWriteArrayList<>();
    private final NodeReader reader = MySql.reader(Clock.systemUTC());
    private final NodeOperator operator = MySql.operator(Clock.systemUTC(), told::add);

    /** @return the stage of this version; started where it is not there, removed with the JVM or for those of other versions */
    static synchronized RealStage of(Version version) {
        DockerClient docker = Engine.client(version.image());
        if (network.isEmpty()) {
            removeLeftovers(docker);
            network = Optional.of(Network.builder()
                    .createNetworkCmdModifier(command -> command.withInternal(true)
                            .withLabels(Map.of(LABEL, ""))
                            .withIpam(new Ipam().withConfig(List.of(new Ipam.Config().withSubnet(SUBNET + "0/24")))))
                    .build());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> removeLeftovers(docker)));
        }
        RealStage there = STAGES.get(version);
        if (there != null) {
            return there;
        }
        if (STAGES.size() == STAGES_AT_ONCE) {
            Version eldest = STAGES.keySet().iterator().next();
            requireNonNull(STAGES.remove(eldest)).containers.forEach(GenericContainer::stop);
        }
        RealStage made = new RealStage(version);
        STAGES.put(version, made);
        return made;
    }

    private static void removeLeftovers(DockerClient docker) {
        for (Container container : docker.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(LABEL))
                .exec()) {
            docker.removeContainerCmd(container.getId()).withForce(true).exec();
        }
        docker.listNetworksCmd()
                .exec()
                .stream()
                .filter(found -> found.getLabels().containsKey(LABEL))
                .forEach(found -> docker.removeNetworkCmd(found.getId()).exec());
    }

    private RealStage(Version version) {
        this.version = version;
        for (int i = 1; i <= 3; i++) {
            String address = SUBNET + (version.firstAddress + i);
            GenericContainer<?> container = new GenericContainer<>(
                    DockerImageName.parse(version.image()))
                    .withNetwork(network.orElseThrow())
                    .withLabel(LABEL, "")
                    .withEnv("SERVER_ID", Integer.toString(version.firstAddress + i))
                    .withEnv("ADMIN_PASSWORD", ADMIN.password().reveal())
                    .withEnv("MYSQL_EXTRA", version == Version.V8_0_33
                            ? "plugin_load_add = semisync_master.so\nplugin_load_add = semisync_slave.so"
                            : "")
                    .withStartupCheckStrategy(new IsRunningStartupCheckStrategy())
                    .withCreateContainerCmdModifier(command -> {
                        command.withIpv4Address(address);
                        requireNonNull(command.getHostConfig())
                                .withInit(true)
                                .withCapAdd(Capability.NET_ADMIN)
                                .withSysctls(Map.of("net.ipv4.ip_forward", "0"));
                    });
            containers.add(container);
            nodes.add(new Node(NodeId.of(address, 3306), PromotionRole.ALLOWED, false, SWITCHMAN, version.tls,
                    new SshAccess("root", 22, Path.of("none"), Path.of("none")), Optional.empty()));
        }
        Startables.deepStart(containers).join();
        nodes.forEach(this::awaitUp);
        for (Node node : nodes) {
            sql(node, "SET sql_log_bin=0", "SET GLOBAL super_read_only=0, GLOBAL read_only=0",
                    "CREATE USER app@'%' IDENTIFIED BY 'app-secret'", "GRANT ALL ON app.* TO app@'%'",
                    "CREATE USER poor@'%' IDENTIFIED BY 'poor-secret'",
                    "CREATE USER repl@'%' IDENTIFIED BY 're''pl\\\\secret'",
                    "GRANT REPLICATION SLAVE ON *.* TO repl@'%'",
                    "CREATE USER repltls@'%' IDENTIFIED BY 'repl-tls-secret' REQUIRE SSL",
                    "GRANT REPLICATION SLAVE ON *.* TO repltls@'%'",
                    "CREATE USER switchman@'%' IDENTIFIED BY 'sw''itch\"man\\\\'",
                    // Only for Stage#ownTableLock.
                    "GRANT SELECT, LOCK TABLES ON app.* TO switchman@'%'");
            sql(node, DocumentedGrants.of(version.server, "switchman@'%'", SCHEMA).toArray(String[]::new));
            if (version != Version.V5_7) {
                sql(node, "SET sql_log_bin=0", "GRANT XA_RECOVER_ADMIN ON *.* TO app@'%'");
            }
        }
    }

    private void awaitUp(Node node) {
        await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50)).ignoreExceptions().until(() -> {
            try (Connection connection = connect(node, ADMIN)) {
                return connection.isValid(1);
            }
        });
    }

    @Override
    public void reset() {
        disturbed.forEach(node -> restoreHost(nodes.indexOf(node)));
        disturbed.clear();
        inParallel(nodes, this::clear);
        inParallel(nodes.subList(1, 3), this::follow);
        commit(primary());
        GtidSet written = executed(primary());
        nodes.forEach(node -> await().until(() -> executed(node).contains(written)));
        told.clear();
    }

    private static void inParallel(List<Node> nodes, Consumer<Node> work) {
        CompletableFuture.allOf(nodes.stream()
                .map(node -> CompletableFuture.runAsync(() -> work.accept(node), Thread::startVirtualThread))
                .toArray(CompletableFuture[]::new)).join();
    }

    private void clear(Node node) {
        Dialect words = words();
        sql(node, words.stopReplication(), words.resetReplication(),
                "SET GLOBAL super_read_only=0, GLOBAL read_only=0, GLOBAL offline_mode=0",
                "SET GLOBAL max_connections=200");
        endClients(node);
        if (hasSemiSync()) {
            SemiSyncWords semiSync = version.semiSync;
            sql(node, "SET GLOBAL " + semiSync.sourceEnabled() + "=0", "SET GLOBAL " + semiSync.replicaEnabled() + "=0",
                    "SET GLOBAL " + semiSync.waitCount() + "=1",
                    "SET GLOBAL " + semiSync.source() + "timeout=3600000000");
        }
        if (persists()) {
            sql(node, "RESET PERSIST");
        }
        sql(node, "SET sql_log_bin=0", "DROP DATABASE IF EXISTS app", "DROP DATABASE IF EXISTS " + SCHEMA,
                "CREATE DATABASE app",
                "CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20))",
                version == Version.V9_7 ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER");
    }

    private void follow(Node node) {
        Dialect words = words();
        String option = words.option() + "_";
        sql(node, "SET GLOBAL super_read_only=1",
                words.change() + " " + option + "HOST='" + primary().id().host() + "', " + option
                        + "PORT=3306, " + option + "USER='repl', " + option + "PASSWORD='re''pl\\\\secret', " + option
                        + "AUTO_POSITION=1, "
                        + option + "HEARTBEAT_PERIOD=0.7, " + option + "CONNECT_RETRY=1, " + option + "DELAY=0"
                        + (words.asksForPublicKey() ? ", GET_" + option + "PUBLIC_KEY=1" : ""),
                words.startReplication());
    }

    private void restoreHost(int i) {
        Node node = nodes.get(i);
        DockerClient docker = containers.get(i).getDockerClient();
        if (Boolean.TRUE
                .equals(docker.inspectContainerCmd(containers.get(i).getContainerId()).exec().getState().getPaused())) {
            docker.unpauseContainerCmd(containers.get(i).getContainerId()).exec();
        }
        exec(i, "sh", "-c", "ip link show eth0 up | grep -q . || ip link set eth0 up; start-mysqld");
        awaitUp(node);
    }

    private void endClients(Node node) {
        ask(node, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER IN ('app', 'poor')")
                .forEach(id -> sqlIgnoring(1094, node, "KILL " + id));
        await().until(() -> ask(node, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'app'").isEmpty());
        for (String xid : ask(node, "XA RECOVER")) {
            sql(node, "XA ROLLBACK 'held'");
        }
    }

    private Dialect words() {
        return Dialect.of(version.server);
    }

    @Override
    public NodeReader reader() {
        return reader;
    }

    @Override
    public NodeOperator operator() {
        return operator;
    }

    @Override
    public List<Action> told() {
        return told;
    }

    @Override
    public Duration time() {
        return Duration.ofNanos(System.nanoTime());
    }

    @Override
    public Node primary() {
        return nodes.get(0);
    }

    @Override
    public Node replica() {
        return nodes.get(1);
    }

    @Override
    public Node other() {
        return nodes.get(2);
    }

    @Override
    public Account replication() {
        return REPL;
    }

    @Override
    public Account poorAccount() {
        return POOR;
    }

    @Override
    public boolean hasSemiSync() {
        return !version.semiSync.source().isEmpty();
    }

    ServerVersion version() {
        return version.server;
    }

    /** The 5.7 server of the lab comes without. */
    boolean hasTls() {
        return version != Version.V5_7;
    }

    /** A replication account that is let in over TLS only. */
    Account replicationByTls() {
        return REPL_BY_TLS;
    }

    /** What a server remembers of passwords that were proven: with caching_sha2_password the next log-in is a whole one. */
    void forgetPasswords(Node node) {
        sql(node, "FLUSH NO_WRITE_TO_BINLOG PRIVILEGES");
    }

    void grant(Node node, String privileges, Account account) {
        sql(node, "SET sql_log_bin=0", "GRANT " + privileges + " TO " + account.user() + "@'%'");
    }

    void revoke(Node node, String privileges, Account account) {
        sql(node, "SET sql_log_bin=0", "REVOKE " + privileges + " FROM " + account.user() + "@'%'");
    }

    /** Of a 5.7 server whose replication stands still. */
    void keepReplicationStateIn(Node replica, String repository) {
        sql(replica, "SET GLOBAL super_read_only=0", "SET GLOBAL master_info_repository='" + repository + "'",
                "SET GLOBAL relay_log_info_repository='" + repository + "'", "SET GLOBAL super_read_only=1");
    }

    /** The replica's channel goes over TLS, and proves its source by an authority. */
    void encryptReplication(Node replica) {
        Dialect words = words();
        String option = words.option() + "_SSL";
        sql(replica, words.stopReplication(),
                words.change() + " " + option + "=1, " + option + "_CA='/var/lib/mysql/ca.pem', " + option
                        + "_VERIFY_SERVER_CERT=0",
                words.startReplication());
        await().until(() -> hearsItsSource(replica));
    }

    /** @return the TLS options of the default channel, as text to compare */
    String channelTls(Node replica) {
        return ask(replica,
                "SELECT CONCAT_WS(' ', SSL_ALLOWED, SSL_CA_FILE, SSL_CA_PATH, SSL_CERTIFICATE, SSL_CIPHER, SSL_KEY, "
                        + "SSL_VERIFY_SERVER_CERTIFICATE) FROM performance_schema.replication_connection_configuration "
                        + "WHERE CHANNEL_NAME = ''")
                .getFirst();
    }

    /** Another source beside the one that there may be. */
    void addChannel(Node replica, String channel, Node source) {
        Dialect words = words();
        String option = words.option() + "_";
        sql(replica, words.change() + " " + option + "HOST='" + source.id().host() + "', " + option + "PORT=3306, "
                + option + "USER='repl', " + option + "PASSWORD='re''pl\\\\secret', " + option + "AUTO_POSITION=1"
                + (words.asksForPublicKey() ? ", GET_" + option + "PUBLIC_KEY=1" : "") + " FOR CHANNEL '" + channel
                + "'");
    }

    @Override
    public boolean persists() {
        return version != Version.V5_7;
    }

    @Override
    public boolean commit(Node node) {
        try (Connection client = connect(node, APP); Statement statement = client.createStatement()) {
            statement.execute("INSERT INTO app.t (v) VALUES ('x')");
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == 1290) {
                return false;
            }
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Held idleSessions(Node node, int count) {
        List<Connection> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(open(node, APP));
        }
        return () -> clients.forEach(RealStage::close);
    }

    @Override
    public Held longWrite(Node node) {
        Connection client = open(node, APP);
        Thread writer = background(client, "INSERT INTO app.t (v) SELECT SLEEP(30)");
        await().until(() -> !ask(node, "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT%SLEEP%'")
                .isEmpty());
        return () -> {
            close(client);
            join(writer);
        };
    }

    @Override
    public Held tableLock(Node node) {
        return held(node, APP, "LOCK TABLES app.t WRITE");
    }

    @Override
    public Held ownTableLock(Node node) {
        return held(node, SWITCHMAN, "LOCK TABLES app.t WRITE");
    }

    @Override
    public Held waitingCommit(Node node) {
        sql(node, "SET GLOBAL " + version.semiSync.sourceEnabled() + "=1");
        Connection client = open(node, APP);
        Thread writer = background(client, "INSERT INTO app.t (v) VALUES ('waits')");
        await().until(() -> ask(node, "SELECT VARIABLE_VALUE FROM performance_schema.global_status "
                + "WHERE VARIABLE_NAME = '" + version.semiSync.waitSessions() + "'").equals(List.of("1")));
        return () -> {
            sql(node, "SET GLOBAL " + version.semiSync.sourceEnabled() + "=0");
            join(writer);
            close(client);
        };
    }

    @Override
    public Held exhaustedConnections(Node node) {
        Held clients = exhaustedClientConnections(node);
        List<Connection> administrators = fill(node, ADMIN);
        return () -> {
            administrators.forEach(RealStage::close);
            clients.close();
        };
    }

    @Override
    public Held exhaustedClientConnections(Node node) {
        sql(node, "SET GLOBAL max_connections=10");
        List<Connection> clients = fill(node, APP);
        return () -> clients.forEach(RealStage::close);
    }

    /** Opens connections until the server goes on refusing them with 1040: one that was just closed frees its place late. */
    private static List<Connection> fill(Node node, Account account) {
        List<Connection> connections = new ArrayList<>();
        int refused = 0;
        while (refused < REFUSALS) {
            try {
                connections.add(connect(node, account));
                refused = 0;
            } catch (SQLException e) {
                if (e.getErrorCode() != 1040) {
                    throw new IllegalStateException(e);
                }
                refused++;
            }
        }
        return connections;
    }

    @Override
    public Held preparedXa(Node node) {
        try (Connection client = connect(node, APP); Statement statement = client.createStatement()) {
            statement.execute("XA START 'held'");
            statement.execute("INSERT INTO app.t (v) VALUES ('xa')");
            statement.execute("XA END 'held'");
            statement.execute("XA PREPARE 'held'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        await().ignoreExceptions().until(() -> ask(node, "XA RECOVER").size() == 1);
        return () -> await().ignoreExceptions().until(() -> {
            sql(node, "XA ROLLBACK 'held'");
            return true;
        });
    }

    @Override
    public void createEvent(Node node, String name, boolean enabled) {
        sql(node, "CREATE DEFINER=app@'%' EVENT " + name + " ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' "
                + (enabled ? "ENABLE" : "DISABLE") + " DO SELECT 1");
    }

    @Override
    public void purge(Node node) {
        sql(node, "FLUSH NO_WRITE_TO_BINLOG BINARY LOGS");
        sql(node, "PURGE BINARY LOGS TO '" + ask(node, "SHOW BINARY LOGS").getLast() + "'");
    }

    @Override
    public void stopApplier(Node node) {
        sql(node, "STOP " + words().replica() + " SQL_THREAD");
    }

    @Override
    public void breakApplier(Node node) {
        sql(node, "SET sql_log_bin=0", "SET GLOBAL super_read_only=0",
                "INSERT INTO app.t (id, v) VALUES (1000, 'errant')",
                "SET GLOBAL super_read_only=1");
        sql(primary(), "INSERT INTO app.t (id, v) VALUES (1000, 'wanted')");
        await().until(() -> ask(node, "SELECT SERVICE_STATE FROM performance_schema.replication_applier_status")
                .equals(List.of("OFF")));
    }

    @Override
    public void killSleepers(Node node) {
        int killed = 0;
        for (String id : sleeping(node)) {
            sql(node, "KILL QUERY " + id);
            killed++;
        }
        if (killed == 0) {
            throw new IllegalStateException("nothing sleeps at " + node);
        }
        await().until(() -> sleepers(node) > 0);
    }

    @Override
    public int sleepers(Node node) {
        return sleeping(node).size();
    }

    private static List<String> sleeping(Node node) {
        return ask(node, "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP%'");
    }

    @Override
    public String globalVariables(Node node) {
        return String.join("\n", ask(node, "SELECT CONCAT(VARIABLE_NAME, '=', VARIABLE_VALUE) FROM "
                + "performance_schema.global_variables ORDER BY 1"));
    }

    @Override
    public boolean hearsItsSource(Node replica) {
        return ask(replica, "SELECT SERVICE_STATE FROM performance_schema.replication_connection_status")
                .equals(List.of("ON"));
    }

    @Override
    public void delayReplication(Node node, int seconds) {
        Dialect words = words();
        sql(node, "STOP " + words.replica() + " SQL_THREAD",
                words.change() + " " + words.option() + "_DELAY=" + seconds,
                words.startApplier());
    }

    @Override
    public void letNobodyIn(Node node) {
        sql(node, "SET GLOBAL offline_mode=1");
    }

    @Override
    public LogPosition logEnd(Node node) {
        String status = version.server.atLeast(8, 2, 0) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";
        try (Connection connection = connect(node, ADMIN);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(status)) {
            rows.next();
            return new LogPosition(rows.getString("File"), rows.getLong("Position"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@code relay.sh} puts them; the whole log, so that what is executed already has to be skipped. */
    @Override
    public String placeLogs(Node from, Node to) {
        String name = ask(to, "SELECT @@GLOBAL.relay_log_basename").getFirst() + "-" + NodeOperator.SALVAGE_CHANNEL;
        String log = ask(from, "SELECT @@GLOBAL.log_bin_basename").getFirst().replaceFirst("[^/]*$", "")
                + logEnd(from).file();
        Path copy;
        try {
            copy = Files.createTempFile("switchman-binlog-", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            containers.get(nodes.indexOf(from)).copyFileFromContainer(log, copy.toString());
            containers.get(nodes.indexOf(to)).copyFileToContainer(MountableFile.forHostPath(copy), name + ".000001");
            exec(nodes.indexOf(to), "sh", "-c", "printf './%s.000001\n' \"${1##*/}\" >\"$1\".index"
                    + " && chown mysql:mysql \"$1\".*", "sh", name);
            Files.delete(copy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return name.substring(name.lastIndexOf('/') + 1) + ".000001";
    }

    @Override
    public GtidSet executed(Node node) {
        return GtidSet.parse(ask(node, "SELECT @@GLOBAL.gtid_executed").getFirst());
    }

    @Override
    public void crash(Node node) {
        disturbed.add(node);
        exec(nodes.indexOf(node), "pkill", "-9", "mysqld");
        // The last thread closes the port a little later than the process is gone.
        await().until(() -> refuses(node));
    }

    private static boolean refuses(Node node) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(node.id().host().name(), node.id().port()), 1000);
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            // A port that is being closed resets what still waits for it.
            return false;
        }
    }

    @Override
    public void freeze(Node node) {
        disturbed.add(node);
        GenericContainer<?> container = containers.get(nodes.indexOf(node));
        container.getDockerClient().pauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void thaw(Node node) {
        restoreHost(nodes.indexOf(node));
    }

    @Override
    public void cut(Node node) {
        disturbed.add(node);
        exec(nodes.indexOf(node), "ip", "link", "set", "eth0", "down");
    }

    private void exec(int i, String... command) {
        try {
            var result = containers.get(i).execInContainer(command);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + result);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Held held(Node node, Account account, String statement) {
        Connection client = open(node, account);
        try (Statement holding = client.createStatement()) {
            holding.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return () -> close(client);
    }

    /** Ends as the test wants it to: killed, or refused. */
    private static Thread background(Connection client, String sql) {
        return Thread.ofVirtual().start(() -> {
            try (Statement statement = client.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                System.getLogger(RealStage.class.getName()).log(System.Logger.Level.DEBUG, sql, e);
            }
        });
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Connection client) {
        try {
            client.abort(Runnable::run);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static void sql(Node node, String... statements) {
        try (Connection connection = connect(node, ADMIN); Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(node + ": " + String.join("; ", statements), e);
        }
    }

    private static void sqlIgnoring(int errno, Node node, String statement) {
        try {
            sql(node, statement);
        } catch (IllegalStateException e) {
            if (!(e.getCause() instanceof SQLException cause) || cause.getErrorCode() != errno) {
                throw e;
            }
        }
    }

    static List<String> ask(Node node, String query) {
        try (Connection connection = connect(node, ADMIN);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> answers = new ArrayList<>();
            while (rows.next()) {
                answers.add(rows.getString(1));
            }
            return answers;
        } catch (SQLException e) {
            throw new IllegalStateException(node + ": " + query, e);
        }
    }

    private static Connection open(Node node, Account account) {
        try {
            return connect(node, account);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static Connection connect(Node node, Account account) throws SQLException {
        return DriverManager.getConnection("jdbc:mysql://" + node.id()
                + "/?sslMode=DISABLED&allowPublicKeyRetrieval=true&connectTimeout=2000&socketTimeout=20000",
                account.user(),
                account.password().reveal());
    }
}
