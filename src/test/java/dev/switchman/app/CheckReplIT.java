package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.cli.Cli;
import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A cluster is broken in every way that MHA's {@code masterha_check_repl} finds, and both programs are asked: MHA's own from
 * Debian's package, and {@code switchman check}.
 */
@Tag("matrix")
class CheckReplIT {

    private static final Duration SOON = Eventually.PATIENCE;

    /** Its place among the columns of SHOW SLAVE STATUS, counted from 0. */
    private static final int SECONDS_BEHIND_MASTER = 32;

    private static LabCluster lab;
    private static LabNode manager;
    private static LabNode primary;
    private static LabNode last;

    @BeforeAll
    static void start() {
        lab = LabCluster.builder().version("5.7-mha").start();
        manager = lab.addHost("manager");
        lab.exec(manager, "mkdir", "-p", "/var/lib/mha");
        primary = lab.primary();
        last = lab.node("db3");
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void bothPassASoundCluster() throws IOException {
        assertThat(mha("", "")).isEqualTo("0");
        assertThat(ours()).isEmpty();
    }

    @Test
    void aServerThatIsDown() throws IOException {
        lab.crash(last);
        try {
            bothFind("connect " + last.id());
        } finally {
            lab.restartMysqld(last);
            lab.awaitHealthy(primary);
        }
    }

    @Test
    void aReceiverThatStands() throws IOException {
        lab.stopReceiver(last);
        try {
            bothFind("replication-running " + last.id());
        } finally {
            healed("START SLAVE");
        }
    }

    @Test
    void anApplierThatStands() throws IOException {
        lab.execute(last, "STOP SLAVE SQL_THREAD");
        try {
            bothFind("applier " + last.id());
        } finally {
            healed("START SLAVE");
        }
    }

    @Test
    void aReplicaOfAReplicaIsWell() throws IOException {
        lab.execute(last, "STOP SLAVE", "CHANGE MASTER TO MASTER_HOST='" + lab.node("db2").address() + "'",
                "START SLAVE");
        Eventually.until("following", SOON, () -> lab.replicationProblem(last, lab.node("db2")));
        try {
            mhaAloneFinds("one-primary shop");
        } finally {
            healed("STOP SLAVE", "CHANGE MASTER TO MASTER_HOST='" + primary.address() + "'", "START SLAVE");
        }
    }

    @Test
    void aServerThatFollowsNobody() throws IOException {
        lab.execute(last, "STOP SLAVE", "RESET SLAVE ALL");
        try {
            bothFind("one-primary shop");
        } finally {
            follow();
        }
    }

    @Test
    void twoWritableServers() throws IOException {
        lab.execute(last, "STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0");
        try {
            bothFind("one-primary shop");
        } finally {
            lab.execute(last, "SET GLOBAL super_read_only = 1");
            follow();
        }
    }

    @Test
    void filtersOfOneReplica() throws IOException {
        filter(lab.node("db2"), "(other)");
        try {
            bothFind("no-replication-filters shop");
        } finally {
            filter(lab.node("db2"), "()");
            lab.awaitHealthy(primary);
        }
    }

    /** MHA takes the first filter that it meets for that of all, and so the last replica's only one for the rule. */
    @Test
    void filtersOfTheLastReplicaThatMhaDoesNotFind() throws IOException {
        filter(last, "(other)");
        try {
            assertThat(mha("", "")).isEqualTo("0");
            assertThat(ours()).contains("no-replication-filters shop");
        } finally {
            filter(last, "()");
            lab.awaitHealthy(primary);
        }
    }

    private static void filter(LabNode replica, String databases) {
        lab.execute(replica, "STOP SLAVE SQL_THREAD", "CHANGE REPLICATION FILTER REPLICATE_IGNORE_DB = " + databases,
                "START SLAVE SQL_THREAD");
    }

    @Test
    void databasesThatOneServerKeepsOutOfItsBinaryLog() throws IOException {
        keepOutOfBinaryLog(lab.node("db2"));
        try {
            bothFind("binary-log-filters shop");
        } finally {
            keepNothingOutOfBinaryLog(lab.node("db2"));
        }
    }

    @Test
    void databasesThatTheLastServerKeepsOutWhichMhaDoesNotFind() throws IOException {
        keepOutOfBinaryLog(last);
        try {
            assertThat(mha("", "")).isEqualTo("0");
            assertThat(ours()).contains("binary-log-filters shop");
        } finally {
            keepNothingOutOfBinaryLog(last);
        }
    }

    private static void keepOutOfBinaryLog(LabNode replica) {
        lab.exec(replica, "sh", "-c", "echo binlog_ignore_db=other >>/etc/my.cnf; stop-mysqld; start-mysqld");
        lab.awaitHealthy(primary);
    }

    private static void keepNothingOutOfBinaryLog(LabNode replica) {
        lab.exec(replica, "sh", "-c", "sed -i /binlog_ignore_db/d /etc/my.cnf; stop-mysqld; start-mysqld");
        lab.awaitHealthy(primary);
    }

    @Test
    void aReplicationAccountWithoutItsPrivilege() throws IOException {
        lab.execute(primary, "REVOKE REPLICATION SLAVE ON *.* FROM 'repl'@'%'");
        try {
            lab.replicas().forEach(replica -> lab.awaitCaughtUp(replica, primary));
            bothFind("replication-account " + primary.id());
        } finally {
            lab.execute(primary, "GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%'");
            lab.replicas().forEach(replica -> lab.awaitCaughtUp(replica, primary));
        }
    }

    @Test
    void aReplicaThatIsLateOnPurposeIsWell() throws IOException {
        delay(3600);
        lab.execute(primary, "CREATE DATABASE lagging");
        try {
            Eventually.until("late", SOON, () -> behind() > 2 ? Optional.empty() : Optional.of(behind() + " s"));
            mhaAloneFinds("replication-lag " + last.id());
        } finally {
            delay(0);
            lab.execute(primary, "DROP DATABASE lagging");
            lab.awaitHealthy(primary);
        }
    }

    private static int behind() {
        return Integer.parseInt(lab.rows(last, "SHOW SLAVE STATUS").getFirst().get(SECONDS_BEHIND_MASTER));
    }

    private static void delay(int seconds) {
        lab.execute(last, "STOP SLAVE SQL_THREAD", "CHANGE MASTER TO MASTER_DELAY = " + seconds,
                "START SLAVE SQL_THREAD");
    }

    @Test
    void nobodyMayBePromoted() throws IOException {
        assertThat(mha("", "no_master=1\n")).isEqualTo("1");
        Path file = configuration();
        Files.writeString(file, Files.readString(file).replaceAll("(\\{host: [0-9.]+)}", "$1, role: never}"));
        StringWriter said = new StringWriter();
        PrintWriter print = new PrintWriter(said, true);

        int status = Cli.run(new String[]{"check", "shop", "--config", file.toString()}, new Doors(print, print), print,
                print);

        assertThat(status).isEqualTo(2);
        assertThat(said.toString()).contains("every node has the role never: none could be promoted");
    }

    @Test
    void aScriptThatCannotTellItsStatus() throws IOException {
        assertThat(mha("master_ip_failover_script=/bin/false\n", "")).isEqualTo("1");
        assertThat(ours("virtual-ip: .*", "hooks: {master-ip-failover: /bin/false}"))
                .contains("hook-status master_ip_failover_script");
    }

    private static void healed(String... statements) {
        lab.execute(last, statements);
        lab.awaitHealthy(primary);
    }

    private static void follow() {
        healed("CHANGE MASTER TO MASTER_HOST='" + primary.address() + "', MASTER_PORT=" + LabNode.PORT
                + ", MASTER_USER='" + lab.replicationAccount().user() + "', MASTER_PASSWORD='"
                + lab.replicationAccount().password().reveal()
                + "', MASTER_AUTO_POSITION=1, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1", "START SLAVE");
    }

    /** Chained and delayed replicas are looked after. */
    private static void mhaAloneFinds(String finding) throws IOException {
        assertThat(mha("", "")).as("masterha_check_repl").isEqualTo("1");
        assertThat(ours()).doesNotContain(finding);
    }

    private static void bothFind(String finding) throws IOException {
        assertThat(mha("", "")).as("masterha_check_repl").isEqualTo("1");
        assertThat(ours()).contains(finding);
    }

    /** @param defaults more lines for {@code [server default]} @param each more lines for every server @return the exit status */
    private static String mha(String defaults, String each) {
        StringBuilder text = new StringBuilder(
                "[server default]\nuser=%s\npassword=%s\nrepl_user=%s\nrepl_password=%s\n"
                        .formatted(lab.account().user(), lab.account().password().reveal(),
                                lab.replicationAccount().user(),
                                lab.replicationAccount().password().reveal()))
                .append("ssh_user=root\nmanager_workdir=/var/lib/mha\n")
                .append(defaults);
        lab.nodes()
                .forEach(node -> text.append("[server")
                        .append(node.serverId())
                        .append("]\nhostname=")
                        .append(node.address())
                        .append('\n')
                        .append(each));
        lab.write(manager, "/etc/mha/shop.cnf", "600", text.toString());
        String said = lab.exec(manager, "sh", "-c",
                "masterha_check_repl --conf=/etc/mha/shop.cnf --seconds_behind_master=1 >/tmp/said 2>&1; echo $?;"
                        + " tail -n 15 /tmp/said");
        System.out.println("masterha_check_repl: " + said);
        return said.lines().findFirst().orElse("");
    }

    private static Path configuration() {
        Path file = lab.directory().resolve("switchman.yaml");
        lab.writeConfig(file, "shop", 18080, "standard");
        return file;
    }

    /** @param changes of the configuration, each what is there and what takes its place @return the findings that failed */
    private static Set<String> ours(String... changes) throws IOException {
        Path file = configuration();
        String yaml = Files.readString(file).replace("      detection: ", "      limits: {lag: 1s}\n      detection: ");
        for (int i = 0; i < changes.length; i += 2) {
            yaml = yaml.replaceAll(changes[i], changes[i + 1]);
        }
        Files.writeString(file, yaml);
        StringWriter out = new StringWriter();
        PrintWriter print = new PrintWriter(out, true);
        int status = Cli.run(new String[]{"check", "shop", "--json", "--config", file.toString()},
                new Doors(print, print), print, print);
        Set<String> failed = new TreeSet<>();
        for (JsonNode finding : new ObjectMapper().readTree(out.toString()).path("clusters").path(0).path("findings")) {
            if (finding.path("grade").asText().equals("failed")) {
                failed.add(finding.path("check").asText() + " " + finding.path("subject").asText());
            }
        }
        assertThat(status).as(failed.toString()).isEqualTo(failed.isEmpty() ? 0 : 1);
        return failed;
    }
}
