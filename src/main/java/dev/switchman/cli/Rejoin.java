package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rejoin", description = "Make a server in quarantine, or a lost replica, a replica again, and follow the run.")
final class Rejoin implements Callable<Integer> {

    private final Desk desk;

    @Parameters(index = "0", paramLabel = "CLUSTER")
    private String cluster = "";

    @Parameters(index = "1", paramLabel = "NODE", description = "Host, or host:port.")
    private String node = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Goes into the journal and the report.")
    private String reason = "started by hand";

    @Option(names = "--detach", description = "Return as soon as the run is started.")
    private boolean detach;

    @Mixin
    private ServerOptions options = new ServerOptions();

    Rejoin(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        return new Starting(desk.terminal(), desk.server(options), options.json(), detach)
                .start(cluster, "rejoin", Json.object().put("node", node).put("reason", reason));
    }
}
