package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "resume", description = "End a pause.")
final class Resume implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--only-stopped", description = "Only a pause that \"stop\" has made; leave another one alone.")
    private boolean onlyStopped;

    @Mixin
    private ServerOptions options = new ServerOptions();

    Resume(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options);
        if (onlyStopped && !Json
                .text(server.getOf(cluster, "/api/clusters/" + Server.encode(cluster)).path("paused"), "reason")
                .equals(Stop.REASON)) {
            desk.terminal().line(cluster + " was not stopped");
            return Exit.OK;
        }
        Server.Answer answer = server.postTo(cluster, "resume", Json.object());
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
