package dev.switchman.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

/** {@code ./switchman serve} as a person sets it up: the preset {@code standard}, and its own virtual IP. */
final class SwitchmanKeeper implements Keeper {

    private static final String CLUSTER = "bench";
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration SETTLES = Duration.ofSeconds(60);
    private static final Duration RUN_ENDS = Duration.ofSeconds(60);
    private static final Duration UNDISTURBED = Duration.ofSeconds(2);

    private final ServerProcess server;

    private SwitchmanKeeper(ServerProcess server) {
        this.server = server;
    }

    static SwitchmanKeeper of(LabCluster lab) {
        Path configuration = lab.directory().resolve("switchman.yaml");
        int port = ServerProcess.freePort();
        lab.writeConfig(configuration, CLUSTER, port, "standard", "test");
        SwitchmanKeeper keeper = new SwitchmanKeeper(ServerProcess.start(configuration, lab.directory(), port));
        try {
            keeper.server.awaitUp();
            keeper.prepare();
            keeper.server.awaitRehearsed();
            return keeper;
        } catch (RuntimeException e) {
            String log = keeper.lastLines();
            keeper.close();
            throw new LabException(e.getMessage() + "\n" + log, e);
        }
    }

    @Override
    public String title() {
        return "Switchman";
    }

    @Override
    public void watch() {
        prepare();
    }

    @Override
    public void prepare() {
        Eventually.until("healthy and free in the eyes of ./switchman serve", SETTLES, LOOK, () -> {
            JsonNode cluster = server.get("/api/clusters/" + CLUSTER);
            return cluster.path("verdict").asText().equals("healthy") && cluster.path("run").isNull()
                    ? Optional.empty()
                    : Optional.of(cluster.path("verdict").asText() + ": " + cluster.path("sentence").asText());
        });
    }

    @Override
    public void switchOver() {
        String id = server.post("/api/clusters/" + CLUSTER + "/switchover", "{\"reason\":\"a benchmark\"}")
                .path("run")
                .asText();
        // Questions cost it time in the moment that is measured.
        Eventually.pause(UNDISTURBED);
        String ending = ending(id, RUN_ENDS);
        if (!ending.equals("DONE")) {
            throw new LabException("run " + id + " ended with " + ending);
        }
    }

    @Override
    public void awaitFailover(Duration deadline) {
        String[] id = {""};
        Eventually.until("started: a failover", deadline, LOOK, () -> {
            for (JsonNode run : server.get("/api/runs?cluster=" + CLUSTER + "&limit=5")) {
                if (run.path("runbook").asText().equals("failover")) {
                    id[0] = run.path("run").asText();
                }
            }
            return id[0].isEmpty() ? Optional.of("there is none") : Optional.empty();
        });
        ending(id[0], deadline);
    }

    private String ending(String id, Duration deadline) {
        String[] ending = {""};
        Eventually.until("ended: run " + id, deadline, LOOK, () -> {
            JsonNode run = server.get("/api/runs/" + id);
            ending[0] = run.path("ending").asText();
            return run.path("status").asText().equals("ended")
                    ? Optional.empty()
                    : Optional.of(run.path("status").asText() + " at " + run.path("at") + ", question "
                            + run.path("question"));
        });
        return ending[0];
    }

    @Override
    public String lastLines() {
        return server.lastLines();
    }

    @Override
    public void close() {
        server.close();
    }
}
