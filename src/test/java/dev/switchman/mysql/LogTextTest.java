package dev.switchman.mysql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.fleet.FakeLog;
import dev.switchman.topology.GtidSet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LogTextTest {

    private static final UUID SOURCE = UUID.fromString("3e11fa47-71ca-11e1-9e33-c80aa9429562");

    @TempDir
    Path folder;

    private final StringBuilder text = new StringBuilder();

    private LogText.Summary tell(byte[] log) throws IOException {
        return LogText.tell(Files.write(folder.resolve("binlog.000001"), log), text);
    }

    @Test
    void rowsAreToldByKindAndTable() throws IOException {
        LogText.Summary summary = tell(FakeLog.begin(GtidSet.empty()).add(GtidSet.of(SOURCE, 8, 9)).bytes());

        assertThat(text.toString()).isEqualTo(SOURCE + ":8  1970-01-01T00:00:00Z\n"
                + "  INSERT shop.orders, 1 row event, 123 bytes\n" + SOURCE + ":9  1970-01-01T00:00:00Z\n"
                + "  INSERT shop.orders, 1 row event, 123 bytes\n");
        assertThat(summary.transactions()).isEqualTo(2);
        assertThat(summary.tables()).containsOnlyKeys("shop.orders").containsEntry("shop.orders", 2);
    }

    @Test
    void aStatementIsToldWithItsSchema() throws IOException {
        LogText.Summary summary = tell(FakeLog.beginOld(GtidSet.empty())
                .addStatement(SOURCE, 1, "DROP TABLE orders")
                .bytes());

        assertThat(text.toString()).isEqualTo(SOURCE + ":1  1970-01-01T00:00:00Z\n  in shop: DROP TABLE orders\n");
        assertThat(summary.tables()).isEmpty();
    }

    @Test
    void ofALongStatementTheBeginningIsTold() throws IOException {
        tell(FakeLog.beginOld(GtidSet.empty())
                .addStatement(SOURCE, 1, "UPDATE orders SET note = '" + "x".repeat(9_000) + "'")
                .bytes());

        assertThat(text.toString()).contains("in shop: UPDATE orders SET note = 'xxx")
                .contains("xxx ... (9")
                .hasSizeLessThan(9_000);
    }

    @Test
    void aCompressedTransactionIsCounted() throws IOException {
        LogText.Summary summary = tell(
                FakeLog.begin(GtidSet.empty()).addCompressed(GtidSet.of(SOURCE, 1, 1)).bytes());

        assertThat(summary.transactions()).isEqualTo(1);
        assertThat(text.toString()).contains("compressed, 123 bytes: mysqlbinlog shows what it holds");
    }

    @Test
    void aFileThatIsNotWholeIsNotToldAsIfItWere() {
        byte[] log = FakeLog.begin(GtidSet.empty()).add(GtidSet.of(SOURCE, 1, 1)).bytes();

        assertThatThrownBy(() -> tell(Arrays.copyOf(log, log.length - 3))).isInstanceOf(IOException.class)
                .hasMessageContaining("binlog.000001 ends");
    }
}
