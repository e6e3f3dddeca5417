package dev.switchman.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Shows its verbs; by itself it does nothing. */
@Command(name = "token", description = "Robots, which log in with a token of their own: create, list, revoke.")
final class Tokens {

    static CommandLine commandLine(Desk desk) {
        return new CommandLine(new Tokens())
                .addSubcommand("create", new CreateToken(desk))
                .addSubcommand("list", new ListTokens(desk))
                .addSubcommand("revoke", new RevokeToken(desk));
    }
}
