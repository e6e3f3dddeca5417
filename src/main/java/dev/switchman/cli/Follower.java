package dev.switchman.cli;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Shows a run as it goes, until it ends or asks a person. Outlasts a restart of the server. */
final class Follower {

    private static final Duration PACE = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int WIDTH = 240;
    private static final int STEP_PERCENT = 5;

    private final Terminal terminal;
    private final Server server;
    private final boolean json;

    /** What was printed last of each entry of the timeline. */
    private final Map<String, String> printed = new HashMap<>();
    /** How far each long work was when that was printed last, in percent. */
    private final Map<String, Integer> reached = new HashMap<>();

    Follower(Terminal terminal, Server server, boolean json) {
        this.terminal = terminal;
        this.server = server;
        this.json = json;
    }

    /** @return the run's exit code, or 3 when it waits for a person */
    int follow(String run) {
        while (true) {
            JsonNode view = patiently(run);
            if (!json) {
                progress(view);
            }
            Optional<Integer> exitCode = finished(view);
            if (exitCode.isPresent()) {
                return exitCode.get();
            }
            Terminal.rest(PACE);
        }
    }

    /** Shows the run as it is now. @return as {@link #follow}; 0 while it goes on */
    int show(String run) {
        JsonNode view = server.get(path(run));
        if (!json) {
            heading(view);
            progress(view);
        }
        return finished(view).orElseGet(() -> {
            if (json) {
                terminal.json(view);
            } else {
                terminal.line("Still running, at: " + String.join(", ", Json.texts(view.path("at"))));
            }
            return Exit.OK;
        });
    }

    /** Shows the head line of a run, then follows it. */
    int showAndFollow(String run) {
        if (!json) {
            heading(server.get(path(run)));
        }
        return follow(run);
    }

    private static String path(String run) {
        return "/api/runs/" + Server.encode(run);
    }

    private void heading(JsonNode view) {
        terminal.line("Run " + Json.text(view, "run") + ": " + Json.text(view, "runbook") + " of "
                + Json.text(view, "cluster") + ", started " + terminal.moment(Json.text(view, "startedAt")) + " by "
                + Json.text(view, "startedBy") + ": " + Json.text(view, "cause"));
    }

    private Optional<Integer> finished(JsonNode view) {
        String run = Json.text(view, "run");
        switch (Json.text(view, "status")) {
            case "ended" -> {
                if (json) {
                    terminal.json(view);
                } else {
                    String report = Json.text(view, "report");
                    if (!report.isBlank()) {
                        terminal.line("");
                        terminal.line(report.stripTrailing());
                        terminal.line("");
                    }
                    terminal.line("Run " + run + " ended: " + Json.cell(view, "ending"));
                }
                return Optional.of(view.path("exitCode").asInt(Exit.FAILED));
            }
            case "waiting" -> {
                if (json) {
                    terminal.json(view);
                } else {
                    terminal.line("");
                    terminal.line("Run " + run + " waits for a person: " + Json.cell(view, "question"));
                    terminal.line("Answer with: switchman approve " + run + " --comment …   or: switchman reject "
                            + run + " --comment …");
                }
                return Optional.of(Exit.WAITING);
            }
            default -> {
                return Optional.empty();
            }
        }
    }

    private void progress(JsonNode view) {
        for (JsonNode entry : view.path("timeline")) {
            String line = line(entry);
            if (!line.equals(printed.put(key(entry), line))) {
                terminal.line(line);
            }
        }
        for (JsonNode work : view.path("progress")) {
            String key = String.join("\n", Json.text(work, "node"), Json.text(work, "what"), Json.text(work, "stage"));
            int percent = work.path("percent").asInt(0);
            @Nullable
            Integer told = reached.get(key);
            if (told == null || percent >= told + STEP_PERCENT) {
                reached.put(key, percent);
                terminal.line("      " + Json.text(work, "sentence"));
            }
        }
    }

    private static String key(JsonNode entry) {
        return String.join("\n", Json.text(entry, "at"), Json.text(entry, "kind"), Json.text(entry, "step"),
                Json.text(entry, "text"), Json.text(entry, "node"));
    }

    /**
     * A step has an entry when it begins (a sentence, no outcome) and one when it has ended (an outcome); or one that
     * gets its outcome later.
     */
    private String line(JsonNode entry) {
        String step = Json.text(entry, "step");
        String text = Json.text(entry, "text");
        String outcome = Json.text(entry, "outcome");
        String detail = Json.text(entry, "detail");
        String node = Json.text(entry, "node");
        String took = entry.path("tookMillis").isNumber() ? " (" + entry.path("tookMillis").asLong() + " ms)" : "";
        String result = outcome + (outcome.isEmpty() || detail.isEmpty() ? "" : ": ") + detail;
        String line = switch (Json.text(entry, "kind")) {
            case "step" -> outcome.isEmpty()
                    ? "  " + (text.isEmpty() ? step : text) + " …"
                    : "    " + step + ": " + result + took;
            case "action" -> "      " + node + ": " + text + (result.isEmpty() ? "" : " - " + result) + took;
            default -> "      " + (text.isEmpty() ? "" : text + ": ") + result;
        };
        String all = terminal.time(Json.text(entry, "at")) + line.replaceAll("[\\r\\n\\t]+", " ").stripTrailing();
        return all.length() <= WIDTH ? all : all.substring(0, WIDTH - 1) + "…";
    }

    private JsonNode patiently(String run) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        boolean told = false;
        while (true) {
            try {
                return server.poll(path(run));
            } catch (Server.Silent e) {
                if (System.nanoTime() > until) {
                    throw new Failed(Exit.FAILED, e.getMessage() + " The run is kept: switchman run " + run);
                }
                if (!told) {
                    terminal.error("The server does not answer; a run outlives that. Trying again for "
                            + PATIENCE.toSeconds() + " s …");
                    told = true;
                }
                Terminal.rest(PACE);
            }
        }
    }
}
