package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Decides;
import dev.switchman.runbook.Decisions;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Step;

/**
 * Asks the table {@code approval-policy} how many people must agree, and notes the question. Whoever started the run is not
 * one of them. Changes no server.
 */
@Component
@LooksOnly
@Decides
final class AskApprovalPolicy extends Step {

    /** A switchover without a blocker refuses writes for less than this. */
    private static final long EXPECTED_MILLIS = 150;

    private final Decisions decisions;
    private final Approvals approvals;
    private final Journal journal;
    private final Clock clock;

    AskApprovalPolicy(@Lazy Decisions decisions, @Lazy Approvals approvals, Journal journal, Clock clock) {
        this.decisions = decisions;
        this.approvals = approvals;
        this.journal = journal;
        this.clock = clock;
    }

    @Override
    public Outcome run(Run run) {
        java.time.ZonedDateTime now = clock.instant().atZone(java.time.ZoneOffset.UTC);
        List<String> open = Notebook.of(journal, run)
                .last(Remark.FACTS)
                .stream()
                .flatMap(String::lines)
                .filter(line -> !line.isBlank())
                .toList();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("runbook", Runbook.SWITCHOVER.id());
        facts.put("tier", run.cluster().tier());
        facts.put("startedBy", run.startedBy().equals("monitor") ? "monitor" : "person");
        facts.put("day", now.getDayOfWeek().getValue() >= 6 ? "weekend" : "weekday");
        facts.put("hour", now.getHour());
        facts.put("expectedMillis", EXPECTED_MILLIS);
        facts.put("overrides", run.overrides().size());
        facts.put("warnings", open.size());
        Map<String, Object> answer = decisions.decide("approval-policy", facts);
        int people = Answers.number(answer, "people");
        int minutes = Answers.number(answer, "minutes");
        String silence = Answers.word(answer, "atDeadline");
        String reason = Answers.word(answer, "reason");
        if (people < 0 || people > 2 || !Set.of("yes", "no").contains(silence) || minutes < 0) {
            throw new IllegalStateException("approval-policy answered people=" + people + ", minutes=" + minutes
                    + ", atDeadline=\"" + silence + "\"; allowed are 0 to 2, 0 or more, yes or no");
        }
        run.note(Remark.POLICY, "approval-policy: " + people + " people, at the deadline " + silence + ". " + reason
                + " " + facts);
        if (people == 0) {
            run.policy("go");
            return new Outcome.Done("nobody need agree: " + reason);
        }
        Duration deadline = minutes == 0 ? run.limits().approval() : Duration.ofMinutes(minutes);
        String last = Notebook.of(journal, run).last(Remark.CHECKS).map(AskApprovalPolicy::notPassed).orElse("");
        run.asks("switchover", last);
        run.approvalTime(deadline);
        run.question("Cluster " + run.cluster().name() + ": " + run.startedBy() + " wants to hand the writes of "
                + run.oldPrimary() + " over to " + run.candidate() + ". Writes will be refused for about "
                + EXPECTED_MILLIS + " ms. " + reason + " " + (open.isEmpty()
                        ? "All checks passed."
                        : open.size() + " checks did not pass: " + String.join(", ", open) + ".")
                + " Go on?");
        run.policy("approve");
        approvals.ask(run.id(), run.question(),
                new Approvals.Terms(people, Set.of(run.startedBy()), deadline, silence.equals("yes")));
        return new Outcome.Done(people + (people == 1 ? " person" : " different people") + " must agree: " + reason);
    }

    private static String notPassed(String checks) {
        return checks.lines().filter(line -> !line.startsWith("passed")).collect(Collectors.joining("\n"));
    }
}
