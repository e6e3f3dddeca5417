package dev.switchman.runbook.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.fleet.LogTrouble;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.ssh.RemoteShell.LogCopy;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;

/** A primary without semi-sync dies with three acknowledged writes that no replica has. */
class SalvageWritesTest {

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");
    private GtidSet tail = GtidSet.empty();

    @BeforeEach
    void writeWhatNoReplicaGets() {
        fleet.withoutSemiSync();
        fleet.cut("db1", "db2");
        fleet.cut("db1", "db3");
        for (int i = 0; i < 3; i++) {
            if (!(fleet.write("db1") instanceof Written.Acknowledged(GtidSet gtid))) {
                throw new AssertionError("not acknowledged");
            }
            tail = tail.union(gtid);
        }
        fleet.crash("db1");
        fleet.mend("db1", "db2");
        fleet.mend("db1", "db3");
    }

    private static Outcome salvage(Rehearsal rehearsal) {
        return rehearsal.before(SalvageWrites.class).run(SalvageWrites.class);
    }

    private static String report(Rehearsal rehearsal) {
        return rehearsal.notifier.mails().getLast().body();
    }

    @Test
    void whatOnlyTheDeadPrimaryHadIsOnEveryServerInTheEnd() {
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(fleet.state("db2").executed().contains(tail)).isTrue();
        assertThat(fleet.state("db3").executed().contains(tail)).isTrue();
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.NONE);
        assertThat(report(rehearsal))
                .contains("No acknowledged write is lost: the old primary's binary logs were read to their end")
                .contains(
                        "3 transactions that no replica had were fetched from the binary logs of db1:3306 and applied to"
                                + " db2:3306: " + tail);
    }

    @Test
    void whereNothingIsMissingTheLogsAreReadAndNothingIsDoneToTheCandidate() {
        FakeFleet world = FakeFleet.of("db1", "db2", "db3");
        world.withoutSemiSync();
        world.crash("db1");
        Rehearsal rehearsal = new Rehearsal(world);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.NONE);
        assertThat(world.calls()).contains("copyLogs db1:3306")
                .doesNotContain("putRelayLogs db2:3306", "applyRelayLogs db2:3306");
        assertThat(report(rehearsal)).contains("db2:3306 lacks nothing that db1:3306 had");
    }

    /** The usual crash under semi-sync pays nothing for it. */
    @Test
    void underSemiSyncNobodyAsksForTheLogs() {
        FakeFleet world = FakeFleet.of("db1", "db2", "db3");
        world.crash("db1");
        Rehearsal rehearsal = new Rehearsal(world).before(SalvageWrites.class);
        List<String> before = world.calls();

        Outcome outcome = rehearsal.run(SalvageWrites.class);

        assertThat(outcome.toString()).contains("nothing to salvage: every write was acknowledged by a replica");
        assertThat(world.calls()).isEqualTo(before).doesNotContain("copyLogs db1:3306", "warm db1:3306");
    }

    /** A replica that might have acknowledged was not reached. */
    @Test
    void underSemiSyncTheLogsAreReadWhenWritesMayBeLost() {
        FakeFleet world = FakeFleet.of("db1", "db2", "db3");
        world.cut("db1", "db2");
        GtidSet acknowledged = world.write("db1") instanceof Written.Acknowledged(GtidSet gtid)
                ? gtid
                : GtidSet.empty();
        world.crash("db1");
        world.mend("db1", "db2");
        world.silence("db3");
        Rehearsal rehearsal = new Rehearsal(world);

        assertThat(rehearsal.failover()).isEqualTo(Ending.REPLICAS_LOST);

        assertThat(acknowledged.isEmpty()).isFalse();
        assertThat(world.state("db2").executed().contains(acknowledged)).isTrue();
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.NONE);
    }

    @Test
    void aSilentHostIsNotAsked() {
        fleet.silence("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);

        assertThat(fleet.calls()).doesNotContain("copyLogs db1:3306");
        assertThat(rehearsal.run.salvage()).isEqualTo(Run.Salvage.NONE);
    }

    @Test
    void aHostThatGoesSilentAfterTheFenceIsAskedForNoLongerThanAConnectionTakes() {
        Rehearsal rehearsal = new Rehearsal(fleet).before(CatchUpCandidate.class);
        fleet.silence("db1");

        rehearsal.all(CatchUpCandidate.class);

        assertThat(rehearsal.run(SalvageWrites.class).toString())
                .contains("nothing to salvage: the host of db1:3306 does not answer");
        rehearsal.all(AskPromotionPolicy.class);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.ASYNC);
        assertThat(rehearsal.run.policy()).isEqualTo("go");
    }

    @Test
    void logsThatAreNotFoundOrCannotBeReadLeaveTheDecisionToThePolicy() {
        for (LogTrouble trouble : Set.of(LogTrouble.MISSING, LogTrouble.ENCRYPTED, LogTrouble.LATE)) {
            for (Policies.Unsalvaged policy : Policies.Unsalvaged.values()) {
                SalvageWritesTest world = new SalvageWritesTest();
                world.writeWhatNoReplicaGets();
                world.fleet.logs("db1", trouble);
                world.fleet.policies(new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                        Policies.ManagerLocks.MAJORITY, Policies.Rejoin.BY_HAND, policy));
                Rehearsal rehearsal = new Rehearsal(world.fleet);

                assertThat(salvage(rehearsal).toString()).contains(switch (trouble) {
                    case MISSING -> "not salvaged: no index of binary logs";
                    case ENCRYPTED -> "not salvaged: binlog.000001 is encrypted (binlog_encryption)";
                    default -> "not salvaged: no end of the command within";
                });
                rehearsal.all(AskPromotionPolicy.class);

                assertThat(rehearsal.run.salvage()).isEqualTo(Run.Salvage.FAILED);
                assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.ASYNC);
                assertThat(rehearsal.run.policy()).isEqualTo(policy == Policies.Unsalvaged.ASK ? "ask" : "go");
                assertThat(world.fleet.state("db2").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
            }
        }
    }

    @Test
    void aTornLastTransactionWasNeverCommittedAndIsLeftOut() {
        fleet.logs("db1", LogTrouble.TORN);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(tail.minus(fleet.state("db2").executed()).count()).isEqualTo(1);
        assertThat(report(rehearsal)).contains("what is not whole there was never committed, and is left out")
                .contains("2 transactions that no replica had were fetched");
    }

    @Test
    void aDamagedLogIsNotSalvagedThoughWhatStandsBeforeTheDamageIs() {
        fleet.logs("db1", LogTrouble.DAMAGED);
        fleet.policies(new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                Policies.ManagerLocks.MAJORITY, Policies.Rejoin.BY_HAND, Policies.Unsalvaged.ASK));
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(salvage(rehearsal).toString()).contains("2 transactions salvaged");
        rehearsal.all(AskPromotionPolicy.class);

        assertThat(rehearsal.run.salvage()).isEqualTo(Run.Salvage.FAILED);
        assertThat(rehearsal.run.policy()).isEqualTo("ask");
    }

    /** Whole transactions of a log whose end is not believed are as good as committed. */
    @Test
    void whatIsKnownToBeMissingIsAskedAboutAlsoWhereTheEndProvesNothing() {
        fleet.logs("db1", LogTrouble.DAMAGED);
        fleet.fail("putRelayLogs", "db2", Fault.REJECTED);
        Rehearsal rehearsal = new Rehearsal(fleet);

        salvage(rehearsal);
        rehearsal.all(AskPromotionPolicy.class);

        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.KNOWN);
        assertThat(rehearsal.run.policy()).isEqualTo("ask");
        assertThat(rehearsal.run.question()).contains("2 transactions that the old primary is known to have had");
    }

    @Test
    void anEndThatWasReadBeforeTheLastFenceProvesNothingOfALaterLife() {
        Rehearsal rehearsal = new Rehearsal(fleet);
        salvage(rehearsal);

        rehearsal.run.note(Remark.FENCE, "The fence of db1:3306 is proven: it was closed once more.");
        rehearsal.all(AskPromotionPolicy.class);

        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.ASYNC);
    }

    @Test
    void anotherServersLogsAreNotApplied() {
        fleet.logs("db1", LogTrouble.FOREIGN);

        assertThat(salvage(new Rehearsal(fleet)).toString()).contains("not salvaged: these are not its logs");
        assertThat(fleet.calls()).doesNotContain("putRelayLogs db2:3306");
    }

    @Test
    void logsThatLackWhatWasSeenToBeExecutedHaveLostTheirEnd() {
        fleet.seenHealthy("db1");
        fleet.logs("db1", LogTrouble.TORN);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(salvage(rehearsal).toString()).contains("or their end is gone: it was seen to have executed");
        rehearsal.all(AskPromotionPolicy.class);
        assertThat(rehearsal.run.policy()).isEqualTo("ask");
    }

    @Test
    void logsThatWereNotSynchronizedAreNotBelievedWhereTheirHostMayHaveRestarted() {
        Map.of(LogCopy.Life.LATER, "its host has restarted, and its logs were not synchronized",
                LogCopy.Life.UNKNOWN, "it is not known whether its host has restarted, and its logs were not",
                LogCopy.Life.SAME, "No acknowledged write is lost").forEach((life, sentence) -> {
                    SalvageWritesTest world = new SalvageWritesTest();
                    world.writeWhatNoReplicaGets();
                    ClusterMemory.LastHealthy last = world.lastHealthy();
                    world.fleet.memory()
                            .rememberHealthy(world.fleet.cluster().name(), new ClusterMemory.LastHealthy(last.primary(),
                                    last.at(), last.executed(), last.semiSync(), last.bootsReadOnly(), false,
                                    last.enabledEvents(), last.possibleAckers()));
                    world.fleet.hostLife("db1", life);
                    Rehearsal rehearsal = new Rehearsal(world.fleet);

                    rehearsal.failover();

                    assertThat(report(rehearsal)).contains(sentence);
                    assertThat(rehearsal.run.loss())
                            .isEqualTo(life == LogCopy.Life.SAME ? Run.Loss.NONE : Run.Loss.ASYNC);
                });
    }

    @Test
    void aCopyThatEndsWithAnExceptionIsNotSalvaged() {
        fleet.before("copyLogs", "db1", () -> {
            throw new UncheckedIOException(new IOException("No space left on device"));
        });

        assertThat(salvage(new Rehearsal(fleet)).toString()).contains("not salvaged: ", "No space left on device");
    }

    @Test
    void howFarItIsIsShownWhileBytesComeAndWhileTheyAreApplied() {
        Rehearsal rehearsal = new Rehearsal(fleet);
        List<String> shown = new ArrayList<>();
        fleet.onComing(() -> rehearsal.progress.of(rehearsal.run.id()).forEach(line -> shown.add(line.sentence())));

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(shown).anyMatch(line -> line.matches("db1:3306: salvage, [0-9,]+ of [0-9,]+ bytes \\(100 %\\)"))
                .anyMatch(line -> line.startsWith("db2:3306: salvage, 0 of 3 transactions (0 %)"));
        assertThat(rehearsal.progress.of(rehearsal.run.id())).isEmpty();
    }

    @Test
    void aCopyThatIsGoneWhenItIsNeededIsNotSalvaged() throws IOException {
        Rehearsal rehearsal = new Rehearsal(fleet).before(SalvageWrites.class);
        if (rehearsal.salvage.await(rehearsal.run) instanceof LogSalvage.Fetched.Copied copied) {
            Files.delete(copied.copy());
        }

        assertThat(rehearsal.run(SalvageWrites.class).toString())
                .contains("3 transactions were copied here, and could not be made into relay logs", tail.toString());
    }

    @Test
    void aDamagedLogProvesNothing() {
        fleet.logs("db1", LogTrouble.DAMAGED);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);

        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.ASYNC);
        assertThat(tail.minus(fleet.state("db2").executed()).count()).isEqualTo(1);
        assertThat(report(rehearsal)).contains("it is damaged there, and what stands behind that is not known");
    }

    @Test
    void compressedTransactionsAreForServersThatReadThem() {
        fleet.logs("db1", LogTrouble.COMPRESSED);
        fleet.version("db2", "8.0.12");
        fleet.version("db3", "8.0.12");
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(salvage(rehearsal).toString()).contains("the logs are compressed, which 8.0.12 cannot read");
        rehearsal.all(AskPromotionPolicy.class);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.KNOWN);
        assertThat(rehearsal.run.policy()).isEqualTo("ask");

        fleet.version("db2", "8.0.20");
        fleet.version("db3", "8.0.20");
        assertThat(new Rehearsal(fleet).failover()).isEqualTo(Ending.DONE);
        assertThat(fleet.state("db2").executed().contains(tail)).isTrue();
    }

    @Test
    void aCandidateThatDoesNotApplyThemInTimeIsNotOpenedWithoutAPerson() {
        fleet.appliesSlowly("db2", Duration.ofMinutes(1));
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(salvage(rehearsal).toString()).contains("3 of 3 transactions were not applied within 10000 ms");

        assertThat(rehearsal.run.excluded()).isEmpty();
        assertThat(fleet.salvages("db2")).isFalse();
        rehearsal.all(AskPromotionPolicy.class);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.KNOWN);
        assertThat(rehearsal.run.question()).contains(tail.toString());
    }

    @Test
    void anApplierThatStumblesAndADiskThatIsFullAreTold() {
        fleet.fail("applyRelayLogs", "db2", Fault.REJECTED);
        assertThat(salvage(new Rehearsal(fleet)).toString()).contains("its applier stopped with error 0: as told");
        fleet.fail("putRelayLogs", "db2", Fault.REJECTED);
        assertThat(salvage(new Rehearsal(fleet)).toString()).contains("No space left on device", tail.toString());
    }

    @Test
    void aCandidateThatIsSlowOrOutOfReachForAMomentIsNotLost() {
        fleet.fail("applyRelayLogs", "db2", Fault.UNREACHABLE);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(salvage(rehearsal).toString()).contains("not salvaged: db2:3306: as told");
        rehearsal.all(AskPromotionPolicy.class, StopReplication.class);
        assertThat(rehearsal.run.excluded()).isEmpty();
    }

    @Test
    void whatArrivesTooLateIsNotAppliedAnyMore() {
        fleet.putsSlowly("db2", Duration.ofSeconds(11));

        assertThat(salvage(new Rehearsal(fleet)).toString())
                .contains("not salvaged: 3 transactions were put on the host");
        assertThat(fleet.calls()).doesNotContain("applyRelayLogs db2:3306");
    }

    @Test
    void aChannelThatCannotBeRemovedIsToldAndWhatItHasAppliedIsThere() {
        fleet.fail("dropRelayLogs", "db2", Fault.REJECTED);
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.DONE);

        assertThat(report(rehearsal))
                .contains("The channel switchman_salvage of db2:3306 could not be removed: refused: as told");
        assertThat(fleet.state("db2").executed().contains(tail)).isTrue();
    }

    /** The manager died in the middle, and what it began goes on. */
    @Test
    void aChannelOfAnEarlierAttemptIsRemovedBeforeTheCandidateCatchesUp() {
        Rehearsal rehearsal = new Rehearsal(fleet).before(CatchUpCandidate.class);
        assertThat(fleet.calls()).doesNotContain("dropRelayLogs db2:3306");
        fleet.leaveSalvage("db2");
        fleet.before("catchUp", "db2", () -> assertThat(fleet.salvages("db2")).isFalse());

        rehearsal.all(CatchUpCandidate.class);

        assertThat(fleet.calls()).containsSubsequence("dropRelayLogs db2:3306", "catchUp db2:3306");
    }

    @Test
    void aCandidateThatIsLostMeanwhileIsReplacedAndTheNextOneGetsThem() {
        fleet.before("applyRelayLogs", "db2", () -> fleet.crash("db2"));
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.REPLICAS_LOST);

        assertThat(rehearsal.run.excluded()).containsExactly(NodeId.of("db2", 3306));
        assertThat(fleet.state("db3").executed().contains(tail)).isTrue();
        assertThat(fleet.state("db3").writeMode()).isEqualTo(WriteMode.WRITABLE);
    }

    @Test
    void aManagerThatDiesInItBeginsAgainWithTheCatchUp() {
        Rehearsal rehearsal = new Rehearsal(fleet).before(SalvageWrites.class);
        rehearsal.restarted();

        assertThat(rehearsal.run(SalvageWrites.class).toString()).contains("nothing to salvage: none was begun");
        assertThat(rehearsal.run(CatchUpCandidate.class)).isInstanceOf(Outcome.Done.class);
        assertThat(rehearsal.run(SalvageWrites.class).toString()).contains("3 transactions salvaged");
        assertThat(rehearsal.run(CatchUpCandidate.class)).isInstanceOf(Outcome.Done.class);
        assertThat(rehearsal.run(SalvageWrites.class).toString())
                .contains("nothing to salvage: the old primary's binary logs were read to their end");
    }

    @Test
    void itBeginsBesideTheCatchUpAndWhatWasBegunIsForgottenWithTheRun() {
        List<Runnable> aside = new ArrayList<>();
        Rehearsal rehearsal = new Rehearsal(fleet, aside::add).before(SalvageWrites.class);

        assertThat(aside).hasSize(1);
        assertThat(fleet.calls()).doesNotContain("copyLogs db1:3306");
        aside.forEach(Runnable::run);
        assertThat(rehearsal.run(SalvageWrites.class).toString()).contains("3 transactions salvaged");
        assertThat(rehearsal.journal.entries(rehearsal.id.value()).toString()).contains(Remark.LOG_END);
    }

    @Test
    void whatADeadServerHasIsSalvagedAndProvesNothingWhereItMayBeStartedAgain() {
        fleet.withoutUnit("db1");
        fleet.memory().rememberHealthy(fleet.cluster().name(), bootingWritable());
        Rehearsal rehearsal = new Rehearsal(fleet);

        assertThat(rehearsal.failover()).isEqualTo(Ending.WRITES_MAY_BE_LOST);

        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.UNPROVEN);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.ASYNC);
        assertThat(fleet.state("db2").executed().contains(tail)).isTrue();
        assertThat(report(rehearsal)).contains("The end of the binary logs of db1:3306 proves nothing: it is not proven"
                + " closed, and may be started and written to again.");
    }

    private ClusterMemory.LastHealthy lastHealthy() {
        return fleet.memory().lastHealthy(fleet.cluster().name()).orElseThrow();
    }

    private ClusterMemory.LastHealthy bootingWritable() {
        ClusterMemory.LastHealthy last = lastHealthy();
        return new ClusterMemory.LastHealthy(last.primary(), last.at(), last.executed(), last.semiSync(), false,
                last.durable(), last.enabledEvents(), last.possibleAckers());
    }

    @Test
    void nothingIsReadFromAServerThatHasBeenStartedAgainAndMayAcceptWrites() {
        fleet.withoutUnit("db1");
        fleet.memory().rememberHealthy(fleet.cluster().name(), bootingWritable());
        Rehearsal rehearsal = new Rehearsal(fleet).before(CatchUpCandidate.class);
        fleet.restart("db1");

        rehearsal.all(CatchUpCandidate.class);

        assertThat(rehearsal.run(SalvageWrites.class).toString()).contains("not salvaged: ");
        assertThat(fleet.calls()).doesNotContain("putRelayLogs db2:3306");
    }

    // ---- from where the logs are read ----

    private long copies() {
        return fleet.calls().stream().filter("copyLogs db1:3306"::equals).count();
    }

    private String salvagedFrom(long received, long executed) {
        fleet.logPoint("db2", new LogPosition("binlog.000001", received), new LogPosition("binlog.000001", executed));
        return salvage(new Rehearsal(fleet)).toString();
    }

    @Test
    void noMoreIsReadThanWhatTheReceiverHadNotRead() {
        List<Integer> transactions = fleet.transactionsInLastLog("db1");
        int received = transactions.get(transactions.size() - 3);
        SalvageWritesTest whole = new SalvageWritesTest();
        whole.writeWhatNoReplicaGets();
        int all = salvagedBytes(whole.salvagedFrom(0, 0));

        String fromThere = salvagedFrom(received, transactions.get(1));

        assertThat(fromThere).contains("3 transactions salvaged");
        assertThat(salvagedBytes(fromThere)).isEqualTo(all - received + transactions.getFirst());
    }

    private static int salvagedBytes(String outcome) {
        return Integer.parseInt(outcome.replaceAll(".*; (\\d+) bytes .*", "$1"));
    }

    @Test
    void aReceiverThatStoppedInTheMiddleOfATransactionLeadsToWhereTheApplierWas() {
        List<Integer> transactions = fleet.transactionsInLastLog("db1");
        int begun = transactions.get(transactions.size() - 3);

        assertThat(salvagedFrom(begun + 19 + 42 + 7 + 3 + 4, begun)).contains("3 transactions salvaged");
        assertThat(copies()).isEqualTo(2);
    }

    /** A position that is another server's, or of another time, and looks like one. */
    @Test
    void aPositionBehindWhatTheCandidateHasIsNotBelieved() {
        int last = fleet.transactionsInLastLog("db1").getLast();

        assertThat(salvagedFrom(last, last)).contains("3 transactions salvaged");
        assertThat(copies()).isEqualTo(2);
    }

    @Test
    void withoutPositionsAsManyLogsAreReadAsItTakes() {
        FakeFleet world = tailInThreeLogs();
        Rehearsal rehearsal = new Rehearsal(world);

        assertThat(salvage(rehearsal).toString()).contains("4 transactions salvaged").contains("of 4 binary logs");
        assertThat(world.calls().stream().filter("copyLogs db1:3306"::equals)).hasSize(3);
    }

    /** The last three logs hold one transaction each that no replica has, the one before them another. */
    private static FakeFleet tailInThreeLogs() {
        FakeFleet world = FakeFleet.of("db1", "db2", "db3");
        world.withoutSemiSync();
        world.cut("db1", "db2");
        world.cut("db1", "db3");
        world.write("db1");
        for (int i = 0; i < 3; i++) {
            world.rotate("db1");
            world.write("db1");
        }
        world.crash("db1");
        world.mend("db1", "db2");
        world.mend("db1", "db3");
        return world;
    }

    @Test
    void whatBuildsOnWhatTheDeadPrimaryHasPurgedItselfIsNotAppliedAndNamed() {
        FakeFleet world = tailInThreeLogs();
        world.purge("db1", world.state("db2")
                .executed()
                .union(GtidSet.parse("00000000-0000-0000-0000-000000000001:11")));
        Rehearsal rehearsal = new Rehearsal(world);

        assertThat(salvage(rehearsal).toString())
                .contains("not salvaged: 1 transactions that it had are not in its logs any more");
        rehearsal.all(AskPromotionPolicy.class);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.KNOWN);
        assertThat(rehearsal.run.question()).contains("00000000-0000-0000-0000-000000000001:11-14");
    }
}
