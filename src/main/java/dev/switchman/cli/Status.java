package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "status", description = "Show the clusters, or one of them with its servers.")
final class Status implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER", arity = "0..1", description = "Default: a line for each cluster.")
    private Optional<String> cluster = Optional.empty();

    @Mixin
    private ServerOptions options = new ServerOptions();

    Status(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options);
        JsonNode answer = cluster.map(name -> server.getOf(name, "/api/clusters/" + Server.encode(name)))
                .orElseGet(() -> server.get("/api/clusters"));
        if (options.json()) {
            desk.terminal().json(answer);
        } else if (cluster.isPresent()) {
            one(answer);
        } else {
            all(server, answer);
        }
        return Exit.OK;
    }

    private void all(Server server, JsonNode clusters) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode each : clusters) {
            String warnings = String.join(" ", Json.texts(each.path("warnings")));
            rows.add(List.of(Json.text(each, "name"), Json.cell(each, "tier"), Json.cell(each, "verdict"),
                    Json.cell(each, "primary"), paused(each.path("paused")), Json.cell(each, "run"),
                    (each.path("manager").path("acts").asBoolean(true) ? "" : "(only watched) ")
                            + Json.text(each, "sentence") + (warnings.isEmpty() ? "" : " WARNING: " + warnings)));
        }
        desk.terminal().table(List.of("CLUSTER", "TIER", "VERDICT", "PRIMARY", "PAUSED", "RUN", ""), rows);
        clusters.forEach(each -> each.path("progress")
                .forEach(work -> desk.terminal()
                        .line(Json.text(each, "name") + ": " + Json.text(work, "sentence"))));
        Json.texts(server.get("/api/runbooks").path("offered"))
                .forEach(name -> desk.terminal()
                        .line(name + ": this program brings another version than is in force: switchman runbooks"));
    }

    private String paused(JsonNode paused) {
        return paused.isObject() ? "until " + desk.terminal().moment(Json.text(paused, "until")) : "-";
    }

    private void one(JsonNode view) {
        Terminal terminal = desk.terminal();
        terminal.line(Json.text(view, "name") + " (" + Json.cell(view, "tier") + "): " + Json.cell(view, "verdict"));
        if (!Json.text(view, "sentence").isEmpty()) {
            terminal.line(Json.text(view, "sentence"));
        }
        terminal.line("primary:    " + Json.cell(view, "primary"));
        terminal.line("virtual IP: " + Json.cell(view, "virtualIp"));
        terminal.line("run:        " + Json.cell(view, "run"));
        view.path("progress").forEach(work -> terminal.line("            " + Json.text(work, "sentence")));
        JsonNode manager = view.path("manager");
        terminal.line("manager:    " + (manager.path("acts").asBoolean(true) ? "acts; it " : "ONLY WATCHES; it ")
                + Json.cell(manager, "sentence"));
        JsonNode paused = view.path("paused");
        if (paused.isObject()) {
            terminal.line("paused:     " + paused(paused) + " by " + Json.cell(paused, "by") + ": "
                    + Json.cell(paused, "reason"));
        }
        terminal.line("");
        List<List<String>> rows = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (JsonNode node : view.path("nodes")) {
            String lag = Json.text(node, "lagSeconds");
            rows.add(List.of(Json.text(node, "node"), Json.cell(node, "role"), Json.cell(node, "promotion"),
                    Json.cell(node, "state"),
                    Json.cell(node, "version"), Json.cell(node, "source"), Json.cell(node, "receiver"),
                    Json.cell(node, "applier"), (lag.isEmpty() ? "-" : lag + " s") + delay(node),
                    disk(node.path("disk")),
                    Json.cell(node, "semiSync")));
            if (!Json.text(node, "errant").isEmpty()) {
                problems.add(Json.text(node, "node") + ": errant transactions " + Json.text(node, "errant"));
            }
            if (!Json.text(node, "problem").isEmpty()) {
                problems.add(Json.text(node, "node") + ": " + Json.text(node, "problem"));
            }
        }
        terminal.table(
                List.of("NODE", "ROLE", "PROMOTION", "STATE", "VERSION", "SOURCE", "RECEIVER", "APPLIER", "LAG",
                        "DISK", "SEMI-SYNC"),
                rows);
        problems.forEach(terminal::line);
        Json.texts(view.path("warnings")).forEach(warning -> terminal.line("WARNING: " + warning));
        for (JsonNode each : view.path("quarantined")) {
            terminal.line("quarantined: " + Json.text(each, "node") + " since "
                    + terminal.moment(Json.text(each, "since")) + ", fence "
                    + (each.path("fenceProven").asBoolean(false) ? "proven" : "not proven") + ": "
                    + Json.text(each, "why"));
        }
    }

    private static String delay(JsonNode node) {
        String delay = Json.text(node, "delaySeconds");
        return delay.isEmpty() ? "" : " (delay " + delay + " s)";
    }

    private static String disk(JsonNode disk) {
        String state = Json.text(disk, "state");
        if (!state.isEmpty() && !state.equals("working")) {
            return state.toUpperCase(Locale.ROOT);
        }
        String used = Json.text(disk, "usedPercent");
        return used.isEmpty() ? "-" : used + " %" + (disk.path("nearlyFull").asBoolean(false) ? "!" : "");
    }
}
