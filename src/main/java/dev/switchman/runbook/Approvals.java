package dev.switchman.runbook;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Questions to people and their answers. An answer is read from here, never from a variable that Cockpit lets one edit. */
public interface Approvals {

    /** Notes the question before the user task opens. Repeating it for the same run and box changes nothing. */
    void ask(RunId run, String question);

    /** @return open questions, oldest first */
    List<Question> waiting();

    /** Answers the open question of a run. */
    Answered answer(RunId run, String by, boolean yes, String comment);

    /** @return the answer to the run's last question; empty while nobody answered, or when its time ran out */
    Optional<Answer> given(RunId run);

    record Question(RunId run, String cluster, String text, Instant askedAt, Optional<Instant> until) {}

    record Answer(boolean yes, String by, String comment, Instant at) {}

    /** What came of answering. */
    sealed interface Answered {

        record Taken() implements Answered {}

        record NothingAsked() implements Answered {}

        record NotAllowed(String why) implements Answered {}
    }
}
