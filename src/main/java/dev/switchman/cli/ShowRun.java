package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "run", description = "Show a run, and follow it to its end while it goes on; the exit code is the run's.")
final class ShowRun implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "ID")
    private String run = "";

    @Option(names = "--detach", description = "Show it as it is now, and return.")
    private boolean detach;

    @Mixin
    private ServerOptions options = new ServerOptions();

    ShowRun(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Follower follower = new Follower(desk.terminal(), desk.server(options), options.json());
        return detach ? follower.show(run) : follower.showAndFollow(run);
    }
}
