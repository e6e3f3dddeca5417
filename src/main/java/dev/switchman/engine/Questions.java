package dev.switchman.engine;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Approvals.Answer;
import dev.switchman.runbook.Approvals.Question;
import dev.switchman.runbook.Approvals.Terms;
import dev.switchman.runbook.RunHistory.Asked;
import dev.switchman.runbook.RunHistory.Reply;
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
        // A store of an earlier version lacks them.
        for (String column : List.of("PEOPLE_ integer default 1 not null", "NOT_BY_ varchar(1000)",
                "AT_DEADLINE_ varchar(3) default 'no' not null", "AGREED_ varchar(1000)")) {
            store.execute("alter table SM_QUESTION add column if not exists " + column);
        }
        store.execute("create index if not exists SM_QUESTION_RUN on SM_QUESTION (RUN_)");
        // Every page says how many wait.
        store.execute("create index if not exists SM_QUESTION_STATE on SM_QUESTION (STATE_)");
    }

    void open(RunId run, ClusterName cluster, String text, Instant at, Terms terms) {
        if (!waiting(run).isEmpty()) {
            return;
        }
        store.update(
                "insert into SM_QUESTION (ID_, RUN_, CLUSTER_, TEXT_, ASKED_AT_, UNTIL_, STATE_, PEOPLE_, NOT_BY_, AT_DEADLINE_) values (?, ?, ?, ?, ?, ?, 'OPEN', ?, ?, ?)",
                UUID.randomUUID().toString(), run.value(), cluster.value(), Text.upTo(2000, text), Timestamp.from(at),
                Timestamp.from(at.plus(terms.deadline())), terms.people(), names(terms.notBy()),
                terms.yesAtDeadline() ? "yes" : "no");
    }

    /** @return why this person's answer does not count; empty when it does, or when nothing is asked */
    Optional<String> refusal(RunId run, String by) {
        return rows(run).stream().findFirst().flatMap(row -> {
            if (among(row.notBy(), by)) {
                return Optional.of(by + " asked for it, and may not answer: somebody else must");
            }
            return among(row.agreed(), by)
                    ? Optional.of(by + " has agreed already: " + row.people() + " different people must")
                    : Optional.empty();
        });
    }

    /** An issuer of logins may tell a name apart from itself by its capitals only; a person is one all the same. */
    private static boolean among(Set<String> names, String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }

    /** Takes the answer. The question stays open while more people must say yes. */
    void answer(RunId run, boolean yes, String by, String comment, Instant at) {
        for (Row row : rows(run)) {
            Set<String> agreed = new LinkedHashSet<>(row.agreed());
            agreed.add(by);
            if (yes && agreed.size() < row.people()) {
                store.update("update SM_QUESTION set AGREED_ = ? where RUN_ = ? and STATE_ = 'OPEN'", names(agreed),
                        run.value());
            } else {
                store.update(
                        "update SM_QUESTION set STATE_ = 'ANSWERED', ANSWER_ = ?, BY_ = ?, COMMENT_ = ?, ANSWERED_AT_ = ? where RUN_ = ? and STATE_ = 'OPEN'",
                        yes ? "yes" : "no", Text.upTo(255, yes ? String.join(" and ", agreed) : by),
                        Text.upTo(2000, comment), Timestamp.from(at), run.value());
            }
        }
    }

    /** Ends the run's open question without an answer of a person: by the terms, if its time is up. */
    void expire(RunId run, Instant at) {
        for (Row row : rows(run)) {
            boolean timeIsUp = row.until().filter(until -> !at.isBefore(until)).isPresent();
            if (row.yesAtDeadline() && timeIsUp) {
                store.update(
                        "update SM_QUESTION set STATE_ = 'ANSWERED', ANSWER_ = 'yes', BY_ = 'nobody', COMMENT_ = 'the policy takes silence for a yes', ANSWERED_AT_ = ? where RUN_ = ? and STATE_ = 'OPEN'",
                        Timestamp.from(at), run.value());
            } else {
                store.update("update SM_QUESTION set STATE_ = 'UNANSWERED' where RUN_ = ? and STATE_ = 'OPEN'",
                        run.value());
            }
        }
    }

    private record Row(int people, Set<String> notBy, Set<String> agreed, boolean yesAtDeadline,
            Optional<Instant> until) {}

    private List<Row> rows(RunId run) {
        return store.query("select * from SM_QUESTION where STATE_ = 'OPEN' and RUN_ = ?", (row, number) -> {
            @Nullable
            Timestamp until = row.getTimestamp("UNTIL_");
            return new Row(row.getInt("PEOPLE_"), names(row.getString("NOT_BY_")), names(row.getString("AGREED_")),
                    "yes".equals(row.getString("AT_DEADLINE_")), Optional.ofNullable(until).map(Timestamp::toInstant));
        }, run.value());
    }

    /** Line by line: a name has no line break. */
    private static String names(Set<String> names) {
        return String.join("\n", names);
    }

    private static Set<String> names(@Nullable String names) {
        return names == null || names.isEmpty() ? Set.of() : new LinkedHashSet<>(names.lines().toList());
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

    /** @return all questions of the run with what came of them, the oldest first */
    List<Asked> all(RunId run) {
        return store.query("select * from SM_QUESTION where RUN_ = ? order by ASKED_AT_, STATE_",
                (row, number) -> asked(row), run.value());
    }

    private static Asked asked(ResultSet row) throws SQLException {
        Question question = question(row);
        Reply reply = switch (row.getString("STATE_")) {
            case "OPEN" -> new Reply.Awaited(names(row.getString("AGREED_")));
            case "ANSWERED" -> new Reply.Given(answer(row));
            default -> new Reply.None();
        };
        return new Asked(question.text(), question.askedAt(), question.until(), row.getInt("PEOPLE_"),
                names(row.getString("NOT_BY_")), reply);
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
