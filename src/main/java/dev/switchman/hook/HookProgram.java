package dev.switchman.hook;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;

/** Runs the program that {@code shutdown-hook} names. */
final class HookProgram implements ShutdownHook {

    private static final Logger LOG = LoggerFactory.getLogger(HookProgram.class);

    @Override
    public Shutdown shutDown(Cluster cluster, Node node, Ssh ssh, Duration deadline) {
        Path program = cluster.shutdownHook()
                .orElseThrow(() -> new IllegalArgumentException("cluster " + cluster.name() + " has no shutdown hook"));
        if (!Files.isExecutable(program)) {
            return new Shutdown.NotProven(
                    "could not be started: there is no program (any more) that may be run: " + program,
                    Duration.ZERO, "");
        }
        List<String> command = List.of(program.toString(), "--cluster=" + cluster.name(),
                "--host=" + node.id().host(), "--port=" + node.id().port(),
                "--ssh=" + ssh.name().toLowerCase(Locale.ROOT));
        LOG.info("running the shutdown hook: {}", String.join(" ", command));
        return switch (Program.run(command, deadline)) {
            case Program.Exited(int status, Duration took, String output) when status == 0 ->
                new Shutdown.Proven(took, output);
            case Program.End other -> new Shutdown.NotProven(other.sentence(), other.took(), other.output());
        };
    }
}
