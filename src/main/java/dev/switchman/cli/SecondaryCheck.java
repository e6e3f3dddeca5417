package dev.switchman.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import dev.switchman.topology.Host;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.WitnessHost;

@Command(name = "secondary-check", description = {"Ask other hosts whether they reach a MySQL server, over SSH.",
        "Exit code 0: at least one does; 1: none, or none could be asked. Changes nothing."})
final class SecondaryCheck implements Callable<Integer> {

    private final Desk desk;

    @Option(names = {"-s", "--secondary-host"}, paramLabel = "HOST", required = true, description = "A host that is"
            + " asked; may be repeated.")
    private List<String> witnesses = new ArrayList<>();

    @Option(names = "--master-host", paramLabel = "HOST", required = true, description = "The server, as these hosts"
            + " know it.")
    private String master = "";

    @Option(names = "--master-port", paramLabel = "PORT", description = "Default: 3306.")
    private int masterPort = 3306;

    @Option(names = "--user", paramLabel = "USER", description = "For SSH; default: root.")
    private String user = "root";

    @Option(names = "--port", paramLabel = "PORT", description = "For SSH; default: 22.")
    private int port = 22;

    @Option(names = "--key", paramLabel = "FILE", description = "Default: ~/.ssh/id_ed25519.")
    private Optional<Path> key = Optional.empty();

    @Option(names = "--known-hosts", paramLabel = "FILE", description = "Default: ~/.ssh/known_hosts.")
    private Optional<Path> knownHosts = Optional.empty();

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "For each host; default: 5.")
    private int timeout = 5;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    SecondaryCheck(Desk desk) {
        this.desk = desk;
    }

    /** What MHA's program of that name would say, with its numbers. */
    private enum State {
        UNREACHABLE_FROM_ALL(0), WITNESS_NOT_REACHED(2), REACHABLE(3);

        private final int code;

        State(int code) {
            this.code = code;
        }
    }

    @Override
    public Integer call() {
        NodeId target = new NodeId(host("--master-host", master), number("--master-port", masterPort, 65_535));
        SshAccess access = new SshAccess(user, number("--port", port, 65_535),
                key.orElseGet(() -> desk.home().resolve(".ssh/id_ed25519")),
                knownHosts.orElseGet(() -> desk.home().resolve(".ssh/known_hosts")));
        Duration deadline = Duration.ofSeconds(number("--timeout", timeout, 600));
        List<WitnessHost> asked = new ArrayList<>();
        for (String witness : witnesses) {
            asked.add(new WitnessHost(host("--secondary-host", witness), access));
        }
        Map<WitnessHost, PortProbe> answers = new LinkedHashMap<>();
        asked.forEach(witness -> answers.put(witness, desk.ports().probe(witness, target, deadline)));
        State state = state(answers);
        if (json) {
            ObjectNode object = Json.object().put("code", state.code).put("state", state.name());
            ObjectNode hosts = object.putObject("hosts");
            answers.forEach((witness, answer) -> hosts.put(witness.toString(), words(answer)));
            desk.terminal().json(object);
        } else {
            answers.forEach((witness, answer) -> desk.terminal().line(witness + ": " + words(answer)));
            desk.terminal().line(target + " (" + state.code + ":" + state.name() + ")");
        }
        return state == State.REACHABLE ? Exit.OK : Exit.FAILED;
    }

    private static State state(Map<WitnessHost, PortProbe> answers) {
        if (answers.values().stream().anyMatch(PortProbe.Greeted.class::isInstance)) {
            return State.REACHABLE;
        }
        return answers.values().stream().anyMatch(PortProbe.Abstained.class::isInstance)
                ? State.WITNESS_NOT_REACHED
                : State.UNREACHABLE_FROM_ALL;
    }

    private static String words(PortProbe answer) {
        return switch (answer) {
            case PortProbe.Greeted greeted -> "reaches it";
            case PortProbe.Mute mute -> "the port opens, and no greeting comes";
            case PortProbe.Refused refused -> "the port is refused";
            case PortProbe.TimedOut silence -> "the port is silent";
            case PortProbe.Abstained(String why) -> "could not be asked: " + why;
        };
    }

    private static Host host(String option, String text) {
        try {
            return new Host(text);
        } catch (IllegalArgumentException e) {
            throw new Failed(Exit.USAGE, option + ": " + e.getMessage());
        }
    }

    private static int number(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new Failed(Exit.USAGE, option + ": must be 1 to " + most + ": " + value);
        }
        return value;
    }
}
