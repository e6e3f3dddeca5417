package dev.switchman.hook;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs one program without a shell, in a session of its own, so that all that it starts can be found again and ended with it:
 * in {@code /}, with an empty standard input and an environment of {@code PATH}, {@code HOME}, {@code LANG}, {@code LC_ALL}
 * and {@code TZ}.
 */
public final class Program {

    /** What a program may need to find its tools and its own files; nothing else of ours is its business. */
    private static final Set<String> ENVIRONMENT = Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ");
    private static final List<Path> SETSID = List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));
    /** For output that is still on its way when the program has ended, and for the end of what was killed. */
    private static final Duration REST = Duration.ofMillis(500);

    private Program() {}

    /** How a program ended. */
    public sealed interface End {

        /** @return the end of a sentence that begins with the program's name */
        String sentence();

        /** What it printed, up to 8 KiB; empty if nothing. */
        String output();

        Duration took();
    }

    public record Exited(int status, Duration took, String output) implements End {

        @Override
        public String sentence() {
            return "ended with status " + status + " after " + took.toMillis() + " ms";
        }
    }

    /** It never ran, or was killed. */
    public record Broken(String sentence, Duration took, String output) implements End {}

    /** Runs it and waits for its end; both of its streams are its output. At the deadline it is ended by SIGKILL with all that it has started. */
    public static End run(List<String> command, Duration deadline) {
        return run(command, deadline, builder -> builder.redirectErrorStream(true));
    }

    /** Like {@link #run}; its output is the standard output alone, and what it prints as errors goes nowhere. */
    public static End read(List<String> command, Duration deadline) {
        return run(command, deadline, builder -> builder.redirectError(ProcessBuilder.Redirect.DISCARD));
    }

    private static End run(List<String> command, Duration deadline, Consumer<ProcessBuilder> streams) {
        long begun = System.nanoTime();
        Process process;
        try {
            process = started(command, streams);
        } catch (IOException e) {
            return new Broken("could not be started: " + e.getMessage(), since(begun), "");
        }
        Output output = Output.of(process);
        try {
            if (!process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                ProcessSession session = new ProcessSession(process.toHandle());
                boolean gone = session.kill(REST);
                return new Broken("did not end within " + deadline.toMillis() + " ms and was killed"
                        + (gone ? "" : "; not all that it had started has ended"), since(begun), output.text(REST));
            }
        } catch (InterruptedException e) {
            new ProcessSession(process.toHandle()).kill(REST);
            Thread.currentThread().interrupt();
            return new Broken("was interrupted and killed", since(begun), output.text(Duration.ZERO));
        }
        Duration took = since(begun);
        return new Exited(process.exitValue(), took, output.text(REST));
    }

    private static Process started(List<String> command, Consumer<ProcessBuilder> streams) throws IOException {
        List<String> all = new ArrayList<>();
        setsid().ifPresent(all::add);
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .directory(new File("/"));
        streams.accept(builder);
        builder.environment().keySet().retainAll(ENVIRONMENT);
        return builder.start();
    }

    private static Optional<String> setsid() {
        return SETSID.stream().map(Path::toFile).filter(File::canExecute).findFirst().map(File::getPath);
    }

    private static Duration since(long begun) {
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
