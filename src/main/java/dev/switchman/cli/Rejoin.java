package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.node.ObjectNode;
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

    @Option(names = "--override", paramLabel = "CHECK", description = "Go on although this check is against it: version-order.")
    private List<String> override = new ArrayList<>();

    @Mixin
    private Starting starting = new Starting();

    Rejoin(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        ObjectNode body = Json.object().put("node", node);
        if (!override.isEmpty()) {
            override.forEach(body.putArray("override")::add);
        }
        return starting.start(desk, cluster, "rejoin", body);
    }
}
