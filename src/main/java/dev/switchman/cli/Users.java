package dev.switchman.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Shows its verbs; by itself it does nothing. */
@Command(name = "user", description = "The people of the server's store: add, list, groups, password, remove.")
final class Users {

    static CommandLine commandLine(Desk desk) {
        return new CommandLine(new Users())
                .addSubcommand("add", new AddUser(desk))
                .addSubcommand("list", new ListUsers(desk))
                .addSubcommand("groups", new SetGroups(desk))
                .addSubcommand("password", new SetPassword(desk))
                .addSubcommand("remove", new RemoveUser(desk));
    }

    static String path(String name, String rest) {
        return "/api/users/" + Server.encode(name) + rest;
    }

    /** Prints the server's answer to a change. */
    static int changed(Desk desk, ServerOptions options, JsonNode answer, String sentence) {
        if (options.json()) {
            desk.terminal().json(answer);
        } else {
            desk.terminal().line(sentence);
        }
        return Exit.OK;
    }
}
