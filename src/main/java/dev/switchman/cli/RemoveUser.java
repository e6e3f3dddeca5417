package dev.switchman.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "remove", description = "Remove somebody; his sessions end.")
final class RemoveUser implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Mixin
    private ServerOptions options = new ServerOptions();

    RemoveUser(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode answer = desk.server(options).change("DELETE", Users.path(name, ""), Optional.empty());
        return Users.changed(desk, options, answer, name + " is removed");
    }
}
