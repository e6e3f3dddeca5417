package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * {@code ./switchman bench --watch N}: one manager in a process of its own watches N clusters of three servers for some
 * minutes. The same three servers stand for all of them, each known to each cluster by another name, so that every cluster has
 * connections, SSH sessions and looks of its own. Samples what the manager costs, and compares the first third with the last:
 * what has grown by then grows on.
 */
final class Watching {

    /** For so many clusters more. */
    private static final Duration HEALTHY = Duration.ofMinutes(1);
    private static final int STEP = 5;
    private static final Duration SAMPLE = Duration.ofSeconds(5);
    /** The first collections and compilations, and connections that are kept from then on. */
    private static final Duration SETTLED = Duration.ofSeconds(45);
    private static final Duration COMMAND = Duration.ofSeconds(10);
    private static final String PREFIX = "cluster-";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int clusters;
    private final Duration time;
    private final String preset;
    private final boolean json;

    /** @param preset of the detection, as in the configuration */
    Watching(int clusters, Duration time, String preset, boolean json) {
        this.clusters = clusters;
        this.preset = preset;
        this.time = time;
        this.json = json;
    }

    /**
     * One moment. All but the last three are of the manager's process.
     *
     * @param ticks   how many began since the start, by how late at most in milliseconds; the last key is for all
     * @param lines   of its log
     * @param cpuTicks that it has had since its start, in hundredths of a second
     */
    private record Sample(long nanos, long cpuTicks, long rssKib, long heap, long platformThreads, long files,
            long sessions,
            long connections, long lines, Map<Long, Long> ticks) {}

    /** What a third of the time came to. */
    private record Third(double cpuPercent, long rssMib, long heapMib, long threads, long files, long sessions,
            long connections, long linesPerMinute, long ticks, String late) {}

    /** @return the exit code: 1 when something grew, or a cluster was not healthy at the end */
    int run() {
        try (LabCluster lab = LabCluster.builder().start()) {
            makeRoom(lab);
            makeKnown(lab, 0);
            Path configuration = lab.directory().resolve("many.yaml");
            int port = ServerProcess.freePort();
            write(lab, configuration, port);
            List<String> options = List.of("-Djdk.net.hosts.file=" + hostsFile(lab));
            try (ServerProcess server = ServerProcess.start(configuration, lab.directory(), port, options)) {
                server.awaitUp();
                System.err.println("waiting until all " + clusters + " clusters are healthy …");
                for (int known = 0; known < clusters;) {
                    known = Math.min(known + STEP, clusters);
                    makeKnown(lab, known);
                    int expected = known;
                    Eventually.until(known + " healthy", HEALTHY, Duration.ofMillis(500),
                            () -> missing(server, expected));
                }
                Eventually.pause(SETTLED);
                List<Sample> samples = samples(lab, server);
                List<String> troubles = new ArrayList<>();
                missing(server, clusters).ifPresent(troubles::add);
                JsonNode runs = server.get("/api/runs?limit=10");
                if (!runs.isEmpty()) {
                    troubles.add("runs were started: " + runs);
                }
                return report(samples, troubles);
            } catch (RuntimeException e) {
                System.err.println(tail(lab));
                throw e;
            }
        }
    }

    private static String tail(LabCluster lab) {
        List<String> lines = lines(lab.directory().resolve("serve.log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** A hundred clusters' worth of connections on each of them; logins without the processes that greet a person. */
    private void makeRoom(LabCluster lab) {
        for (LabNode node : lab.nodes()) {
            lab.execute(node, "SET GLOBAL max_connections = " + (200 + 20 * clusters));
            lab.exec(node, "sh", "-c", "printf 'MaxStartups 1000\\nUsePAM no\\n' >/etc/ssh/sshd_config.d/many.conf"
                    + " && pkill -HUP -o -x sshd");
        }
    }

    private static String name(int cluster) {
        return PREFIX + String.format(Locale.ROOT, "%04d", cluster);
    }

    private static String host(int cluster, LabNode node) {
        return node.name() + "." + name(cluster);
    }

    /** Without a virtual IP: the servers have one, and it would be in the wrong place for all clusters but one. */
    private void write(LabCluster lab, Path configuration, int port) {
        lab.writeConfig(configuration, name(1), port, preset, "test");
        try {
            List<String> defaults = Files.readAllLines(configuration)
                    .stream()
                    .filter(line -> Stream.of("mysql:", "replication:", "ssh:", "ping-schema:", "detection:", "tier:")
                            .anyMatch(key -> line.strip().startsWith(key)))
                    .map(String::strip)
                    .toList();
            StringBuilder yaml = new StringBuilder("switchman:\n  server:\n    port: " + port + "\n  defaults:\n");
            defaults.forEach(line -> yaml.append("    ").append(line).append('\n'));
            yaml.append("  clusters:\n");
            StringBuilder known = new StringBuilder();
            List<String> keys = Files.readAllLines(lab.knownHosts());
            for (int cluster = 1; cluster <= clusters; cluster++) {
                yaml.append("    - name: ").append(name(cluster)).append("\n      nodes:\n");
                for (LabNode node : lab.nodes()) {
                    String host = host(cluster, node);
                    yaml.append("        - {host: ").append(host).append("}\n");
                    keys.stream()
                            .filter(line -> line.startsWith(node.address() + " "))
                            .forEach(line -> known.append(line.replace(node.address() + " ", host + " ")).append('\n'));
                }
            }
            Files.writeString(configuration, yaml);
            Files.writeString(lab.knownHosts(), known);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path hostsFile(LabCluster lab) {
        return lab.directory().resolve("many.hosts");
    }

    /**
     * Lets the manager resolve the first clusters' hosts. Of a hundred clusters at once there would be 300 logins and 1500
     * TLS handshakes, whose other ends are on this machine, too: none would be done in time, and all would begin anew.
     */
    private static void makeKnown(LabCluster lab, int known) {
        StringBuilder hosts = new StringBuilder("127.0.0.1 localhost\n");
        for (int cluster = 1; cluster <= known; cluster++) {
            for (LabNode node : lab.nodes()) {
                hosts.append(node.address()).append(' ').append(host(cluster, node)).append('\n');
            }
        }
        try {
            Path next = lab.directory().resolve("many.hosts.next");
            Files.writeString(next, hosts);
            Files.move(next, hostsFile(lab), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> missing(ServerProcess server, int expected) {
        Map<String, Integer> verdicts = new TreeMap<>();
        server.get("/api/clusters")
                .forEach(cluster -> verdicts.merge(cluster.path("verdict").asText(), 1, Integer::sum));
        return verdicts.getOrDefault("healthy", 0) >= expected
                ? Optional.empty()
                : Optional.of("verdicts: " + verdicts);
    }

    // ---- looking at the manager

    private List<Sample> samples(LabCluster lab, ServerProcess server) {
        List<Sample> samples = new ArrayList<>();
        long begun = System.nanoTime();
        samples.add(sample(lab, server));
        while (System.nanoTime() - begun < time.toNanos()) {
            Eventually.pause(SAMPLE);
            samples.add(sample(lab, server));
            if (samples.size() % 12 == 0) {
                System.err.println(samples.getLast());
            }
        }
        return samples;
    }

    private Sample sample(LabCluster lab, ServerProcess server) {
        long process = server.process();
        long cpu = 0;
        long rss = 0;
        long threads = 0;
        // The process may have been started through a shell that waits for it.
        for (long each : Stream.concat(Stream.of(process),
                ProcessHandle.of(process).stream().flatMap(ProcessHandle::descendants).map(ProcessHandle::pid))
                .toList()) {
            String stat = read(Path.of("/proc/" + each + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            cpu += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            rss += Long.parseLong(fields[21]) * 4;
            threads += Long.parseLong(fields[17]);
        }
        long files = ProcessHandle.of(process)
                .stream()
                .flatMap(handle -> Stream.concat(Stream.of(handle), handle.descendants()))
                .mapToLong(handle -> count(Path.of("/proc/" + handle.pid() + "/fd")))
                .sum();
        long sessions = 0;
        long connections = 0;
        for (LabNode node : lab.nodes()) {
            sessions += Long.parseLong(
                    lab.exec(node, "sh", "-c", "ss -tnH state established '( sport = :22 )' | wc -l").strip());
            connections += Long.parseLong(lab.value(node,
                    "SELECT COUNT(*) FROM performance_schema.threads WHERE PROCESSLIST_USER = 'switchman'")
                    .orElse("0"));
        }
        String metrics = server.text("/api/metrics");
        Map<Long, Long> ticks = new TreeMap<>();
        double heap = 0;
        for (String line : metrics.lines().toList()) {
            if (line.startsWith("switchman_watch_lateness_seconds_bucket{")) {
                String bound = line.replaceAll(".*le=\"([^\"]*)\".*", "$1");
                ticks.put(bound.equals("+Inf") ? Long.MAX_VALUE : Math.round(Double.parseDouble(bound) * 1000),
                        (long) value(line));
            } else if (line.startsWith("jvm_memory_used_bytes{area=\"heap\"")) {
                heap += value(line);
            }
        }
        return new Sample(System.nanoTime(), cpu, rss, (long) heap, threads, files, sessions, connections,
                lines(server.log()).size(), ticks);
    }

    private static double value(String line) {
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        return read(file).lines().toList();
    }

    private static long count(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what it comes to

    private int report(List<Sample> samples, List<String> troubles) {
        int third = (samples.size() - 1) / 3;
        List<Third> thirds = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            thirds.add(third(samples.subList(i * third, i == 2 ? samples.size() : (i + 1) * third + 1)));
        }
        Third first = thirds.getFirst();
        Third last = thirds.getLast();
        // Of what is counted one by one a few more are a moment; more than that is a leak.
        grown(troubles, "threads", first.threads, last.threads, first.threads / 20 + 5);
        grown(troubles, "open files", first.files, last.files, first.files / 20 + 5);
        grown(troubles, "SSH sessions", first.sessions, last.sessions, first.sessions / 50 + 2);
        grown(troubles, "MySQL connections", first.connections, last.connections, first.connections / 20 + 5);
        grown(troubles, "MiB of live heap", first.heapMib, last.heapMib, first.heapMib / 4 + 8);
        grown(troubles, "MiB of resident memory", first.rssMib, last.rssMib, first.rssMib / 10 + 16);
        grown(troubles, "percent of a core", Math.round(first.cpuPercent), Math.round(last.cpuPercent),
                Math.round(first.cpuPercent / 4) + 3);
        grown(troubles, "lines of log a minute", first.linesPerMinute, last.linesPerMinute, 5);
        System.out.println();
        if (json) {
            System.out.println(json(thirds, troubles));
        } else {
            table(thirds, troubles).forEach(System.out::println);
        }
        System.out.flush();
        return troubles.isEmpty() ? 0 : 1;
    }

    private static void grown(List<String> troubles, String what, long first, long last, long allowed) {
        if (last > first + allowed) {
            troubles.add(what + " grew from " + first + " to " + last + ", more than by " + allowed);
        }
    }

    private static Third third(List<Sample> part) {
        Sample first = part.getFirst();
        Sample last = part.getLast();
        double seconds = (last.nanos - first.nanos) / 1e9;
        Map<Long, Long> ticks = new TreeMap<>();
        last.ticks.forEach((bound, count) -> ticks.put(bound, count - first.ticks.getOrDefault(bound, 0L)));
        long all = ticks.getOrDefault(Long.MAX_VALUE, 0L);
        return new Third((last.cpuTicks - first.cpuTicks) / seconds, median(part, Sample::rssKib) / 1024,
                // What a collection has left over is what lives.
                part.stream().mapToLong(Sample::heap).min().orElseThrow() >> 20, median(part, Sample::platformThreads),
                median(part, Sample::files), median(part, Sample::sessions), median(part, Sample::connections),
                Math.round((last.lines - first.lines) * 60 / seconds), all,
                "median " + within(ticks, all, 0.5) + ", 99 % " + within(ticks, all, 0.99) + ", all "
                        + within(ticks, all, 1));
    }

    private static String within(Map<Long, Long> ticks, long all, double share) {
        return ticks.entrySet()
                .stream()
                .filter(entry -> entry.getValue() >= Math.ceil(share * all))
                .findFirst()
                .map(entry -> entry.getKey() == Long.MAX_VALUE ? "> 1000 ms" : "≤ " + entry.getKey() + " ms")
                .orElse("-");
    }

    private static long median(List<Sample> samples, ToLongFunction<Sample> value) {
        return Bench.quantile(samples.stream().map(value::applyAsLong).toList(), 0.5);
    }

    private List<String> table(List<Third> thirds, List<String> troubles) {
        List<String> lines = new ArrayList<>();
        lines.add(clusters + " clusters of 3 with the preset " + preset + ", watched for " + time.toMinutes()
                + " minutes; the thirds of that time:");
        String row = "%-26s %22s %22s %22s";
        lines.add(String.format(Locale.ROOT, row, "", "first", "second", "last"));
        figures(thirds).forEach((what, values) -> lines.add(String.format(Locale.ROOT, row, what, values.get(0),
                values.get(1), values.get(2))));
        for (Third third : thirds) {
            lines.add("ticks begun later than due, " + (thirds.indexOf(third) + 1) + ". third: " + third.late);
        }
        lines.add(troubles.isEmpty() ? "nothing grew" : "");
        troubles.forEach(trouble -> lines.add("FAILED  " + trouble));
        return lines;
    }

    private static Map<String, List<String>> figures(List<Third> thirds) {
        Map<String, List<String>> figures = new java.util.LinkedHashMap<>();
        figures.put("percent of one core",
                thirds.stream().map(third -> String.format(Locale.ROOT, "%.1f", third.cpuPercent)).toList());
        figures.put("resident MiB", texts(thirds, Third::rssMib));
        figures.put("live heap MiB", texts(thirds, Third::heapMib));
        figures.put("platform threads", texts(thirds, Third::threads));
        figures.put("open files", texts(thirds, Third::files));
        figures.put("SSH sessions", texts(thirds, Third::sessions));
        figures.put("MySQL connections", texts(thirds, Third::connections));
        figures.put("log lines a minute", texts(thirds, Third::linesPerMinute));
        figures.put("ticks", texts(thirds, Third::ticks));
        return figures;
    }

    private static List<String> texts(List<Third> thirds, ToLongFunction<Third> value) {
        return thirds.stream().map(third -> Long.toString(value.applyAsLong(third))).toList();
    }

    private String json(List<Third> thirds, List<String> troubles) {
        ObjectNode object = JSON.createObjectNode();
        object.put("processors", Runtime.getRuntime().availableProcessors());
        object.put("clusters", clusters);
        object.put("preset", preset);
        object.put("minutes", time.toMinutes());
        ArrayNode parts = object.putArray("thirds");
        for (Third third : thirds) {
            parts.addObject()
                    .put("cpuPercent", third.cpuPercent)
                    .put("residentMib", third.rssMib)
                    .put("liveHeapMib", third.heapMib)
                    .put("threads", third.threads)
                    .put("openFiles", third.files)
                    .put("sshSessions", third.sessions)
                    .put("mysqlConnections", third.connections)
                    .put("logLinesPerMinute", third.linesPerMinute)
                    .put("ticks", third.ticks)
                    .put("late", third.late);
        }
        ArrayNode failures = object.putArray("failures");
        troubles.forEach(failures::add);
        return object.toString();
    }
}
