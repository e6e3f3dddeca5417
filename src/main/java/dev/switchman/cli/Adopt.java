package dev.switchman.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.switchman.topology.Cluster;

@Command(name = "adopt", description = "Make a cluster's servers ready: they boot read-only, the ping schema exists.")
final class Adopt implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--yes", description = "Make the changes; without it they are only shown.")
    private boolean yes;

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration.")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Adopt(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Cluster adopted = desk.configuration(config, json).cluster(cluster);
        List<String> changes = desk.ports().adopt(adopted, yes);
        if (json) {
            ObjectNode object = Json.object().put("cluster", cluster).put("applied", yes);
            ArrayNode array = object.putArray("changes");
            changes.forEach(array::add);
            desk.terminal().json(object);
            return Exit.OK;
        }
        changes.forEach(desk.terminal()::line);
        if (!yes && !changes.isEmpty()) {
            desk.terminal().line("Nothing was changed; repeat with --yes to do this.");
        }
        if (changes.isEmpty()) {
            desk.terminal().line(cluster + ": nothing to change");
        }
        return Exit.OK;
    }
}
