package dev.switchman.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Questions to people and their answers. An answer is read from here, never from a variable that Cockpit lets one edit. */
public interface Approvals {

    /** Notes the question before the user task opens. Repeating it for the same run and box changes nothing. */
    void ask(RunId run, String question);

    /** The same, under terms of a policy. */
    void ask(RunId run, String question, Terms terms);

    /** @return open questions, oldest first */
    List<Question> waiting();

    /** Answers the open question of a run. @param by with the groups that the login found */
    Answered answer(RunId run, People.Person by, boolean yes, String comment);

    /** @return the answer to the run's last question; empty while nobody answered, or when its time ran out */
    Optional<Answer> given(RunId run);

    /**
     * What an answer takes.
     *
     * @param people how many different ones must say yes; one no is enough
     * @param notBy who may not answer: the one who asked for it
     * @param deadline after which nobody is waited for
     * @param yesAtDeadline what silence means
     */
    record Terms(int people, Set<String> notBy, Duration deadline, boolean yesAtDeadline) {

        public Terms {
            notBy = Set.copyOf(notBy);
            if (people < 1) {
                throw new IllegalArgumentException("people must be at least 1: " + people);
            }
        }
    }

    record Question(RunId run, String cluster, String text, Instant askedAt, Optional<Instant> until) {}

    record Answer(boolean yes, String by, String comment, Instant at) {}

    /** What came of answering. */
    sealed interface Answered {

        record Taken() implements Answered {}

        record NothingAsked() implements Answered {}

        record NotAllowed(String why) implements Answered {}
    }
}
