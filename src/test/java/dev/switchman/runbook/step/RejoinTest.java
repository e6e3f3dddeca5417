package dev.switchman.runbook.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.fleet.LogTrouble;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Runbooks;
import dev.switchman.runbook.Step;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.CommandWords;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RejoinTest {

    private static final List<Class<? extends Step>> PATH = List.of(ConfirmRejoin.class, FenceReturnedServer.class,
            RemoveStrayAddress.class, AnnounceAddress.class, CompareWithPrimary.class, FollowPrimary.class,
            CatchUpReplica.class, ReleaseReplica.class);

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");
    private Rehearsal before = new Rehearsal(fleet);

    /** db1 died and was replaced by db2, and is up again. */
    private Rehearsal oldPrimaryIsBack() {
        fleet.crash("db1");
        before.failover();
        fleet.seenHealthy("db2");
        fleet.unmask("db1");
        fleet.clock().advance(Duration.ofMinutes(10));
        fleet.reboot("db1");
        return rejoin("db1");
    }

    private Rehearsal rejoin(String host) {
        Rehearsal rehearsal = before.then(Runbook.REJOIN, "anna");
        rehearsal.run.oldPrimary(NodeId.of(host, 3306));
        return rehearsal;
    }

    /** Up to this step, as the diagram goes. */
    private static Rehearsal before(Rehearsal rehearsal, Class<? extends Step> step) {
        PATH.subList(0, PATH.indexOf(step)).forEach(one -> rehearsal.all(one));
        return rehearsal;
    }

    private static void refused(Rehearsal rehearsal, Class<? extends Step> step, RunbookError error, String why) {
        before(rehearsal, step);
        assertThat(rehearsal.run(step)).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
            assertThat(refused.error()).isEqualTo(error);
            assertThat(refused.why()).contains(why);
        });
    }

    @Test
    void aReplacedPrimaryIsAReplicaAgainThatAcknowledgesAndIsOutOfQuarantine() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        assertThat(fleet.fenceProven("db1")).contains(true);
        fleet.write("db2");

        PATH.forEach(step -> rehearsal.all(step));
        rehearsal.all(ReportRun.class);

        assertThat(rehearsal.run.ending()).contains(Ending.DONE);
        assertThat(fleet.fenceProven("db1")).isEmpty();
        assertThat(fleet.state("db1").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertThat(fleet.state("db1").executed()).isEqualTo(fleet.state("db2").executed());
        assertThat(fleet.write("db2")).isInstanceOfSatisfying(Written.Acknowledged.class,
                written -> assertThat(fleet.state("db1").executed().contains(written.gtid())).isTrue());
        fleet.cut("db2", "db3");
        assertThat(fleet.write("db2")).isInstanceOf(Written.Acknowledged.class);
        assertThat(rehearsal.notifier.mails().getLast().subject())
                .startsWith("[Switchman] shop: db1:3306 is a replica again (done in ");
        assertThat(rehearsal.notifier.mails().getLast().body()).contains("What you must do now\n  Nothing.");
    }

    @Test
    void itAcknowledgesNothingWhileItIsInQuarantine() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        fleet.semiSyncOn("db1");
        before(rehearsal, ReleaseReplica.class);

        fleet.cut("db2", "db3");

        assertThat(fleet.write("db2")).isInstanceOf(Written.Waiting.class);
        rehearsal.all(ReleaseReplica.class);
        assertThat(fleet.write("db2")).isInstanceOf(Written.Acknowledged.class);
    }

    @Test
    void eachStepMayRunTwice() {
        Rehearsal rehearsal = oldPrimaryIsBack();

        PATH.forEach(step -> rehearsal.all(step, step));

        assertThat(fleet.fenceProven("db1")).isEmpty();
        assertThat(fleet.calls().stream().filter("repoint db1:3306"::equals)).hasSize(1);
    }

    @Test
    void aLostReplicaThatFollowsAnotherIsAReplicaAgain() {
        fleet.silence("db3");
        fleet.crash("db1");
        before.failover();
        fleet.seenHealthy("db2");
        fleet.restart("db3");
        Rehearsal rehearsal = rejoin("db3");

        PATH.forEach(step -> rehearsal.all(step));

        assertThat(fleet.state("db3").replication().map(ReplicaState::source)).contains(NodeId.of("db2", 3306));
        assertThat(fleet.fenceProven("db3")).isEmpty();
    }

    @Test
    void errantTransactionsAreNamedAndTheServerIsLeftAlone() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        GtidSet errant = fleet.writeErrant("db1");

        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD,
                "db1:3306 holds 1 transactions that the primary db2:3306 does not: " + errant);
        rehearsal.all(ReportRun.class);

        assertThat(rehearsal.run.ending()).contains(Ending.KEPT_IN_QUARANTINE);
        assertThat(fleet.state("db1").replication()).isEmpty();
        assertThat(fleet.fenceProven("db1")).contains(true);
        assertThat(rehearsal.notifier.mails().getLast().body()).contains("Errant transactions\n  db1:3306 holds")
                .contains(errant.toString());
    }

    @Test
    void whatOnlyTheServerHoldsIsKeptForAPersonBeforeItIsAskedWhetherToDeleteIt() throws IOException {
        Rehearsal rehearsal = errantOneIsBack();
        GtidSet errant = fleet.state("db1").executed().minus(fleet.state("db2").executed());

        rehearsal.all(SaveErrantWrites.class, ChooseDonor.class, ReportRun.class);

        Path folder = rehearsal.data.resolve("errant").resolve(rehearsal.id.value());
        assertThat(Files.readString(folder.resolve("transactions.txt"))).startsWith(errant + "  ")
                .contains("INSERT shop.orders, 1 row event");
        assertThat(Files.getPosixFilePermissions(folder)).hasToString("[OWNER_READ, OWNER_WRITE, OWNER_EXECUTE]");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("binlog.000001", "transactions.txt");
        }
        assertThat(rehearsal.run.question()).contains("1 of them are kept in " + folder);
        assertThat(rehearsal.notifier.mails().getLast().body())
                .contains("  1 of them are kept in " + folder + "\n  by tables: shop.orders 1\n")
                .contains("Read " + folder.resolve("transactions.txt"));
    }

    /** A manager that died while it copied leaves files behind. */
    @Test
    void whatWasKeptByABrokenAttemptIsReplaced() throws IOException {
        Rehearsal rehearsal = errantOneIsBack();
        Path folder = Files.createDirectories(
                rehearsal.data.resolve("errant").resolve(rehearsal.id.value()));
        Files.writeString(folder.resolve("binlog.000009"), "half a log");

        rehearsal.all(SaveErrantWrites.class, SaveErrantWrites.class);

        assertThat(folder.resolve("binlog.000009")).doesNotExist();
        assertThat(folder.resolve("binlog.000001")).exists();
    }

    @Test
    void thatItCouldNotBeKeptIsSaidAndStopsNothing() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.logs("db1", LogTrouble.ENCRYPTED);

        rehearsal.all(SaveErrantWrites.class, ChooseDonor.class, ReportRun.class);

        assertThat(rehearsal.notifier.mails().getLast().body())
                .contains("What only db1:3306 holds could not be copied: binlog.000001 is encrypted")
                .contains("Save its binary logs before it is rebuilt.");
    }

    @Test
    void whoHoldsNothingOfItsOwnIsNotAskedForItsLogs() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, CompareWithPrimary.class);

        assertThat(rehearsal.run(SaveErrantWrites.class).toString())
                .contains("holds nothing that the primary does not");

        assertThat(fleet.calls()).doesNotContain("copyLogs db1:3306");
    }

    @Test
    void aFailoverDoesNotWaitForTheCopy() {
        Rehearsal rehearsal = errantOneIsBack();
        rehearsal.aside = task -> {};
        rehearsal.runbooks.hold(new Runbooks.RunView(new RunId("99"), Runbook.FAILOVER, fleet.cluster().name(),
                List.of(), false));

        assertThat(rehearsal.run(SaveErrantWrites.class)).isInstanceOfSatisfying(Outcome.Refused.class,
                refused -> assertThat(refused.error()).isEqualTo(RunbookError.RUN_SUPERSEDED));
    }

    @Test
    void whatIsErrantOnlyLaterIsFoundBeforeAnythingIsChanged() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, FollowPrimary.class);
        fleet.writeErrant("db1");

        followRefused(rehearsal, RunbookError.NEEDS_REBUILD);

        assertThat(fleet.state("db1").replication()).isEmpty();
    }

    private static void followRefused(Rehearsal rehearsal, RunbookError error) {
        assertThat(rehearsal.run(FollowPrimary.class)).isInstanceOfSatisfying(Outcome.Refused.class,
                refused -> assertThat(refused.error()).isEqualTo(error));
    }

    @Test
    void transactionsThatThePrimaryHasPurgedCannotBeHadFromIt() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        fleet.write("db2");
        fleet.purge("db2", fleet.state("db2").executed());

        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD, "has purged from its binary logs");
    }

    @Test
    void dataThatACrashOfItsHostMayHaveSpoiledIsNotTrusted() {
        fleet.notDurable("db1");

        refused(oldPrimaryIsBack(), CompareWithPrimary.class, RunbookError.NEEDS_REBUILD,
                "its host booted at 2026-01-02T03:14:");
    }

    @Test
    void aCrashOfMysqldAloneSpoilsNothing() {
        fleet.notDurable("db1");
        fleet.crash("db1");
        before.failover();
        fleet.seenHealthy("db2");
        fleet.unmask("db1");
        fleet.restart("db1");
        Rehearsal rehearsal = rejoin("db1");

        PATH.forEach(step -> rehearsal.all(step));

        assertThat(fleet.fenceProven("db1")).isEmpty();
    }

    @Test
    void aServerThatNeverDiedSpoilsNothing() {
        fleet.notDurable("db1");
        fleet.freeze("db1");
        before.failover();
        fleet.seenHealthy("db2");
        fleet.thaw("db1");
        Rehearsal rehearsal = rejoin("db1");

        PATH.forEach(step -> rehearsal.all(step));

        assertThat(fleet.holders()).containsExactly("db2");
        assertThat(fleet.fenceProven("db1")).isEmpty();
    }

    @Test
    void aServerThatWouldBootWritableIsMadeToBootClosed() {
        fleet.boots("db1", BootMode.WRITABLE);
        Rehearsal rehearsal = oldPrimaryIsBack();

        PATH.forEach(step -> rehearsal.all(step));

        assertThat(fleet.state("db1").bootMode()).isEqualTo(BootMode.READ_ONLY);
        assertThat(fleet.state("db1").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
    }

    @Test
    void thePrimaryIsNeverTouched() {
        Rehearsal rehearsal = rejoin("db1");

        refused(rehearsal, ConfirmRejoin.class, RunbookError.PREFLIGHT_BLOCKED, "db1:3306 is the primary");
        assertThat(fleet.write("db1")).isInstanceOf(Written.Acknowledged.class);
    }

    @Test
    void withoutAPrimaryThatAcceptsWritesNothingIsBegun() {
        fleet.crash("db1");
        refused(rejoin("db3"), ConfirmRejoin.class, RunbookError.PREFLIGHT_BLOCKED, "the primary db1:3306");

        fleet.restart("db1");
        refused(rejoin("db3"), ConfirmRejoin.class, RunbookError.PREFLIGHT_BLOCKED,
                "the primary db1:3306 is super_read_only");
    }

    @Test
    void aReplicaThatReceivesIsNotPutIntoQuarantine() {
        fleet.breaksApplier("db3", 1062);
        fleet.write("db1");

        refused(rejoin("db3"), ConfirmRejoin.class, RunbookError.PREFLIGHT_BLOCKED,
                "receives from db1:3306 already, and its applier stands (error 1062");
        assertThat(fleet.fenceProven("db3")).isEmpty();
    }

    @Test
    void aServerThatIsDownIsToBeStartedFirst() {
        fleet.crash("db1");
        before.failover();
        fleet.seenHealthy("db2");
        Rehearsal rehearsal = rejoin("db1");

        refused(rehearsal, ConfirmRejoin.class, RunbookError.SERVER_UNREACHABLE, "db1:3306");
        rehearsal.all(ReportRun.class);

        assertThat(rehearsal.run.ending()).contains(Ending.FAILED);
        assertThat(rehearsal.notifier.mails().getLast().body()).contains("Start mysqld on db1:3306");
    }

    @Test
    void aPrimaryThatDiesMeanwhileEndsIt() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, FollowPrimary.class);
        fleet.crash("db2");

        followRefused(rehearsal, RunbookError.PRIMARY_LOST);
    }

    @Test
    void oneThatIsSlowGoesOnBehindAndStaysInQuarantine() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        fleet.write("db2");
        fleet.appliesSlowly("db1", Duration.ofHours(1));
        before(rehearsal, CatchUpReplica.class);

        assertThat(rehearsal.run(CatchUpReplica.class).toString()).contains("CATCH_UP_TIMED_OUT");

        assertThat(fleet.fenceProven("db1")).contains(true);
        assertThat(fleet.state("db1").replication()).isPresent();
        fleet.clock().advance(Duration.ofHours(1));
        PATH.forEach(step -> rehearsal.all(step));
        assertThat(fleet.fenceProven("db1")).isEmpty();
    }

    @Test
    void oneThatIsOpenedOrGivenTheAddressMeanwhileIsNotReleased() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, ReleaseReplica.class);
        fleet.add(fleet.node("db1"), fleet.cluster().virtualIp().orElseThrow(), Duration.ofSeconds(1));

        assertThat(rehearsal.run(ReleaseReplica.class).toString()).contains("FENCE_BROKEN")
                .contains("holds 10.0.0.9/32");
        assertThat(fleet.fenceProven("db1")).contains(true);
    }

    @Test
    void aSourceThatRefusesItIsAFailure() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, FollowPrimary.class);
        fleet.fail("repoint", "db1", Fault.REJECTED);

        assertThatThrownBy(() -> rehearsal.run(FollowPrimary.class))
                .hasMessage("db1:3306 does not follow db2:3306: as told");
    }

    // ---- rebuilding ----

    private Rehearsal errantOneIsBack() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        fleet.writeErrant("db1");
        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD, "holds 1 transactions");
        return rehearsal;
    }

    @Test
    void theQuestionNamesTheDonorAndWhatIsLost() {
        Rehearsal rehearsal = errantOneIsBack();

        rehearsal.all(ChooseDonor.class);

        assertThat(rehearsal.run.donor()).isEqualTo(fleet.node("db3"));
        assertThat(rehearsal.run.question()).contains("Delete all its data", "a copy of db3:3306",
                "db1:3306 holds 1 transactions that the primary db2:3306 does not");
    }

    @Test
    void aCopyOfTheDonorIsAReplicaAgain() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.copiesSlowly("db1", 40);
        List<Progress.Line> shown = new ArrayList<>();
        for (int look = 0; look < 41; look++) {
            fleet.before("copying", "db1", () -> shown.addAll(rehearsal.progress.of(rehearsal.run.id())));
        }
        rehearsal.all(ChooseDonor.class, RebuildReplica.class);
        assertThat(rehearsal.variables).containsEntry(Run.REBUILT, "yes");
        assertThat(fleet.copyOf("db1")).contains(NodeId.of("db3", 3306));
        assertThat(shown).extracting(Progress.Line::sentence)
                .hasSize(40)
                .element(20)
                .asString()
                .matches(
                        "db1:3306: copy of db3:3306, file copy, 81 of 100 bytes \\(81 %\\), [0-9]+ bytes a second, 0 s left");
        assertThat(rehearsal.progress.of(rehearsal.run.id())).isEmpty();
        assertThat(rehearsal.journal.entries("43").toString())
                .containsPattern("label=progress, text=db1:3306: copy of db3:3306, 100 bytes in [0-9]+ s");

        fleet.seenHealthy("db2");
        GtidSet errant = GtidSet.of(fleet.state("db1").serverUuid(), 99, 99);
        fleet.memory().rememberSets(fleet.cluster().name(), Map.of(NodeId.of("db1", 3306), errant));
        PATH.forEach(step -> rehearsal.all(step));

        assertThat(fleet.fenceProven("db1")).isEmpty();
        assertThat(fleet.state("db1").executed()).isEqualTo(fleet.state("db2").executed());
        assertThat(fleet.memory().largestSets(fleet.cluster().name()))
                .containsEntry(NodeId.of("db1", 3306), fleet.state("db1").executed());
    }

    @Test
    void aCopyThatLastsIsWatchedAgainAndBegunOnce() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.copiesSlowly("db1", 4_000);

        rehearsal.all(ChooseDonor.class, RebuildReplica.class);
        assertThat(rehearsal.variables).containsEntry(Run.REBUILT, "no");
        rehearsal.all(RebuildReplica.class);

        assertThat(rehearsal.variables).containsEntry(Run.REBUILT, "yes");
        assertThat(fleet.calls().stream().filter("beginCopy db1:3306"::equals)).hasSize(1);
    }

    @Test
    void aServerThatIsDownAfterItsCopyIsStartedByItsService() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.staysDownAfterCopy("db1");

        rehearsal.all(ChooseDonor.class, RebuildReplica.class);

        assertThat(rehearsal.variables).containsEntry(Run.REBUILT, "yes");
    }

    @Test
    void aServerThatDoesNotComeBackAfterItsCopyIsLeftToAPerson() {
        fleet.withoutUnit("db1");
        Rehearsal rehearsal = errantOneIsBack();
        fleet.staysDownAfterCopy("db1");
        rehearsal.all(ChooseDonor.class);

        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("REBUILD_FAILED")
                .contains("did not come back");
    }

    @Test
    void aCopyThatBreaksOffOrIsRefusedIsAFailure() {
        Rehearsal rehearsal = errantOneIsBack();
        rehearsal.all(ChooseDonor.class);
        fleet.fail("beginCopy", "db1", Fault.REJECTED);
        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("REBUILD_FAILED")
                .contains("did not begin: refused: as told");

        fleet.breaksCopy("db1", 3862);
        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("REBUILD_FAILED")
                .contains("the copy failed: error 3862");
    }

    @Test
    void nothingIsCopiedOntoAServerWithTheAddressOrOneThatMightComeBackWritable() {
        Rehearsal rehearsal = errantOneIsBack();
        rehearsal.all(ChooseDonor.class);
        fleet.add(fleet.node("db1"), fleet.cluster().virtualIp().orElseThrow(), Duration.ofSeconds(1));
        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("without 10.0.0.9/32");

        fleet.remove(fleet.node("db1"), fleet.cluster().virtualIp().orElseThrow(), Duration.ofSeconds(1));
        fleet.boots("db1", BootMode.WRITABLE);
        fleet.fail("persistReadOnly", "db1", Fault.REJECTED);
        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("might come back writable");
        assertThat(fleet.copyOf("db1")).isEmpty();
    }

    @Test
    void theOldVersionsKnowNoCopy() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.version("db1", "5.7.22");

        assertThat(rehearsal.run(ChooseDonor.class).toString()).contains("REBUILD_IMPOSSIBLE")
                .contains("MySQL 5.7.22 knows no CLONE (8.0.17 and later do)");
        rehearsal.all(ReportRun.class);
        assertThat(rehearsal.run.ending()).contains(Ending.KEPT_IN_QUARANTINE);
    }

    private Rehearsal oldVersionIsBack(HostCommand.On on) {
        fleet.withCommands(new HostCommand("rebuild", new CommandWords(List.of("/usr/local/bin/restore", "db3")), on,
                Duration.ofMinutes(30)));
        Rehearsal rehearsal = errantOneIsBack();
        List.of("db1", "db2", "db3").forEach(host -> fleet.version(host, "5.7.22"));
        return rehearsal;
    }

    @Test
    void whereCloneCannotTheCommandIsOfferedAndItsServerIsComparedAgain() {
        Rehearsal rehearsal = oldVersionIsBack(HostCommand.On.OLD_PRIMARY);

        rehearsal.all(ChooseDonor.class);
        assertThat(rehearsal.run.question()).contains("MySQL 5.7.22 knows no CLONE",
                "Run the command rebuild on its host (/usr/local/bin/restore db3), which replaces all its data?");
        rehearsal.all(RebuildReplica.class);

        assertThat(fleet.commands()).containsExactly("db1: /usr/local/bin/restore db3");
        assertThat(rehearsal.variables).containsEntry(Run.REBUILT, "yes");
        assertThat(fleet.calls()).doesNotContain("beginCopy db1:3306");
        // It has restored nothing, in truth: it cannot follow, and the command is not run again.
        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD, "holds 1 transactions");
        assertThat(rehearsal.run(ChooseDonor.class).toString()).contains("REBUILD_IMPOSSIBLE")
                .contains("the command rebuild has run already");
    }

    @Test
    void aCommandThatFailsOrIsForOtherServersRebuildsNothing() {
        Rehearsal rehearsal = oldVersionIsBack(HostCommand.On.OLD_PRIMARY);
        rehearsal.all(ChooseDonor.class);
        fleet.fail("run", "db1", Fault.REJECTED);
        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("REBUILD_FAILED")
                .contains("rebuild on the host of db1:3306 ended with status 3: no");
        assertThat(rehearsal.variables).containsEntry(Run.REBUILT, "no");

        fleet.withCommands(new HostCommand("rebuild", new CommandWords(List.of("/usr/local/bin/restore", "db3")),
                HostCommand.On.MANAGER, Duration.ofMinutes(30)));
        Rehearsal other = rejoin("db1");
        refused(other, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD, "holds 1 transactions");
        assertThat(other.run(ChooseDonor.class).toString()).contains("REBUILD_IMPOSSIBLE")
                .contains("is not configured with on: old-primary");
    }

    @Test
    void anOlderServerDoesNotFollowANewerPrimaryUnlessAPersonSaysSo() {
        fleet.version("db1", "8.4.3");
        Rehearsal rehearsal = oldPrimaryIsBack();
        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD,
                "db1:3306 is MySQL 8.4.3, which could not follow db2:3306 with 9.7.4: upgrade it");
        assertThat(rehearsal.run(ChooseDonor.class).toString()).contains("REBUILD_IMPOSSIBLE")
                .contains("could not follow db2:3306");

        Rehearsal overridden = rejoin("db1");
        overridden.variables.put(Run.OVERRIDES, "version-order");
        before(overridden, FollowPrimary.class);

        assertThat(overridden.run(FollowPrimary.class)).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void aBrokenReplicaIsNotCopiedAndThePrimaryIsWhereNobodyElseCanBe() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.version("db3", "9.7.3");
        fleet.receiverStops("db3");

        rehearsal.all(ChooseDonor.class);

        assertThat(rehearsal.run.donor()).isEqualTo(fleet.node("db2"));
        assertThat(rehearsal.run.question()).contains("a copy of db2:3306",
                "That is the primary, since no other server can be copied (db3:3306 does not replicate from db2:3306)");
    }

    @Test
    void anotherVersionIsNotCopied() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.version("db2", "8.4.3");
        fleet.version("db3", "8.4.3");

        assertThat(rehearsal.run(ChooseDonor.class).toString()).contains("REBUILD_IMPOSSIBLE")
                .contains("db3:3306 is MySQL 8.4.3, not 9.7.4; db2:3306 is MySQL 8.4.3, not 9.7.4");
    }

    @Test
    void aReplicaWithTransactionsOfItsOwnIsNotCopied() {
        Rehearsal rehearsal = errantOneIsBack();
        GtidSet errant = fleet.writeErrant("db3");

        rehearsal.all(ChooseDonor.class);

        assertThat(rehearsal.run.donor()).isEqualTo(fleet.node("db2"));
        assertThat(rehearsal.run.question()).contains("db3:3306 holds " + errant + ", which db2:3306 lacks");
    }

    @Test
    void aServerWhoseCopyBrokeOffIsClosed() {
        Rehearsal rehearsal = errantOneIsBack();
        rehearsal.all(ChooseDonor.class);
        fleet.breaksCopy("db1", 3862);

        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("REBUILD_FAILED");

        assertThat(fleet.state("db1").writeMode()).isEqualTo(WriteMode.SUPER_READ_ONLY);
        assertThat(fleet.state("db1").offline()).isFalse();
        assertThat(rehearsal.journal.notes("43", Remark.TO_DO)).isEmpty();
    }

    @Test
    void aServerWhoseCopyBrokeOffAndThatCannotBeClosedIsLeftToAPerson() {
        Rehearsal rehearsal = errantOneIsBack();
        rehearsal.all(ChooseDonor.class);
        fleet.breaksCopy("db1", 3862);
        fleet.fail("refuseWrites", "db1", Fault.UNREACHABLE);

        assertThat(rehearsal.run(RebuildReplica.class).toString()).contains("REBUILD_FAILED")
                .contains("it is not closed again: not reached: as told");

        assertThat(fleet.state("db1").offline()).isTrue();
        assertThat(rehearsal.journal.notes("43", Remark.TO_DO)).singleElement()
                .asString()
                .startsWith("SET GLOBAL super_read_only=1, GLOBAL offline_mode=0 on db1:3306");
    }

    @Test
    void aServerWhoseCopyBrokeOffDoesNotLookFitWhateverItsSetsSay() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        fleet.breaksCopy("db1", 3862);
        fleet.beginCopy(fleet.node("db1"), fleet.node("db3"), Duration.ofSeconds(1));

        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD,
                "db1:3306 may have lost its data: the copy failed: error 3862");

        fleet.breaksCopy("db1", 0);
        rehearsal.all(ChooseDonor.class, RebuildReplica.class);
        PATH.forEach(step -> rehearsal.all(step));
        assertThat(fleet.fenceProven("db1")).isEmpty();
    }

    @Test
    void aServerThatIsBecomingACopyIsNotTouched() {
        Rehearsal rehearsal = errantOneIsBack();
        fleet.copiesSlowly("db1", 4_000);
        rehearsal.all(ChooseDonor.class, RebuildReplica.class);
        int calls = fleet.calls().size();

        refused(rejoin("db1"), ConfirmRejoin.class, RunbookError.PREFLIGHT_BLOCKED,
                "db1:3306 is becoming a copy of another server");

        assertThat(fleet.calls().subList(calls, fleet.calls().size())).containsOnly("observe db1:3306",
                "observe db2:3306", "copying db1:3306");
    }

    @Test
    void aCopyIsTrustedWhateverItsOldDataWas() {
        fleet.notDurable("db1");
        Rehearsal rehearsal = oldPrimaryIsBack();
        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD, "its host booted at ");

        rehearsal.all(ChooseDonor.class, RebuildReplica.class);
        PATH.forEach(step -> rehearsal.all(step));

        assertThat(fleet.fenceProven("db1")).isEmpty();
    }

    @Test
    void aCopyWhoseHostWentDownAfterwardsIsNotTrusted() {
        fleet.notDurable("db1");
        Rehearsal rehearsal = oldPrimaryIsBack();
        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD, "its host booted at ");
        rehearsal.all(ChooseDonor.class, RebuildReplica.class);

        fleet.clock().advance(Duration.ofMinutes(1));
        fleet.reboot("db1");

        refused(rehearsal, CompareWithPrimary.class, RunbookError.NEEDS_REBUILD, "its host booted at ");
    }

    // ---- giving way ----

    /** A failover takes the cluster. */
    private static void taken(Rehearsal rehearsal) {
        rehearsal.runbooks.hold(new Runbooks.RunView(new RunId("99"), Runbook.FAILOVER,
                rehearsal.fleet.cluster().name(), List.of(), false));
    }

    private void givesWay(Rehearsal rehearsal, Class<? extends Step> step) {
        assertThat(rehearsal.run(step)).isInstanceOfSatisfying(Outcome.Refused.class,
                refused -> assertThat(refused.error()).isEqualTo(RunbookError.RUN_SUPERSEDED));
    }

    private void givesWayAtOnce(Rehearsal rehearsal, Class<? extends Step> step) {
        Instant began = fleet.clock().instant();

        givesWay(rehearsal, step);

        assertThat(Duration.between(began, fleet.clock().instant())).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aFailoverDoesNotWaitForACopy() {
        Rehearsal rehearsal = errantOneIsBack();
        rehearsal.all(ChooseDonor.class);
        fleet.copiesSlowly("db1", 4_000);
        fleet.before("copying", "db1", () -> taken(rehearsal));

        givesWayAtOnce(rehearsal, RebuildReplica.class);

        assertThat(fleet.copyOf("db1")).contains(NodeId.of("db3", 3306));
    }

    @Test
    void aFailoverDoesNotWaitForAServerThatCatchesUp() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        fleet.write("db2");
        fleet.appliesSlowly("db1", Duration.ofHours(1));
        before(rehearsal, CatchUpReplica.class);
        fleet.before("catchUp", "db1", () -> taken(rehearsal));

        givesWayAtOnce(rehearsal, CatchUpReplica.class);
    }

    /** db3 has received what it has not applied, and follows db1, which was replaced by db2. */
    private Rehearsal replicaWithWorkToDoIsBack() {
        fleet.appliesSlowly("db3", Duration.ofHours(1));
        fleet.write("db1");
        fleet.silence("db3");
        fleet.crash("db1");
        before.failover();
        fleet.seenHealthy("db2");
        fleet.restart("db3");
        Rehearsal rehearsal = rejoin("db3");
        return before(rehearsal, FollowPrimary.class);
    }

    @Test
    void aFailoverDoesNotWaitForAServerThatAppliesWhatItHasReceived() {
        Rehearsal rehearsal = replicaWithWorkToDoIsBack();
        fleet.before("catchUp", "db3", () -> taken(rehearsal));

        givesWayAtOnce(rehearsal, FollowPrimary.class);
    }

    @Test
    void aServerOfAClusterThatWasTakenMeanwhileIsNotRepointed() {
        Rehearsal rehearsal = replicaWithWorkToDoIsBack();
        fleet.before("catchUp", "db3", () -> {
            taken(rehearsal);
            fleet.clock().advance(Duration.ofHours(1));
        });

        givesWay(rehearsal, FollowPrimary.class);

        assertThat(fleet.state("db3").replication().map(ReplicaState::source)).contains(NodeId.of("db1", 3306));
    }

    @Test
    void oneSlowAnswerDoesNotEndTheWait() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, CatchUpReplica.class);
        fleet.fail("catchUp", "db1", Fault.UNREACHABLE);

        rehearsal.all(CatchUpReplica.class);
    }

    // ---- the last step ----

    @Test
    void aReceiverThatAManagerLeftStandingIsStarted() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, ReleaseReplica.class);
        fleet.before("startReplication", "db1", () -> {
            throw new IllegalStateException("killed");
        });
        assertThatThrownBy(() -> rehearsal.run(ReleaseReplica.class)).hasMessage("killed");

        rehearsal.all(ReleaseReplica.class);

        assertThat(rehearsal.run.ending()).contains(Ending.DONE);
        fleet.cut("db2", "db3");
        assertThat(fleet.write("db2")).isInstanceOf(Written.Acknowledged.class);
    }

    @Test
    void oneThatStoppedFollowingAtTheLastMomentIsNotDone() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        before(rehearsal, ReleaseReplica.class);
        fleet.fail("startReplication", "db1", Fault.UNKNOWN);

        assertThatThrownBy(() -> rehearsal.run(ReleaseReplica.class))
                .hasMessageStartingWith("db1:3306 does not follow db2:3306 any more");

        assertThat(rehearsal.run.ending()).isEmpty();
        assertThat(rehearsal.journal.notes("43", Remark.TO_DO)).singleElement()
                .asString()
                .startsWith("START REPLICA on db1:3306");
    }

    @Test
    void oneThatFollowsAlreadyAcknowledgesNothingInQuarantine() {
        Rehearsal rehearsal = oldPrimaryIsBack();
        fleet.semiSyncReplica(fleet.node("db1"), true, Duration.ofSeconds(1));
        fleet.repoint(fleet.node("db1"), fleet.node("db2"), fleet.cluster().replication(), Duration.ofSeconds(1));
        before(rehearsal, ReleaseReplica.class);

        fleet.cut("db2", "db3");

        assertThat(fleet.write("db2")).isInstanceOf(Written.Waiting.class);
    }
}
