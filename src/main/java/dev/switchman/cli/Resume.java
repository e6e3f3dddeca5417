package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "resume", description = "End a pause.")
final class Resume implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Mixin
    private ServerOptions options = new ServerOptions();

    Resume(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server.Answer answer = desk.server(options).postTo(cluster, "resume", Json.object());
        if (!answer.ok()) {
            throw new Failed(Exit.REFUSED, "not resumed: " + Server.words(answer));
        }
        if (options.json()) {
            desk.terminal().json(answer.body());
        } else {
            desk.terminal().line(cluster + " is no longer paused");
        }
        return Exit.OK;
    }
}
