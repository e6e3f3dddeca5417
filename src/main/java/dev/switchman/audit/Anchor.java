package dev.switchman.audit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import dev.switchman.topology.ClusterName;

/**
 * Stands for the lines that were taken out of the journal's beginning: the link before the first line that was kept, and what
 * was there. It is a line of the journal itself, tied to the one before it; the newest one holds.
 *
 * @param purged in all passes until now
 * @param ended how many of the purged runs ended how, in all passes
 * @param runs those of this pass, one a text
 */
record Anchor(Purged purged, Map<Tally.Kind, Long> ended, List<String> runs) {

    /** In place of a run. */
    static final String NO_RUN = "";
    /** Label is the policy, answer the link before the first line that was kept, content the rest. */
    static final String PURGED = "PURGED";

    private static final String FIGURES = "purged until now: (\\d+) lines of (\\d+) runs, the last of (\\S+)";
    private static final String ENDED = "ended: (\\S+) (\\S+) (\\S+) (\\d+)";

    Anchor {
        ended = Map.copyOf(ended);
        runs = List.copyOf(runs);
    }

    /** The newest one of a store; empty where nothing was ever purged. @throws IllegalArgumentException if it is none */
    static Optional<Anchor> newest(Connection connection) throws SQLException {
        try (Statement select = connection.createStatement();
                ResultSet rows = select.executeQuery("select " + Row.COLUMNS + " from SM_ENTRY where RUN_ID = '"
                        + NO_RUN + "' and KIND = '" + PURGED + "' order by ID desc limit 1")) {
            return rows.next() ? Optional.of(read(Row.read(rows))) : Optional.empty();
        }
    }

    private static Anchor read(Row row) {
        Map<Tally.Kind, Long> ended = new LinkedHashMap<>();
        List<String> runs = new ArrayList<>();
        List<String> lines = row.content().lines().toList();
        var figures = Pattern.compile(FIGURES).matcher(lines.isEmpty() ? "" : lines.getFirst());
        if (!figures.matches() || row.answer() == null) {
            throw new IllegalArgumentException("the line of " + row.at() + " that stands for purged ones is none");
        }
        for (String line : lines.subList(1, lines.size())) {
            var one = Pattern.compile(ENDED).matcher(line);
            if (one.matches()) {
                ended.put(new Tally.Kind(new ClusterName(one.group(1)), one.group(2), one.group(3)),
                        Long.parseLong(one.group(4)));
            } else {
                runs.add(line);
            }
        }
        return new Anchor(new Purged(Long.parseLong(figures.group(1)), Long.parseLong(figures.group(2)),
                Instant.parse(figures.group(3)), row.label(), row.at(), row.answer()), ended, runs);
    }

    /** @return one that stands for what is purged now as well */
    static Anchor after(Optional<Anchor> before, Prefix.Found found, String policy, Instant at) {
        Map<Tally.Kind, Long> ended = new LinkedHashMap<>(before.map(Anchor::ended).orElse(Map.of()));
        found.runs()
                .forEach(run -> ended.merge(
                        new Tally.Kind(run.cluster(), run.runbook(), run.ending().orElse("")), 1L, Long::sum));
        Instant last = before.map(anchor -> anchor.purged.last())
                .filter(earlier -> earlier.isAfter(found.last()))
                .orElse(found.last());
        return new Anchor(new Purged(before.map(anchor -> anchor.purged.lines()).orElse(0L) + found.lines(),
                before.map(anchor -> anchor.purged.runs()).orElse(0L) + found.runs().size(), last, policy,
                at.truncatedTo(ChronoUnit.MICROS), found.link()), ended,
                found.runs()
                        .stream()
                        .map(run -> "now: " + run.run() + ", " + run.runbook() + " of " + run.cluster() + ", "
                                + run.startedAt() + " to " + run.endedAt().map(Instant::toString).orElse("") + ", "
                                + run.ending().orElse(""))
                        .toList());
    }

    Row row() {
        StringBuilder content = new StringBuilder("purged until now: " + purged.lines() + " lines of " + purged.runs()
                + " runs, the last of " + purged.last());
        ended.forEach((kind, count) -> content.append("\nended: ")
                .append(kind.cluster())
                .append(' ')
                .append(kind.runbook())
                .append(' ')
                .append(kind.ending())
                .append(' ')
                .append(count));
        runs.forEach(run -> content.append('\n').append(run));
        return new Row(NO_RUN, purged.at(), PURGED, "", purged.policy(), content.toString(), null, null,
                purged.before());
    }
}
