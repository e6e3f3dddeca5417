package dev.switchman.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DataFolderTest {

    @TempDir
    Path folder;

    @Test
    void whatAKilledManagerCopiedIsRemovedAtTheNextStart() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("salvage/run-1")).resolve("copy");
        Files.writeString(copy, "the application's data");
        Path kept = Files.createDirectories(folder.resolve("errant/7")).resolve("transactions.txt");
        Files.writeString(kept, "a loss report");

        DataFolder.take(folder).close();

        assertThat(folder.resolve("salvage")).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void nothingIsRemovedUnderALivingManager() throws IOException {
        try (DataFolder living = DataFolder.take(folder)) {
            Path copy = Files.createDirectories(living.path().resolve("salvage/run-1")).resolve("copy");
            Files.writeString(copy, "under way");

            assertThatThrownBy(() -> DataFolder.take(folder)).isInstanceOf(StartRefused.class);

            assertThat(copy).exists();
        }
    }
}
