package dev.switchman.cli;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "check-status", description = "Say in MHA's words whether a cluster is watched, and how its primary is.")
final class CheckStatus implements Callable<Integer> {

    private static final Set<String> ERRORS = Set.of("NOT_FENCED", "NO_ELIGIBLE_CANDIDATE", "REPLICAS_DIVERGED",
            "FAILED");

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--ping-limit", paramLabel = "SECONDS", description = "A verdict that is older is told as old; default:"
            + " 10.")
    private int pingLimit = 10;

    @Mixin
    private ServerOptions options = new ServerOptions();

    CheckStatus(Desk desk) {
        this.desk = desk;
    }

    /** What monitoring that was made for MHA knows, with MHA's numbers. */
    private enum State {
        PING_OK(0), NOT_RUNNING(2),
        /** All is well, and this manager would not act if it were not: another one holds the locks, or nobody. */
        PARTIALLY_RUNNING(3), INITIALIZING_MONITOR(10), PING_FAILING(20), PING_FAILED(21), RETRYING_MONITOR(30),
        /** What is configured does not fit what is seen: there is no telling which server is the primary. */
        CONFIG_ERROR(31), TIMESTAMP_OLD(32), FAILOVER_RUNNING(50), FAILOVER_ERROR(51);

        private final int code;

        State(int code) {
            this.code = code;
        }
    }

    @Override
    public Integer call() {
        if (pingLimit < 1) {
            throw new Failed(Exit.USAGE, "--ping-limit: must be 1 or more: " + pingLimit);
        }
        Server server = desk.server(options);
        Optional<JsonNode> view = server.find(cluster, "/api/clusters/" + Server.encode(cluster));
        State state = view.map(seen -> state(server, seen)).orElse(State.NOT_RUNNING);
        String primary = view.map(seen -> Json.text(seen, "primary")).orElse("");
        if (options.json()) {
            desk.terminal()
                    .json(Json.object()
                            .put("cluster", cluster)
                            .put("code", state.code)
                            .put("state", state.name())
                            .put("primary", primary));
        } else {
            desk.terminal()
                    .line(cluster + (state == State.NOT_RUNNING ? " is stopped(" : " is running(") + state.code + ":"
                            + state.name() + ")" + (primary.isEmpty() ? "" : ", master:" + primary));
        }
        return state == State.PING_OK ? Exit.OK : Exit.FAILED;
    }

    private State state(Server server, JsonNode view) {
        String run = Json.text(view, "run");
        if (!run.isEmpty()
                && Json.text(server.get("/api/runs/" + Server.encode(run)), "runbook").equals("failover")) {
            return State.FAILOVER_RUNNING;
        }
        if (view.path("paused").isObject()) {
            // Nothing would be started for it: what MHA's monitoring knows as a manager that does not run.
            return State.NOT_RUNNING;
        }
        if (view.path("lookAgeSeconds").asLong(0) > pingLimit) {
            return State.TIMESTAMP_OLD;
        }
        return switch (Json.text(view, "verdict")) {
            case "not-looked-at" -> State.INITIALIZING_MONITOR;
            case "suspected", "restarting", "shutting-down", "primary-read-only", "unclear" -> State.PING_FAILING;
            case "crashed", "host-lost", "hung", "disk-full", "disk-stalled" -> failedBefore(server)
                    ? State.FAILOVER_ERROR
                    : State.PING_FAILED;
            case "isolated-from-us", "everything-lost" -> State.RETRYING_MONITOR;
            case "no-known-primary" -> State.CONFIG_ERROR;
            default -> view.path("manager").path("acts").asBoolean(true) ? State.PING_OK : State.PARTIALLY_RUNNING;
        };
    }

    /** The primary is lost, and the run that should have replaced it did not. */
    private boolean failedBefore(Server server) {
        for (JsonNode run : server.getOf(cluster, "/api/runs?limit=20&cluster=" + Server.encode(cluster))) {
            if (Json.text(run, "runbook").equals("failover")) {
                return ERRORS.contains(Json.text(run, "ending"));
            }
        }
        return false;
    }
}
