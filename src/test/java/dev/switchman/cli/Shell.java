package dev.switchman.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import dev.switchman.cli.Ports.Adjustment;
import dev.switchman.cli.Ports.Adjustment.State;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.WitnessHost;

/** Runs commands as a user would, with an environment of its own, and keeps what they print. */
final class Shell {

    final Map<String, String> environment = new TreeMap<>();
    final List<String> asked = new ArrayList<>();
    final List<Finding> findings = new ArrayList<>();
    final List<Adjustment> adjustments = new ArrayList<>(
            List.of(new Adjustment("db1:3306", "boots read-only", State.DONE, "persisted")));
    final Map<String, PortProbe> probes = new TreeMap<>();
    final List<String> problems = new ArrayList<>();
    final Deque<String> typed = new ArrayDeque<>();
    String input = "";
    private final Path home;

    Shell(Path home) {
        this.home = home;
    }

    record Result(int exitCode, String out, String err) {}

    Result run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        PrintWriter outWriter = new PrintWriter(out);
        PrintWriter errWriter = new PrintWriter(err);
        int exitCode = Cli.run(args, outWriter, errWriter, desk(outWriter, errWriter));
        return new Result(exitCode, out.toString(), err.toString());
    }

    /** What the commands are made with; prints nowhere. */
    Desk desk() {
        return desk(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()));
    }

    private Desk desk(PrintWriter out, PrintWriter err) {
        return new Desk(new Terminal(out, err, ZoneOffset.UTC), new Fingers(), new RecordingPorts(), environment, home,
                "somebody");
    }

    /** Types what the test wants typed; there is no terminal when that is nothing. */
    private final class Fingers implements Keyboard {

        @Override
        public Optional<String> hidden(String prompt) {
            return Optional.ofNullable(typed.poll());
        }

        @Override
        public String input() {
            return input;
        }
    }

    private final class RecordingPorts implements Ports {

        @Override
        public int serve(Path config, Path data, Optional<Integer> port) {
            asked.add("serve " + config + " " + data + port.map(number -> " " + number).orElse(""));
            return 0;
        }

        @Override
        public List<String> lint(Map<String, byte[]> files) {
            asked.add("lint " + String.join(" ", files.keySet()));
            return problems;
        }

        @Override
        public List<Finding> check(Cluster cluster) {
            asked.add("check " + cluster.name() + (cluster.limits().lag().toSeconds() == 30
                    ? ""
                    : " lag " + cluster.limits().lag().toSeconds()));
            return findings;
        }

        @Override
        public List<Finding> checkSsh(Cluster cluster, boolean allPairs) {
            asked.add("checkSsh " + cluster.name() + " " + allPairs);
            return findings;
        }

        @Override
        public PortProbe probe(WitnessHost via, NodeId target, Duration deadline) {
            asked.add("probe " + via + " " + via.ssh() + " " + target + " " + deadline);
            return probes.getOrDefault(via.toString(), new PortProbe.TimedOut());
        }

        @Override
        public List<Adjustment> adopt(Cluster cluster, boolean apply) {
            asked.add("adopt " + cluster.name() + " " + apply);
            return apply ? adjustments : List.of(new Adjustment("db1:3306", "boots read-only", State.PLANNED, ""));
        }
    }
}
