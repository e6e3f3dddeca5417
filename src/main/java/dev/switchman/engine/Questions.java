package dev.switchman.engine;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Approvals.Answer;
import dev.switchman.runbook.Approvals.Question;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.ClusterName;

/** Questions and answers in the store, apart from the engine's variables. */
@Component
class Questions {

    private final JdbcTemplate store;

    Questions(JdbcTemplate store) {
        this.store = store;
        store.execute("""
                create table if not exists SM_QUESTION (
                  ID_ varchar(64) not null primary key,
                  RUN_ varchar(64) not null,
                  CLUSTER_ varchar(63) not null,
                  TEXT_ varchar(2000) not null,
                  ASKED_AT_ timestamp(3) with time zone not null,
                  UNTIL_ timestamp(3) with time zone,
                  STATE_ varchar(16) not null,
                  ANSWER_ varchar(3),
                  BY_ varchar(255),
                  COMMENT_ varchar(2000),
                  ANSWERED_AT_ timestamp(3) with time zone)""");
        store.execute("create index if not exists SM_QUESTION_RUN on SM_QUESTION (RUN_)");
    }

    void open(RunId run, ClusterName cluster, String text, Instant at, Instant until) {
        if (!waiting(run).isEmpty()) {
            return;
        }
        store.update(
                "insert into SM_QUESTION (ID_, RUN_, CLUSTER_, TEXT_, ASKED_AT_, UNTIL_, STATE_) values (?, ?, ?, ?, ?, ?, 'OPEN')",
                UUID.randomUUID().toString(), run.value(), cluster.value(), Text.upTo(2000, text), Timestamp.from(at),
                Timestamp.from(until));
    }

    void answer(RunId run, boolean yes, String by, String comment, Instant at) {
        store.update(
                "update SM_QUESTION set STATE_ = 'ANSWERED', ANSWER_ = ?, BY_ = ?, COMMENT_ = ?, ANSWERED_AT_ = ? where RUN_ = ? and STATE_ = 'OPEN'",
                yes ? "yes" : "no", Text.upTo(255, by), Text.upTo(2000, comment), Timestamp.from(at), run.value());
    }

    /** Ends the run's open question without an answer. */
    void expire(RunId run) {
        store.update("update SM_QUESTION set STATE_ = 'UNANSWERED' where RUN_ = ? and STATE_ = 'OPEN'", run.value());
    }

    List<Question> waiting() {
        return store.query("select * from SM_QUESTION where STATE_ = 'OPEN' order by ASKED_AT_",
                (row, number) -> question(row));
    }

    List<Question> waiting(RunId run) {
        return store.query("select * from SM_QUESTION where STATE_ = 'OPEN' and RUN_ = ?",
                (row, number) -> question(row), run.value());
    }

    /** @return the answer to the last question; empty when that one has none */
    Optional<Answer> last(RunId run) {
        return store.query("select * from SM_QUESTION where RUN_ = ? order by ASKED_AT_ desc, STATE_ desc",
                (row, number) -> row.getString("STATE_").equals("ANSWERED")
                        ? Optional.of(answer(row))
                        : Optional.<Answer>empty(),
                run.value()).stream().findFirst().flatMap(answer -> answer);
    }

    private static Question question(ResultSet row) throws SQLException {
        @Nullable
        Timestamp until = row.getTimestamp("UNTIL_");
        return new Question(new RunId(row.getString("RUN_")), row.getString("CLUSTER_"), row.getString("TEXT_"),
                row.getTimestamp("ASKED_AT_").toInstant(), Optional.ofNullable(until).map(Timestamp::toInstant));
    }

    private static Answer answer(ResultSet row) throws SQLException {
        return new Answer(row.getString("ANSWER_").equals("yes"), row.getString("BY_"), row.getString("COMMENT_"),
                row.getTimestamp("ANSWERED_AT_").toInstant());
    }
}
