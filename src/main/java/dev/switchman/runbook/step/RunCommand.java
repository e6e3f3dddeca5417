package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.springframework.stereotype.Component;

import dev.switchman.hook.Program;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * Runs a command of the configuration on the hosts that it is meant for: the box names it by its property {@code command},
 * and nothing of it stands in the diagram. By SSH as root or through {@code sudo -n}, without a shell; on this machine as the
 * manager. Any status but 0, and a command that is not configured, is a refusal. Runs again when the manager dies in the
 * middle, so it must bear that. At the deadline a host's command is left to itself, this machine's is killed.
 */
@Component
@Raises({RunbookError.COMMAND_FAILED, RunbookError.OUTCOME_UNKNOWN})
final class RunCommand extends ChangingStep {

    private static final int SHOWN = 200;

    private final RemoteShell shell;

    RunCommand(Hold hold, RemoteShell shell) {
        super(hold);
        this.shell = shell;
    }

    /** How it ended on one host. */
    private sealed interface End {

        record Fine(String output) implements End {}

        record Failed(String why) implements End {}

        record Unseen(String why) implements End {}
    }

    @Override
    Outcome change(Run run) {
        Optional<String> name = run.box().says("command");
        if (name.isEmpty()) {
            return refused("the box names no command: its property \"command\" is missing");
        }
        Optional<HostCommand> command = run.cluster().hooks().command(name.get());
        if (command.isEmpty()) {
            return refused("command " + name.get() + " is not configured for cluster " + run.cluster().name()
                    + "; configured are " + run.cluster().hooks().commands().stream().map(HostCommand::name).toList());
        }
        return ran(run, command.get());
    }

    private Outcome ran(Run run, HostCommand command) {
        if (command.on() == HostCommand.On.MANAGER) {
            return judged(run, command, Map.of("this machine", here(command)));
        }
        List<Node> nodes = nodes(run, command.on());
        if (nodes.isEmpty()) {
            return refused("command " + command.name() + ": this run has no " + word(command.on()) + " to run it on");
        }
        Map<Node, End> ends = PerNode.all(nodes, node -> there(node, command));
        Map<String, End> named = new java.util.LinkedHashMap<>();
        ends.forEach((node, end) -> named.put(node.id().host().name(), end));
        return judged(run, command, named);
    }

    private static List<Node> nodes(Run run, HostCommand.On on) {
        Optional<NodeId> old = run.oldPrimaryIfKnown();
        Optional<NodeId> primary = run.candidateIfChosen().or(() -> old);
        return switch (on) {
            case OLD_PRIMARY -> old.flatMap(run.cluster()::find).stream().toList();
            case NEW_PRIMARY -> primary.flatMap(run.cluster()::find).stream().toList();
            case REPLICAS -> {
                Set<NodeId> others = new TreeSet<>(Stream.concat(old.stream(), primary.stream()).toList());
                yield run.cluster().nodes().stream().filter(node -> !others.contains(node.id())).toList();
            }
            case MANAGER -> List.of();
        };
    }

    private static String word(HostCommand.On on) {
        return on.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    private End there(Node node, HostCommand command) {
        return switch (shell.run(node, command.words().words(), command.deadline())) {
            case RemoteShell.Ran.Ended(int status, String output) when status == 0 -> new End.Fine(output);
            case RemoteShell.Ran.Ended(int status, String output) -> new End.Failed("status " + status
                    + (output.isBlank() ? "" : ": " + output.strip()));
            case RemoteShell.Ran.Unreachable(String why) -> new End.Failed("not reached: " + why);
            case RemoteShell.Ran.Unknown(String why) -> new End.Unseen("no end was seen within "
                    + command.deadline().toMillis() + " ms: " + why);
        };
    }

    private static End here(HostCommand command) {
        return switch (Program.run(command.words().words(), command.deadline())) {
            case Program.Exited(int status, var took, String output) when status == 0 -> new End.Fine(output);
            case Program.Exited(int status, var took, String output) -> new End.Failed("status " + status
                    + (output.isBlank() ? "" : ": " + output.strip()));
            case Program.Broken(String sentence, var took, String output) -> new End.Failed(sentence
                    + (output.isBlank() ? "" : ": " + output.strip()));
        };
    }

    private static Outcome judged(Run run, HostCommand command, Map<String, End> ends) {
        List<String> failed = new ArrayList<>();
        List<String> unseen = new ArrayList<>();
        ends.forEach((host, end) -> {
            run.note(Remark.COMMAND, command.name() + " on " + host + " (" + command.words() + "): " + switch (end) {
                case End.Fine(String output) -> "done" + (output.isBlank() ? "" : "\n" + output.strip());
                case End.Failed(String why) -> why;
                case End.Unseen(String why) -> why;
            });
            switch (end) {
                case End.Fine fine -> {
                }
                case End.Failed(String why) -> failed.add(host + " " + shortened(why));
                case End.Unseen(String why) -> unseen.add(host + " " + shortened(why));
            }
        });
        if (!failed.isEmpty()) {
            failed.addAll(unseen);
            return refused("command " + command.name() + ": " + String.join("; ", failed));
        }
        return unseen.isEmpty()
                ? new Outcome.Done(command.name() + " done on " + String.join(", ", ends.keySet()))
                : new Outcome.Unknown("command " + command.name() + ": " + String.join("; ", unseen));
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s*\\R\\s*", "; ");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN - 1) + "…";
    }

    private static Outcome refused(String why) {
        return new Outcome.Refused(RunbookError.COMMAND_FAILED, why);
    }
}
