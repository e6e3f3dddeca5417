package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "add", description = "Add somebody who logs in with a password.")
final class AddUser implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "NAME", description = "Letters, digits, . _ @ -")
    private String name = "";

    @Option(names = "--group", paramLabel = "GROUP", required = true, split = ",", description = "${COMPLETION-CANDIDATES};"
            + " may be given again.")
    private List<Group> groups = new ArrayList<>();

    @Option(names = "--mail", paramLabel = "ADDRESS", description = "Shown with the name.")
    private Optional<String> mail = Optional.empty();

    @Mixin
    private PasswordOption password = new PasswordOption();

    @Mixin
    private ServerOptions options = new ServerOptions();

    AddUser(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options);
        ObjectNode body = Group.into(Json.object().put("name", name), groups);
        mail.ifPresent(address -> body.put("mail", address));
        body.put("password", password.read(desk, name));
        JsonNode answer = server.change("POST", "/api/users", Optional.of(body));
        return Users.changed(desk, options, answer,
                name + " may log in, as " + String.join(", ", Json.texts(answer.path("groups"))));
    }
}
