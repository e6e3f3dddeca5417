package dev.switchman.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "check-status", description = "Say in MHA's words whether a cluster is watched, and how its primary is.")
final class CheckStatus implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Mixin
    private ServerOptions options = new ServerOptions();

    CheckStatus(Desk desk) {
        this.desk = desk;
    }

    /** What monitoring that was made for MHA knows, with MHA's numbers. */
    private enum State {
        PING_OK(0), NOT_RUNNING(2), INITIALIZING_MONITOR(10), PING_FAILING(20), PING_FAILED(21), RETRYING_MONITOR(
                30), FAILOVER_RUNNING(50);

        private final int code;

        State(int code) {
            this.code = code;
        }
    }

    @Override
    public Integer call() {
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

    private static State state(Server server, JsonNode view) {
        String run = Json.text(view, "run");
        if (!run.isEmpty()
                && Json.text(server.get("/api/runs/" + Server.encode(run)), "runbook").equals("failover")) {
            return State.FAILOVER_RUNNING;
        }
        return switch (Json.text(view, "verdict")) {
            case "not-looked-at" -> State.INITIALIZING_MONITOR;
            case "suspected", "restarting", "shutting-down", "primary-read-only", "unclear" -> State.PING_FAILING;
            case "crashed", "host-lost", "hung", "disk-full", "disk-stalled" -> State.PING_FAILED;
            case "isolated-from-us", "everything-lost", "no-known-primary" -> State.RETRYING_MONITOR;
            default -> State.PING_OK;
        };
    }
}
