package dev.switchman.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import dev.switchman.audit.Journal.RunRecord;

/**
 * The beginning of the journal that may be cut off: whole runs, all of which ended before a moment. A run that is open or younger
 * keeps its own lines and all that were written after its first one.
 */
final class Prefix {

    private final Connection connection;
    private final Instant before;

    Prefix(Connection connection, Instant before) {
        this.connection = connection;
        this.before = before;
    }

    /**
     * @param end the lines before this number @param link of the last line that is not @param lines how many these are
     * @param last when the newest of them was written
     */
    record Found(long end, String link, long lines, Instant last, List<RunRecord> runs) {

        Found {
            runs = List.copyOf(runs);
        }
    }

    /**
     * @param most so many runs, or where they are entangled as many as must go together
     * @param anchored the link before the first line
     * @throws IllegalStateException when these lines are not as they were written: what shows that is not thrown away
     */
    Optional<Found> find(int most, String anchored) throws SQLException {
        long all = firstKept();
        Optional<Found> found = Optional.empty();
        for (long limit = most; found.isEmpty(); limit *= 2) {
            long some = endOf(limit, all);
            long end = untorn(some);
            found = read(end, anchored);
            if (some == all) {
                return found;
            }
        }
        return found;
    }

    private long firstKept() throws SQLException {
        String kept = "select e.ID from SM_ENTRY e left join SM_RUN r on r.RUN_ID = e.RUN_ID"
                + " where (r.RUN_ID is null and e.WRITTEN_AT >= ?)"
                + " or (r.RUN_ID is not null and (r.ENDED_AT is null or r.ENDED_AT >= ?)) order by e.ID limit 1";
        try (PreparedStatement select = connection.prepareStatement(kept)) {
            OffsetDateTime moment = before.atOffset(ZoneOffset.UTC);
            select.setObject(1, moment);
            select.setObject(2, moment);
            return number(select).orElse(Long.MAX_VALUE);
        }
    }

    /** @return the line with which one run more than that many begins; {@code all} if there are not more */
    private long endOf(long runs, long all) throws SQLException {
        try (PreparedStatement select = connection
                .prepareStatement("select ID, RUN_ID from SM_ENTRY where ID < ? order by ID")) {
            select.setFetchSize(1_000);
            select.setLong(1, all);
            Set<String> seen = new LinkedHashSet<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    if (seen.add(rows.getString(2)) && seen.size() > runs) {
                        return rows.getLong(1);
                    }
                }
            }
            return all;
        }
    }

    /** @return that line, or an earlier one, such that no run has lines on both sides */
    private long untorn(long end) throws SQLException {
        long cut = end;
        while (true) {
            try (PreparedStatement select = connection
                    .prepareStatement("select min(BEGUN) from (select min(ID) as BEGUN"
                            + " from SM_ENTRY where RUN_ID <> '" + Anchor.NO_RUN + "' and RUN_ID in"
                            + " (select RUN_ID from SM_ENTRY where ID < ?) group by RUN_ID having max(ID) >= ?) TORN")) {
                select.setLong(1, cut);
                select.setLong(2, cut);
                OptionalLong torn = number(select);
                if (torn.isEmpty()) {
                    return cut;
                }
                cut = torn.getAsLong();
            }
        }
    }

    private static OptionalLong number(PreparedStatement select) throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            if (!rows.next()) {
                return OptionalLong.empty();
            }
            long number = rows.getLong(1);
            return rows.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
        }
    }

    /** Makes every link of it anew. */
    private Optional<Found> read(long end, String anchored) throws SQLException {
        String link = anchored;
        long lines = 0;
        long newest = 0;
        Instant last = Instant.MIN;
        Set<String> runs = new LinkedHashSet<>();
        try (PreparedStatement select = connection.prepareStatement(
                "select ID, LINK, " + Row.COLUMNS + " from SM_ENTRY where ID < ? order by ID")) {
            select.setFetchSize(1_000);
            select.setLong(1, end);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Row row = Row.read(rows);
                    Optional<String> told = Optional.ofNullable(rows.getString("LINK"));
                    if (told.isPresent() && !told.get().equals(row.link(link))) {
                        throw new IllegalStateException("line " + rows.getLong("ID") + " of run " + row.run()
                                + " is not as it was written, so nothing is purged: switchman audit verify");
                    }
                    link = told.orElse(link);
                    newest = rows.getLong("ID");
                    lines++;
                    last = row.at().isAfter(last) ? row.at() : last;
                    runs.add(row.run());
                }
            }
        }
        if (lines == 0) {
            return Optional.empty();
        }
        List<RunRecord> records = new ArrayList<>();
        for (String run : runs) {
            JdbcStore.record(connection, run).ifPresent(records::add);
        }
        return Optional.of(new Found(newest + 1, link, lines, last, records));
    }
}
