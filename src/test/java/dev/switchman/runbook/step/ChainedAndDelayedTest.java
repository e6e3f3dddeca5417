package dev.switchman.runbook.step;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;

/** Intermediate sources, replicas below them, and replicas that are late on purpose. */
class ChainedAndDelayedTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3", "db4");

    private NodeId source(String host) {
        return fleet.state(host).replication().map(ReplicaState::source).orElseThrow();
    }

    private static NodeId id(String host) {
        return NodeId.of(host, 3306);
    }

    @Test
    void aChainedReplicaStaysBelowItsLivingSource() {
        fleet.follows("db4", "db3");
        fleet.write("db1");
        fleet.crash("db1");

        assertThat(new Rehearsal(fleet).failover()).isEqualTo(Ending.DONE);

        assertThat(source("db3")).isEqualTo(id("db2"));
        assertThat(source("db4")).isEqualTo(id("db3"));
        assertThat(fleet.write("db2")).isInstanceOf(Written.Acknowledged.class);
        assertThat(fleet.state("db4").executed()).isEqualTo(fleet.state("db2").executed());
    }

    @Test
    void aChainedReplicaFollowsTheNewPrimaryWhenItsSourceIsLostToo() {
        fleet.follows("db4", "db3");
        fleet.write("db1");
        fleet.crash("db1");
        fleet.silence("db3");

        assertThat(new Rehearsal(fleet).failover()).isIn(Ending.REPLICAS_LOST, Ending.WRITES_MAY_BE_LOST);

        assertThat(source("db4")).isEqualTo(id("db2"));
    }

    @Test
    void anIntermediateSourceThatIsPromotedKeepsItsReplicas() {
        fleet.follows("db4", "db3");
        fleet.role("db3", PromotionRole.PREFERRED);
        fleet.crash("db1");

        assertThat(new Rehearsal(fleet).failover()).isEqualTo(Ending.DONE);

        assertThat(fleet.state("db3").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(source("db4")).isEqualTo(id("db3"));
        assertThat(source("db2")).isEqualTo(id("db3"));
    }

    @Test
    void aChainedReplicaThatIsPromotedHasItsFormerSourceBelowIt() {
        fleet.follows("db4", "db3");
        fleet.role("db4", PromotionRole.PREFERRED);
        fleet.crash("db1");

        assertThat(new Rehearsal(fleet).failover()).isEqualTo(Ending.DONE);

        assertThat(fleet.state("db4").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(source("db3")).isEqualTo(id("db4"));
        assertThat(source("db2")).isEqualTo(id("db4"));
    }

    @Test
    void whatAnIntermediateSourceAloneHasWrittenIsNotTakenForAPrimarys() {
        fleet.follows("db4", "db3");
        fleet.writeErrant("db3");
        fleet.crash("db1");

        assertThat(new Rehearsal(fleet).failover()).isEqualTo(Ending.DONE);

        ServerState db2 = fleet.state("db2");
        assertThat(db2.writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(db2.executed().sources()).doesNotContain(fleet.state("db3").serverUuid());
    }

    @Test
    void aDelayedReplicaIsFollowedNotChosenAndNotWaitedFor() {
        fleet.role("db2", PromotionRole.PREFERRED);
        fleet.delaysReplication("db2", HOUR);
        fleet.write("db1");
        fleet.crash("db1");
        var before = fleet.clock().instant();

        assertThat(new Rehearsal(fleet).failover()).isEqualTo(Ending.DONE);

        assertThat(Duration.between(before, fleet.clock().instant())).isLessThan(Duration.ofSeconds(30));
        assertThat(fleet.state("db3").writeMode()).isEqualTo(WriteMode.WRITABLE);
        ReplicaState db2 = fleet.state("db2").replication().orElseThrow();
        assertThat(db2.source()).isEqualTo(id("db3"));
        assertThat(db2.delay()).isEqualTo(HOUR);
        assertThat(fleet.state("db2").executed().contains(db2.retrieved())).isFalse();
    }

    /** db2 is late on purpose and has received a write that nobody else has; its primary's host is gone. */
    private Rehearsal receivedByADelayedReplicaAlone() {
        fleet.withoutSemiSync();
        fleet.delaysReplication("db2", HOUR);
        fleet.receiverStops("db3");
        fleet.receiverStops("db4");
        fleet.write("db1");
        fleet.silence("db1");
        return new Rehearsal(fleet);
    }

    @Test
    void whatOnlyADelayedReplicaHasReceivedIsFetchedFromItsRelayLogs() {
        Rehearsal rehearsal = receivedByADelayedReplicaAlone();
        GtidSet only = fleet.state("db2").reachable().minus(fleet.state("db3").reachable());

        rehearsal.failover();

        assertThat(only.count()).isEqualTo(1);
        assertThat(fleet.state("db3").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(fleet.state("db3").executed().contains(only)).isTrue();
        assertThat(fleet.calls()).contains("copyLogs db2:3306").doesNotContain("liftDelay db2:3306");
        assertThat(rehearsal.journal.notes(rehearsal.id.value(), Remark.POLICY)).noneMatch(
                note -> note.startsWith("promotion-policy: ask"));
        assertThat(rehearsal.notifier.mails().getLast().body())
                .contains("1 transaction that only db2:3306, delayed on purpose, had received were fetched")
                .contains(only.toString(), "It keeps its delay.");
        ReplicaState db2 = fleet.state("db2").replication().orElseThrow();
        assertThat(db2.source()).as("it holds nothing that the new primary lacks").isEqualTo(id("db3"));
        assertThat(db2.delay()).isEqualTo(HOUR);
    }

    @Test
    void whatCannotBeFetchedFromADelayedReplicaIsAskedAbout() {
        Rehearsal rehearsal = receivedByADelayedReplicaAlone();
        fleet.fail("copyLogs", "db2", Fault.REJECTED);

        rehearsal.failover();

        assertThat(fleet.state("db3").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(rehearsal.journal.notes(rehearsal.id.value(), Remark.POLICY)).anySatisfy(
                note -> assertThat(note).startsWith("promotion-policy: ask"));
        assertThat(rehearsal.journal.notes(rehearsal.id.value(), Remark.LOSS)).anySatisfy(note -> assertThat(note)
                .contains("db2:3306, delayed on purpose, has received and not applied 1 transactions"));
        assertThat(rehearsal.journal.notes(rehearsal.id.value(), Remark.WITHHELD)).anySatisfy(note -> assertThat(note)
                .contains("could not be fetched from its relay logs: as told"));
        GtidSet waiting = fleet.state("db2").reachable().minus(fleet.state("db2").executed());
        assertThat(waiting.count()).as("what it has received is still there").isEqualTo(1);
    }

    /** The old primary's own logs have it too: nothing is applied twice. */
    @Test
    void whatTheOldPrimarysLogsHaveGivenNeedsNoDelayedReplica() {
        fleet.withoutSemiSync();
        fleet.delaysReplication("db2", HOUR);
        fleet.receiverStops("db3");
        fleet.receiverStops("db4");
        fleet.write("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(fleet.calls().stream().filter("applyRelayLogs db3:3306"::equals)).hasSize(1);
        assertThat(rehearsal.journal.notes(rehearsal.id.value(), Remark.WITHHELD)).isEmpty();
    }

    @Test
    void aReplicaWhoseApplierSomebodyHasStoppedDoesNotStayWithTheOldPrimary() {
        fleet.applierStops("db4");
        fleet.write("db1");
        fleet.crash("db1");

        assertThat(new Rehearsal(fleet).failover()).isEqualTo(Ending.DONE);

        assertThat(source("db4")).isEqualTo(id("db2"));
        assertThat(fleet.state("db4").executed()).isEqualTo(fleet.state("db2").executed());
    }

    @Test
    void onlyADelayedReplicaIsLeftAndNobodyHasAgreed() {
        Rehearsal rehearsal = lastResort();

        assertThat(rehearsal.failover()).isEqualTo(Ending.NO_ELIGIBLE_CANDIDATE);

        assertThat(rehearsal.variables.get(Run.DETAIL))
                .contains("db4:3306 is all that is left", "its delay of 3600 s is lifted");
        ReplicaState db4 = fleet.state("db4").replication().orElseThrow();
        assertThat(db4.delay()).isEqualTo(HOUR);
        assertThat(fleet.state("db4").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
    }

    @Test
    void onlyADelayedReplicaIsLeftAndAPersonAgrees() {
        Rehearsal rehearsal = lastResort();
        rehearsal.before(ChoosePrimary.class);
        assertThat(rehearsal.run(ChoosePrimary.class)).isInstanceOf(Outcome.Refused.class);
        rehearsal.all(AskPerson.class);
        rehearsal.approvals.answer(rehearsal.id, new People.Person("ann", Set.of(People.Role.APPROVER)), true, "");
        rehearsal.all(ReadAnswer.class);

        rehearsal.failover();

        assertThat(fleet.state("db4").writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(fleet.holders()).containsExactly("db4");
        assertThat(fleet.state("db4").executed().contains(fleet.state("db1").executed())).isTrue();
    }

    private Rehearsal lastResort() {
        fleet.role("db2", PromotionRole.NEVER);
        fleet.role("db3", PromotionRole.NEVER);
        fleet.delaysReplication("db4", HOUR);
        fleet.write("db1");
        fleet.crash("db1");
        return new Rehearsal(fleet);
    }

    @Test
    void aDelayedReplicaRejoinsAndKeepsItsDelay() {
        fleet.delaysReplication("db4", HOUR);
        fleet.write("db1");
        fleet.receiverStops("db4");
        Rehearsal rehearsal = new Rehearsal(fleet, Runbook.REJOIN, "ann");
        rehearsal.run.oldPrimary(id("db4"));

        rehearsal.all(ConfirmRejoin.class, FenceReturnedServer.class, RemoveStrayAddress.class, AnnounceAddress.class,
                CompareWithPrimary.class, FollowPrimary.class, CatchUpReplica.class, ReleaseReplica.class);

        assertThat(rehearsal.run.ending()).isEqualTo(Optional.of(Ending.DONE));
        assertThat(fleet.state("db4").replication().map(ReplicaState::delay)).contains(HOUR);
        assertThat(fleet.state("db4").reachable()).isEqualTo(fleet.state("db1").executed());
    }
}
