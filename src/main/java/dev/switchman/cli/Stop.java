package dev.switchman.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "stop", description = {
        "Stop looking after a cluster: nothing is started by itself until \"resume\", or for 30 days.",
        "The server goes on; to end it, end \"serve\"."})
final class Stop implements Callable<Integer> {

    /** What stands as the reason of such a pause. */
    static final String REASON = "stopped: switchman stop";
    private static final String LONGEST = "PT720H";

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--abort", description = "Also while a failover runs, which goes on to its end.")
    private boolean abort;

    @Mixin
    private ServerOptions options = new ServerOptions();

    Stop(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Server server = desk.server(options);
        Optional<JsonNode> view = server.find(cluster, "/api/clusters/" + Server.encode(cluster));
        if (view.isEmpty()) {
            desk.terminal().line(cluster + " is not looked after: no server answers");
            return Exit.OK;
        }
        String run = Json.text(view.get(), "run");
        if (!abort && !run.isEmpty()
                && Json.text(server.get("/api/runs/" + Server.encode(run)), "runbook").equals("failover")) {
            throw new Failed(Exit.REFUSED, "not stopped: failover " + run + " is under way (--abort stops what comes"
                    + " after it)");
        }
        Server.Answer answer = server.postTo(cluster, "pause", Json.object().put("for", LONGEST).put("reason", REASON));
        if (!answer.ok()) {
            throw new Failed(Exit.REFUSED, "not stopped: " + Server.words(answer));
        }
        if (options.json()) {
            desk.terminal().json(answer.body());
        } else {
            desk.terminal().line("Stopped " + cluster + " successfully.");
        }
        return Exit.OK;
    }
}
