package dev.switchman.verdict;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.Failure;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.WriteMode;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.DB3;
import static dev.switchman.verdict.Specimens.NOON;
import static dev.switchman.verdict.Specimens.VIP;
import static dev.switchman.verdict.Specimens.channel;
import static dev.switchman.verdict.Specimens.healthy;
import static dev.switchman.verdict.Specimens.host;
import static dev.switchman.verdict.Specimens.knowing;
import static dev.switchman.verdict.Specimens.primary;
import static dev.switchman.verdict.Specimens.quarantining;
import static dev.switchman.verdict.Specimens.replica;
import static dev.switchman.verdict.Specimens.seen;
import static dev.switchman.verdict.Specimens.server;
import static dev.switchman.verdict.Specimens.with;
import static dev.switchman.verdict.Specimens.written;
import static org.assertj.core.api.Assertions.assertThat;

class AnsweringPrimaryTest {

    private static final Failure SILENCE = new Failure.TimedOut(Duration.ofSeconds(1), "connect");

    private static Observation unseen(NodeId node) {
        return new Observation.Unseen(node, NOON, SILENCE);
    }

    private static Observation readOnly(NodeId node) {
        return seen(node, server(node, WriteMode.SUPER_READ_ONLY, Optional.empty()));
    }

    @Test
    void aClusterWithNothingWrongIsHealthy() {
        assertThat(Diagnosis.of(healthy())).isEqualTo(new Verdict.Healthy(DB1));
    }

    @Test
    void twoWritableServersComeBeforeAllElse() {
        Snapshot snapshot = quarantining(with(with(healthy(), seen(DB2, primary(DB2))), DB1, host()), DB2);

        assertThat(Diagnosis.of(snapshot)).isEqualTo(new Verdict.TwoWritable(DB1, Set.of(DB2)));
    }

    @Test
    void aServerThatRefusesOnlyOrdinaryUsersIsNotWritable() {
        Snapshot snapshot = with(healthy(), seen(DB2, server(DB2, WriteMode.READ_ONLY,
                Optional.of(channel(DB1, Receiver.RUNNING, 0)))));

        assertThat(Diagnosis.of(snapshot)).isEqualTo(new Verdict.Healthy(DB1));
    }

    @Test
    void aQuarantinedServerThatAnswersIsMet() {
        Snapshot closed = quarantining(with(healthy(), readOnly(DB3)), DB3);

        assertThat(Diagnosis.of(closed))
                .isEqualTo(new Verdict.QuarantinedReturned(DB1, DB3, "its fence was never proven"));
        assertThat(Diagnosis.of(with(with(closed, DB1, host()), DB3, host(VIP))))
                .isEqualTo(new Verdict.QuarantinedReturned(DB1, DB3, "it carries the virtual IP"));
    }

    @Test
    void aQuarantinedServerThatStaysAwayIsALostReplica() {
        assertThat(Diagnosis.of(quarantining(with(healthy(), unseen(DB3)), DB3)))
                .isEqualTo(new Verdict.ReplicasLost(DB1, Set.of(DB3)));
    }

    @Test
    void aReturnedWritableServerIsMetBeforeAReadOnlyPrimaryIsReopened() {
        Snapshot snapshot = quarantining(with(with(healthy(), readOnly(DB1)), seen(DB3, primary(DB3))), DB3);

        assertThat(Diagnosis.of(snapshot))
                .isEqualTo(new Verdict.QuarantinedReturned(DB1, DB3, "it accepts writes"));
    }

    @Test
    void aReadOnlyPrimaryIsReopenedOnlyWhileNobodyElseIsWritable() {
        Snapshot restarted = with(with(healthy(), readOnly(DB1)), DB1, host());

        assertThat(Diagnosis.of(restarted)).isEqualTo(new Verdict.PrimaryReadOnly(DB1));
        assertThat(Diagnosis.of(with(restarted, seen(DB2, primary(DB2))))).isEqualTo(new Verdict.Unclear(DB1,
                "it is remembered as the primary and is read-only, while [db2:3306] accept writes"));
    }

    @Test
    void theVirtualIpBelongsOnThePrimarysHostAlone() {
        assertThat(Diagnosis.of(with(healthy(), DB1, host())))
                .isEqualTo(new Verdict.VirtualIpMisplaced(DB1, Set.of()));
        assertThat(Diagnosis.of(with(healthy(), DB2, host(VIP))))
                .isEqualTo(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB1, DB2)));
        assertThat(Diagnosis.of(with(with(healthy(), DB1, host()), DB2, host(VIP))))
                .isEqualTo(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB2)));
    }

    @Test
    void anAddressIsNotMissedOnAHostThatCannotBeSeen() {
        assertThat(Diagnosis.of(with(healthy(), DB1, new HostView.Silent("ssh")))).isEqualTo(new Verdict.Healthy(DB1));
        assertThat(Diagnosis.of(with(with(healthy(), DB1, new HostView.Silent("ssh")), DB2, host(VIP))))
                .isEqualTo(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB2)));
    }

    @Test
    void brokenReplicationIsNamedForEachReplica() {
        Snapshot snapshot = with(with(healthy(),
                seen(DB2, server(DB2, WriteMode.SUPER_READ_ONLY,
                        Optional.of(channel(DB1, Receiver.CONNECTING, 2003))))),
                seen(DB3, replica(DB3, NodeId.of("elsewhere", 3306))));

        assertThat(Diagnosis.of(snapshot)).isEqualTo(new Verdict.ReplicationBroken(DB1,
                Map.of(DB2, "cannot connect (2003: error)", DB3, "follows elsewhere:3306")));
    }

    @Test
    void aChainedReplicaBelowALivingSourceIsHealthy() {
        assertThat(Diagnosis.of(with(healthy(), seen(DB3, replica(DB3, DB2))))).isEqualTo(new Verdict.Healthy(DB1));
    }

    @Test
    void aChainedReplicaIsBrokenWithWhatKeepsThePrimaryFromIt() {
        Snapshot chained = with(healthy(), seen(DB3, replica(DB3, DB2)));

        assertThat(Diagnosis.of(with(chained, unseen(DB2)))).isEqualTo(new Verdict.ReplicationBroken(DB1,
                Map.of(DB3, "follows db2:3306, which does not answer")));
        assertThat(Diagnosis.of(with(chained, seen(DB2, replica(DB2, DB3))))).isEqualTo(new Verdict.ReplicationBroken(
                DB1, Map.of(DB2, "follows db3:3306, which follows db2:3306, which follows db3:3306, in a circle", DB3,
                        "follows db2:3306, which follows db3:3306, which follows db2:3306, in a circle")));
    }

    @Test
    void aStoppedApplierIsBrokenReplication() {
        Snapshot snapshot = with(healthy(), seen(DB2, server(DB2, WriteMode.SUPER_READ_ONLY,
                Optional.of(channel(DB1, Receiver.RUNNING, 0, false, 7, written(DB1, 1))))));

        assertThat(Diagnosis.of(snapshot))
                .isEqualTo(new Verdict.ReplicationBroken(DB1, Map.of(DB2, "its applier is stopped")));
    }

    @Test
    void aChannelThatNamesThePrimaryByAnotherNameIsKnownByItsUuid() {
        NodeId alias = NodeId.of("10.0.0.1", 3306);
        Snapshot snapshot = with(healthy(), seen(DB2, server(DB2, WriteMode.SUPER_READ_ONLY, Optional.of(
                new dev.switchman.topology.ReplicaState(alias, Optional.of(Specimens.uuid(DB1)), Receiver.RUNNING, 0,
                        "",
                        true, 0, "", written(DB1, 1), true, Optional.empty(), Duration.ZERO, Duration.ofSeconds(1), 1,
                        Optional.empty(), "", 1)))));

        assertThat(Diagnosis.of(snapshot)).isEqualTo(new Verdict.Healthy(DB1));
    }

    @Test
    void replicasThatDoNotAnswerAreLost() {
        assertThat(Diagnosis.of(with(healthy(), unseen(DB3)))).isEqualTo(new Verdict.ReplicasLost(DB1, Set.of(DB3)));
    }

    @Test
    void aPrimaryThatAnswersPingsAndCannotBeLookedAtIsBusy() {
        assertThat(Diagnosis.of(with(healthy(), unseen(DB1)))).isInstanceOf(Verdict.Busy.class);
    }

    @Test
    void theFirstStartTakesTheOneWritableServerThatTheOthersFollow() {
        assertThat(Diagnosis.of(knowing(healthy(), Optional.empty()))).isEqualTo(new Verdict.Healthy(DB1));
        assertThat(Diagnosis.of(knowing(with(healthy(), unseen(DB3)), Optional.empty())))
                .isEqualTo(new Verdict.Healthy(DB1));
    }

    @Test
    void theFirstStartRefusesWhateverDoesNotNameExactlyOne() {
        Snapshot fresh = knowing(healthy(), Optional.empty());

        assertThat(Diagnosis.of(with(fresh, seen(DB3, primary(DB3))))).isInstanceOf(Verdict.NoKnownPrimary.class);
        assertThat(Diagnosis.of(with(fresh, seen(DB3, replica(DB3, NodeId.of("elsewhere", 3306))))))
                .isInstanceOf(Verdict.NoKnownPrimary.class);
        assertThat(Diagnosis.of(with(fresh, seen(DB3, replica(DB3, DB2))))).isEqualTo(new Verdict.Healthy(DB1));
        assertThat(Diagnosis.of(with(with(fresh, unseen(DB2)), unseen(DB3))))
                .isInstanceOf(Verdict.NoKnownPrimary.class);
        assertThat(Diagnosis.of(with(fresh, readOnly(DB1)))).isEqualTo(new Verdict.NoKnownPrimary(
                "db1:3306 is read-only and follows nobody; db2:3306 is read-only and follows db1:3306;"
                        + " db3:3306 is read-only and follows db1:3306"));
    }

    @Test
    void aRememberedPrimaryThatIsNotConfiguredAnyMoreIsNoPrimary() {
        assertThat(Diagnosis.of(knowing(healthy(), Optional.of(NodeId.of("db9", 3306)))).sentence())
                .contains("db9:3306 is not configured");
    }
}
