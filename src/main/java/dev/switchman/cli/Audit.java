package dev.switchman.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Shows its verbs; by itself it does nothing. */
@Command(name = "audit", description = "The journal of all runs: verify.")
final class Audit {

    static CommandLine commandLine(Desk desk) {
        return new CommandLine(new Audit()).addSubcommand("verify", new VerifyAudit(desk));
    }
}
