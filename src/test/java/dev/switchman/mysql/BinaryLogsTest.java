package dev.switchman.mysql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.fleet.FakeLog;
import dev.switchman.mysql.BinaryLogs.Reading;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPiece;

import static org.assertj.core.api.Assertions.assertThat;

class BinaryLogsTest {

    private static final UUID SOURCE = UUID.fromString("3e11fa47-71ca-11e1-9e33-c80aa9429562");
    private static final UUID OTHER = UUID.fromString("4e11fa47-71ca-11e1-9e33-c80aa9429562");

    @TempDir
    Path folder;

    private static GtidSet numbers(long first, long last) {
        return GtidSet.of(SOURCE, first, last);
    }

    private Path file(byte[]... parts) throws IOException {
        Path file = folder.resolve("copy");
        Files.write(file, new byte[0]);
        for (byte[] part : parts) {
            Files.write(file, part, java.nio.file.StandardOpenOption.APPEND);
        }
        return file;
    }

    private Reading whole(byte[] log) throws IOException {
        return BinaryLogs.read(file(log), List.of(new LogPiece("binlog.000001", log.length, 0, log.length, 0)));
    }

    private Reading.Logs logs(byte[] log) throws IOException {
        return (Reading.Logs) whole(log);
    }

    @Test
    void aLogTellsWhatItHoldsAndWhatCameBefore() throws IOException {
        GtidSet before = numbers(1, 7).union(GtidSet.of(OTHER, 1, 3)).union(GtidSet.of(OTHER, 5, 6));

        Reading.Logs logs = logs(FakeLog.begin(before).add(numbers(8, 20)).bytes());

        assertThat(logs.before()).isEqualTo(before);
        assertThat(logs.found()).isEqualTo(numbers(8, 20));
        assertThat(logs.held()).isEqualTo(before.union(numbers(8, 20)));
        assertThat(logs.torn()).isEmpty();
        assertThat(logs.damaged()).isEmpty();
        assertThat(logs.compressed()).isFalse();
        assertThat(logs.wholeFirst()).isTrue();
    }

    @Test
    void anOldLogTellsTheSameByItsEvents() throws IOException {
        byte[] log = FakeLog.beginOld(numbers(1, 7))
                .add(numbers(8, 9))
                .addStatement(SOURCE, 10, "CREATE TABLE t (i INT)")
                .add(numbers(11, 11))
                .bytes();

        assertThat(logs(log).found()).isEqualTo(numbers(8, 11));
    }

    /** Wherever it was cut, nothing is taken for whole that is not, and nothing whole is left out. */
    @Test
    void aTornEndLeavesOutTheLastTransactionAlone() throws IOException {
        for (FakeLog made : List.of(FakeLog.begin(numbers(1, 2)), FakeLog.beginOld(numbers(1, 2)))) {
            byte[] log = made.add(numbers(3, 6)).bytes();
            int last = made.beginnings().getLast();
            for (int length = last + 1; length < log.length; length++) {
                Reading.Logs logs = logs(Arrays.copyOf(log, length));

                assertThat(logs.found()).as("%s of %s bytes", length, log.length).isEqualTo(numbers(3, 5));
                assertThat(logs.torn()).hasSize(1);
                assertThat(logs.damaged()).isEmpty();
            }
            assertThat(logs(Arrays.copyOf(log, last)).torn()).isEmpty();
        }
    }

    /** What stands behind a place that cannot be read may have been committed: that is no end. */
    @Test
    void aDamagedPlaceIsNoEnd() throws IOException {
        FakeLog made = FakeLog.begin(numbers(1, 2)).add(numbers(3, 6));
        byte[] log = made.bytes();
        log[made.beginnings().get(2) + 40]++;

        Reading.Logs logs = logs(log);

        assertThat(logs.found()).isEqualTo(numbers(3, 4));
        assertThat(logs.torn()).isEmpty();
        assertThat(logs.damaged()).singleElement().asString().contains("checksum is wrong");
    }

    @Test
    void zerosAtTheEndAreDamageToo() throws IOException {
        byte[] log = FakeLog.begin(numbers(1, 2)).add(numbers(3, 6)).bytes();

        Reading.Logs logs = logs(Arrays.copyOf(log, log.length + 4096));

        assertThat(logs.found()).isEqualTo(numbers(3, 6));
        assertThat(logs.damaged()).singleElement().asString().contains("has no event");
    }

    @Test
    void compressedTransactionsAreTold() throws IOException {
        Reading.Logs logs = logs(FakeLog.begin(numbers(1, 2)).addCompressed(numbers(3, 4)).bytes());

        assertThat(logs.found()).isEqualTo(numbers(3, 4));
        assertThat(logs.compressed()).isTrue();
    }

    @Test
    void anEncryptedLogAndOneThatIsNoneAreTold() throws IOException {
        byte[] log = FakeLog.begin(numbers(1, 2)).bytes();
        log[0] = (byte) 0xfd;

        assertThat(whole(log)).isEqualTo(new Reading.Encrypted("binlog.000001"));
        assertThat(whole("not a log at all".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isEqualTo(new Reading.Unknown("binlog.000001 is no binary log"));
        assertThat(whole(new byte[0])).isEqualTo(new Reading.Unknown("binlog.000001 is empty"));
    }

    /** Nothing shows it where there are no checksums. */
    @Test
    void bytesThatMakeNoSenseAreTold() throws IOException {
        byte[] log = FakeLog.begin(GtidSet.empty()).add(numbers(1, 2)).bytes();
        int format = 4 + 19;
        log[format + 2 + 50 + 4 + 1 + 40] = 0;
        log[format + 2 + 50 + 4 + 1 + 40 + 1 + 4 + 19] = 9;

        assertThat(whole(log)).isInstanceOfSatisfying(Reading.Unknown.class,
                unknown -> assertThat(unknown.why()).contains("the binary logs cannot be understood"));
    }

    private Reading from(byte[] log, int head, int position) throws IOException {
        Path copy = file(Arrays.copyOf(log, head), Arrays.copyOfRange(log, position, log.length));
        return BinaryLogs.read(copy, List.of(new LogPiece("binlog.000001", log.length, 0, head, 0),
                new LogPiece("binlog.000001", log.length, position, log.length - position, head)));
    }

    @Test
    void itIsReadFromTheMiddleOnWhereATransactionBegins() throws IOException {
        FakeLog made = FakeLog.begin(numbers(1, 2)).add(numbers(3, 9));
        byte[] log = made.bytes();
        int head = made.beginnings().getFirst();

        assertThat(from(log, head, made.beginnings().get(4))).isInstanceOfSatisfying(Reading.Logs.class, logs -> {
            assertThat(logs.found()).isEqualTo(numbers(7, 9));
            assertThat(logs.wholeFirst()).isFalse();
        });
        assertThat(from(log, head, log.length)).isInstanceOfSatisfying(Reading.Logs.class,
                logs -> assertThat(logs.found()).isEqualTo(GtidSet.empty()));
        assertThat(from(log, head, made.beginnings().get(4) + 5)).isInstanceOf(Reading.Misplaced.class);
        int query = made.beginnings().get(4) + 19 + 42 + 7 + 3 + 4;
        assertThat(from(log, head, query)).isEqualTo(
                new Reading.Misplaced("byte " + query + " of binlog.000001 is in the middle of a transaction"));
    }

    @Test
    void relayLogsHoldWhatIsMissingAndNothingElse() throws IOException {
        byte[] one = FakeLog.begin(numbers(1, 2)).add(numbers(3, 9)).bytes();
        byte[] two = FakeLog.begin(numbers(1, 9)).add(numbers(10, 12)).bytes();
        Path copy = file(one, two);
        Reading.Logs logs = (Reading.Logs) BinaryLogs.read(copy,
                List.of(new LogPiece("binlog.000001", one.length, 0, one.length, 0),
                        new LogPiece("binlog.000002", two.length, 0, two.length, one.length)));
        GtidSet missing = numbers(5, 6).union(numbers(8, 10)).union(numbers(12, 12));

        List<Path> files = BinaryLogs.extract(copy, logs, missing, folder, "");

        assertThat(files).extracting(Path::getFileName).extracting(Path::toString).containsExactly("000001", "000002");
        assertThat(logs(Files.readAllBytes(files.get(0))).found()).isEqualTo(numbers(5, 6).union(numbers(8, 9)));
        assertThat(logs(Files.readAllBytes(files.get(1))).found())
                .isEqualTo(numbers(10, 10).union(numbers(12, 12)));
    }
}
