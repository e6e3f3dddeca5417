package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "failover", description = "Replace a lost primary, and follow the run to its end.")
final class Failover implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Goes into the journal and the report.")
    private String reason = "started by hand";

    @Option(names = "--detach", description = "Return as soon as the run is started.")
    private boolean detach;

    @Mixin
    private ServerOptions options = new ServerOptions();

    Failover(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options);
        Server.Answer answer = server.postTo(cluster, "failover", Json.object().put("reason", reason));
        String run = Json.text(answer.body(), "run");
        if (!answer.ok()) {
            if (options.json()) {
                desk.terminal().json(answer.body());
            }
            throw new Failed(Exit.REFUSED, "not started: " + Server.words(answer)
                    + (run.isEmpty() ? "" : "\nSee it with: switchman run " + run));
        }
        if (detach) {
            if (options.json()) {
                desk.terminal().json(answer.body());
            } else {
                desk.terminal().line("Run " + run + " started; follow it with: switchman run " + run);
            }
            return Exit.OK;
        }
        if (!options.json()) {
            desk.terminal().line("Run " + run + " started");
        }
        return new Follower(desk.terminal(), server, options.json()).follow(run);
    }
}
