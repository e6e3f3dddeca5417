package dev.switchman.mysql;

import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.topology.Finding;
import dev.switchman.topology.Node;
import dev.switchman.topology.TlsMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/** What a real server's replication channel keeps, and which channels are left alone. */
abstract class ChannelContract {

    private static final Duration PLENTY = Duration.ofSeconds(5);

    private RealStage stage;
    private NodeOperator operator;

    abstract RealStage.Version version();

    @BeforeEach
    void reset() {
        stage = RealStage.of(version());
        stage.reset();
        operator = stage.operator();
    }

    @Test
    void aRepointKeepsTheTlsOfTheChannel() {
        assumeThat(stage.hasTls()).isTrue();
        stage.encryptReplication(stage.replica());
        String before = stage.channelTls(stage.replica());
        assertThat(before).startsWith("YES /var/lib/mysql/ca.pem");

        Change change = operator.repoint(stage.replica(), stage.other(), stage.replicationByTls(), PLENTY);

        assertThat(change).as("the account is let in over TLS only: " + change.sentence())
                .isInstanceOf(Change.Done.class);
        assertThat(stage.channelTls(stage.replica())).isEqualTo(before);
    }

    @Test
    void aNewChannelGoesOverTlsWhereSwitchmanItselfMust() {
        assumeThat(stage.hasTls()).isTrue();
        Node other = stage.other();
        Node required = new Node(other.id(), other.role(), other.ignoreFailure(), other.mysql(), TlsMode.REQUIRED,
                other.ssh(), other.unit());
        operator.forgetSource(stage.replica(), PLENTY);

        Change change = operator.repoint(stage.replica(), required, stage.replicationByTls(), PLENTY);

        assertThat(change).as(change.sentence()).isInstanceOf(Change.Done.class);
        assertThat(stage.channelTls(stage.replica())).startsWith("YES");
    }

    @Test
    void aSecondChannelIsNamedAndTheServerIsNotRepointed() {
        stage.addChannel(stage.replica(), "second", stage.other());

        assertThat(singleChannel(stage.replica()))
                .isEqualTo("FAILED 2 replication channels: multi-source replication is not supported");
        assertThat(operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY))
                .isInstanceOfSatisfying(Change.Rejected.class,
                        rejected -> assertThat(rejected.why()).contains("has 2 channels"));
    }

    @Test
    void aNamedChannelIsNamedAndTheServerIsNotRepointed() {
        operator.forgetSource(stage.replica(), PLENTY);
        stage.addChannel(stage.replica(), "only", stage.primary());

        assertThat(singleChannel(stage.replica()))
                .isEqualTo("FAILED channel \"only\": only the default channel is supported");
        assertThat(operator.repoint(stage.replica(), stage.other(), stage.replication(), PLENTY))
                .isInstanceOfSatisfying(Change.Rejected.class,
                        rejected -> assertThat(rejected.why()).contains("only the default channel is repointed"));
    }

    private String singleChannel(Node node) {
        return stage.reader()
                .inspect(node, PLENTY)
                .stream()
                .filter(finding -> finding.check().equals("single-channel"))
                .map((Finding finding) -> finding.grade() + " " + finding.detail())
                .findFirst()
                .orElse("no such finding");
    }
}
