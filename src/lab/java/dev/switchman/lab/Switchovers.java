package dev.switchman.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Several planned switchovers of one cluster, there and back, while an application writes. Prints one JSON object a line:
 * for each of them how long the application could not write, and a last one with what was lost.
 */
final class Switchovers {

    private static final String CLUSTER = "bench";
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration SETTLES = Duration.ofSeconds(60);
    private static final Duration RUN_ENDS = Duration.ofSeconds(60);
    private static final Duration UNDISTURBED = Duration.ofSeconds(2);

    private final LabCluster lab;
    private final ServerProcess server;

    private Switchovers(LabCluster lab, ServerProcess server) {
        this.lab = lab;
        this.server = server;
    }

    /** @param arguments how many; exits with 0 when nothing was lost and all could be tried */
    public static void main(String[] arguments) {
        int status;
        try (LabCluster lab = LabCluster.builder().start()) {
            status = on(lab, Integer.parseInt(arguments[0]));
        } catch (LabException e) {
            System.err.println("switchman bench: " + e.getMessage());
            status = 1;
        }
        System.out.flush();
        System.exit(status);
    }

    private static int on(LabCluster lab, int runs) {
        Path configuration = lab.directory().resolve("switchman.yaml");
        int port = ServerProcess.freePort();
        lab.writeConfig(configuration, CLUSTER, port, "standard", "test");
        try (ServerProcess server = ServerProcess.start(configuration, lab.directory(), port)) {
            try {
                server.awaitUp();
                Switchovers switchovers = new Switchovers(lab, server);
                switchovers.settle();
                server.awaitRehearsed();
                return switchovers.all(runs);
            } catch (LabException e) {
                throw new LabException(e.getMessage() + "\nThe end of the server's log:\n" + server.lastLines(), e);
            }
        }
    }

    private int all(int runs) {
        List<String> lost;
        try (Writer writer = Writer.start(lab)) {
            for (int run = 1; run <= runs; run++) {
                settle();
                Eventually.pause(UNDISTURBED);
                say(once(writer, run));
            }
            writer.close();
            lost = writer.missingOn(primary());
        }
        say(new ObjectMapper().createObjectNode().put("lost", lost.size()));
        return lost.isEmpty() ? 0 : 1;
    }

    private ObjectNode once(Writer writer, int number) {
        ObjectNode object = new ObjectMapper().createObjectNode().put("fault", "planned");
        LabNode old = primary();
        long since = System.nanoTime();
        ProcessorTime before = ProcessorTime.now();
        String id = server.post("/api/clusters/" + CLUSTER + "/switchover", "{\"reason\":\"a benchmark\"}")
                .path("run")
                .asText();
        // Questions cost the manager time in the moment that is measured.
        Eventually.pause(UNDISTURBED);
        object.put("withheldPercent", ProcessorTime.now().withheldSince(before));
        JsonNode[] run = {server.get("/api/runs/" + id)};
        Eventually.until("ended: run " + id, RUN_ENDS, LOOK, () -> {
            run[0] = server.get("/api/runs/" + id);
            return run[0].path("status").asText().equals("ended")
                    ? Optional.empty()
                    : Optional.of("it stands at " + run[0].path("at"));
        });
        Bench.keep("planned-" + number, run[0]);
        writer.awaitProgress(SETTLES);
        String ending = run[0].path("ending").asText();
        List<String> wrong = new ArrayList<>();
        if (!ending.equals("DONE")) {
            wrong.add("ended with " + ending);
        }
        LabNode chosen = primary();
        if (chosen.equals(old)) {
            wrong.add(old + " is still the primary");
        }
        for (LabNode node : lab.nodes()) {
            if (lab.isWritable(node) != node.equals(chosen)) {
                wrong.add(node + (node.equals(chosen) ? " is read-only" : " is writable"));
            }
            if (lab.hasVirtualIp(node) != node.equals(chosen)) {
                wrong.add(node + (node.equals(chosen) ? " lacks" : " has") + " the virtual IP");
            }
        }
        if (!wrong.isEmpty()) {
            System.err.println("The end of the server's log:\n" + server.lastLines());
            return object.put("error", "run " + id + ": " + String.join("; ", wrong));
        }
        object.put("outageMillis", writer.longestGap(since).toMillis());
        object.set("parts", Parts.ofSwitchover(run[0]).json());
        return object;
    }

    private JsonNode cluster() {
        return server.get("/api/clusters/" + CLUSTER);
    }

    private LabNode primary() {
        String id = cluster().path("primary").asText();
        return lab.nodes()
                .stream()
                .filter(node -> node.id().toString().equals(id))
                .findFirst()
                .orElseThrow(() -> new LabException("the primary is \"" + id + "\", none of " + lab.nodes()));
    }

    private void settle() {
        Eventually.until("healthy and free in the eyes of ./switchman serve", SETTLES, LOOK, () -> {
            JsonNode cluster = cluster();
            return cluster.path("verdict").asText().equals("healthy") && cluster.path("run").isNull()
                    ? Optional.empty()
                    : Optional.of(cluster.path("verdict").asText() + ": " + cluster.path("sentence").asText());
        });
    }

    private static void say(ObjectNode object) {
        System.out.println(object);
        System.out.flush();
    }
}
