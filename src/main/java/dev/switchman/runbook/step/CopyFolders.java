package dev.switchman.runbook.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/** Makes and removes folders for what is copied from servers. */
final class CopyFolders {

    private final Path parent;

    /** @param parent what a killed manager left in there is removed at the next start */
    CopyFolders(Path parent) {
        this.parent = parent;
    }

    /** @return a new folder; nobody else may read what is in there */
    Path make() {
        try {
            Files.createDirectories(parent);
            return Files.createTempDirectory(parent, "run-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the copy of logs", e);
        }
    }

    static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the copy of logs in " + folder + " could not be removed", e);
        }
    }
}
