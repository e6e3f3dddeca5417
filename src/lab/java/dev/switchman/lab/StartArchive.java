package dev.switchman.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import dev.switchman.app.Switchman;

/**
 * Halves the processor time of the program's start from this process's own class path (21 s to 11 s, on a machine where
 * the tests start it some thirty times). The first server that ends in good order leaves an archive of the classes it
 * had loaded; those after it map them. Java archives classes from jars only, so the program's own go into one first.
 */
final class StartArchive {

    /** Writing an archive of 100 MB, on a busy machine. */
    private static final Duration WRITING = Duration.ofMinutes(2);

    private final Path archive;
    private final Path unfinished;
    private final String classPath;
    private final boolean first;

    /** @param server tells apart those that run at the same time */
    StartArchive(String server) {
        try {
            Path folder = Files.createDirectories(Engine.home().resolve("target/start-archive"));
            Path jar = jar(folder.resolve("switchman.jar"));
            archive = folder.resolve("switchman-" + Runtime.version().feature() + ".jsa");
            unfinished = folder.resolve(server + ".jsa");
            classPath = classPath(jar);
            first = !Files.exists(archive) || time(jar).compareTo(time(archive)) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return for the Java machine: class path and archive */
    List<String> options() {
        return List.of(first ? "-XX:ArchiveClassesAtExit=" + unfinished : "-XX:SharedArchiveFile=" + archive,
                "-Xlog:cds=off", "-Xlog:cds+dynamic=off", "-cp", classPath);
    }

    /** @return how long an end in good order may take */
    Duration end() {
        return first ? WRITING : ServerProcess.END;
    }

    /** Call when the server has ended. A killed one leaves nothing. */
    void keep() {
        try {
            if (Files.exists(unfinished)) {
                Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath(Path jar) {
        List<String> path = new ArrayList<>(List.of(jar.toString()));
        for (String entry : System.getProperty("java.class.path").split(":")) {
            if (entry.endsWith(".jar")) {
                path.add(entry);
            }
        }
        return String.join(":", path);
    }

    /** @return a jar of the program's classes that is as new as they are */
    private static Path jar(Path jar) throws IOException {
        Path classes = classes();
        List<Path> files;
        try (Stream<Path> all = Files.walk(classes)) {
            files = all.filter(file -> !file.equals(classes)).sorted().toList();
        }
        Optional<FileTime> newest = files.stream().map(StartArchive::time).max(FileTime::compareTo);
        if (!Files.exists(jar) || newest.filter(time -> time.compareTo(time(jar)) > 0).isPresent()) {
            Path written = jar.resolveSibling("new.jar");
            try (OutputStream out = Files.newOutputStream(written);
                    JarOutputStream entries = new JarOutputStream(out)) {
                for (Path file : files) {
                    boolean folder = Files.isDirectory(file);
                    entries.putNextEntry(new JarEntry(classes.relativize(file) + (folder ? "/" : "")));
                    if (!folder) {
                        Files.copy(file, entries);
                    }
                }
            }
            Files.move(written, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return jar;
    }

    private static Path classes() {
        URI place;
        try {
            place = Switchman.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the program's own place: " + e.getMessage(), e);
        }
        return Path.of(place);
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
