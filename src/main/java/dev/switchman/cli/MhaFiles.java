package dev.switchman.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

import dev.switchman.mha.Import;
import dev.switchman.topology.Secret;

/** Puts an imported configuration on the disk: the file, and each password in one of its own. */
final class MhaFiles {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    private MhaFiles() {}

    /** Writes them all, over what may be there. @param file absolute */
    static void write(Path file, Import.Read read) throws IOException {
        Path folder = file.resolveSibling("");
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        for (Map.Entry<String, Secret> secret : read.secrets().entrySet()) {
            Path target = folder.resolve(secret.getKey());
            Files.createDirectories(target.resolveSibling(""), PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            put(target, secret.getValue().reveal() + "\n");
        }
        put(file, read.yaml());
    }

    private static void put(Path file, String text) throws IOException {
        Path fresh = Files.createTempFile(file.resolveSibling(""), ".new", "",
                PosixFilePermissions.asFileAttribute(OWNER_FILE));
        Files.writeString(fresh, text, StandardCharsets.UTF_8);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
