package dev.switchman.cli;

import java.time.Duration;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.switchman.config.Durations;

@Command(name = "pause", description = "Keep runbooks from being started by themselves, for a while.")
final class Pause implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--for", paramLabel = "DURATION", required = true, description = "Such as 30m, 2h or 1d.")
    private String howLong = "";

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Shown wherever the pause is.")
    private String reason = "";

    @Mixin
    private ServerOptions options = new ServerOptions();

    Pause(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Duration duration;
        try {
            duration = Durations.parse(howLong);
        } catch (IllegalArgumentException e) {
            throw new Failed(Exit.USAGE, "--for: " + e.getMessage());
        }
        if (!duration.isPositive()) {
            throw new Failed(Exit.USAGE, "--for: must be longer than nothing: " + howLong);
        }
        Server.Answer answer = desk.server(options)
                .postTo(cluster, "pause", Json.object().put("for", duration.toString()).put("reason", reason));
        if (!answer.ok()) {
            throw new Failed(Exit.REFUSED, "not paused: " + Server.words(answer));
        }
        if (options.json()) {
            desk.terminal().json(answer.body());
        } else {
            desk.terminal().line(cluster + " is paused for " + Durations.print(duration) + ": " + reason);
        }
        return Exit.OK;
    }
}
