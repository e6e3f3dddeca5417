package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.switchman.cli.Cli;
import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** The node guards of a lab, whose hosts have no service manager. */
final class NodeGuards {

    /** As short as the configuration lets it be. */
    static final Duration LEASE = Duration.ofSeconds(5);
    static final String CONFIGURED = "guard: {lease: " + LEASE.toSeconds() + "s}\n";

    private static final Duration LONG = Eventually.PATIENCE;

    private final LabCluster lab;

    private NodeGuards(LabCluster lab) {
        this.lab = lab;
    }

    /** Has {@code adopt} install them; nothing runs yet. */
    static NodeGuards installed(LabCluster lab) {
        JsonNode adopted = command(lab, "adopt", "shop", "--yes");
        List<String> byHand = new ArrayList<>();
        adopted.path("changes").forEach(change -> {
            if (change.path("what").asText().equals("has a node guard")) {
                assertThat(change.path("state").asText()).isEqualTo("by-hand");
                byHand.add(change.path("detail").asText());
            }
        });
        assertThat(byHand).hasSameSizeAs(lab.nodes())
                .allMatch(detail -> detail.equals("the host has no systemd: have its"
                        + " own supervisor run, as root, /usr/local/sbin/switchman-guard 3306"));
        return new NodeGuards(lab);
    }

    static JsonNode command(LabCluster lab, String... words) {
        StringWriter out = new StringWriter();
        PrintWriter printOut = new PrintWriter(out, true);
        PrintWriter printErr = new PrintWriter(System.err, true);
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--json", "--config", lab.directory().resolve("switchman.yaml").toString()));
        Cli.run(arguments.toArray(String[]::new), new Doors(printOut, printErr), printOut, printErr);
        try {
            return new ObjectMapper().readTree(out.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return what {@code check} says of the guards, in the order of the nodes */
    List<String> checked() {
        List<String> found = new ArrayList<>();
        command(lab, "check", "shop").path("clusters").path(0).path("findings").forEach(finding -> {
            if (finding.path("check").asText().equals("node-guard")) {
                found.add(finding.path("grade").asText() + ": " + finding.path("detail").asText());
            }
        });
        return found;
    }

    void startAll() {
        lab.nodes().forEach(this::start);
        lab.nodes().forEach(node -> awaitTicks(node, Duration.ZERO));
    }

    void start(LabNode node) {
        lab.exec(node, "sh", "-c", "setsid switchman-guard 3306 </dev/null >/dev/null 2>&1 &");
    }

    void stop(LabNode node) {
        lab.exec(node, "pkill", "-TERM", "-x", "switchman-guard");
        Eventually.until("stopped: the guard of " + node, LONG, () -> {
            String last = log(node);
            return last.endsWith("stopped guarding port 3306") ? Optional.empty() : Optional.of(last);
        });
    }

    /** Waits until the guard has looked for so long, by its host's clock, that it could have acted. */
    void awaitTicks(LabNode node, Duration time) {
        String file = "/run/switchman-guard/3306";
        long[] first = {-1};
        Eventually.until("guarded: " + node, LONG, () -> {
            String beat = lab.exec(node, "sh", "-c", "cat " + file + " 2>/dev/null || true");
            if (beat.isEmpty()) {
                return Optional.of(log(node));
            }
            if (first[0] < 0) {
                first[0] = Long.parseLong(beat);
            }
            return Long.parseLong(beat) - first[0] >= time.toMillis() ? Optional.empty() : Optional.of(beat);
        });
    }

    /** Waits until the guard has closed the server. @return what it says of that */
    String awaitClosed(LabNode node, Duration deadline) {
        Eventually.until("closed by its guard: " + node, deadline, () -> {
            String log = log(node);
            return closings(node).isEmpty() ? Optional.of(log) : Optional.empty();
        });
        String said = closings(node).getLast();
        System.out.println(said);
        return said;
    }

    List<String> closings(LabNode node) {
        return log(node).lines().filter(line -> line.contains(" closed port 3306, because ")).toList();
    }

    void forgetClosings(LabNode node) {
        lab.exec(node, "sh", "-c", "sed -i '/ closed port /d' /var/log/switchman-guard-3306.log");
    }

    private String log(LabNode node) {
        return lab.exec(node, "sh", "-c", "cat /var/log/switchman-guard-3306.log 2>/dev/null || true");
    }
}
