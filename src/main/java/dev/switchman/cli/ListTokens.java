package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "list", description = "List robots; their tokens are not known to anybody.")
final class ListTokens implements Callable<Integer> {

    private final Desk desk;

    @Mixin
    private ServerOptions options = new ServerOptions();

    ListTokens(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode tokens = desk.server(options).get("/api/tokens");
        if (options.json()) {
            desk.terminal().json(tokens);
            return Exit.OK;
        }
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode token : tokens) {
            rows.add(List.of(Json.text(token, "name"), String.join(", ", Json.texts(token.path("groups"))),
                    Json.cell(token, "madeBy"), desk.terminal().moment(Json.text(token, "madeAt"))));
        }
        desk.terminal().table(List.of("NAME", "GROUPS", "MADE BY", "MADE"), rows);
        return Exit.OK;
    }
}
