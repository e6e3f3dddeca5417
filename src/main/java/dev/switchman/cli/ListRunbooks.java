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

@Command(name = "runbooks", description = "List the diagrams, tables and forms in force: versions, who brought them, who agreed.")
final class ListRunbooks implements Callable<Integer> {

    private static final int CHECKSUM = 12;

    private final Desk desk;

    @Parameters(paramLabel = "RUNBOOK", arity = "0..1", description = "All versions of this one. Default: those in force.")
    private Optional<String> runbook = Optional.empty();

    @Option(names = "--all", description = "All versions of all.")
    private boolean all;

    @Mixin
    private ServerOptions options = new ServerOptions();

    ListRunbooks(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode answer = desk.server(options).get("/api/runbooks");
        if (options.json()) {
            desk.terminal().json(answer);
            return Exit.OK;
        }
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode one : answer.path("versions")) {
            boolean inForce = one.path("inForce").asBoolean(false);
            if (runbook.map(name -> meant(one, name)).orElse(all || inForce)) {
                String approvedBy = Json.text(one, "approvedBy");
                rows.add(List.of(Json.text(one, "file"), Json.text(one, "version"), inForce ? "in force" : "-",
                        desk.terminal().moment(Json.text(one, "at")), Json.text(one, "by"),
                        approvedBy.isEmpty() ? "-" : approvedBy,
                        one.path("shipped").asBoolean(false) ? "this program's" : "-",
                        Json.text(one, "checksum").substring(0, CHECKSUM), Json.cell(one, "run")));
            }
        }
        if (runbook.isPresent() && rows.isEmpty()) {
            throw new Failed(Exit.USAGE, "RUNBOOK: no runbook, table or form is named \"" + runbook.get() + "\"");
        }
        desk.terminal()
                .table(List.of("FILE", "VERSION", "", "SINCE", "BY", "APPROVED BY", "SHIPPED", "SHA-256", "RUN"), rows);
        offered(answer.path("offered"));
        return Exit.OK;
    }

    private void offered(JsonNode offered) {
        for (String name : Json.texts(offered)) {
            desk.terminal()
                    .line(name + ": this program brings another version; see it with: switchman deploy --shipped "
                            + name
                            + " --dry-run");
        }
    }

    private static boolean meant(JsonNode one, String name) {
        String file = Json.text(one, "file");
        return file.equals(name) || file.startsWith(name + ".");
    }
}
