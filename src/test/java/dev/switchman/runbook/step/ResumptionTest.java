package dev.switchman.runbook.step;

import java.time.Duration;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;

/** A run whose manager was killed between two steps and is back. */
class ResumptionTest {

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    private static Class<? extends Step> step(String name) {
        return Rehearsal.PATH.stream().filter(type -> type.getSimpleName().equals(name)).findFirst().orElseThrow();
    }

    private static void goOn(Rehearsal rehearsal, Class<? extends Step> from) {
        for (var type : Rehearsal.PATH.subList(Rehearsal.PATH.indexOf(from), Rehearsal.PATH.size())) {
            rehearsal.all(type);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FenceOldPrimary", "StopReceivers", "CatchUpCandidate", "StopReplication",
            "PrepareSemiSync", "OpenPrimary"})
    void itGoesOnAfterItHasSeenTheLossWithItsOwnEyes(String name) {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(step(name)).restarted();

        goOn(rehearsal, step(name));

        assertThat(rehearsal.run.ending()).contains(Ending.DONE);
        assertThat(rehearsal.journal.notes("42", Remark.EVIDENCE)).hasSize(2);
        assertThat(rehearsal.journal.notes("42", Remark.EVIDENCE).getLast())
                .startsWith("This process did not begin the run, so it looked again: db1:3306");
    }

    @Test
    void aRunThatWasNotInterruptedIsConfirmedOnce() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        rehearsal.failover();

        assertThat(rehearsal.journal.notes("42", Remark.EVIDENCE)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FenceOldPrimary", "StopReceivers", "CatchUpCandidate", "OpenPrimary"})
    void itStopsWhenThePrimaryIsAliveAgainAndLetsTheReplicasListen(String name) {
        fleet.freeze("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(step(name)).restarted();
        fleet.thaw("db1");

        Outcome outcome = rehearsal.run(step(name));

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Refused.class,
                refused -> assertThat(refused.error()).isEqualTo(RunbookError.PRIMARY_ALIVE));
        assertThat(fleet.state("db2").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertThat(fleet.state("db3").replication().map(ReplicaState::receiver))
                .contains(ReplicaState.Receiver.RUNNING);
        assertThat(fleet.write("db1")).isInstanceOf(Written.Acknowledged.class);
        rehearsal.all(ReportRun.class);
        assertThat(rehearsal.run.ending()).contains(Ending.PRIMARY_ALIVE);
        assertThat(fleet.memory().quarantined(fleet.cluster().name())).isEmpty();
    }

    @Test
    void afterTooLongAPersonDecidesAndThenItLooksAgain() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(CatchUpCandidate.class).restarted();
        fleet.clock().advance(fleet.cluster().limits().resume().plusSeconds(30));

        assertThat(rehearsal.run(CatchUpCandidate.class)).isInstanceOfSatisfying(Outcome.Unknown.class,
                unknown -> assertThat(unknown.what())
                        .startsWith("the run was interrupted for 330 s, longer than 300 s"));

        rehearsal.all(AskPerson.class);
        assertThat(rehearsal.notifier.mails().getLast().body()).contains("interrupted for 330 s");
        rehearsal.approvals.answer(rehearsal.id, new People.Person("bob", Set.of(People.Role.APPROVER)), true, "");
        rehearsal.all(ReadAnswer.class);
        goOn(rehearsal, ReadServers.class);
        assertThat(rehearsal.run.ending()).contains(Ending.DONE);
        assertThat(rehearsal.journal.notes("42", Remark.EVIDENCE)).hasSize(2);
    }

    @Test
    void theTimeThatAPersonTookIsNoInterruption() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(ReadServers.class);
        rehearsal.variables.put("question", "Fail over?");
        rehearsal.all(AskPerson.class).restarted();
        fleet.clock().advance(Duration.ofMinutes(12));
        rehearsal.approvals.answer(rehearsal.id, new People.Person("bob", Set.of(People.Role.APPROVER)), true, "");

        rehearsal.all(ReadAnswer.class);
        goOn(rehearsal, ReadServers.class);

        assertThat(rehearsal.run.ending()).contains(Ending.DONE);
    }

    @Test
    void aCandidateThatMayBeOpenAndDoesNotAnswerIsAPersonsMatter() {
        fleet.crash("db1");
        fleet.boots("db1", BootMode.WRITABLE);
        Rehearsal rehearsal = new Rehearsal(fleet).before(OpenPrimary.class);
        fleet.fail("openWrites", "db2", Fault.UNKNOWN_BUT_DONE);
        fleet.before("openWrites", "db2", () -> fleet.fail("observe", "db2", Fault.UNREACHABLE));
        rehearsal.run(OpenPrimary.class);
        rehearsal.restarted();
        fleet.cutFromManager("db2");

        assertThat(rehearsal.run(OpenPrimary.class)).isInstanceOfSatisfying(Outcome.Unknown.class,
                unknown -> assertThat(unknown.what()).startsWith(
                        "the run was interrupted while it opened db2:3306; whether it is open is not known"));
        assertThat(fleet.memory().knownPrimary(fleet.cluster().name())).contains(NodeId.of("db1", 3306));
    }

    @Test
    void whatAManagerDidRightBeforeItDiedNeedNotBeInTheJournal() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(OpenPrimary.class);
        rehearsal.journal.stepBegins(rehearsal.id.value(), "openPrimary", "", fleet.clock().instant());
        rehearsal.restarted();
        fleet.cutFromManager("db2");

        assertThat(rehearsal.run(OpenPrimary.class)).isInstanceOfSatisfying(Outcome.Unknown.class,
                unknown -> assertThat(unknown.what()).startsWith(
                        "the run was interrupted while it opened db2:3306; whether it is open is not known"));
    }

    @Test
    void aCandidateThatIsOpenStaysThePrimaryWhateverBecameOfTheOldOne() {
        fleet.withoutUnit("db1");
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet).before(OpenPrimary.class);
        fleet.fail("openWrites", "db2", Fault.UNKNOWN_BUT_DONE);
        fleet.before("openWrites", "db2", () -> fleet.fail("observe", "db2", Fault.UNREACHABLE));
        rehearsal.run(OpenPrimary.class);
        rehearsal.restarted();
        fleet.restart("db1");

        goOn(rehearsal, OpenPrimary.class);

        assertThat(rehearsal.run.ending()).contains(Ending.DONE);
        assertThat(fleet.write("db2")).isInstanceOf(Written.Acknowledged.class);
        assertThat(fleet.write("db1")).isInstanceOf(Written.Refused.class);
    }

    @Test
    void aNewPrimaryThatWasLostIsConfirmedLostToo() {
        FakeFleet four = FakeFleet.of("db1", "db2", "db3", "db4");
        four.crash("db1");
        four.before("announce", "db2", () -> four.silence("db2"));
        Rehearsal rehearsal = new Rehearsal(four).before(MoveVirtualIp.class);
        assertThat(rehearsal.run(MoveVirtualIp.class).toString()).contains("NEW_PRIMARY_LOST");
        rehearsal.restarted();

        goOn(rehearsal, ReadServers.class);

        assertThat(rehearsal.run.candidate().id()).isEqualTo(NodeId.of("db3", 3306));
        assertThat(rehearsal.journal.notes("42", Remark.EVIDENCE).getLast()).contains("db2:3306");
    }
}
