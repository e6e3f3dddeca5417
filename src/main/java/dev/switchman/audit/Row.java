package dev.switchman.audit;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.switchman.topology.Action;
import dev.switchman.topology.Sha256;

/**
 * One row of {@code SM_ENTRY} as it stands there, masked: what is hashed is what is stored.
 *
 * @param kind of a {@link Line.Kind}, or {@link #STARTED} or {@link #FINISHED}
 */
record Row(
        String run,
        Instant at,
        String kind,
        String step,
        String label,
        String content,
        @Nullable Long micros,
        @Nullable String node,
        @Nullable String answer) {

    /** A run begins: step is the cluster, label the runbook, content the cause, answer who started it. */
    static final String STARTED = "STARTED";
    /** A run has ended: label is the ending, content the SHA-256 of the report. */
    static final String FINISHED = "FINISHED";

    static final String COLUMNS = "RUN_ID, WRITTEN_AT, KIND, STEP, LABEL, CONTENT, TOOK_MICROS, NODE, ANSWER";

    Row {
        at = at.truncatedTo(ChronoUnit.MICROS);
    }

    static Row of(Line.Entered line) {
        return new Row(line.run(), line.at(), line.kind().name(), line.step(), Masked.text(line.label()),
                Masked.text(line.text()),
                line.took().map(took -> took.toNanos() / 1000).orElse(null),
                line.action().map(action -> action.node().toString()).orElse(null),
                line.action().map(Action::answer).map(Masked::text).orElse(null));
    }

    static Row started(Journal.RunRecord run) {
        return new Row(run.run(), run.startedAt(), STARTED, run.cluster().value(), run.runbook(),
                Masked.text(run.cause()), null, null, Masked.text(run.startedBy()));
    }

    static Row finished(String run, Instant at, String ending, String report) {
        return new Row(run, at, FINISHED, "", ending, Sha256.of(Masked.text(report)), null, null, null);
    }

    /** From a result that selects {@link #COLUMNS}. */
    static Row read(ResultSet row) throws SQLException {
        long micros = row.getLong("TOOK_MICROS");
        @Nullable
        Long took = row.wasNull() ? null : micros;
        return new Row(row.getString("RUN_ID"), row.getObject("WRITTEN_AT", OffsetDateTime.class).toInstant(),
                row.getString("KIND"), row.getString("STEP"), row.getString("LABEL"), row.getString("CONTENT"), took,
                row.getString("NODE"), row.getString("ANSWER"));
    }

    /** Into a statement whose first parameters are {@link #COLUMNS}. */
    void write(PreparedStatement insert) throws SQLException {
        insert.setString(1, run);
        insert.setObject(2, at.atOffset(ZoneOffset.UTC));
        insert.setString(3, kind);
        insert.setString(4, step);
        insert.setString(5, label);
        insert.setString(6, content);
        insert.setObject(7, micros, Types.BIGINT);
        insert.setString(8, node);
        insert.setString(9, answer);
    }

    String link(String before) {
        return Chain.next(before, List.of(Optional.of(run), Optional.of(at.toString()), Optional.of(kind),
                Optional.of(step), Optional.of(label), Optional.of(content),
                Optional.ofNullable(micros).map(Object::toString), Optional.ofNullable(node),
                Optional.ofNullable(answer)));
    }
}
