package dev.switchman.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * {@code ./switchman demo}: a real cluster loses its primary, and Switchman makes another server the primary, while an
 * application writes. Everything that is claimed at the end is looked up on the servers themselves.
 */
public final class Demo {

    private static final String CLUSTER = "demo";
    private static final String USAGE = "usage: ./switchman demo [--scenario failover|switchover]"
            + " [--fault " + Fault.all("|") + "] [--json] [--keep]";

    private static final Duration BEFORE = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration UNDISTURBED = Duration.ofSeconds(1);
    private static final Duration AFTER = Duration.ofSeconds(2);
    private static final Duration HEALTHY = Duration.ofSeconds(60);
    private static final Duration RUN_STARTS = Duration.ofSeconds(60);
    private static final Duration RUN_ENDS = Duration.ofSeconds(180);
    private static final Duration FENCED = Duration.ofSeconds(10);
    private static final Set<String> GOOD_ENDINGS = Set.of("DONE", "REPLICAS_LOST");

    /** What was asked for on the command line. */
    private record Options(boolean switchover, Fault fault, boolean json, boolean keep) {

        String word() {
            return switchover ? "switchover" : fault.toString();
        }
    }

    private final Options options;
    private final List<String> unverified = new ArrayList<>();
    private long withheldPercent;
    /** Of the two people of the switchover. */
    private final String password = "Demo-4-" + UUID.randomUUID();
    private volatile boolean finished;
    private volatile boolean stopping;

    private Demo(Options options) {
        this.options = options;
    }

    /** Exits with 0 when all was verified, 1 when not, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        Demo demo = new Demo(parse(List.of(arguments)));
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> demo.stopOnSignal(main), "demo-stop"));
        int status = demo.run();
        if (demo.stopping) {
            // The machine ends by itself: exit() would wait for the very thread that waits for this one.
            return;
        }
        demo.finished = true;
        System.out.flush();
        System.exit(status);
    }

    private static Options parse(List<String> arguments) {
        Fault fault = Fault.CRASH;
        boolean switchover = false;
        boolean json = false;
        boolean keep = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--json")) {
                json = true;
            } else if (argument.equals("--keep")) {
                keep = true;
            } else if (argument.equals("--help") || argument.equals("-h")) {
                System.out.println(USAGE);
                System.exit(0);
            } else if (argument.equals("--scenario") || argument.startsWith("--scenario=")) {
                String word = argument.equals("--scenario")
                        ? (++i < arguments.size() ? arguments.get(i) : "")
                        : argument.substring("--scenario=".length());
                if (!List.of("failover", "switchover").contains(word)) {
                    throw wrong("--scenario is one of failover, switchover, not \"" + word + "\"");
                }
                switchover = word.equals("switchover");
            } else if (argument.equals("--fault") || argument.startsWith("--fault=")) {
                String word = argument.equals("--fault")
                        ? (++i < arguments.size() ? arguments.get(i) : "")
                        : argument.substring("--fault=".length());
                fault = Fault.named(word)
                        .orElseThrow(() -> wrong("--fault is one of " + Fault.all(", ") + ", not \"" + word + "\""));
            } else {
                throw wrong("unknown option \"" + argument + "\"; " + USAGE);
            }
        }
        return new Options(switchover, fault, json, keep);
    }

    private static IllegalArgumentException wrong(String message) {
        System.err.println("switchman demo: " + message);
        System.exit(2);
        return new IllegalArgumentException(message);
    }

    /** Ctrl-C: the main thread is woken wherever it is and takes everything down on its way out. */
    private void stopOnSignal(Thread main) {
        if (finished) {
            return;
        }
        stopping = true;
        System.err.println("\nStopped. Taking everything down …");
        main.interrupt();
        try {
            main.join(Duration.ofSeconds(60));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int run() {
        try {
            say(options.switchover
                    ? "Switchman demo: a MySQL primary hands its writes over, by plan, approved by a second person."
                    : "Switchman demo: a MySQL primary is lost, and a replica takes its place.");
            say("");
            say("Making three MySQL 9.7 servers on hosts of their own, on this machine …");
            long begun = System.nanoTime();
            LabCluster.Builder builder = options.fault.settings(LabCluster.builder());
            if (options.keep) {
                builder.kept();
            }
            try (LabCluster lab = builder.start()) {
                say("They run after " + seconds(begun) + ": primary " + lab.primary().name() + ", replicas "
                        + String.join(", ", lab.replicas().stream().map(LabNode::name).toList())
                        + ", semi-sync " + (lab.hasSemiSync() ? "on" : "off") + ", virtual IP " + lab.virtualIp()
                        + " on "
                        + lab.primary().name() + ".");
                withServer(lab);
            }
        } catch (RuntimeException e) {
            if (!stopping) {
                System.err.println("switchman demo: " + (e instanceof LabException ? e.getMessage() : stackTrace(e)));
                if (options.json) {
                    ObjectNode object = new ObjectMapper().createObjectNode();
                    say(object.put("fault", options.word())
                            .put("error", String.valueOf(e.getMessage()).lines().findFirst().orElse(""))
                            .toString());
                }
            }
            return 1;
        }
        return unverified.isEmpty() ? 0 : 1;
    }

    private void withServer(LabCluster lab) {
        Path configuration = lab.directory().resolve("switchman.yaml");
        int port = ServerProcess.freePort();
        lab.writeConfig(configuration, CLUSTER, port, "standard");
        say("Starting ./switchman serve (where it is not built yet, that takes a minute or two) …");
        long begun = System.nanoTime();
        ServerProcess server = ServerProcess.start(configuration, lab.directory(), port);
        boolean shown = false;
        try {
            server.awaitUp();
            String sentence = awaitHealthy(server);
            say("It answers at " + server.address() + " and finds the cluster healthy after " + seconds(begun) + ": "
                    + sentence);
            server.awaitRehearsed();
            shown = show(lab, server);
            if (!unverified.isEmpty()) {
                System.err.println("The end of the server's log:\n" + server.lastLines());
            }
        } catch (LabException e) {
            if (stopping) {
                throw e;
            }
            throw new LabException(e.getMessage() + "\nThe end of the server's log:\n" + server.lastLines(), e);
        } finally {
            // A signal may have come: the way out is walked to its end all the same.
            boolean interrupted = Thread.interrupted();
            try {
                if (!shown || !options.keep) {
                    server.close();
                    lab.remove();
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private static String stackTrace(RuntimeException e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static String awaitHealthy(ServerProcess server) {
        String[] sentence = {""};
        Eventually.until("healthy in the eyes of ./switchman serve", HEALTHY, LOOK, () -> {
            JsonNode cluster = server.get("/api/clusters/" + CLUSTER);
            sentence[0] = cluster.path("sentence").asText();
            return cluster.path("verdict").asText().equals("healthy")
                    ? Optional.empty()
                    : Optional.of(cluster.path("verdict").asText() + ": " + sentence[0]);
        });
        return sentence[0];
    }

    /** @return true, when it came to its end */
    private boolean show(LabCluster lab, ServerProcess server) {
        LabNode old = lab.primary();
        try (Writer writer = Writer.start(lab)) {
            say("An application writes through " + lab.virtualIp() + ", one small transaction after the other.");
            if (options.switchover) {
                people(server);
            }
            Eventually.pause(BEFORE);
            int acknowledged = writer.acknowledged();
            say("");
            say("Now " + (options.switchover
                    ? "a switchover is asked for by Anna; the cluster is in production, so another person must agree"
                    : options.fault.sentence(old)) + ". (" + acknowledged + " writes acknowledged so far)");
            say("");
            long since = System.nanoTime();
            ProcessorTime before = ProcessorTime.now();
            Instant struck = options.switchover ? ask(server) : options.fault.strike(lab, old, writer);

            // Questions cost the manager time in the second that is measured: writers and servers share two cores here.
            writer.progresses(UNDISTURBED);
            withheldPercent = ProcessorTime.now().withheldSince(before);
            JsonNode run = follow(server, struck);
            Optional.ofNullable(System.getProperty(Bench.KEPT)).ifPresent(name -> Bench.keep(name, run));
            writer.awaitProgress(HEALTHY);
            Eventually.pause(AFTER);
            Duration outage = writer.longestGap(since);
            Optional<LabNode> chosen = verifyServers(lab, old, run);
            if (!options.switchover && !options.fault.hostAnswers()) {
                healOldPrimary(lab, old, writer);
                outage = writer.longestGap(since);
            }
            writer.close();
            end(lab, server, writer, run, struck, outage, chosen);
        }
        return true;
    }

    // ---- the run as it goes

    /** Anna may start and approve, Bert may approve. */
    private void people(ServerProcess server) {
        for (String person : List.of("\"anna\",\"groups\":[\"operator\",\"approver\"]",
                "\"bert\",\"groups\":[\"approver\"]")) {
            server.post("/api/users", "{\"name\":" + person + ",\"password\":\"" + password + "\"}");
        }
    }

    private Instant ask(ServerProcess server) {
        Instant now = Instant.now();
        server.post("/api/clusters/" + CLUSTER + "/switchover", "{\"reason\":\"a demonstration\"}", "anna:" + password);
        return now;
    }

    private void approve(ServerProcess server, String run) {
        say("");
        say("Whoever asked may not approve it: " + refusal(server, run));
        server.post("/api/runs/" + run + "/answer", "{\"approve\":true,\"comment\":\"go ahead\"}", "bert:" + password);
        say("Bert approves it.");
        say("");
    }

    private String refusal(ServerProcess server, String run) {
        try {
            server.post("/api/runs/" + run + "/answer", "{\"approve\":true,\"comment\":\"\"}", "anna:" + password);
            unverified.add("the one who asked for the switchover could approve it");
            return "it was taken";
        } catch (LabException e) {
            return oneLine(String.valueOf(e.getMessage()));
        }
    }

    private JsonNode follow(ServerProcess server, Instant struck) {
        String[] id = {""};
        String runbook = options.switchover ? "switchover" : "failover";
        Eventually.until("started: a " + runbook, RUN_STARTS, LOOK, () -> {
            for (JsonNode run : server.get("/api/runs?cluster=" + CLUSTER + "&limit=5")) {
                if (run.path("runbook").asText().equals(runbook)
                        && (options.switchover
                                || !Instant.parse(run.path("startedAt").asText()).isBefore(struck))) {
                    id[0] = run.path("run").asText();
                    say(after(struck, Instant.parse(run.path("startedAt").asText())) + "  Run " + id[0] + ": "
                            + run.path("cause").asText());
                    return Optional.empty();
                }
            }
            return Optional.of("./switchman serve has started none");
        });
        boolean[] approved = {false};
        int[] printed = {0};
        JsonNode[] last = {server.get("/api/runs/" + id[0])};
        Eventually.until("ended: run " + id[0], RUN_ENDS, LOOK, () -> {
            last[0] = server.get("/api/runs/" + id[0]);
            JsonNode timeline = last[0].path("timeline");
            for (; printed[0] < timeline.size(); printed[0]++) {
                line(struck, timeline.get(printed[0])).ifPresent(Demo::say);
            }
            return switch (last[0].path("status").asText()) {
                case "ended" -> Optional.empty();
                case "waiting" -> {
                    if (!options.switchover) {
                        throw new LabException("run " + id[0] + " waits for a person: "
                                + last[0].path("question").asText());
                    }
                    if (!approved[0]) {
                        approved[0] = true;
                        approve(server, id[0]);
                    }
                    yield Optional.of("it waits: " + last[0].path("question").asText());
                }
                default -> Optional.of("it stands at " + last[0].path("at"));
            };
        });
        JsonNode run = last[0];
        String ending = run.path("ending").asText();
        say(after(struck, Instant.parse(run.path("endedAt").asText())) + "  Ended: " + ending);
        if (!GOOD_ENDINGS.contains(ending)) {
            unverified.add("the run ended with " + ending + ", not with DONE or REPLICAS_LOST");
        }
        return run;
    }

    private static Optional<String> line(Instant struck, JsonNode entry) {
        String time = after(struck, Instant.parse(entry.path("at").asText()));
        String step = entry.path("step").asText();
        String detail = oneLine(entry.path("detail").asText(""));
        return switch (entry.path("kind").asText()) {
            case "step" -> entry.path("outcome").isNull() || entry.path("outcome").isMissingNode()
                    ? Optional.of(time + "  " + step + ". " + oneLine(entry.path("text").asText()))
                    : Optional.of(time + "    " + entry.path("outcome").asText().toLowerCase(Locale.ROOT) + " in "
                            + entry.path("tookMillis").asLong() + " ms" + (detail.isEmpty() ? "" : ": " + detail));
            case "note" -> Optional.of(time + "    " + oneLine(entry.path("text").asText() + ": " + detail));
            // Single statements are for the report and the pages.
            default -> Optional.empty();
        };
    }

    private static String after(Instant struck, Instant at) {
        return String.format(Locale.ROOT, "%+8.3f s", Duration.between(struck, at).toNanos() / 1e9);
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() > 150 ? line.substring(0, 149) + "…" : line;
    }

    // ---- what is true at the end

    /** Looks at every server but the old primary. @return the one writable server, if it is one */
    private Optional<LabNode> verifyServers(LabCluster lab, LabNode old, JsonNode run) {
        List<LabNode> others = options.switchover ? lab.nodes() : lab.replicas();
        List<LabNode> writable = others.stream().filter(lab::isWritable).toList();
        if (writable.size() != 1) {
            unverified.add("writable are " + writable + ", not exactly one server; run " + run.path("run").asText());
            return Optional.empty();
        }
        LabNode chosen = writable.getFirst();
        for (LabNode node : others) {
            boolean holds = lab.hasVirtualIp(node);
            if (holds != node.equals(chosen)) {
                unverified.add(node + (holds ? " has" : " lacks") + " the virtual IP");
            }
            if (!node.equals(chosen)) {
                lab.replicationProblem(node, chosen).ifPresent(problem -> unverified.add(node + ": " + problem));
            }
        }
        if (!options.switchover && options.fault.hostAnswers()) {
            unfenced(lab, old).ifPresent(problem -> unverified.add("the old primary " + old + ": " + problem));
        }
        return Optional.of(chosen);
    }

    /** Gives the old primary back to the network, and looks how long it stays what it was. */
    private void healOldPrimary(LabCluster lab, LabNode old, Writer writer) {
        say("");
        say("Now " + old.name() + " comes back, still believing that it is the primary.");
        options.fault.heal(lab, old);
        long healed = System.nanoTime();
        try {
            Eventually.until("fenced: " + old, FENCED, () -> unfenced(lab, old));
            say("It is read-only and without the virtual IP after " + seconds(healed) + ".");
        } catch (LabException e) {
            unverified.add("the old primary came back: " + e.getMessage());
        }
        Eventually.pause(AFTER);
        writer.awaitProgress(HEALTHY);
    }

    private static Optional<String> unfenced(LabCluster lab, LabNode old) {
        if (lab.hasVirtualIp(old)) {
            return Optional.of("it has the virtual IP");
        }
        if (!lab.runsMysqld(old)) {
            return Optional.empty();
        }
        try {
            return lab.isWritable(old) ? Optional.of("it is writable") : Optional.empty();
        } catch (LabException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void end(LabCluster lab, ServerProcess server, Writer writer, JsonNode run, Instant struck, Duration outage,
            Optional<LabNode> chosen) {
        List<String> lost = chosen.map(writer::missingOn).orElse(List.of());
        if (!lost.isEmpty()) {
            unverified.add(lost.size() + " acknowledged writes are missing on " + chosen.orElseThrow() + ", the first: "
                    + lost.getFirst());
        }
        long verdict = Duration.between(struck, Instant.parse(run.path("startedAt").asText())).toMillis();

        say("");
        run.path("report").asText("(no report)").lines().forEach(line -> say("  | " + line));
        say("");
        say("Outage seen by the application   " + outage.toMillis() + " ms" + (options.switchover
                ? ""
                : " (from the fault to the run's start " + verdict + " ms)"));
        say("Acknowledged writes              " + writer.acknowledged());
        say("Missing on the new primary       " + (chosen.isPresent() ? String.valueOf(lost.size()) : "not known"));
        JsonNode servers = server.get("/api/clusters/" + CLUSTER).path("nodes");
        for (LabNode node : lab.nodes()) {
            say(String.format(Locale.ROOT, "%-33s%s", node, state(lab, node, chosen, servers)));
        }
        say("");
        Set<String> problems = new TreeSet<>(unverified);
        if (problems.isEmpty()) {
            say("Verified on the servers: one writable primary, every remaining replica follows it, the virtual IP is on it,"
                    + " no acknowledged write is lost.");
        } else {
            say("NOT as it must be:");
            problems.forEach(problem -> say("  - " + problem));
        }
        if (options.keep) {
            keep(lab, server);
        }
        if (options.json) {
            say(json(lab, writer, run, struck, outage, lost, chosen, verdict));
        }
    }

    private String state(LabCluster lab, LabNode node, Optional<LabNode> chosen, JsonNode servers) {
        if (chosen.equals(Optional.of(node))) {
            return "primary, writable, virtual IP " + lab.virtualIp();
        }
        if (options.switchover || !node.equals(lab.primary())) {
            return chosen.flatMap(primary -> lab.replicationProblem(node, primary))
                    .orElse("replica of " + chosen.map(LabNode::name).orElse("?"));
        }
        for (JsonNode server : servers) {
            if (server.path("node").asText().equals(node.id().toString())) {
                return "the old primary: " + server.path("state").asText()
                        + (server.path("problem").isTextual() ? ", " + oneLine(server.path("problem").asText()) : "");
            }
        }
        return "the old primary";
    }

    private String json(LabCluster lab, Writer writer, JsonNode run, Instant struck, Duration outage, List<String> lost,
            Optional<LabNode> chosen, long verdict) {
        ObjectNode object = new ObjectMapper().createObjectNode();
        object.put("fault", options.word());
        object.put("outageMillis", outage.toMillis());
        object.put("withheldPercent", withheldPercent);
        object.put("acknowledged", writer.acknowledged());
        if (chosen.isPresent()) {
            object.put("lost", lost.size());
        } else {
            object.putNull("lost");
        }
        object.put("oldPrimary", lab.primary().id().toString());
        object.put("newPrimary", chosen.map(node -> node.id().toString()).orElse(null));
        ArrayNode replicas = object.putArray("replicas");
        for (LabNode node : options.switchover ? lab.nodes() : lab.replicas()) {
            if (chosen.isPresent() && !chosen.equals(Optional.of(node))
                    && lab.replicationProblem(node, chosen.get()).isEmpty()) {
                replicas.add(node.id().toString());
            }
        }
        object.put("verdictMillis", verdict);
        object.set("parts",
                (options.switchover ? Parts.ofSwitchover(run) : Parts.ofFailover(run, struck)).json());
        object.put("run", run.path("run").asText());
        return object.toString();
    }

    private static void keep(LabCluster lab, ServerProcess server) {
        List<String> stop = new ArrayList<>(server.removal());
        stop.addAll(lab.removal());
        Path script = lab.directory().resolve("stop");
        try {
            Files.writeString(script, "#!/bin/bash\n" + String.join("\n", stop) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LabNode second = lab.replicas().getFirst();
        say("");
        say("Everything stays up:");
        say("  pages      " + server.address() + "/  (Cockpit: " + server.address() + "/camunda)");
        say("  login      admin, password "
                + server.administratorPassword().orElse("in " + server.log()));
        say("  servers    " + String.join(", ", lab.nodes().stream().map(LabNode::toString).toList())
                + "; virtual IP " + lab.virtualIp());
        say("  ssh        ssh -i " + lab.sshKey() + " -o UserKnownHostsFile=" + lab.knownHosts() + " root@"
                + second.address());
        say("  mysql      docker exec -it " + lab.hostName(second) + " mysql -h " + lab.virtualIp() + " -u "
                + lab.account().user() + " -p" + lab.account().password().reveal());
        say("  log        " + server.log());
        say("  stop it    bash " + script);
    }

    private static String seconds(long since) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - since) / 1e9);
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
