package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "rejoin", description = "Make a server in quarantine, or a lost replica, a replica again, and follow the run.")
final class Rejoin implements Callable<Integer> {

    private final Desk desk;

    @Parameters(index = "0", paramLabel = "CLUSTER")
    private String cluster = "";

    @Parameters(index = "1", paramLabel = "NODE", description = "Host, or host:port.")
    private String node = "";

    @Mixin
    private Starting starting = new Starting();

    Rejoin(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        return starting.start(desk, cluster, "rejoin", Json.object().put("node", node));
    }
}
