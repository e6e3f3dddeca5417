package dev.switchman.ssh;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.topology.Disk;
import dev.switchman.topology.HostView.Ending;
import dev.switchman.topology.HostView.Unit;

import static org.assertj.core.api.Assertions.assertThat;

class ReportTest {

    @ParameterizedTest
    @CsvSource({
            "'',          '',           '',           NONE",
            "not-found,   inactive,     dead,         NONE",
            "loaded,      active,       running,      ACTIVE",
            "loaded,      activating,   auto-restart, CHANGING",
            "loaded,      deactivating, stop-sigterm, CHANGING",
            "loaded,      inactive,     dead,         INACTIVE",
            "loaded,      failed,       failed,       FAILED",
            "masked,      inactive,     dead,         MASKED",
            "masked,      active,       running,      MASKED"})
    void unitStatesAreThoseOfSystemd(String load, String active, String sub, Unit expected) {
        assertThat(Report.read("load=" + load + "\nactive=" + active + "\nsub=" + sub).unit()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
            "signal,    KILLED",
            "core-dump, KILLED",
            "oom-kill,  KILLED",
            "success,   CLEAN",
            "exit-code, UNKNOWN"})
    void aUnitTellsHowItEnded(String result, Ending expected) {
        // The pid file says nothing here: RuntimeDirectory= removes it.
        assertThat(Report.read("load=loaded\nonce_started=123\nleft=gone\nresult=" + result).ending())
                .isEqualTo(expected);
    }

    @Test
    void aUnitThatNeverRanTellsNothing() {
        assertThat(Report.read("load=loaded\nonce_started=0\nresult=success").ending()).isEqualTo(Ending.UNKNOWN);
    }

    @Test
    void withoutAUnitThePidFileTells() {
        assertThat(Report.read("mine=12\nleft=left").ending()).isEqualTo(Ending.RUNNING);
        assertThat(Report.read("unsure=12\nleft=left").ending()).isEqualTo(Ending.RUNNING);
        assertThat(Report.read("left=left").ending()).isEqualTo(Ending.KILLED);
        assertThat(Report.read("left=stale").ending()).isEqualTo(Ending.KILLED);
        assertThat(Report.read("left=gone").ending()).isEqualTo(Ending.CLEAN);
        assertThat(Report.read("left=").ending()).isEqualTo(Ending.UNKNOWN);
        assertThat(Report.read("left=gone\nsafe=7").ending()).isEqualTo(Ending.UNKNOWN);
    }

    @Test
    void aDiskThatWasNotToldIsUnknown() {
        assertThat(Report.read("").disk()).isEqualTo(Disk.UNKNOWN);
        assertThat(Report.read("disk_data=no such file").disk()).isEqualTo(Disk.UNKNOWN);
    }

    @Test
    void theWorstOfTheFileSystemsIsTold() {
        assertThat(Report.read("disk_data=93 81920 4 rw /var/lib/mysql").disk()).isEqualTo(new Disk(
                Disk.State.WORKING, 93, "/var/lib/mysql has 81920 KiB free, 93 % used, 4 % of its inodes"));
        assertThat(Report.read("disk_data=10 9999999 97 rw /data").disk().usedPercent()).isEqualTo(97);
        assertThat(Report.read("disk_data=10 9999999 - rw /data").disk().usedPercent()).isEqualTo(10);
        assertThat(Report.read("disk_data=10 9999999 4 rw /data\ndisk_logs=100 0 1 rw /logs").disk())
                .isEqualTo(new Disk(Disk.State.FULL, 100, "/logs has 0 KiB free, 100 % used, 1 % of its inodes"));
        assertThat(Report.read("disk_data=10 9999999 100 rw /data").disk().state()).isEqualTo(Disk.State.FULL);
        assertThat(Report.read("disk_data=10 9999999 4 ro /data\ndisk_logs=100 0 1 rw /logs").disk().state())
                .isEqualTo(Disk.State.READ_ONLY);
    }

    @Test
    void threadsThatAreNotWokenMeanThatTheDiskStandsStill() {
        assertThat(Report.read("disk_data=10 9999999 4 rw /data\nstuck=2").disk().state())
                .isEqualTo(Disk.State.STALLED);
        assertThat(Report.read("stuck=2").disk().state()).isEqualTo(Disk.State.STALLED);
        assertThat(Report.read("disk_data=100 0 4 rw /data\nstuck=2").disk().state()).isEqualTo(Disk.State.FULL);
    }
}
