package dev.switchman.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "notify-test", description = {
        "Send a test to everybody who is told of a cluster, by mail and over HTTP, and print each answer.",
        "Exit code 1 when somebody was not reached, or nobody is told of a cluster."})
final class NotifyTest implements Callable<Integer> {

    /** A receiver may take a minute. */
    private static final Duration LONGEST = Duration.ofSeconds(75);

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER", arity = "0..1", description = "Default: every cluster.")
    private Optional<String> cluster = Optional.empty();

    @Mixin
    private ServerOptions options = new ServerOptions();

    NotifyTest(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options).waiting(LONGEST);
        List<String> clusters = cluster.map(List::of)
                .orElseGet(() -> Json.items(server.get("/api/clusters"))
                        .stream()
                        .map(each -> Json.text(each, "name"))
                        .toList());
        ArrayNode answers = Json.array();
        List<List<String>> rows = new ArrayList<>();
        List<String> untold = new ArrayList<>();
        boolean all = true;
        for (String name : clusters) {
            JsonNode answer = server.postTo(name, "notify-test", Json.object()).body();
            answers.add(answer);
            if (answer.path("tested").isEmpty()) {
                untold.add(name);
            }
            for (JsonNode each : answer.path("tested")) {
                boolean arrived = each.path("arrived").asBoolean(false);
                all &= arrived;
                rows.add(List.of(name, Json.text(each, "receiver"), Json.text(each, "shape"),
                        arrived ? "arrived" : "FAILED", Json.text(each, "tookMillis") + " ms",
                        Json.text(each, "answer")));
            }
        }
        Terminal terminal = desk.terminal();
        if (options.json()) {
            terminal.json(answers);
        } else {
            if (!rows.isEmpty()) {
                terminal.table(List.of("CLUSTER", "RECEIVER", "SHAPE", "RESULT", "TOOK", "ANSWER"), rows);
            }
            untold.forEach(name -> terminal.line(name + ": nobody is told; name somebody under mail or notify in the"
                    + " configuration"));
        }
        return all && untold.isEmpty() ? Exit.OK : Exit.FAILED;
    }
}
