package dev.switchman.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "password", description = "Give somebody another password; sessions with the old one end.")
final class SetPassword implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Mixin
    private PasswordOption password = new PasswordOption();

    @Mixin
    private ServerOptions options = new ServerOptions();

    SetPassword(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options);
        JsonNode answer = server.change("PUT", Users.path(name, "/password"),
                Optional.of(Json.object().put("password", password.read(desk, name))));
        return Users.changed(desk, options, answer, name + " has another password");
    }
}
