package dev.switchman.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "failover", description = "Replace a lost primary, and follow the run to its end.")
final class Failover implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--primary", paramLabel = "NODE", description = "The server that is lost; refused when another one is"
            + " the primary.")
    private Optional<String> primary = Optional.empty();

    @Option(names = "--to", paramLabel = "NODE", description = "This one or none becomes the primary. Default: the best"
            + " replica.")
    private Optional<String> to = Optional.empty();

    @Option(names = "--last-failover-minute", paramLabel = "N", description = "Refuse it when the last failover is younger"
            + " than so many minutes, or has failed. Default: never.")
    private Optional<Long> lastFailoverMinute = Optional.empty();

    @Option(names = "--ignore-last-failover", description = "Do not refuse it for that, whatever else is said.")
    private boolean ignoreLastFailover;

    @Mixin
    private Starting starting = new Starting();

    Failover(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        ObjectNode body = Json.object();
        primary.ifPresent(node -> body.put("primary", node));
        to.ifPresent(node -> body.put("to", node));
        if (!ignoreLastFailover) {
            lastFailoverMinute.ifPresent(minutes -> body.put("lastFailoverMinutes", minutes));
        }
        return starting.start(desk, cluster, "failover", body);
    }
}
