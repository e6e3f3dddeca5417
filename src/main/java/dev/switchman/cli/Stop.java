package dev.switchman.cli;

import java.time.Duration;
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
    /** In a second. */
    private static final int LOOKS = 5;

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--abort", description = "Also while a failover runs: it stops before its next step, or in the"
            + " middle of a catch-up, unless its new primary is open already; then it goes on to its end.")
    private boolean abort;

    @Option(names = "--abort-timeout", paramLabel = "SECONDS", description = "How long the end of a failover that is broken off"
            + " is waited for; default: 5.")
    private int abortTimeout = 5;

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
        if (abortTimeout < 1 || abortTimeout > 600) {
            throw new Failed(Exit.USAGE, "--abort-timeout: must be 1 to 600: " + abortTimeout);
        }
        String run = Json.text(view.get(), "run");
        boolean failover = !run.isEmpty()
                && Json.text(server.get("/api/runs/" + Server.encode(run)), "runbook").equals("failover");
        if (failover && !abort) {
            throw new Failed(Exit.REFUSED, "not stopped: failover " + run + " is under way (--abort breaks it off)");
        }
        // First: what is broken off would be started again by the next look.
        Server.Answer answer = server.postTo(cluster, "pause", Json.object().put("for", LONGEST).put("reason", REASON));
        if (!answer.ok()) {
            throw new Failed(Exit.REFUSED, "not stopped: " + Server.words(answer));
        }
        if (failover) {
            breakOff(server, run);
        }
        if (options.json()) {
            desk.terminal().json(answer.body());
        } else {
            desk.terminal().line("Stopped " + cluster + " successfully.");
        }
        return Exit.OK;
    }

    /** A run that is over meanwhile has nothing left to be broken off. */
    private void breakOff(Server server, String run) {
        String path = "/api/runs/" + Server.encode(run);
        Server.Answer asked = server.post(path + "/cancel", Json.object().put("reason", "switchman stop --abort"));
        if (!asked.ok()) {
            return;
        }
        String at = "";
        for (int looks = 0; looks < abortTimeout * LOOKS; looks++) {
            JsonNode now = server.get(path);
            if (Json.text(now, "status").equals("ended")) {
                desk.terminal().error("failover " + run + " was broken off: " + Json.cell(now, "ending"));
                return;
            }
            at = String.join(", ", Json.texts(now.path("at")));
            Terminal.rest(Duration.ofMillis(1000 / LOOKS));
        }
        throw new Failed(Exit.FAILED, "nothing more is started for " + cluster + ", and failover " + run
                + " has not ended within " + abortTimeout + " s" + (at.isEmpty() ? "" : " (at: " + at + ")")
                + "; see it with: switchman run " + run);
    }
}
