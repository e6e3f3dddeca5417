package dev.switchman.hook;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;

/** Runs the program in a session of its own, so that all that it starts can be found again and ended with it. */
final class HookProgram implements ShutdownHook {

    private static final Logger LOG = LoggerFactory.getLogger(HookProgram.class);

    /** What a program may need to find its tools and its own files; nothing else of ours is its business. */
    private static final Set<String> ENVIRONMENT = Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ");
    private static final List<Path> SETSID = List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));
    /** For output that is still on its way when the program has ended, and for the end of what was killed. */
    private static final Duration REST = Duration.ofMillis(500);

    @Override
    public Shutdown shutDown(Cluster cluster, Node node, Ssh ssh, Duration deadline) {
        Path program = cluster.shutdownHook()
                .orElseThrow(() -> new IllegalArgumentException("cluster " + cluster.name() + " has no shutdown hook"));
        if (!Files.isExecutable(program)) {
            return new Shutdown.NotProven(
                    "could not be started: there is no program (any more) that may be run: " + program,
                    Duration.ZERO, "");
        }
        List<String> command = new ArrayList<>();
        SETSID.stream()
                .map(Path::toFile)
                .filter(File::canExecute)
                .findFirst()
                .map(File::getPath)
                .ifPresent(command::add);
        command.addAll(List.of(program.toString(), "--cluster=" + cluster.name(), "--host=" + node.id().host(),
                "--port=" + node.id().port(), "--ssh=" + ssh.name().toLowerCase(Locale.ROOT)));
        return run(command, deadline);
    }

    private static Shutdown run(List<String> command, Duration deadline) {
        long begun = System.nanoTime();
        Process process;
        try {
            process = started(command);
        } catch (IOException e) {
            return new Shutdown.NotProven("could not be started: " + e.getMessage(), since(begun), "");
        }
        Output output = Output.of(process);
        try {
            if (!process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                ProcessSession session = new ProcessSession(process.toHandle());
                boolean gone = session.kill(REST);
                return new Shutdown.NotProven("did not end within " + deadline.toMillis() + " ms and was killed"
                        + (gone ? "" : "; not all that it had started has ended"), since(begun), output.text(REST));
            }
        } catch (InterruptedException e) {
            new ProcessSession(process.toHandle()).kill(REST);
            Thread.currentThread().interrupt();
            return new Shutdown.NotProven("was interrupted and killed", since(begun), output.text(Duration.ZERO));
        }
        Duration took = since(begun);
        String said = output.text(REST);
        int status = process.exitValue();
        return status == 0
                ? new Shutdown.Proven(took, said)
                : new Shutdown.NotProven("ended with status " + status + " after " + took.toMillis() + " ms", took,
                        said);
    }

    private static Process started(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .directory(new File("/"));
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(ENVIRONMENT);
        LOG.info("running the shutdown hook: {}", String.join(" ", command));
        return builder.start();
    }

    private static Duration since(long begun) {
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
