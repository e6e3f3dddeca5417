package dev.switchman.runbook.step;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Decides;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Preflight;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Observation;
import dev.switchman.verdict.Readiness;

/**
 * Looks at all servers and hosts and goes on only if every check passes that may stop a switchover. Changes nothing, not
 * even by FLUSH; may be repeated: after an approval it says whether anything became worse since.
 */
@Component
@LooksOnly
@Raises(RunbookError.PREFLIGHT_BLOCKED)
@Decides
final class ConfirmReadiness extends Step {

    private final ReadinessCheck readiness;
    private final NodeReader reader;
    private final Handover handover;
    private final Journal journal;

    ConfirmReadiness(ReadinessCheck readiness, NodeReader reader, Handover handover, Journal journal) {
        this.readiness = readiness;
        this.reader = reader;
        this.handover = handover;
        this.journal = journal;
    }

    @Override
    public Outcome run(Run run) {
        Preflight.Answer answer = readiness.lookInRun(run.cluster(), run.candidateIfChosen().or(run::target));
        List<Readiness.Check> checks = answer.checks();
        run.note(Remark.CHECKS, checks.stream()
                .map(check -> check.result().name().toLowerCase(Locale.ROOT) + "  "
                        + (check.passed() ? "" : Readiness.word(check.severity()) + ": ") + check.sentence())
                .collect(Collectors.joining("\n")));
        answer.primary().ifPresent(run::oldPrimary);
        answer.candidate().filter(id -> run.cluster().find(id).isPresent()).ifPresent(run::candidate);
        List<Readiness.Check> stopping = checks.stream().filter(check -> check.stops(run.overrides())).toList();
        if (!stopping.isEmpty()) {
            return new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED, stopping.stream()
                    .map(check -> Readiness.word(check.severity()) + " " + check.sentence())
                    .collect(Collectors.joining("; ")));
        }
        rememberEvents(run);
        handover.begun(run);
        List<String> open = checks.stream()
                .filter(check -> !check.passed())
                .map(check -> check.name() + " " + check.subject())
                .sorted()
                .toList();
        Optional<String> before = Notebook.of(journal, run).last(Remark.FACTS);
        boolean worse = before.filter(text -> !text.lines().toList().containsAll(open)).isPresent();
        run.note(Remark.FACTS, String.join("\n", open));
        run.asks("switchover", Readiness.notPassed(checks));
        run.policy(worse ? "worse" : "go");
        return new Outcome.Done((worse ? "worse than it was: " : "") + checks.stream()
                .filter(Readiness.Check::passed)
                .count() + " of " + checks.size() + " checks passed"
                + (open.isEmpty() ? "" : "; not passed: " + String.join(", ", open)));
    }

    /** Once the new primary is open, they are disabled there: they came by replication. */
    private void rememberEvents(Run run) {
        if (Notebook.of(journal, run).last(Remark.EVENTS).isEmpty()
                && reader.observe(run.oldPrimary(), Servers.look(run.limits())) instanceof Observation.Seen seen) {
            run.note(Remark.EVENTS, String.join("\n", seen.server().enabledEvents()));
        }
    }
}
