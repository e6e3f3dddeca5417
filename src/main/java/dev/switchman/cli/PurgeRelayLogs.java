package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "purge-relay-logs", description = "Let replicas that keep their relay logs delete the applied ones, and follow the"
        + " run.")
final class PurgeRelayLogs implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Mixin
    private Starting starting = new Starting();

    PurgeRelayLogs(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        return starting.start(desk, cluster, "purge-relay-logs", Json.object());
    }
}
