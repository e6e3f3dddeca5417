package dev.switchman.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * {@code ./switchman bench}: the demo, several times per fault, each time with new servers and a new manager in a process
 * of its own; prints how long the application could not write. A run in which anything was not as it must be counts as
 * failed and makes the exit code 1.
 */
public final class Bench {

    private static final String USAGE = "usage: ./switchman bench [--fault crash|silent|frozen|all] [--runs N] [--json]";
    private static final int MOST = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Options(List<Fault> faults, int runs, boolean json) {}

    /** What one fault's runs came to. @param failures one line for each run that failed */
    private record Result(Fault fault, List<Long> outages, List<Long> verdicts, List<String> failures) {}

    private Bench() {}

    /** Exits with 0 when every run was verified, 1 when not, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        Options options = parse(List.of(arguments));
        List<Result> results = new ArrayList<>();
        for (Fault fault : options.faults) {
            Result result = new Result(fault, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            results.add(result);
            for (int run = 1; run <= options.runs; run++) {
                once(result, run, options.runs);
            }
        }
        System.out.println();
        if (options.json) {
            System.out.println(json(results));
        } else {
            table(results).forEach(System.out::println);
        }
        System.out.flush();
        System.exit(results.stream().allMatch(result -> result.failures.isEmpty()) ? 0 : 1);
    }

    private static Options parse(List<String> arguments) {
        List<Fault> faults = List.of(Fault.values());
        int runs = 5;
        boolean json = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String name = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
            switch (name) {
                case "--json" -> json = true;
                case "--help", "-h" -> {
                    System.out.println(USAGE);
                    System.exit(0);
                }
                case "--fault", "--runs" -> {
                    String word = argument.contains("=")
                            ? argument.substring(argument.indexOf('=') + 1)
                            : ++i < arguments.size() ? arguments.get(i) : "";
                    if (name.equals("--runs")) {
                        runs = number(word);
                    } else {
                        faults = faults(word);
                    }
                }
                default -> throw wrong("unknown option \"" + argument + "\"; " + USAGE);
            }
        }
        return new Options(faults, runs, json);
    }

    private static int number(String word) {
        if (!word.matches("[0-9]{1,4}") || Integer.parseInt(word) < 1 || Integer.parseInt(word) > MOST) {
            throw wrong("--runs is a number from 1 to " + MOST + ", not \"" + word + "\"");
        }
        return Integer.parseInt(word);
    }

    private static List<Fault> faults(String word) {
        if (word.equals("all")) {
            return List.of(Fault.values());
        }
        return List.of(Fault.named(word)
                .orElseThrow(() -> wrong("--fault is one of crash, silent, frozen, all, not \"" + word + "\"")));
    }

    private static IllegalArgumentException wrong(String message) {
        System.err.println("switchman bench: " + message);
        System.exit(2);
        return new IllegalArgumentException(message);
    }

    /** The demo in a process of its own; its last line is what it measured. */
    private static void once(Result result, int number, int of) {
        String title = result.fault + " " + number + " of " + of + ": ";
        List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-Dswitchman.home=" + Engine.home(), "-cp",
                System.getProperty("java.class.path"), Demo.class.getName(), "--fault", result.fault.toString(),
                "--json");
        try {
            Process demo = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            List<String> lines = new ArrayList<>();
            try (BufferedReader out = new BufferedReader(
                    new InputStreamReader(demo.getInputStream(), StandardCharsets.UTF_8))) {
                out.lines().forEach(lines::add);
            }
            int status = demo.waitFor();
            Optional<JsonNode> measured = measured(lines);
            if (status != 0 || measured.isEmpty() || !measured.get().has("outageMillis")) {
                String why = measured.map(node -> node.path("error").asText("")).orElse("");
                result.failures.add(title + "status " + status + (why.isEmpty() ? "" : ", " + why));
                System.err.println(result.failures.getLast() + "\n  " + String.join("\n  ", lines));
                return;
            }
            long outage = measured.get().path("outageMillis").asLong();
            long verdict = measured.get().path("verdictMillis").asLong();
            result.outages.add(outage);
            result.verdicts.add(verdict);
            System.err.println(title + "outage " + outage + " ms, run started after " + verdict + " ms");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while the benchmark ran", e);
        }
    }

    private static Optional<JsonNode> measured(List<String> lines) throws IOException {
        for (String line : lines.reversed()) {
            if (line.startsWith("{")) {
                return Optional.of(JSON.readTree(line));
            }
        }
        return Optional.empty();
    }

    // ---- figures

    /** @return the smallest value that at least this share of all is not above */
    static long quantile(List<Long> values, double share) {
        long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    private static List<String> table(List<Result> results) {
        List<String> lines = new ArrayList<>();
        String row = "%-8s %-22s %5s %8s %8s %8s %8s";
        lines.add(String.format(Locale.ROOT, row, "fault", "milliseconds", "runs", "median", "p95", "min", "max"));
        for (Result result : results) {
            for (boolean outage : new boolean[]{true, false}) {
                List<Long> values = outage ? result.outages : result.verdicts;
                String what = outage ? "outage" : "fault to run's start";
                Object[] cells = values.isEmpty()
                        ? new Object[]{result.fault, what, 0, "-", "-", "-", "-"}
                        : new Object[]{result.fault, what, values.size(), quantile(values, 0.5), quantile(values, 0.95),
                                quantile(values, 0), quantile(values, 1)};
                lines.add(String.format(Locale.ROOT, row, cells));
            }
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
            fault.put("fault", result.fault.toString());
            fault.put("runs", result.outages.size());
            fault.put("failed", result.failures.size());
            figures(fault.putObject("outageMillis"), result.outages);
            figures(fault.putObject("verdictMillis"), result.verdicts);
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
