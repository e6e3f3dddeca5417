package dev.switchman.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;
import java.util.function.Function;

/** Puts a new content in the place of a file's in one step: whoever reads it sees the old or the new one, whole. */
final class ReplacedFile {

    private ReplacedFile() {}

    /**
     * Keeps the file's permissions, and its owner where this user may give files away; follows a link to the file that it means.
     *
     * @param judge looks at the new content in a file beside the old one; what it says keeps the old one
     * @return what it said; empty when the file is replaced
     */
    static Optional<String> put(Path file, byte[] content, Function<Path, Optional<String>> judge) throws IOException {
        Path target = file.toRealPath();
        PosixFileAttributes before = Files.readAttributes(target, PosixFileAttributes.class);
        // A reader of the configuration goes by the name's ending.
        Path fresh = Files.createTempFile(target.resolveSibling(""), ".new", "-" + target.getFileName());
        try {
            PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
            view.setPermissions(before.permissions());
            if (!view.readAttributes().owner().equals(before.owner())
                    || !view.readAttributes().group().equals(before.group())) {
                view.setOwner(before.owner());
                view.setGroup(before.group());
            }
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.write(java.nio.ByteBuffer.wrap(content));
                channel.force(true);
            }
            Optional<String> refusal = judge.apply(fresh)
                    .map(why -> why.replace(fresh.toString(), file.toString()));
            if (refusal.isEmpty()) {
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return refusal;
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
