package dev.switchman.web;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * All that is known of one run: what its page shows, and what an export holds. Components are what an export as JSON has;
 * the methods are the page's words for them.
 *
 * @param cockpit the engine's page of the same thing, below the server's root
 * @param findings remarks that say why: evidence, policies, ballots, the choice, the fence, losses
 * @param parts empty when the engine has forgotten the run
 */
record RunStory(
        Head run,
        @Nullable Question question,
        String cockpit,
        List<Note> findings,
        List<Answered> approvals,
        List<Part> parts,
        List<Decision> decisions,
        List<Step> steps,
        List<Note> notes) {

    RunStory {
        findings = List.copyOf(findings);
        approvals = List.copyOf(approvals);
        parts = List.copyOf(parts);
        decisions = List.copyOf(decisions);
        steps = List.copyOf(steps);
        notes = List.copyOf(notes);
    }

    /**
     * @param status {@code running}, {@code waiting} or {@code ended}
     * @param at labels of the boxes where it stands
     */
    record Head(
            String id,
            String cluster,
            String runbook,
            String startedBy,
            String cause,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String ending,
            String status,
            List<String> at,
            @Nullable String report) {

        Head {
            at = List.copyOf(at);
        }

        public String title() {
            return runbook.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + runbook.substring(1) + " of " + cluster;
        }

        public boolean open() {
            return endedAt == null;
        }

        public String began() {
            return Moments.exactly(startedAt);
        }

        public @Nullable String ended() {
            return endedAt == null ? null : Moments.exactly(endedAt);
        }

        public @Nullable String took() {
            return endedAt == null ? null : Moments.took(Duration.between(startedAt, endedAt));
        }

        public String endingWords() {
            return ending == null ? status : RunLine.words(ending);
        }

        public String mood() {
            return RunLine.mood(java.util.Optional.ofNullable(ending));
        }
    }

    /** What the run waits with. @param notBy who may not answer, or has answered @param people how many must agree */
    record Question(String text, Instant askedAt, @Nullable Instant until, int people, List<String> notBy,
            List<String> agreed) {

        Question {
            notBy = List.copyOf(notBy);
            agreed = List.copyOf(agreed);
        }

        public String asked() {
            return Moments.at(askedAt);
        }

        public @Nullable String deadline() {
            return until == null ? null : Moments.at(until);
        }

        /** @return whether this person's answer would count, as far as names go */
        public boolean countsFrom(Visitor visitor) {
            return notBy.stream().noneMatch(visitor::is) && agreed.stream().noneMatch(visitor::is);
        }
    }

    /** A question that was asked. @param answer in words @param by empty: nobody */
    record Answered(
            String question,
            Instant askedAt,
            @Nullable Instant until,
            int people,
            List<String> notBy,
            String answer,
            @Nullable String by,
            @Nullable Instant answeredAt,
            @Nullable String comment) {

        Answered {
            notBy = List.copyOf(notBy);
        }

        public String asked() {
            return Moments.at(askedAt);
        }

        public @Nullable String answered() {
            return answeredAt == null ? null : Moments.at(answeredAt);
        }
    }

    /** Version of a diagram or table. */
    record Version(String key, String name, int version, Instant deployedAt, String sha256) {

        public String deployed() {
            return Moments.at(deployedAt);
        }
    }

    /** @param instance the engine's id @param boxes what was passed @param flows ids of the flows that were taken */
    record Part(String instance, @Nullable String caller, Version diagram, List<Visit> boxes, List<String> flows,
            String xml) {

        Part {
            boxes = List.copyOf(boxes);
            flows = List.copyOf(flows);
        }
    }

    record Visit(String box, String label, Instant from, @Nullable Instant until, boolean interrupted) {}

    /** @param rows numbers of the rows that fired, from 1 @param reasons of these rows */
    record Decision(Version table, String box, String label, Instant at, Map<String, String> facts,
            List<Integer> rows, List<String> reasons, Map<String, String> answer) {

        Decision {
            rows = List.copyOf(rows);
            reasons = List.copyOf(reasons);
        }

        public String asked() {
            return Moments.exactly(at);
        }
    }

    /**
     * @param outcome {@code DONE}, {@code REFUSED} …; null while it is under way
     * @param sent statements and commands, in order
     */
    record Step(
            String step,
            String label,
            String sentence,
            Instant at,
            @Nullable String outcome,
            @Nullable Long tookMillis,
            @Nullable String detail,
            List<Sent> sent,
            List<Note> notes) {

        Step {
            sent = List.copyOf(sent);
            notes = List.copyOf(notes);
        }

        public String began() {
            return Moments.exactly(at);
        }

        public @Nullable String took() {
            return tookMillis == null ? null : Moments.took(Duration.ofMillis(tookMillis));
        }

        public String mood() {
            return outcome == null ? "unknown" : outcome.equals("DONE") ? "good" : "warn";
        }

        public String outcomeWords() {
            return outcome == null ? "under way" : RunLine.words(outcome);
        }
    }

    /** What was sent to a server or its host, and its answer. @param channel {@code SQL} or {@code SSH} @param at when the answer was there */
    record Sent(String node, String channel, String text, String answer, long tookMicros, Instant at) {

        public String took() {
            return tookMicros < 1_000
                    ? tookMicros + " µs"
                    : Moments.took(Duration.ofNanos(tookMicros * 1_000));
        }

        public String answered() {
            return Moments.exactly(at);
        }
    }

    record Note(String label, String text, Instant at, String step) {

        public String noted() {
            return Moments.exactly(at);
        }
    }
}
