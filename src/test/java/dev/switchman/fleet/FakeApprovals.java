package dev.switchman.fleet;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.People;
import dev.switchman.runbook.RunId;

/** Keeps one question and one answer a run. */
public final class FakeApprovals implements Approvals {

    private final Clock clock;
    private final Map<RunId, Question> questions = new LinkedHashMap<>();
    private final Map<RunId, Answer> answers = new LinkedHashMap<>();

    public FakeApprovals(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void ask(RunId run, String question) {
        questions.put(run, new Question(run, "", question, clock.instant(), Optional.empty()));
        answers.remove(run);
    }

    @Override
    public void ask(RunId run, String question, Terms terms) {
        ask(run, question);
    }

    @Override
    public List<Question> waiting() {
        return List.copyOf(questions.values());
    }

    @Override
    public Answered answer(RunId run, People.Person by, boolean yes, String comment) {
        if (questions.remove(run) == null) {
            return new Answered.NothingAsked();
        }
        answers.put(run, new Answer(yes, by.name(), comment, clock.instant()));
        return new Answered.Taken();
    }

    @Override
    public Optional<Answer> given(RunId run) {
        return Optional.ofNullable(answers.get(run));
    }
}
