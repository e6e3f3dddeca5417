package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "repair-errant", description = "Make an end of transactions that a server holds and the primary does not, and follow the run.")
final class RepairErrant implements Callable<Integer> {

    private final Desk desk;

    @Parameters(index = "0", paramLabel = "CLUSTER")
    private String cluster = "";

    @Parameters(index = "1", paramLabel = "NODE", description = "Host, or host:port.")
    private String node = "";

    @Option(names = "--choice", paramLabel = "CHOICE", required = true, description = "inject-empty: an empty transaction under each of"
            + " their GTIDs on the primary. accept: not shown any more. To rebuild the server: switchman rejoin.")
    private String choice = "";

    @Mixin
    private Starting starting = new Starting();

    RepairErrant(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        return starting.start(desk, cluster, "repair-errant", Json.object().put("node", node).put("choice", choice));
    }
}
