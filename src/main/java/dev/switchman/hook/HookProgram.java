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

/** Runs the program that {@code shutdown-hook} names, or the script of MHA's kind that {@code hooks.shutdown} names. */
final class HookProgram implements ShutdownHook {

    private static final Logger LOG = LoggerFactory.getLogger(HookProgram.class);

    /** MHA's status for a script that could end mysqld and not the host. */
    private static final int SERVER_ENDED = 10;

    private final Scripts scripts = new RunningScripts();

    @Override
    public Shutdown shutDown(Cluster cluster, Node node, Ssh ssh, Duration deadline) {
        if (cluster.shutdownHook().isEmpty()) {
            return ScriptCall.shutdownStop(cluster, node, ssh == Ssh.ANSWERS)
                    .map(call -> shutdown(scripts.run(call, deadline)))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "cluster " + cluster.name() + " has no shutdown hook"));
        }
        Path program = cluster.shutdownHook().get();
        if (!Files.isExecutable(program)) {
            return new Shutdown.NotProven(
                    "could not be started: there is no program (any more) that may be run: " + program,
                    Duration.ZERO, "");
        }
        List<String> command = List.of(program.toString(), "--cluster=" + cluster.name(),
                "--host=" + node.id().host(), "--port=" + node.id().port(),
                "--ssh=" + ssh.name().toLowerCase(Locale.ROOT));
        LOG.info("running the shutdown hook: {}", String.join(" ", command));
        return shutdown(Program.run(command, deadline));
    }

    private static Shutdown shutdown(Program.End end) {
        return switch (end) {
            case Program.Exited(int status, Duration took, String output) when status == 0 ->
                new Shutdown.Proven(took, output);
            case Program.Exited exited when exited.status() == SERVER_ENDED -> new Shutdown.NotProven(
                    exited.sentence() + " (for MHA: mysqld ended, the host up, so that it may come back)",
                    exited.took(), exited.output());
            case Program.End other -> new Shutdown.NotProven(other.sentence(), other.took(), other.output());
        };
    }
}
