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
        return new Starting(desk.terminal(), desk.server(options), options.json(), detach)
                .start(cluster, "failover", Json.object().put("reason", reason));
    }
}
