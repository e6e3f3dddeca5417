package dev.switchman.mysql;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.topology.Account;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Secret;
import dev.switchman.topology.ServerVersion;

import static org.assertj.core.api.Assertions.assertThat;

/** The words of the releases in which they changed, some of which no lab has. */
class DialectTest {

    private static final NodeId SOURCE = NodeId.of("db1", 3306);
    private static final Account ACCOUNT = new Account("repl", new Secret("secret"));

    private static Dialect dialect(String version) {
        return Dialect.of(ServerVersion.parse(version));
    }

    @ParameterizedTest
    @CsvSource({"5.7.44, SHOW SLAVE STATUS, STOP SLAVE, Slave_IO_Running, Relay_Master_Log_File, log_slave_updates",
            "8.0.21, SHOW SLAVE STATUS, STOP SLAVE, Slave_IO_Running, Relay_Master_Log_File, log_slave_updates",
            "8.0.22, SHOW REPLICA STATUS, STOP REPLICA, Replica_IO_Running, Relay_Source_Log_File, log_slave_updates",
            "8.0.26, SHOW REPLICA STATUS, STOP REPLICA, Replica_IO_Running, Relay_Source_Log_File, log_replica_updates",
            "8.4.0, SHOW REPLICA STATUS, STOP REPLICA, Replica_IO_Running, Relay_Source_Log_File, log_replica_updates"})
    void looksAndStops(String version, String status, String stop, String receiver, String executed, String updates) {
        Dialect dialect = dialect(version);

        assertThat(List.of(dialect.showReplicaStatus(), dialect.stopReplication(),
                dialect.column("Replica_IO_Running"), dialect.column("Relay_Source_Log_File"), dialect.logsUpdates()))
                .containsExactly(status, stop, receiver, executed, updates);
    }

    @ParameterizedTest
    @CsvSource({"5.7.44, MASTER, CHANGE MASTER TO, false", "8.0.3, MASTER, CHANGE MASTER TO, false",
            "8.0.4, MASTER, CHANGE MASTER TO, true", "8.0.22, MASTER, CHANGE MASTER TO, true",
            "8.0.23, SOURCE, CHANGE REPLICATION SOURCE TO, true", "9.7.0, SOURCE, CHANGE REPLICATION SOURCE TO, true"})
    void repoints(String version, String word, String change, boolean asksForKey) {
        Sql sql = dialect(version).change(SOURCE, ACCOUNT, false, true, 1);

        assertThat(sql.shown()).isEqualTo((change + " X_HOST='db1', X_PORT=3306, X_USER='repl', X_PASSWORD='******', "
                + "X_CONNECT_RETRY=1, X_RETRY_COUNT=1000000, X_HEARTBEAT_PERIOD=1.000"
                + (asksForKey ? ", GET_X_PUBLIC_KEY=1" : "") + ", X_AUTO_POSITION=1").replace("X_", word + "_"));
    }

    @Test
    void tlsIsNamedOnlyWhereItIsToBe() {
        assertThat(dialect("8.0.12").change(SOURCE, ACCOUNT, true, true, -1).text()).contains(", MASTER_SSL=1,");
        assertThat(dialect("8.0.12").change(SOURCE, ACCOUNT, false, true, -1).text()).doesNotContain("SSL");
    }
}
