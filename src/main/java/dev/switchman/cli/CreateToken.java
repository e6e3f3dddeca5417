package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "create", description = "Make a robot and its token, which is shown this once.")
final class CreateToken implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "NAME", description = "Stands in the journal. Letters, digits, . _ @ -")
    private String name = "";

    @Option(names = "--group", paramLabel = "GROUP", required = true, split = ",", description = "${COMPLETION-CANDIDATES};"
            + " may be given again.")
    private List<Group> groups = new ArrayList<>();

    @Mixin
    private ServerOptions options = new ServerOptions();

    CreateToken(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode answer = desk.server(options)
                .change("POST", "/api/tokens",
                        Optional.of(Group.into(Json.object().put("name", name), groups)));
        if (options.json()) {
            desk.terminal().json(answer);
        } else {
            desk.terminal()
                    .error("Token of " + name + ", not shown again; for SWITCHMAN_TOKEN, or a header"
                            + " \"Authorization: Bearer …\":");
            desk.terminal().line(Json.text(answer, "token"));
        }
        return Exit.OK;
    }
}
