package dev.switchman.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.switchman.cli.Ports.Adjustment;
import dev.switchman.topology.Cluster;

@Command(name = "adopt", description = "Make a cluster's servers ready: they boot read-only, the ping schema exists, node guards run.")
final class Adopt implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--yes", description = "Make the changes; without it they are only shown.")
    private boolean yes;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    Adopt(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Cluster adopted = options.read(desk).cluster(cluster);
        List<Adjustment> changes = desk.ports().adopt(adopted, yes);
        boolean complete = changes.stream().noneMatch(change -> change.state() == Adjustment.State.BY_HAND);
        int exitCode = yes && !complete ? Exit.FAILED : Exit.OK;
        if (options.json()) {
            ObjectNode object = Json.object().put("cluster", cluster).put("applied", yes).put("complete", complete);
            ArrayNode array = object.putArray("changes");
            changes.forEach(change -> array.addObject()
                    .put("node", change.node())
                    .put("what", change.what())
                    .put("state", word(change.state()))
                    .put("detail", change.detail()));
            desk.terminal().json(object);
            return exitCode;
        }
        changes.forEach(change -> desk.terminal().line(line(change)));
        if (changes.isEmpty()) {
            desk.terminal().line(cluster + ": nothing to change");
        } else if (!yes) {
            desk.terminal().line("Nothing was changed; repeat with --yes to do this.");
        } else if (!complete) {
            desk.terminal().line("Not all is done: see the lines with BY HAND.");
        }
        return exitCode;
    }

    private static String line(Adjustment change) {
        return change.node() + ": " + (change.state() == Adjustment.State.BY_HAND ? "BY HAND: " : "") + change.what()
                + (change.detail().isEmpty() ? "" : ": " + change.detail());
    }

    private static String word(Adjustment.State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
