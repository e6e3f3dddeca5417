package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Decides;
import dev.switchman.runbook.Decisions;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.runbook.Step;
import dev.switchman.topology.ClusterName;

/**
 * Asks the table {@code failover-policy} whether to act now, to ask a person first, or to leave it. Changes nothing.
 */
@Component
@LooksOnly
@Decides
final class AskFailoverPolicy extends Step {

    /** A failover that failed this recently is not tried again without a person. */
    static final Duration RECENT = Duration.ofMinutes(10);
    private static final Set<Ending> FAILED = Set.of(Ending.NOT_FENCED, Ending.NO_ELIGIBLE_CANDIDATE,
            Ending.REPLICAS_DIVERGED, Ending.FAILED);

    private final Decisions decisions;
    private final Runbooks runbooks;
    private final ClusterMemory memory;
    private final Journal journal;
    private final Clock clock;

    AskFailoverPolicy(@Lazy Decisions decisions, @Lazy Runbooks runbooks, ClusterMemory memory, Journal journal,
            Clock clock) {
        this.decisions = decisions;
        this.runbooks = runbooks;
        this.memory = memory;
        this.journal = journal;
        this.clock = clock;
    }

    @Override
    public Outcome run(Run run) {
        ClusterName cluster = run.cluster().name();
        Instant now = clock.instant();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("verdict", run.verdict());
        facts.put("tier", run.cluster().tier());
        facts.put("startedBy", run.startedBy().equals("monitor") ? "monitor" : "person");
        facts.put("recentFailover", recentFailover(run, now));
        facts.put("paused", memory.pause(cluster).filter(pause -> pause.until().isAfter(now)).isPresent()
                ? "yes"
                : "no");
        facts.put("unanimous", run.unanimous() ? "yes" : "no");
        facts.put("clustersFailing", clustersFailing());
        Map<String, Object> answer = decisions.decide("failover-policy", facts);
        String action = Answers.word(answer, "action");
        String reason = Answers.word(answer, "reason");
        run.note(Remark.POLICY, "failover-policy: " + action + ". " + reason + " " + facts);
        run.policy(action);
        run.question("");
        switch (action) {
            case "act" -> {
            }
            case "ask" -> run.question("Cluster " + cluster + ": " + run.oldPrimary() + " is lost (" + run.verdict()
                    + "). " + reason + " Fail over?");
            case "wait", "stand-down" -> run.ending(Ending.STOOD_DOWN);
            default -> throw new IllegalStateException("failover-policy answered \"" + action
                    + "\", which is none of act, ask, wait, stand-down");
        }
        return new Outcome.Done(action + ": " + reason);
    }

    private String recentFailover(Run run, Instant now) {
        ClusterName cluster = run.cluster().name();
        boolean failed = journal.runs(Optional.of(cluster), 20)
                .stream()
                .filter(record -> record.runbook().equals(Runbook.FAILOVER.id()))
                .filter(record -> !record.run().equals(run.id().value()))
                .filter(record -> record.endedAt().filter(at -> at.isAfter(now.minus(RECENT))).isPresent())
                .anyMatch(record -> record.ending().map(Ending::valueOf).filter(FAILED::contains).isPresent());
        if (failed) {
            return "failed";
        }
        return memory.lastFailover(cluster).filter(at -> at.plus(run.limits().coolDown()).isAfter(now)).isPresent()
                ? "cooling-down"
                : "no";
    }

    /** All clusters with an open failover, this one included. */
    private int clustersFailing() {
        return (int) runbooks.open()
                .stream()
                .filter(view -> view.runbook() == Runbook.FAILOVER)
                .map(Runbooks.RunView::cluster)
                .distinct()
                .count();
    }
}
