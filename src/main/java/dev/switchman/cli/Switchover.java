package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "switchover", description = "Hand the writes over to another server, by plan, and follow the run.")
final class Switchover implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--to", paramLabel = "NODE", description = "Host, or host:port. Default: the best replica.")
    private Optional<String> to = Optional.empty();

    @Option(names = "--dry-run", description = "Show every check, and change nothing.")
    private boolean dryRun;

    @Option(names = "--override", paramLabel = "CHECK", description = "Go on although this check needs an override.")
    private List<String> override = new ArrayList<>();

    @Mixin
    private Starting starting = new Starting();

    Switchover(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        if (dryRun) {
            return show(starting.server(desk)
                    .get("/api/clusters/" + Server.encode(cluster) + "/switchover"
                            + to.map(node -> "?to=" + Server.encode(node)).orElse("")));
        }
        ObjectNode body = Json.object();
        to.ifPresent(node -> body.put("to", node));
        if (!override.isEmpty()) {
            override.forEach(body.putArray("override")::add);
        }
        return starting.start(desk, cluster, "switchover", body);
    }

    /** @return 0 when it would begin with these overrides, 4 when a check is in its way */
    private int show(JsonNode preflight) {
        int stopping = 0;
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode check : preflight.path("checks")) {
            String severity = Json.text(check, "severity");
            boolean passed = Json.text(check, "result").equals("passed");
            boolean stops = !passed && (severity.equals("blocks")
                    || severity.equals("needs override") && !override.contains(Json.text(check, "check")));
            stopping += stops ? 1 : 0;
            rows.add(List.of(passed ? "passed" : Json.text(check, "result") + ", " + severity,
                    Json.text(check, "check"), Json.text(check, "subject"), Json.text(check, "evidence")));
        }
        if (starting.json()) {
            desk.terminal().json(preflight);
        } else {
            desk.terminal().table(List.of("RESULT", "CHECK", "SUBJECT", "EVIDENCE"), rows);
            desk.terminal()
                    .line(cluster + ": from " + Json.cell(preflight, "primary") + " to "
                            + Json.cell(preflight, "candidate") + "; " + (stopping == 0
                                    ? "a switchover would begin"
                                    : stopping + (stopping == 1 ? " check is" : " checks are") + " in its way"));
        }
        return stopping == 0 ? Exit.OK : Exit.REFUSED;
    }
}
