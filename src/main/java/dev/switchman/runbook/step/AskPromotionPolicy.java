package dev.switchman.runbook.step;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Decides;
import dev.switchman.runbook.Decisions;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Node;
import dev.switchman.topology.Policies;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Loss;

/**
 * Asks the table {@code promotion-policy}, by what is known of the fence, of lost writes and of the old primary's logs, whether the candidate may
 * be opened, whether a person decides, or whether to stop. Changes nothing.
 */
@Component
@LooksOnly
@Raises(RunbookError.CANDIDATE_LOST)
@Follows(CatchUpCandidate.class)
@Follows(SalvageWrites.class)
@Decides
final class AskPromotionPolicy extends Step {

    private final Servers servers;
    private final Decisions decisions;
    private final ClusterMemory memory;
    private final LossOfWrites losses;

    AskPromotionPolicy(Servers servers, @Lazy Decisions decisions, ClusterMemory memory, LossOfWrites losses) {
        this.servers = servers;
        this.decisions = decisions;
        this.memory = memory;
        this.losses = losses;
    }

    @Override
    public Outcome run(Run run) {
        Node candidate = run.candidate();
        Map<Node, ServerState> seen = Servers.seen(servers.observeBriefly(run, servers.others(run)));
        ServerState server = seen.get(candidate);
        if (server == null) {
            return Lost.candidate(run, "it does not answer");
        }
        run.fewerAcknowledgersAsked(false);
        run.question("");
        if (Servers.writable(server)) {
            run.policy("go");
            return new Outcome.Done("go: " + candidate + " was opened by an earlier attempt of this run");
        }
        Loss loss = losses.of(run, seen, server.executed());
        run.loss(Run.Loss.valueOf(loss.word().toUpperCase(Locale.ROOT)));
        run.note(Remark.LOSS, loss.sentence());

        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("fence", run.fence().name().toLowerCase(Locale.ROOT));
        facts.put("loss", loss.word());
        facts.put("unprovenFence", run.cluster().policies().unprovenFence().name().toLowerCase(Locale.ROOT));
        facts.put("salvage", run.salvage().name().toLowerCase(Locale.ROOT));
        facts.put("unsalvaged", run.cluster().policies().unsalvaged().name().toLowerCase(Locale.ROOT));
        facts.put("unanimous", run.unanimous() ? "yes" : "no");
        Map<String, Object> answer = decisions.decide("promotion-policy", facts);
        String action = Answers.word(answer, "action");
        String reason = Answers.word(answer, "reason");
        String fewer = fewerAcknowledgers(run, seen);
        if (!fewer.isEmpty() && action.equals("go")) {
            action = "ask";
            reason = fewer;
        } else if (!fewer.isEmpty()) {
            reason += " " + fewer;
        }
        run.fewerAcknowledgersAsked(!fewer.isEmpty());
        run.note(Remark.POLICY, "promotion-policy: " + action + ". " + reason + " " + facts);
        run.policy(action);
        switch (action) {
            case "go" -> {
            }
            case "ask" -> run.question("Cluster " + run.cluster().name() + ": " + reason + " " + loss.sentence()
                    + " Open " + candidate + " for writes?");
            case "stop" -> run.ending(Ending.PROMOTION_DECLINED);
            default -> throw new IllegalStateException(
                    "promotion-policy answered \"" + action + "\", which is none of go, ask, stop");
        }
        return new Outcome.Done(action + ": " + reason);
    }

    /** @return what a person must agree to, when semi-sync would wait for fewer replicas and the policy is to ask */
    private String fewerAcknowledgers(Run run, Map<Node, ServerState> seen) {
        if (run.cluster().policies().semiSyncDegraded() != Policies.SemiSyncDegraded.ASK) {
            return "";
        }
        int wanted = PrepareSemiSync.wanted(run, memory).orElse(0);
        long have = seen.entrySet()
                .stream()
                .filter(entry -> !entry.getKey().equals(run.candidate()))
                .filter(entry -> entry.getValue().semiSync().replica() instanceof SemiSync.ReplicaSide.Present)
                .count();
        return have >= wanted
                ? ""
                : "Semi-sync wants " + wanted + " acknowledging replicas, and " + have + " can be reached.";
    }
}
