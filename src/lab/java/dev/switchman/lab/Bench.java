package dev.switchman.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * {@code ./switchman bench}: the demo, several times per fault, each time with new servers and a new manager in a process
 * of its own, and several planned switchovers of one cluster, there and back, or {@link Watching}, or {@link ManyRuns}; prints how long the application could not
 * write, and when which part of that was over. A run in which anything was not as it must be counts as failed and makes
 * the exit code 1.
 *
 * <p>
 * With {@code --peer mha}: Switchman and MHA 0.58 in turn, each on the same three servers of MySQL 5.7, and how many times
 * as long the other takes.
 */
public final class Bench {

    private static final String USAGE = "usage: ./switchman bench [--fault " + Fault.all("|")
            + "|planned|all] [--runs N]"
            + " [--json] [--peer mha], or: ./switchman bench --watch CLUSTERS [--minutes N]"
            + " [--preset fast|standard|mha] [--json],"
            + " or: ./switchman bench --pages [--runs N] [--json]";
    static final String PLANNED = "planned";
    private static final String MHA = "mha";
    private static final List<String> CASES = Stream
            .concat(Arrays.stream(Fault.values()).map(Fault::toString), Stream.of(PLANNED))
            .toList();
    private static final List<String> PRESETS = List.of("fast", "standard", "mha");
    private static final int MOST = 1_000;
    private static final int MOST_IN_STORE = 100_000;
    private static final int RUNS = 5;
    private static final int RUNS_IN_STORE = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The name under which a demo is to {@link #keep} its run. */
    static final String KEPT = "switchman.bench.run";

    /**
     * What was asked for on the command line.
     *
     * @param watched so many clusters, in place of any fault; 0: none
     * @param preset of their detection
     * @param pages the pages are measured, with so many runs in the store
     */
    record Options(List<String> cases, int runs, boolean json, boolean besideMha, int watched, int minutes,
            String preset,
            boolean pages) {}

    /**
     * One run that was verified.
     *
     * @param withheld of the processor time that was wanted around the outage, how much the machine's host did not give, in percent
     */
    private record Measured(long outage, Parts parts, long withheld) {}

    /** What the runs of one case came to. @param failures one line for each run that failed */
    private record Result(String name, List<Measured> runs, List<String> failures) {

        Result(String name) {
            this(name, new ArrayList<>(), new ArrayList<>());
        }

        /** What was measured, by its name: the outage, then when each of its parts was over. */
        Map<String, List<Long>> figures() {
            Map<String, List<Long>> figures = new LinkedHashMap<>();
            figures.put("outage", runs.stream().map(Measured::outage).toList());
            runs.forEach(run -> run.parts.milliseconds()
                    .forEach((part, millis) -> figures.computeIfAbsent(part, any -> new ArrayList<>()).add(millis)));
            return figures;
        }
    }

    private Bench() {}

    /** Exits with 0 when every run was verified, 1 when not, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        Options options;
        try {
            options = parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println("switchman bench: " + e.getMessage());
            System.exit(2);
            return;
        }
        if (options.watched > 0) {
            int status = new Watching(options.watched, Duration.ofMinutes(options.minutes), options.preset,
                    options.json).run();
            System.exit(status);
        }
        if (options.pages) {
            System.exit(new ManyRuns(options.runs, options.json).run());
        }
        boolean good = options.besideMha ? besideMha(options) : alone(options);
        System.out.flush();
        System.exit(good ? 0 : 1);
    }

    /** @return whether every run was verified */
    private static boolean alone(Options options) {
        List<Result> results = new ArrayList<>();
        for (String name : options.cases) {
            Result result = new Result(name);
            results.add(result);
            if (name.equals(PLANNED)) {
                planned(result, options.runs);
            } else {
                for (int run = 1; run <= options.runs; run++) {
                    once(result, run, options.runs);
                }
            }
        }
        System.out.println();
        if (options.json) {
            System.out.println(json(results));
        } else {
            table(results).forEach(System.out::println);
        }
        return results.stream().allMatch(result -> result.failures.isEmpty());
    }

    private static boolean besideMha(Options options) {
        List<Comparison.Row> rows = new ArrayList<>();
        for (String name : options.cases) {
            Comparison.Row row = new Comparison.Row(name);
            rows.add(row);
            if (name.equals(PLANNED)) {
                peer(row, "switchman", options.runs, 0, options.runs);
                peer(row, MHA, options.runs, 0, options.runs);
                continue;
            }
            // In turn, so that a busy minute of the machine meets both.
            for (int run = 1; run <= options.runs; run++) {
                peer(row, "switchman", 1, run - 1, options.runs);
                peer(row, MHA, 1, run - 1, options.runs);
            }
        }
        Comparison comparison = new Comparison("MHA 0.58", rows);
        System.out.println();
        if (options.json) {
            System.out.println(comparison.json());
        } else {
            comparison.table().forEach(System.out::println);
        }
        return comparison.good();
    }

    /** @param many how many outages this one process is to tell @param before how many there were already @param of how many in all */
    private static void peer(Comparison.Row row, String keeper, int many, int before, int of) {
        List<PeerOutage> told = keeper.equals(MHA) ? row.peer() : row.switchman();
        String title = row.fault() + ", " + keeper;
        int already = told.size();
        int status = process(new ArrayList<>(), line -> {
            told.add(PeerOutage.parse(parse(line)));
            int number = before + told.size() - already;
            System.err.println(title + ", " + number + " of " + of + ": " + told.getLast());
        }, List.of(), PeerRun.class, keeper, row.fault(), Integer.toString(many));
        int missing = many - (told.size() - already);
        if (status != 0 || missing > 0) {
            row.failures().add(title + ": status " + status + ", " + missing + " of " + many + " told nothing");
        }
    }

    /** @throws IllegalArgumentException naming the word that is wrong */
    static Options parse(List<String> arguments) {
        List<String> cases = CASES;
        Optional<String> runs = Optional.empty();
        boolean pages = false;
        int watched = 0;
        int minutes = 10;
        String preset = "standard";
        boolean json = false;
        boolean besideMha = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String name = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
            switch (name) {
                case "--json" -> json = true;
                case "--pages" -> pages = true;
                case "--help", "-h" -> {
                    System.out.println(USAGE);
                    System.exit(0);
                }
                case "--fault", "--runs", "--peer", "--watch", "--minutes", "--preset" -> {
                    String word = argument.contains("=")
                            ? argument.substring(argument.indexOf('=') + 1)
                            : ++i < arguments.size() ? arguments.get(i) : "";
                    switch (name) {
                        case "--runs" -> runs = Optional.of(word);
                        case "--peer" -> besideMha = peer(word);
                        case "--watch" -> watched = number(name, word, MOST);
                        case "--minutes" -> minutes = number(name, word, MOST);
                        case "--preset" -> preset = preset(word);
                        default -> cases = cases(word);
                    }
                }
                default -> throw new IllegalArgumentException("unknown option \"" + argument + "\"; " + USAGE);
            }
        }
        int most = pages ? MOST_IN_STORE : MOST;
        return new Options(cases,
                runs.map(word -> number("--runs", word, most)).orElse(pages ? RUNS_IN_STORE : RUNS), json, besideMha,
                watched, minutes, preset, pages);
    }

    private static int number(String option, String word, int most) {
        if (!word.matches("[0-9]{1,6}") || Integer.parseInt(word) < 1 || Integer.parseInt(word) > most) {
            throw new IllegalArgumentException(option + " is a number from 1 to " + most + ", not \"" + word + "\"");
        }
        return Integer.parseInt(word);
    }

    private static List<String> cases(String word) {
        if (word.equals("all")) {
            return CASES;
        }
        if (!CASES.contains(word)) {
            throw new IllegalArgumentException(
                    "--fault is one of " + String.join(", ", CASES) + ", all, not \"" + word + "\"");
        }
        return List.of(word);
    }

    private static String preset(String word) {
        if (!PRESETS.contains(word)) {
            throw new IllegalArgumentException(
                    "--preset is one of " + String.join(", ", PRESETS) + ", not \"" + word + "\"");
        }
        return word;
    }

    private static boolean peer(String word) {
        if (!word.equals(MHA)) {
            throw new IllegalArgumentException("--peer is " + MHA + ", not \"" + word + "\"");
        }
        return true;
    }

    /** The demo in a process of its own; its last line is what it measured. */
    private static void once(Result result, int number, int of) {
        String title = result.name + " " + number + " of " + of + ": ";
        List<String> lines = new ArrayList<>();
        int status = process(lines, line -> {}, List.of("-D" + KEPT + "=" + result.name + "-" + number), Demo.class,
                "--fault", result.name, "--json");
        Optional<JsonNode> measured = measured(lines);
        if (status != 0 || measured.isEmpty() || !measured.get().has("outageMillis")) {
            String why = measured.map(node -> node.path("error").asText("")).orElse("");
            result.failures.add(title + "status " + status + (why.isEmpty() ? "" : ", " + why));
            System.err.println(result.failures.getLast() + "\n  " + String.join("\n  ", lines));
            return;
        }
        take(result, title, measured.get());
    }

    private static String withheld(Measured run) {
        return run.withheld == 0 ? "" : "; " + run.withheld + " % of the processors was withheld by the machine's host";
    }

    /** All of them in one process, because they are of one cluster. */
    private static void planned(Result result, int runs) {
        List<String> lines = new ArrayList<>();
        int[] number = {0};
        int status = process(lines, line -> {
            JsonNode object = parse(line);
            if (object.path("fault").isTextual()) {
                String title = result.name + " " + ++number[0] + " of " + runs + ": ";
                if (object.has("error")) {
                    result.failures.add(title + object.path("error").asText());
                    System.err.println(result.failures.getLast());
                } else {
                    take(result, title, object);
                }
            } else if (object.path("lost").asInt() > 0) {
                result.failures.add(result.name + ": " + object.path("lost").asInt() + " acknowledged writes are lost");
            }
        }, List.of(), Switchovers.class, Integer.toString(runs));
        if (number[0] < runs) {
            result.failures
                    .add(result.name + ": " + (runs - number[0]) + " of " + runs + " not tried, status " + status);
            System.err.println(result.failures.getLast());
        }
    }

    /** Leaves a run with its whole timeline, for whoever wants to know where the time went. */
    static void keep(String name, JsonNode run) {
        try {
            Path folder = Files.createDirectories(Engine.home().resolve("target/bench"));
            Files.writeString(folder.resolve(name + ".json"), run.toPrettyString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void take(Result result, String title, JsonNode object) {
        Measured run = new Measured(object.path("outageMillis").asLong(), Parts.parse(object.path("parts")),
                object.path("withheldPercent").asLong());
        result.runs.add(run);
        System.err.println(title + "outage " + run.outage + " ms; over after: " + run.parts + withheld(run));
    }

    /** @param each is given every line that is a JSON object, as it comes @return the exit code */
    private static int process(List<String> lines, Consumer<String> each, List<String> properties, Class<?> main,
            String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "-Dswitchman.home=" + Engine.home()));
        command.addAll(properties);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            try (BufferedReader out = new BufferedReader(
                    new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    lines.add(line);
                    if (line.startsWith("{")) {
                        each.accept(line);
                    }
                }
            }
            return process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while the benchmark ran", e);
        }
    }

    private static Optional<JsonNode> measured(List<String> lines) {
        return lines.reversed().stream().filter(line -> line.startsWith("{")).findFirst().map(Bench::parse);
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new LabException("no JSON: " + line, e);
        }
    }

    // ---- figures

    /** @return the smallest value that at least this share of all is not above */
    static long quantile(List<Long> values, double share) {
        long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    private static List<String> table(List<Result> results) {
        List<String> lines = new ArrayList<>();
        String row = "%-8s %-12s %5s %8s %8s %8s %8s";
        lines.add(
                "Milliseconds: the longest time from one acknowledged commit to the next, and when its parts were over,"
                        + " from the fault or from the closing of the old primary on.");
        lines.add(String.format(Locale.ROOT, row, "fault", "", "runs", "median", "p95", "min", "max"));
        for (Result result : results) {
            result.figures().forEach((what, values) -> {
                Object[] cells = values.isEmpty()
                        ? new Object[]{result.name, what, 0, "-", "-", "-", "-"}
                        : new Object[]{result.name, what, values.size(), quantile(values, 0.5), quantile(values, 0.95),
                                quantile(values, 0), quantile(values, 1)};
                lines.add(String.format(Locale.ROOT, row, cells));
            });
        }
        results.forEach(result -> result.failures.forEach(failure -> lines.add("FAILED  " + failure)));
        return lines;
    }

    private static String json(List<Result> results) {
        ObjectNode object = JSON.createObjectNode();
        object.put("processors", Runtime.getRuntime().availableProcessors());
        ArrayNode faults = object.putArray("faults");
        for (Result result : results) {
            ObjectNode fault = faults.addObject();
            fault.put("fault", result.name);
            fault.put("runs", result.runs.size());
            fault.put("failed", result.failures.size());
            Map<String, List<Long>> figures = new LinkedHashMap<>(result.figures());
            figures(fault.putObject("outageMillis"), Objects.requireNonNull(figures.remove("outage")));
            ArrayNode withheld = fault.putArray("withheldPercent");
            result.runs.forEach(run -> withheld.add(run.withheld));
            ObjectNode parts = fault.putObject("partsMillis");
            figures.forEach((part, values) -> figures(parts.putObject(part), values));
        }
        return object.toString();
    }

    private static void figures(ObjectNode object, List<Long> values) {
        if (!values.isEmpty()) {
            object.put("median", quantile(values, 0.5));
            object.put("p95", quantile(values, 0.95));
            object.put("min", quantile(values, 0));
            object.put("max", quantile(values, 1));
        }
        ArrayNode all = object.putArray("all");
        values.forEach(all::add);
    }
}
