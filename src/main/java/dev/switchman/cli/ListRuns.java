package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "runs", description = "List runs, the newest first.")
final class ListRuns implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER", arity = "0..1", description = "Default: of all clusters.")
    private Optional<String> cluster = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "At most so many; default: 20.")
    private int limit = 20;

    @Mixin
    private ServerOptions options = new ServerOptions();

    ListRuns(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        if (limit < 1 || limit > 1000) {
            throw new Failed(Exit.USAGE, "--limit: must be 1 to 1000: " + limit);
        }
        Server server = desk.server(options);
        String query = "/api/runs?limit=" + limit;
        JsonNode runs = cluster.map(name -> server.getOf(name, query + "&cluster=" + Server.encode(name)))
                .orElseGet(() -> server.get(query));
        if (options.json()) {
            desk.terminal().json(runs);
            return Exit.OK;
        }
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode run : runs) {
            rows.add(List.of(Json.text(run, "run"), Json.text(run, "cluster"), Json.text(run, "runbook"),
                    desk.terminal().moment(Json.text(run, "startedAt")), Json.cell(run, "status"),
                    Json.cell(run, "ending"), Json.cell(run, "startedBy"), Json.text(run, "cause")));
        }
        desk.terminal()
                .table(
                        List.of("RUN", "CLUSTER", "RUNBOOK", "STARTED", "STATUS", "ENDING", "BY", "CAUSE"), rows);
        return Exit.OK;
    }
}
