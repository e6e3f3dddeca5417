package dev.switchman.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabException;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.ServerProcess;
import dev.switchman.notify.MailParts;

import static org.assertj.core.api.Assertions.assertThat;

/** A lab, the program that looks after it as a process of its own, and the mail server that it reports to. */
final class Scene implements AutoCloseable {

    static final String CLUSTER = "shop";
    /** Of everybody that {@link #addPerson} adds. */
    static final String PASSWORD = "Long-enough-4-the-policy";
    /** The TLS of 8.0.12 agrees on finite field DHE: half a second of this program's time, compiled as little as here, each time. */
    private static final String SLOW_TLS = "8.0.12";
    private static final Duration LONG = Eventually.PATIENCE;

    private final LabCluster lab;
    private final GreenMail mail;
    private final Path configuration;
    private final int port;
    private final Set<String> runsBefore = new HashSet<>();
    private ServerProcess server;
    private boolean approver;

    private Scene(LabCluster lab, GreenMail mail, Path configuration, int port, ServerProcess server) {
        this.lab = lab;
        this.mail = mail;
        this.configuration = configuration;
        this.port = port;
        this.server = server;
    }

    /** Returns when the program finds the cluster healthy. */
    static Scene open(LabCluster.Builder builder) {
        return open(builder, "");
    }

    /** One server of each version, the first is the primary. Without semi-sync; without TLS where that would cost too much. */
    static Scene open(String... versions) {
        return open(LabCluster.builder().versions(versions).semiSync(false),
                List.of(versions).contains(SLOW_TLS) ? "mysql: {tls: disabled}\n" : "");
    }

    /** @param defaults lines for the section {@code defaults}, without indentation */
    static Scene open(LabCluster.Builder builder, String defaults) {
        return open(builder, defaults, Naming.BY_ADDRESS, "test");
    }

    /** A cluster whose switchovers another person must approve. */
    static Scene openInProduction(LabCluster.Builder builder) {
        return open(builder, "", Naming.BY_ADDRESS, "production");
    }

    /** The program knows the servers by names, which it looks up in a file of the lab: {@link #names}. */
    static Scene openByNames(LabCluster.Builder builder) {
        return open(builder, "", Naming.BY_NAME, "test");
    }

    private enum Naming {
        BY_ADDRESS, BY_NAME
    }

    private static Scene open(LabCluster.Builder builder, String defaults, Naming naming, String tier) {
        GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mail.start();
        LabCluster lab = builder.start();
        int port = ServerProcess.freePort();
        Path configuration = lab.directory().resolve("switchman.yaml");
        lab.writeConfig(configuration, CLUSTER, port, "standard", tier);
        List<String> options = List.of();
        try {
            Files.writeString(configuration, """
                      defaults:
                        mail: {server: 127.0.0.1, port: %d, from: switchman@example.org, to: oncall@example.org}
                    """.formatted(mail.getSmtp().getPort())
                    + ((defaults.contains("limits:") ? "" : "limits: {cool-down: 0s}\n") + defaults).indent(4),
                    StandardOpenOption.APPEND);
            if (naming == Naming.BY_NAME) {
                writeNames(lab);
                options = List.of("-Djdk.net.hosts.file=" + hosts(lab), "-Dsun.net.inetaddr.ttl=0",
                        "-Dsun.net.inetaddr.negative.ttl=0");
                for (Path file : List.of(configuration, lab.knownHosts())) {
                    String text = Files.readString(file);
                    for (LabNode node : lab.nodes()) {
                        text = text.replace("{host: " + node.address() + "}", "{host: " + node.name() + "}")
                                .replace(node.address() + " ", node.name() + " ");
                    }
                    Files.writeString(file, text);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Scene scene = new Scene(lab, mail, configuration, port,
                ServerProcess.startHere(configuration, lab.directory(), port, options));
        try {
            scene.server.awaitUp();
            scene.awaitVerdict("healthy"::equals);
            return scene;
        } catch (RuntimeException | Error e) {
            System.err.println(scene.server.lastLines());
            scene.close();
            throw e;
        }
    }

    private static Path hosts(LabCluster lab) {
        return lab.directory().resolve("hosts");
    }

    private static void writeNames(LabCluster lab) throws IOException {
        StringBuilder lines = new StringBuilder("127.0.0.1 localhost\n");
        lab.nodes().forEach(node -> lines.append(node.address()).append(' ').append(node.name()).append('\n'));
        Files.writeString(hosts(lab), lines);
    }

    /** @param known whether the program's name service knows the servers from now on */
    void names(boolean known) {
        try {
            if (known) {
                writeNames(lab);
            } else {
                Files.writeString(hosts(lab), "127.0.0.1 localhost\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LabCluster lab() {
        return lab;
    }

    /** @return what the program says of the cluster */
    JsonNode cluster() {
        return server.get("/api/clusters/" + CLUSTER);
    }

    /** Starts this runbook by hand. @return the run */
    String start(String runbook, String body) {
        return server.post("/api/clusters/" + CLUSTER + "/" + runbook, body).path("run").asText();
    }

    /** Lets a server that is back rejoin; begins again where the watch meets it with a run of its own, which goes before. */
    JsonNode rejoin(LabNode node, Duration deadline) {
        for (int attempt = 1;; attempt++) {
            JsonNode run = awaitEnd(startRejoin(node), deadline);
            if (!run.path("ending").asText().equals("CANCELLED") || attempt == 3) {
                return run;
            }
        }
    }

    /** The same, until it asks a person. @return the run, which waits for the answer; or has ended, otherwise than cancelled */
    String rejoinUntilAsked(LabNode node) {
        for (int attempt = 1;; attempt++) {
            String id = startRejoin(node);
            Eventually.until("asked or ended", LONG,
                    () -> Set.of("waiting", "ended").contains(run(id).path("status").asText())
                            ? Optional.empty()
                            : Optional.of(run(id).path("at").toString()));
            if (!run(id).path("ending").asText().equals("CANCELLED") || attempt == 3) {
                return id;
            }
        }
    }

    private String startRejoin(LabNode node) {
        for (int attempt = 1;; attempt++) {
            settle();
            try {
                return start("rejoin", "{\"node\":\"" + node.id() + "\",\"reason\":\"it is back\"}");
            } catch (LabException e) {
                if (attempt == 3 || !String.valueOf(e.getMessage()).contains("is held by run")) {
                    throw e;
                }
            }
        }
    }

    /** A person answers the question that the run waits with. */
    void answer(String run, boolean yes) {
        Eventually.until("asked: run " + run, LONG, () -> run(run).path("status").asText().equals("waiting")
                ? Optional.empty()
                : Optional.of(run(run).path("status") + " at " + run(run).path("at")));
        if (!approver) {
            addPerson("bert", "approver");
            approver = true;
        }
        server.post("/api/runs/" + run + "/answer", "{\"approve\":" + yes + ",\"comment\":\"\"}",
                "bert:" + PASSWORD);
    }

    /** From now on there is somebody of this name, with {@link #PASSWORD}. */
    void addPerson(String name, String group) {
        server.post("/api/users", "{\"name\":\"" + name + "\",\"groups\":[\"" + group + "\"],\"password\":\""
                + PASSWORD + "\"}");
    }

    /** @return where people find the pages */
    String address() {
        return "http://127.0.0.1:" + port;
    }

    /** @return what a dry run says of a switchover */
    JsonNode preflight() {
        return server.get("/api/clusters/" + CLUSTER + "/switchover");
    }

    /** @return the server that the program takes for the primary */
    LabNode primary() {
        String id = cluster().path("primary").asText();
        return lab.nodes()
                .stream()
                .filter(node -> node.id().toString().equals(id) || id.equals(node.name() + ":" + LabNode.PORT))
                .findFirst()
                .orElseThrow();
    }

    List<LabNode> allBut(LabNode... nodes) {
        List<LabNode> others = new ArrayList<>(lab.nodes());
        others.removeAll(List.of(nodes));
        return others;
    }

    void awaitVerdict(Predicate<String> wanted) {
        Eventually.until("seen as expected", LONG, () -> {
            JsonNode cluster = cluster();
            return wanted.test(cluster.path("verdict").asText())
                    ? Optional.empty()
                    : Optional.of(cluster.path("verdict").asText() + ": " + cluster.path("sentence").asText()
                            + newRuns().stream().map(run -> "; " + run.path("cause").asText()).toList());
        });
    }

    /** Waits until the watch has reached a verdict so many times more. @return the words of these verdicts, in order */
    List<String> awaitLooks(int count) {
        Set<String> moments = new HashSet<>(Set.of(cluster().path("seenAt").asText()));
        List<String> words = new ArrayList<>();
        Eventually.until("looked at " + count + " times", LONG, () -> {
            JsonNode cluster = cluster();
            if (moments.add(cluster.path("seenAt").asText())) {
                words.add(cluster.path("verdict").asText());
            }
            return words.size() >= count ? Optional.empty() : Optional.of(words.toString());
        });
        return words;
    }

    /** Waits until no run holds the cluster and its primary is seen; runs that there are now are no longer new. */
    void settle() {
        Eventually.until("settled", LONG, () -> {
            JsonNode cluster = cluster();
            return cluster.path("run").isNull() && Set.of("healthy", "replicas-lost", "replication-broken")
                    .contains(cluster.path("verdict").asText())
                            ? Optional.empty()
                            : Optional.of(cluster.path("verdict").asText() + ": " + cluster.path("sentence").asText()
                                    + "; held by run " + cluster.path("run").asText());
        });
        runs().forEach(run -> runsBefore.add(run.path("run").asText()));
    }

    /** @return runs since {@link #settle}, newest first */
    List<JsonNode> newRuns() {
        return runs().stream().filter(run -> !runsBefore.contains(run.path("run").asText())).toList();
    }

    private List<JsonNode> runs() {
        List<JsonNode> runs = new ArrayList<>();
        server.get("/api/runs?limit=100").forEach(runs::add);
        return runs;
    }

    /** @return the new run of this runbook, as soon as it is there */
    String awaitStarted(String runbook) {
        String[] id = {""};
        Eventually.until("started: a new " + runbook, LONG, () -> {
            newRuns().stream()
                    .filter(run -> run.path("runbook").asText().equals(runbook))
                    .findFirst()
                    .ifPresent(run -> id[0] = run.path("run").asText());
            return id[0].isEmpty()
                    ? Optional.of("runs are " + newRuns() + "; " + cluster().path("sentence").asText())
                    : Optional.empty();
        });
        return id[0];
    }

    JsonNode run(String id) {
        return server.get("/api/runs/" + id);
    }

    /** @return the run when it has ended */
    JsonNode awaitEnd(String id, Duration deadline) {
        JsonNode[] run = {run(id)};
        Eventually.until("ended: run " + id, deadline, () -> {
            run[0] = run(id);
            return run[0].path("status").asText().equals("ended")
                    ? Optional.empty()
                    : Optional.of(run[0].path("status") + " at " + run[0].path("at") + ", question "
                            + run[0].path("question") + "\n" + run[0].path("timeline").toPrettyString());
        });
        return run[0];
    }

    /** @return the new run of this runbook when it has ended */
    JsonNode awaitRun(String runbook) {
        return awaitEnd(awaitStarted(runbook), LONG);
    }

    /** Waits until a step of the run has begun and not ended. */
    void awaitStep(String run, String step) {
        String wanted = bare(step);
        Eventually.until("in " + step, LONG, () -> {
            boolean begun = false;
            for (JsonNode entry : run(run).path("timeline")) {
                if (entry.path("kind").asText().equals("step") && bare(entry.path("step").asText()).equals(wanted)) {
                    begun = entry.path("outcome").isNull();
                }
            }
            return begun ? Optional.empty() : Optional.of("it stands at " + run(run).path("at"));
        });
    }

    /** Runs a verb as the local administrator. @param words the verb and its arguments */
    ServerProcess.Said verb(String... words) {
        return server.verb(words);
    }

    private static String bare(String name) {
        return name.replace(" ", "").toLowerCase(Locale.ROOT);
    }

    /** Kills the program ({@code kill -9}). */
    void killServer() {
        server.kill();
    }

    /** Starts the program as on a new machine: it remembers nothing. */
    void restartServerWithoutMemory() {
        Path data = lab.directory().resolve("data");
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restartServer();
    }

    /** Starts the program again with another configuration. */
    void reconfigure(UnaryOperator<String> change) {
        try {
            String before = Files.readString(configuration);
            String after = change.apply(before);
            assertThat(after).isNotEqualTo(before);
            Files.writeString(configuration, after);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        killServer();
        restartServer();
        awaitVerdict("healthy"::equals);
    }

    /** The program stands still until {@link #resumeServer}. */
    void suspendServer() {
        server.suspend();
    }

    void resumeServer() {
        server.resume();
    }

    /** Starts the program again over the same data. Returns when it is up. */
    void restartServer() {
        server = ServerProcess.startHere(configuration, lab.directory(), port);
        server.awaitUp();
    }

    /** @return when it is there, the plain text of the mail about the cluster that came last, if its subject begins so */
    String awaitMail(String subject) throws MessagingException, IOException {
        MimeMessage[] found = new MimeMessage[1];
        Eventually.until("delivered: a mail \"" + subject + "…\"", LONG, () -> {
            List<String> subjects = new ArrayList<>();
            for (MimeMessage message : mail.getReceivedMessages()) {
                subjects.add(subject(message));
                if (subject(message).startsWith(subject)) {
                    found[0] = message;
                }
            }
            return found[0] == null ? Optional.of("there are " + subjects) : Optional.empty();
        });
        return MailParts.text(found[0], "text/plain");
    }

    private static String subject(MimeMessage message) {
        try {
            return String.valueOf(message.getSubject());
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Looks at the servers themselves: one is writable and has the virtual IP, every replica follows it.
     *
     * @param unseen servers that cannot be asked now
     * @param former servers that must be closed, and follow nobody
     */
    void assertServedBy(LabNode primary, List<LabNode> former, LabNode... unseen) {
        for (LabNode node : allBut(unseen)) {
            boolean isPrimary = node.equals(primary);
            assertThat(lab.hasVirtualIp(node)).as(node + " has the virtual IP").isEqualTo(isPrimary);
            if (former.contains(node)) {
                assertThat(lab.runsMysqld(node) && lab.isWritable(node)).as(node + " is writable").isFalse();
            } else {
                assertThat(lab.isWritable(node)).as(node + " is writable").isEqualTo(isPrimary);
                if (!isPrimary) {
                    assertThat(lab.replicationProblem(node, primary)).as(node + " follows").isEmpty();
                }
            }
        }
    }

    /** @return why this server may still be taken for a primary; empty when it is read-only and without the address */
    Optional<String> notFenced(LabNode node) {
        if (lab.hasVirtualIp(node)) {
            return Optional.of(node + " has the virtual IP");
        }
        return lab.runsMysqld(node) && lab.isWritable(node) ? Optional.of(node + " is writable") : Optional.empty();
    }

    @Override
    public void close() {
        server.close();
        lab.close();
        mail.stop();
    }
}
