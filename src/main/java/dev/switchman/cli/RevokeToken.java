package dev.switchman.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "revoke", description = "Make a robot's token worthless, at once.")
final class RevokeToken implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Mixin
    private ServerOptions options = new ServerOptions();

    RevokeToken(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode answer = desk.server(options)
                .change("DELETE", "/api/tokens/" + Server.encode(name), Optional.empty());
        return Users.changed(desk, options, answer, "The token of " + name + " is revoked");
    }
}
