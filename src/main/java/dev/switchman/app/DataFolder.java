package dev.switchman.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import dev.switchman.topology.Secret;

/** The folder of the store, held by one process at a time. Nobody but its owner may look into it. */
final class DataFolder implements AutoCloseable {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final int TOKEN_BYTES = 32;
    private static final String URL = "server.url";

    private final Path folder;
    private final FileChannel lock;

    private DataFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** @throws StartRefused when it cannot be made or written, or another process holds it */
    static DataFolder take(Path path) {
        Path folder = path.toAbsolutePath().normalize();
        FileChannel channel = null;
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            }
            channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(channel) == null) {
                channel.close();
                throw new StartRefused("--data " + folder + " is in use by another switchman");
            }
            sweep(folder.resolve("salvage"));
            return new DataFolder(folder, channel);
        } catch (IOException e) {
            throw new StartRefused("--data " + folder + " cannot be used: " + e.getClass().getSimpleName() + ": "
                    + e.getMessage());
        }
    }

    /** Copies of binary logs, which a run removes at its end, and a manager that was killed does not. */
    private static void sweep(Path copies) throws IOException {
        if (!Files.isDirectory(copies)) {
            return;
        }
        try (Stream<Path> files = Files.walk(copies)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    Path path() {
        return folder;
    }

    /** Writes a new token for the command line on this machine; the one of an earlier start is worth nothing then. */
    Secret newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        Secret token = new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        try {
            Path fresh = Files.createTempFile(folder, "cli", ".token",
                    PosixFilePermissions.asFileAttribute(OWNER_FILE));
            Files.writeString(fresh, token.reveal() + "\n", StandardCharsets.US_ASCII);
            Files.move(fresh, folder.resolve("cli.token"), StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StartRefused("--data " + folder + ": cli.token cannot be written: " + e.getMessage());
        }
        return token;
    }

    /** Leaves word for programs of this machine where the server is, until it ends. */
    void serves(String url) {
        try {
            Files.writeString(folder.resolve(URL), url + "\n", StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new StartRefused("--data " + folder + ": " + URL + " cannot be written: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(folder.resolve(URL));
        lock.close();
    }
}
