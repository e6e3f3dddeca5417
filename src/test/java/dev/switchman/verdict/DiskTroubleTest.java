package dev.switchman.verdict;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Ping;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.TrialWrite;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.DB3;
import static dev.switchman.verdict.Specimens.NOON;
import static dev.switchman.verdict.Specimens.VIP;
import static dev.switchman.verdict.Specimens.healthy;
import static dev.switchman.verdict.Specimens.with;
import static org.assertj.core.api.Assertions.assertThat;

class DiskTroubleTest {

    private static final Disk FULL = new Disk(Disk.State.FULL, 100, "/data has 0 KiB free");
    private static final Disk STALLED = new Disk(Disk.State.STALLED, 40, "2 threads wait");
    private static final TrialWrite HANGS = hanging(5, "waiting for handler commit", 0);

    private static TrialWrite hanging(int seconds, String state, int acknowledgements) {
        return new TrialWrite.Hanging(Duration.ofSeconds(seconds), state, acknowledgements);
    }

    private static TrialWrite refused(int seconds) {
        return new TrialWrite.Refused(Duration.ofSeconds(seconds), 1114, "answered with error 1114: full");
    }

    private static HostView host(Disk disk) {
        return new HostView.Seen(true, true, HostView.Unit.NONE, HostView.Ending.RUNNING, Set.of(VIP), disk);
    }

    private static Snapshot trying(Snapshot base, TrialWrite trial) {
        return new Snapshot(base.cluster(), base.at(), base.since(), base.knownPrimary(), base.quarantined(),
                base.servers(), base.hosts(), base.suspicion(), trial);
    }

    private static String verdict(Disk disk, TrialWrite trial) {
        return Diagnosis.of(trying(with(healthy(), DB1, host(disk)), trial)).word();
    }

    @Test
    void aWriteThatHangsOnAFullDiskIsALoss() {
        Verdict verdict = Diagnosis.of(trying(with(healthy(), DB1, host(FULL)), HANGS));

        assertThat(verdict).isEqualTo(new Verdict.DiskFull(DB1,
                "a trial write has not been committed for 5 s (waiting for handler commit), and no session waits for an"
                        + " acknowledgement; its host says: /data has 0 KiB free"));
        assertThat(verdict.primaryLost()).isTrue();
        assertThat(Verdict.answersAndCannotCommit(verdict.word())).isTrue();
    }

    @Test
    void soIsOneThatTheDiskRefusesAgainAndAgain() {
        assertThat(verdict(FULL, refused(5))).isEqualTo("disk-full");
        assertThat(verdict(new Disk(Disk.State.READ_ONLY, 4, "ro"), refused(5))).isEqualTo("disk-full");
    }

    @Test
    void aWriteThatHangsWhileAnAccessDoesNotReturnIsAStalledDisk() {
        assertThat(verdict(STALLED, HANGS)).isEqualTo("disk-stalled");
    }

    @Test
    void aDiskAloneIsNoLoss() {
        assertThat(verdict(FULL, new TrialWrite.Written(Duration.ofMillis(2)))).isEqualTo("healthy");
        assertThat(verdict(FULL, new TrialWrite.Untold("read-only"))).isEqualTo("healthy");
        assertThat(verdict(STALLED, new TrialWrite.Written(Duration.ofMillis(2)))).isEqualTo("healthy");
    }

    @Test
    void aWriteAloneIsNoLoss() {
        assertThat(verdict(Disk.used(50), HANGS)).isEqualTo("busy");
        assertThat(verdict(Disk.UNKNOWN, HANGS)).isEqualTo("busy");
        assertThat(Diagnosis.of(trying(with(healthy(), DB1, new HostView.Silent("no answer")), HANGS)).word())
                .isEqualTo("busy");
        assertThat(verdict(STALLED, refused(60))).isEqualTo("busy");
    }

    @Test
    void patienceComesFirst() {
        assertThat(verdict(FULL, hanging(4, "waiting for handler commit", 0))).isEqualTo("healthy");
        assertThat(verdict(FULL, refused(4))).isEqualTo("healthy");
    }

    @Test
    void whoWaitsForAReplicaOrALockDoesNotWaitForTheDisk() {
        assertThat(verdict(FULL, hanging(60, "waiting for handler commit", 1))).isEqualTo("healthy");
        assertThat(verdict(FULL, hanging(60, "Waiting for semi-sync ACK from replica", 0))).isEqualTo("healthy");
        assertThat(verdict(FULL, hanging(60, "Waiting for global read lock", 0))).isEqualTo("healthy");
    }

    @Test
    void nothingIsDoneWhereEveryDiskIsFull() {
        Snapshot everywhere = with(with(with(healthy(), DB1, host(FULL)), DB2, host(FULL)), DB3,
                new HostView.Silent("no answer"));

        assertThat(Diagnosis.of(trying(everywhere, HANGS)).word()).isEqualTo("busy");
    }

    @Test
    void aPingThatWritesHangsWithTheClients() {
        Snapshot base = with(healthy(), DB1, host(FULL));
        Failure silence = new Failure.TimedOut(Duration.ofSeconds(1), "no answer");
        Snapshot suspected = new Snapshot(base.cluster(), base.at(), base.since(), base.knownPrimary(), Set.of(),
                base.servers(), base.hosts(), Optional.of(new Suspicion(DB1, NOON, 4, silence,
                        new Ping.Answered(Duration.ofMillis(1)), host(FULL), List.of())),
                HANGS);

        assertThat(Diagnosis.of(suspected).word()).isEqualTo("disk-full");
    }
}
