package dev.switchman.audit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.switchman.audit.Journal.RunRecord;

/** Walks the journal once, and makes every link anew. */
final class Verifier {

    private static final int MOST_PROBLEMS = 20;
    private static final int AT_A_TIME = 1000;

    private final Connection connection;
    private final Optional<String> sent;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Row> started = new LinkedHashMap<>();
    private final Map<String, Row> finished = new HashMap<>();
    /** When the first line that is tied was written. */
    private Optional<Instant> first = Optional.empty();
    private String link = Chain.BEGINNING;
    private boolean found;
    private long lines;
    private long earlier;

    /** @param connection outside of auto-commit, so that PostgreSQL does not fetch all rows at once */
    Verifier(Connection connection, Optional<String> sent) {
        this.connection = connection;
        this.sent = sent;
    }

    Verification verify() throws SQLException {
        Optional<Purged> purged = purged();
        link = purged.map(Purged::before).orElse(Chain.BEGINNING);
        found = sent.filter(link::equals).isPresent() && purged.isPresent();
        try (Statement select = connection.createStatement()) {
            select.setFetchSize(AT_A_TIME);
            try (ResultSet rows = select
                    .executeQuery("select ID, LINK, " + Row.COLUMNS + " from SM_ENTRY order by ID")) {
                while (rows.next()) {
                    line(rows.getLong("ID"), rows.getString("LINK"), Row.read(rows));
                }
            }
        }
        runs();
        return new Verification(lines, earlier, link, sent.map(asked -> found), purged, problems);
    }

    /** One that somebody has changed shows when its line is reached; one that nobody can read shows here. */
    private Optional<Purged> purged() throws SQLException {
        try {
            return Anchor.newest(connection).map(Anchor::purged);
        } catch (IllegalArgumentException e) {
            problem(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void line(long id, @Nullable String told, Row row) {
        if (told == null) {
            if (lines > 0) {
                problem("line " + id + " of run " + row.run() + " has no link");
            }
            earlier++;
            return;
        }
        lines++;
        if (!told.equals(row.link(link))) {
            problem("line " + id + " of run " + row.run() + " (" + row.at()
                    + ") does not fit the one before it: one of the two was changed, or a line between them removed or"
                    + " put there");
        }
        link = told;
        first = first.or(() -> Optional.of(row.at()));
        switch (row.kind()) {
            case Row.STARTED -> started.putIfAbsent(row.run(), row);
            case Row.FINISHED -> finished.putIfAbsent(row.run(), row);
            default -> {
            }
        }
        found |= sent.filter(told::equals).isPresent();
    }

    /** The runs as they are listed, held against the lines that say how they began and ended. */
    private void runs() throws SQLException {
        try (Statement select = connection.createStatement()) {
            select.setFetchSize(AT_A_TIME);
            try (ResultSet rows = select.executeQuery(JdbcStore.RUN_COLUMNS)) {
                while (rows.next()) {
                    run(JdbcStore.readRun(rows));
                }
            }
        }
        started.keySet().forEach(run -> problem("run " + run + " has begun, and is not listed any more"));
    }

    private void run(RunRecord listed) {
        Optional<Row> began = Optional.ofNullable(started.remove(listed.run()));
        Optional<Row> ended = Optional.ofNullable(finished.remove(listed.run()));
        if (began.isEmpty()) {
            if (first.filter(at -> listed.startedAt().isBefore(at)).isEmpty()) {
                problem("run " + listed.run() + " is listed, and no line says that it has begun");
            }
        } else if (!began.get().equals(Row.started(listed))) {
            problem("run " + listed.run() + " is listed otherwise than it has begun");
        }
        Optional<Row> told = listed.endedAt()
                .map(at -> Row.finished(listed.run(), at, listed.ending().orElse(""), listed.report().orElse("")));
        // It may have begun before lines were tied, and ended since.
        boolean before = began.isEmpty() && ended.isEmpty();
        if (!before && !ended.equals(told)) {
            problem("run " + listed.run() + " is listed otherwise than it has ended, or with another report");
        }
    }

    private void problem(String what) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(what);
        }
    }
}
