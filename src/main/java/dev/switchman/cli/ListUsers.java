package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "list", description = "List who logs in with a password.")
final class ListUsers implements Callable<Integer> {

    private final Desk desk;

    @Mixin
    private ServerOptions options = new ServerOptions();

    ListUsers(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode users = desk.server(options).get("/api/users");
        if (options.json()) {
            desk.terminal().json(users);
            return Exit.OK;
        }
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode user : users) {
            rows.add(List.of(Json.text(user, "name"), String.join(", ", Json.texts(user.path("groups"))),
                    Json.cell(user, "mail")));
        }
        desk.terminal().table(List.of("NAME", "GROUPS", "MAIL"), rows);
        return Exit.OK;
    }
}
