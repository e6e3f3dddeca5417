package dev.switchman.mysql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.topology.Account;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Node;
import dev.switchman.topology.Ping;
import dev.switchman.topology.TlsMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

/** What a real server lets Switchman's account do, and how it is let in; the documented privileges are enough and none is too many. */
abstract class AccessContract {

    private static final Duration PLENTY = Duration.ofSeconds(5);

    private RealStage stage;
    private NodeReader reader;
    private Node node;
    private Account account;

    abstract RealStage.Version version();

    @BeforeEach
    void reset() {
        stage = RealStage.of(version());
        stage.reset();
        reader = stage.reader();
        node = stage.primary();
        account = node.mysql();
    }

    private List<String> needed() {
        return Grants.of(List.of()).missing(Dialect.of(stage.version()));
    }

    @Test
    void exactlyTheDocumentedPrivilegesPassAndEachThatIsMissingIsNamed() {
        assertThat(finding("privileges", node)).isEqualTo("PASSED all that are needed");
        List<String> unnamed = new ArrayList<>();
        for (String privilege : needed()) {
            String grant = privilege.contains(" ON ") ? privilege : privilege + " ON *.*";
            stage.revoke(node, grant, account);
            if (!finding("privileges", node).startsWith("FAILED missing: " + privilege + "; GRANT")) {
                unnamed.add(privilege + ": " + finding("privileges", node));
            }
            stage.grant(node, grant, account);
        }
        assertThat(unnamed).isEmpty();
        assertThat(finding("privileges", node)).startsWith("PASSED");
    }

    @Test
    void theRowsOfItsOwnSchemaAreAskedAfter() {
        assertThat(reader.inspectSchema(node, Stage.SCHEMA, PLENTY).grade()).isEqualTo(Grade.PASSED);
        assertThat(reader.inspectSchema(node, "another", PLENTY)).satisfies(finding -> {
            assertThat(finding.grade()).isEqualTo(Grade.FAILED);
            assertThat(finding.detail()).isEqualTo("missing: GRANT ALL ON another.* TO switchman");
        });
    }

    @Test
    void whatACopyNeedsIsAWarning() {
        assumeThat(Clone.knows(Dialect.of(stage.version()))).isTrue();
        assertThat(finding("copy-privileges", node)).startsWith("PASSED");
        stage.revoke(node, "BACKUP_ADMIN ON *.*", account);
        try {
            assertThat(finding("copy-privileges", node)).startsWith("WARNING missing: BACKUP_ADMIN;");
        } finally {
            stage.grant(node, "BACKUP_ADMIN ON *.*", account);
        }
    }

    @Test
    void aReplicaThatCouldHaveNoSecondChannelIsNamed() {
        assumeThat(stage.version().atLeast(8, 0, 0)).isFalse();
        assertThat(finding("salvage-channel", stage.other())).startsWith("PASSED");
        stage.operator().stopReplication(stage.other(), PLENTY);
        stage.keepReplicationStateIn(stage.other(), "FILE");
        try {
            assertThat(finding("salvage-channel", stage.other())).startsWith("WARNING");
        } finally {
            stage.keepReplicationStateIn(stage.other(), "TABLE");
        }
    }

    @Test
    void anAppliersWorkerMayBeEnded() throws SQLException {
        try (Connection session = RealStage.connect(stage.replica(), account);
                Statement statement = session.createStatement()) {
            long worker;
            try (ResultSet rows = statement.executeQuery("SELECT PROCESSLIST_ID FROM performance_schema.threads"
                    + " WHERE NAME LIKE 'thread/sql/%\\_worker' OR NAME LIKE 'thread/sql/%\\_sql' ORDER BY NAME DESC")) {
                assertThat(rows.next()).isTrue();
                worker = rows.getLong(1);
            }

            assertThatCode(() -> statement.execute("KILL " + worker)).doesNotThrowAnyException();
        }
    }

    @Test
    void logsInWithAndWithoutTls() {
        Node plain = with(TlsMode.DISABLED);
        stage.forgetPasswords(node);
        assertThat(reader.reconnect(plain, PLENTY)).as("by the server's public key").isInstanceOf(Ping.Answered.class);
        assertThat(finding("connect", plain)).contains("without TLS");

        assumeThat(stage.hasTls()).isTrue();
        for (TlsMode mode : List.of(TlsMode.PREFERRED, TlsMode.REQUIRED)) {
            stage.forgetPasswords(node);
            assertThat(finding("connect", with(mode))).contains("over TLS");
        }
    }

    private Node with(TlsMode tls) {
        return new Node(node.id(), node.role(), node.ignoreFailure(), account, tls, node.ssh(), node.unit());
    }

    private String finding(String check, Node of) {
        return reader.inspect(of, PLENTY)
                .stream()
                .filter(finding -> finding.check().equals(check))
                .map((Finding finding) -> finding.grade() + " " + finding.detail())
                .findFirst()
                .orElse("no finding " + check);
    }
}
