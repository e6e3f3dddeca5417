package dev.switchman.runbook.step;

import java.util.Optional;

import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.topology.HostCommand;

/**
 * The operator's own way to make a server a copy of another one, where CLONE cannot: the command of the configuration that is called
 * {@link #NAME}, run on the host of the server that is rebuilt.
 */
final class RebuildCommand {

    static final String NAME = "rebuild";
    private static final String ASKED = "asked command " + NAME;
    private static final String DONE = "done by command " + NAME;

    private RebuildCommand() {}

    /** What there is to run. */
    sealed interface Found {

        record Usable(HostCommand command) implements Found {}

        /** @param why as an addition to a reason; empty where none is configured */
        record None(String why) implements Found {}
    }

    /** A command that has run in this run and left a server that cannot follow is not run again. */
    static Found of(Run run, Notebook notes) {
        Optional<HostCommand> command = run.cluster().hooks().command(NAME);
        if (command.isEmpty()) {
            return new Found.None("");
        }
        if (command.get().on() != HostCommand.On.OLD_PRIMARY) {
            return new Found.None(", and the command " + NAME + " is not configured with on: old-primary");
        }
        if (notes.all(Remark.REBUILD).anyMatch(DONE::equals)) {
            return new Found.None(", and the command " + NAME + " has run already");
        }
        return new Found.Usable(command.get());
    }

    static void asked(Run run) {
        run.note(Remark.REBUILD, ASKED);
    }

    static void done(Run run) {
        run.note(Remark.REBUILD, DONE);
    }

    /** @return whether the last question was about the command */
    static boolean agreed(Notebook notes) {
        return notes.last(Remark.REBUILD).filter(ASKED::equals).isPresent();
    }
}
