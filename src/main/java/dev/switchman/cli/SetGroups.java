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

@Command(name = "groups", description = "Put somebody into exactly these groups, at once.")
final class SetGroups implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Option(names = "--group", paramLabel = "GROUP", required = true, split = ",", description = "${COMPLETION-CANDIDATES};"
            + " may be given again.")
    private List<Group> groups = new ArrayList<>();

    @Mixin
    private ServerOptions options = new ServerOptions();

    SetGroups(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode answer = desk.server(options)
                .change("PUT", Users.path(name, "/groups"), Optional.of(Group.into(Json.object(), groups)));
        return Users.changed(desk, options, answer,
                name + " is " + String.join(", ", Json.texts(answer.path("groups"))) + " now");
    }
}
