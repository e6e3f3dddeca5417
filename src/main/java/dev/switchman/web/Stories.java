package dev.switchman.web;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Journal.Entry;
import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.RunHistory;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbooks;
import dev.switchman.runbook.Runbooks.RunView;

/** Tells a run from the journal, and what the engine still has of it. */
@Component
class Stories {

    /** Remarks that say why the run did what it did; the others stand with their steps. */
    private static final Set<String> FINDINGS = Set.of(Remark.EVIDENCE, Remark.POLICY, Remark.FENCE, Remark.BALLOT,
            Remark.CHOSEN, Remark.LOSS, Remark.OPENED, Remark.WARNING, Remark.TO_DO, Remark.ANSWER, Remark.FACTS,
            Remark.CAUGHT_UP, Remark.ERRANT, Remark.SAVED, Remark.CHANGES, Remark.IN_FORCE, Remark.OUTAGE);

    private final Journal journal;
    private final Runbooks runbooks;
    private final RunHistory history;
    /** By the checksum of their XML. A store sees few versions in its life. */
    private final Map<String, Diagram> diagrams = new ConcurrentHashMap<>();

    Stories(Journal journal, Runbooks runbooks, RunHistory history) {
        this.journal = journal;
        this.runbooks = runbooks;
        this.history = history;
    }

    /** @param ways through the parts of the story @param tables of its decisions, empty where the XML holds none */
    record Told(RunStory story, List<Way> ways, List<Optional<DecisionTable>> tables) {

        Told {
            ways = List.copyOf(ways);
            tables = List.copyOf(tables);
        }
    }

    /** The way that a run took through one of its diagrams. */
    record Way(RunHistory.Part part, Diagram diagram, Trail trail) {}

    /** @param facts what is known so far */
    record Pending(RunStory.Question question, List<RunStory.Note> facts) {

        Pending {
            facts = List.copyOf(facts);
        }
    }

    /** @return what a run waits for, without the rest of its story; empty when it waits for nobody */
    Optional<Pending> pending(RunRecord run) {
        return Optional.ofNullable(question(history.asked(new RunId(run.run())), run.endedAt().isPresent()))
                .map(question -> new Pending(question, findings(notes(journal.entries(run.run())))));
    }

    /** @throws NoSuchPage when there is no such run */
    Told of(String id) {
        RunRecord run = journal.run(id).orElseThrow(() -> NoSuchPage.unknown("There is no run \"" + id + "\"."));
        RunId key = new RunId(id);
        Optional<RunView> open = run.endedAt().isPresent() ? Optional.empty() : runbooks.show(key);
        Optional<RunHistory.Trace> trace = history.trace(key);
        List<RunHistory.Asked> asked = history.asked(key);
        List<Entry> entries = journal.entries(id);
        Map<String, String> labels = labels(trace);
        List<RunStory.Note> notes = notes(entries);
        List<Way> ways = trace.map(RunHistory.Trace::parts).orElse(List.of()).stream().map(this::way).toList();
        List<RunHistory.Decided> decided = trace.map(RunHistory.Trace::decided).orElse(List.of());
        List<Optional<DecisionTable>> tables = decided.stream()
                .map(one -> DecisionTable.read(one.table().xml(), one.table().key(), one.rules()))
                .toList();
        List<RunStory.Decision> decisions = new ArrayList<>();
        for (int i = 0; i < decided.size(); i++) {
            decisions.add(decision(decided.get(i), tables.get(i), labels));
        }
        RunStory story = new RunStory(head(run, open), question(asked, run.endedAt().isPresent()),
                cockpit(id, run, trace), findings(notes), asked.stream().map(Stories::answered).toList(),
                ways.stream().map(Stories::part).toList(), decisions, steps(entries, labels),
                notes.stream().filter(note -> note.step().isEmpty()).toList());
        return new Told(story, ways, tables);
    }

    private Way way(RunHistory.Part part) {
        Diagram diagram = diagrams.computeIfAbsent(part.diagram().checksum(),
                checksum -> Diagram.read(part.diagram().xml()));
        return new Way(part, diagram, Trail.of(diagram, part.visits()));
    }

    private static List<RunStory.Note> findings(List<RunStory.Note> notes) {
        return notes.stream().filter(note -> FINDINGS.contains(note.label())).toList();
    }

    private static RunStory.Head head(RunRecord run, Optional<RunView> open) {
        String status = run.endedAt().isPresent()
                ? "ended"
                : open.map(RunView::waiting).orElse(false) ? "waiting" : "running";
        return new RunStory.Head(run.run(), run.cluster().value(), run.runbook(), run.startedBy(), run.cause(),
                run.startedAt(), run.endedAt().orElse(null), run.ending().orElse(null), status,
                open.map(RunView::at).orElse(List.of()), run.report().orElse(null));
    }

    private static RunStory.@Nullable Question question(List<RunHistory.Asked> asked, boolean ended) {
        if (ended) {
            return null;
        }
        for (RunHistory.Asked question : asked.reversed()) {
            if (question.reply() instanceof RunHistory.Reply.Awaited(Set<String> agreed)) {
                return new RunStory.Question(question.text(), question.at(), question.until().orElse(null),
                        question.people(), sorted(question.notBy()), sorted(agreed));
            }
        }
        return null;
    }

    private static RunStory.Answered answered(RunHistory.Asked question) {
        List<String> notBy = sorted(question.notBy());
        @Nullable
        Instant until = question.until().orElse(null);
        return switch (question.reply()) {
            case RunHistory.Reply.Awaited(Set<String> agreed) -> new RunStory.Answered(question.text(), question.at(),
                    until, question.people(), notBy, "awaited",
                    agreed.isEmpty() ? null : String.join(" and ", sorted(agreed)), null, null);
            case RunHistory.Reply.Given(var answer) -> new RunStory.Answered(question.text(), question.at(), until,
                    question.people(), notBy, answer.yes() ? "yes" : "no", answer.by(), answer.at(), answer.comment());
            case RunHistory.Reply.None none -> new RunStory.Answered(question.text(), question.at(), until,
                    question.people(), notBy, "no answer in time", null, null, null);
        };
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    /** Cockpit itself shows instances that run; a page of ours in it shows those that have ended, as long as the engine knows them. */
    private static String cockpit(String id, RunRecord run, Optional<RunHistory.Trace> trace) {
        String root = "/camunda/app/cockpit/default/#/";
        return run.endedAt().isEmpty()
                ? root + "process-instance/" + id
                : trace.map(known -> root + "ended/" + id).orElse(root + "processes");
    }

    private static RunStory.Version version(RunHistory.Version version) {
        return new RunStory.Version(version.key(), version.name(), version.number(), version.deployedAt(),
                version.checksum());
    }

    private static RunStory.Part part(Way way) {
        RunHistory.Part part = way.part();
        return new RunStory.Part(part.instance(), part.caller().orElse(null), version(part.diagram()),
                part.visits()
                        .stream()
                        .map(visit -> new RunStory.Visit(visit.box(), visit.label(), visit.from(),
                                visit.until().orElse(null), visit.interrupted()))
                        .toList(),
                way.trail().flows().stream().sorted().toList(), part.diagram().xml());
    }

    private static RunStory.Decision decision(RunHistory.Decided decided, Optional<DecisionTable> table,
            Map<String, String> labels) {
        List<DecisionTable.Row> fired = table.map(DecisionTable::fired).orElse(List.of());
        return new RunStory.Decision(version(decided.table()), decided.box(),
                labels.getOrDefault(decided.box(), decided.box()), decided.at(), decided.facts(),
                fired.stream().map(DecisionTable.Row::number).toList(),
                fired.stream().map(DecisionTable.Row::reason).toList(), decided.answer());
    }

    private static Map<String, String> labels(Optional<RunHistory.Trace> trace) {
        Map<String, String> labels = new HashMap<>();
        trace.ifPresent(known -> known.parts()
                .forEach(part -> part.visits().forEach(visit -> labels.put(visit.box(), visit.label()))));
        return labels;
    }

    private static List<RunStory.Note> notes(List<Entry> entries) {
        List<RunStory.Note> notes = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Noted(var at, String step, String label, String text)) {
                notes.add(new RunStory.Note(label, text, at, step));
            }
        }
        return notes;
    }

    /** A step stands in the journal when it begins and when it has ended; what was done meanwhile belongs to it. */
    private static List<RunStory.Step> steps(List<Entry> entries, Map<String, String> labels) {
        List<Open> steps = new ArrayList<>();
        Map<String, Open> current = new HashMap<>();
        for (Entry entry : entries) {
            switch (entry) {
                case Entry.StepBegan(var at, String step, String sentence) -> {
                    Open open = new Open(step, sentence, at);
                    steps.add(open);
                    current.put(step, open);
                }
                case Entry.StepEnded(var at, String step, String outcome, String detail, var took) ->
                    Optional.ofNullable(current.get(step))
                            .ifPresent(open -> open.ended(outcome, detail, took.toMillis()));
                case Entry.Acted(var at, String step, var action) ->
                    Optional.ofNullable(current.get(step))
                            .ifPresent(open -> open.sent.add(new RunStory.Sent(action.node().toString(),
                                    action.channel().name(), action.text(), action.answer(),
                                    action.took().toNanos() / 1_000, at)));
                case Entry.Noted(var at, String step, String label, String text) ->
                    Optional.ofNullable(current.get(step))
                            .ifPresent(open -> open.notes.add(new RunStory.Note(label, text, at, step)));
            }
        }
        return steps.stream().map(open -> open.told(labels)).toList();
    }

    /** A step whose end may still come. */
    private static final class Open {

        private final String step;
        private final String sentence;
        private final Instant at;
        private final List<RunStory.Sent> sent = new ArrayList<>();
        private final List<RunStory.Note> notes = new ArrayList<>();
        private @Nullable String outcome;
        private @Nullable String detail;
        private @Nullable Long took;

        Open(String step, String sentence, Instant at) {
            this.step = step;
            this.sentence = sentence;
            this.at = at;
        }

        void ended(String how, String why, long millis) {
            outcome = how;
            detail = why;
            took = millis;
        }

        RunStory.Step told(Map<String, String> labels) {
            String box = "Task_" + step.substring(0, 1).toUpperCase(Locale.ROOT) + step.substring(1);
            String words = box.substring(5, 6) + box.substring(6).replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
            return new RunStory.Step(step, labels.getOrDefault(box, words), sentence, at, outcome, took, detail, sent,
                    notes);
        }
    }
}
