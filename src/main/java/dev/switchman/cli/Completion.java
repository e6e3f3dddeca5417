package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "completion", description = {"Print what makes a shell complete verbs and options.",
        "For this shell alone: source <(switchman completion bash)"})
final class Completion implements Callable<Integer> {

    /** Both read the same script, zsh through its bashcompinit. */
    enum ForShell {
        bash, zsh
    }

    private final Desk desk;

    @Parameters(paramLabel = "bash|zsh", description = "For which shell.")
    private ForShell shell = ForShell.bash;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    Completion(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        String script = AutoComplete.bash("switchman", root);
        desk.terminal()
                .line(switch (shell) {
                    case bash -> script;
                    case zsh -> "#compdef switchman\n" + script;
                });
        return Exit.OK;
    }
}
