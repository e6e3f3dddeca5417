package dev.switchman.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "deploy", description = {
        "Propose edited diagrams, decision tables or forms: judges them, shows what differs from those in force, and asks"
                + " a second person. New runs use them once he has agreed.",
        "Or an earlier version of one, or what this program brings."})
final class Deploy implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "*.bpmn, *.dmn or *.form; the name says which one it"
            + " replaces.")
    private List<Path> files = List.of();

    @Option(names = "--rollback", paramLabel = "RUNBOOK", description = "An earlier version of this one; with --to.")
    private Optional<String> rollback = Optional.empty();

    @Option(names = "--to", paramLabel = "VERSION", description = "Its number, as switchman runbooks shows it.")
    private Optional<Integer> to = Optional.empty();

    @Option(names = "--shipped", paramLabel = "RUNBOOK", description = "As this program brings it; may be repeated.")
    private List<String> shipped = new ArrayList<>();

    @Option(names = "--dry-run", description = "Show what would change, and ask nobody.")
    private boolean dryRun;

    @Option(names = "--reason", paramLabel = "TEXT", description = "For whoever is to agree, and the journal.")
    private String reason = "";

    @Option(names = "--detach", description = "Return as soon as the second person is asked.")
    private boolean detach;

    @Mixin
    private ServerOptions options = new ServerOptions();

    Deploy(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options);
        ObjectNode body = body();
        JsonNode look = server.change("POST", "/api/runbooks/deploy", Optional.of(body.deepCopy().put("dryRun", true)));
        List<String> problems = Json.texts(look.path("problems"));
        if (!problems.isEmpty()) {
            if (options.json()) {
                desk.terminal().json(look);
            }
            throw new Failed(Exit.FAILED, String.join("\n", problems) + "\n" + problems.size()
                    + (problems.size() == 1 ? " problem" : " problems") + "; nothing was changed");
        }
        List<JsonNode> changes = Json.items(look.path("changes"));
        if (!options.json()) {
            changes.forEach(this::show);
        }
        if (dryRun || changes.isEmpty()) {
            if (options.json()) {
                desk.terminal().json(look);
            } else if (changes.isEmpty()) {
                desk.terminal().line("in force as it is: nothing to do");
            }
            return Exit.OK;
        }
        return ask(server, body);
    }

    private int ask(Server server, ObjectNode body) {
        Server.Answer answer = server.post("/api/runbooks/deploy", body.put("reason", reason));
        String run = Json.text(answer.body(), "run");
        if (!answer.ok()) {
            throw new Failed(Exit.REFUSED, "not proposed: " + Server.words(answer)
                    + (run.isEmpty() ? "" : "\nSee it with: switchman run " + run));
        }
        if (detach) {
            if (options.json()) {
                desk.terminal().json(answer.body());
            } else {
                desk.terminal().line("Run " + run + " asks a second person; follow it with: switchman run " + run);
            }
            return Exit.OK;
        }
        return new Follower(desk.terminal(), server, options.json()).follow(run);
    }

    private ObjectNode body() {
        if (rollback.isPresent() != to.isPresent()) {
            throw new Failed(Exit.USAGE,
                    "--rollback and --to belong together: switchman deploy --rollback failover --to 2");
        }
        int ways = (files.isEmpty() ? 0 : 1) + (rollback.isPresent() ? 1 : 0) + (shipped.isEmpty() ? 0 : 1);
        if (ways != 1) {
            throw new Failed(Exit.USAGE, "name files, or --rollback RUNBOOK --to VERSION, or --shipped RUNBOOK: "
                    + (ways == 0 ? "none is given" : "one of the three"));
        }
        if (!dryRun && reason.isBlank()) {
            throw new Failed(Exit.USAGE, "--reason: missing; whoever is to agree wants to know why");
        }
        ObjectNode body = Json.object();
        if (!files.isEmpty()) {
            ObjectNode contents = body.putObject("files");
            Lint.read(files)
                    .forEach((name, content) -> contents.put(name, Base64.getEncoder().encodeToString(content)));
        }
        rollback.ifPresent(
                runbook -> body.putObject("rollback").put("runbook", runbook).put("version", to.orElseThrow()));
        if (!shipped.isEmpty()) {
            shipped.forEach(body.putArray("shipped")::add);
        }
        return body;
    }

    private void show(JsonNode change) {
        String beside = Json.text(change, "beside");
        desk.terminal()
                .line(Json.text(change, "file") + (beside.isEmpty()
                        ? ", which is new"
                        : ", beside version " + beside + " in force"));
        Json.texts(change.path("lines")).forEach(line -> desk.terminal().line("  " + line));
    }
}
