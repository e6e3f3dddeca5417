package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "failover", description = "Replace a lost primary, and follow the run to its end.")
final class Failover implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Mixin
    private Starting starting = new Starting();

    Failover(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        return starting.start(desk, cluster, "failover", Json.object());
    }
}
