package dev.switchman.hook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A program and all that it has started: its descendants, and who else is in the session that it leads. A child whose
 * parent has ended is no descendant any more, and still in the session.
 */
final class ProcessSession {

    private static final Path PROC = Path.of("/proc");
    private static final Duration BEAT = Duration.ofMillis(5);

    private final ProcessHandle leader;

    ProcessSession(ProcessHandle leader) {
        this.leader = leader;
    }

    /** Ends all by SIGKILL, again until none is left. @return whether none was left within this time */
    boolean kill(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        for (Map<Long, ProcessHandle> all = alive(); !all.isEmpty(); all = alive()) {
            if (System.nanoTime() > end) {
                return false;
            }
            all.values().forEach(ProcessHandle::destroyForcibly);
            LockSupport.parkNanos(BEAT.toNanos());
        }
        return true;
    }

    private Map<Long, ProcessHandle> alive() {
        Map<Long, ProcessHandle> all = new LinkedHashMap<>();
        all.put(leader.pid(), leader);
        leader.descendants().forEach(child -> all.put(child.pid(), child));
        members(all);
        all.values().removeIf(process -> !process.isAlive() || zombie(process.pid()));
        return all;
    }

    private void members(Map<Long, ProcessHandle> all) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                if (field(pid, 3).filter(session -> session.equals(Long.toString(leader.pid()))).isPresent()) {
                    ProcessHandle.of(pid).ifPresent(handle -> all.put(pid, handle));
                }
            }
        } catch (IOException e) {
            return; // no /proc on this system: descendants are all that can be told
        }
    }

    private static boolean zombie(long pid) {
        return field(pid, 0).filter("Z"::equals).isPresent();
    }

    /** @param index behind the program's name, which may hold anything: 0 is the state, 3 the session */
    private static Optional<String> field(long pid, int index) {
        try {
            String line = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1);
            return index < fields.length ? Optional.of(fields[index]) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it has ended meanwhile
        }
    }
}
