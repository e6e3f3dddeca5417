package dev.switchman.ssh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.ssh.RemoteShell.LogCopy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LogReceiverTest {

    private static final byte[] PRINTED = "life=1\nskipped=0\npiece=my binlog.000001 5 0 5\n\nabcde"
            .getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    @Test
    void whatFitsIsTaken() throws IOException {
        List<String> heard = new ArrayList<>();
        try (LogReceiver receiver = new LogReceiver(folder.resolve("copy"), 5,
                (bytes, all) -> heard.add(bytes + " of " + all))) {
            receiver.write(PRINTED, 0, PRINTED.length - 2);
            receiver.write(PRINTED, PRINTED.length - 2, 2);

            assertThat(receiver.result(new Link.Reply(0, ""), "1")).isInstanceOfSatisfying(LogCopy.Copied.class,
                    copied -> assertThat(copied.pieces().getFirst().log()).isEqualTo("my binlog.000001"));
        }
        assertThat(folder.resolve("copy")).hasContent("abcde");
        assertThat(heard).containsExactly("3 of 5", "5 of 5");
    }

    @Test
    void whatWouldFillTheDiskIsRefusedBeforeAByteOfItIsWritten() throws IOException {
        try (LogReceiver receiver = new LogReceiver(folder.resolve("copy"), 4, (bytes, all) -> {})) {
            assertThatThrownBy(() -> receiver.write(PRINTED)).isInstanceOf(IOException.class)
                    .hasMessageContaining("5 bytes")
                    .hasMessageContaining("4 bytes");
        }
        assertThat(folder.resolve("copy")).isEmptyFile();
    }
}
