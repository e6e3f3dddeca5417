package dev.switchman.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Switchman and a peer on the same servers, fault by fault.
 *
 * @param peer title of the other
 * @param rows one for each fault, in their order
 */
record Comparison(String peer, List<Row> rows) {

    private static final String LEGEND = """
            lost: acknowledged writes that the new primary lacks, the most of a run.
            writable: servers that accept writes once the old primary is back, the most of a run.
            *: writes never came back, and were given up.""";

    Comparison {
        rows = List.copyOf(rows);
    }

    /** @param failures one line for each run that told nothing */
    record Row(String fault, List<PeerOutage> switchman, List<PeerOutage> peer, List<String> failures) {

        Row(String fault) {
            this(fault, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        /** @return how many times as long the peer's median outage is; a least one where it was given up, nothing without figures */
        String ratio() {
            if (switchman.isEmpty() || peer.isEmpty()) {
                return "-";
            }
            PeerOutage ours = median(switchman);
            PeerOutage theirs = median(peer);
            if (!ours.back()) {
                return "-";
            }
            return (theirs.back() ? "" : ">= ")
                    + String.format(Locale.ROOT, "%.1f", (double) theirs.millis() / Math.max(1, ours.millis()));
        }
    }

    /** @return the run in the middle; of two the shorter one; those that never came back are the longest */
    static PeerOutage median(List<PeerOutage> runs) {
        List<PeerOutage> sorted = runs.stream()
                .sorted(java.util.Comparator.comparing((PeerOutage run) -> !run.back())
                        .thenComparing(PeerOutage::millis))
                .toList();
        return sorted.get((sorted.size() - 1) / 2);
    }

    /** Whether every run told something, and Switchman came back each time with one writable server at the end. */
    boolean good() {
        return rows.stream()
                .allMatch(row -> row.failures.isEmpty()
                        && row.switchman.stream().allMatch(run -> run.back() && run.writable().size() == 1));
    }

    List<String> table() {
        List<String> lines = new ArrayList<>();
        String row = "%-8s %-10s %5s %8s %8s %8s %6s %10s %8s";
        lines.add(
                "Milliseconds: the longest time from one acknowledged commit to the next. MySQL 5.7.22 without semi-sync,"
                        + " the same servers and settings for both.");
        lines.add(String.format(Locale.ROOT, row, "fault", "", "runs", "median", "min", "max", "lost", "writable",
                "ratio"));
        for (Row one : rows) {
            lines.add(line(row, one.fault, "Switchman", one.switchman, ""));
            lines.add(line(row, "", peer, one.peer, one.ratio()));
        }
        lines.add(LEGEND);
        rows.forEach(one -> one.failures.forEach(failure -> lines.add("FAILED  " + failure)));
        return lines;
    }

    private static String line(String row, String fault, String title, List<PeerOutage> runs, String ratio) {
        if (runs.isEmpty()) {
            return String.format(Locale.ROOT, row, fault, title, 0, "-", "-", "-", "-", "-", ratio).stripTrailing();
        }
        PeerOutage median = median(runs);
        return String.format(Locale.ROOT, row, fault, title, runs.size(), median.millis() + (median.back() ? "" : "*"),
                runs.stream().mapToLong(PeerOutage::millis).min().orElseThrow(),
                runs.stream().mapToLong(PeerOutage::millis).max().orElseThrow(),
                runs.stream().mapToInt(PeerOutage::lost).max().orElseThrow(),
                runs.stream().mapToInt(run -> run.writable().size()).max().orElseThrow(), ratio).stripTrailing();
    }

    String json() {
        ObjectNode object = new ObjectMapper().createObjectNode();
        object.put("processors", Runtime.getRuntime().availableProcessors());
        object.put("peer", peer);
        ArrayNode faults = object.putArray("faults");
        for (Row row : rows) {
            ObjectNode fault = faults.addObject().put("fault", row.fault);
            figures(fault.putObject("switchman"), row.switchman);
            figures(fault.putObject("peer"), row.peer);
            fault.put("ratio", row.ratio());
            row.failures.forEach(fault.putArray("failed")::add);
        }
        return object.toString();
    }

    private static void figures(ObjectNode object, List<PeerOutage> runs) {
        if (!runs.isEmpty()) {
            object.put("medianMillis", median(runs).millis());
        }
        ArrayNode all = object.putArray("runs");
        runs.forEach(run -> all.add(run.json()));
    }
}
