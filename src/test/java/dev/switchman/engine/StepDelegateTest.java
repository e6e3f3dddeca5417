package dev.switchman.engine;

import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import dev.switchman.audit.Journal.Entry.StepBegan;
import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.ClusterName;

import static org.assertj.core.api.Assertions.assertThat;

class StepDelegateTest {

    private final ProbeEngine engine = ProbeEngine.shared();
    private final ClusterName cluster = ProbeEngine.freshCluster();

    @Test
    void aRunJournalsEveryStepWithItsSentence() throws Exception {
        RunId run = engine.started(Runbook.FAILOVER, cluster);

        RunRecord ended = engine.journal().ended(run.value());
        assertThat(ended.ending()).contains("DONE");
        assertThat(ended.startedBy()).isEqualTo("monitor");
        assertThat(ended.cause()).isEqualTo("probe");
        engine.untilGone(run);
        assertThat(engine.journal().outcomes(run.value())).containsExactly("act DONE", "finish DONE");
        assertThat(engine.journal().entries(run.value())).filteredOn(StepBegan.class::isInstance)
                .extracting(entry -> ((StepBegan) entry).sentence())
                .containsExactly("Acts on the server.", "Ends the run.");
    }

    @Test
    void aRefusalTakesTheDrawnPathAndTellsWhy() throws Exception {
        engine.step("act").will(cluster, run -> new Outcome.Refused(RunbookError.FENCE_REFUSED, "db1 kept writing"));

        RunId run = engine.started(Runbook.FAILOVER, cluster);

        assertThat(engine.journal().ended(run.value()).report()).contains("FENCE_REFUSED: db1 kept writing");
        assertThat(engine.journal().outcomes(run.value())).startsWith("act REFUSED");
    }

    @Test
    void anUnknownOutcomeTakesItsOwnPath() throws Exception {
        engine.step("act").will(cluster, run -> new Outcome.Unknown("no answer to SET GLOBAL"));

        RunId run = engine.started(Runbook.FAILOVER, cluster);

        assertThat(engine.journal().ended(run.value()).report()).contains("OUTCOME_UNKNOWN: no answer to SET GLOBAL");
        assertThat(engine.journal().outcomes(run.value())).startsWith("act UNKNOWN");
    }

    @Test
    void aStepThatThrowsTakesTheDrawnPathAndKeepsWhatItWrote() throws Exception {
        engine.step("act").will(cluster, run -> {
            run.verdict("crashed");
            throw new IllegalStateException("bug");
        });

        RunId run = engine.started(Runbook.FAILOVER, cluster);

        assertThat(engine.journal().ended(run.value()).report()).contains("STEP_FAILED: act: bug");
        assertThat(engine.journal().outcomes(run.value())).startsWith("act THROWN");
    }

    @Test
    void aRefusalThatTheStepDoesNotDeclareCountsAsAFailure() throws Exception {
        engine.step("act").will(cluster, run -> new Outcome.Refused(RunbookError.PRIMARY_ALIVE, "it answers"));

        RunId run = engine.started(Runbook.FAILOVER, cluster);

        assertThat(engine.journal().ended(run.value()).report().orElseThrow())
                .startsWith("STEP_FAILED: act ended in PRIMARY_ALIVE, which its @Raises does not declare");
        assertThat(engine.journal().outcomes(run.value())).startsWith("act THROWN");
    }

    @Test
    void aTextTooLongForAVariableFailsAtTheStepAndNotAtTheCommit() throws Exception {
        engine.step("act").will(cluster, run -> {
            run.verdict("x".repeat(2_001));
            return new Outcome.Done("");
        });

        RunId run = engine.started(Runbook.FAILOVER, cluster);

        assertThat(engine.journal().ended(run.value()).report().orElseThrow())
                .startsWith("STEP_FAILED: act: variable verdict would hold 2001 characters");
    }

    @Test
    void anErrorInACalledPartReachesTheCallersPathWithItsVariables() throws Exception {
        engine.step("act").will(cluster, run -> {
            run.fence(Run.Fence.STARVED);
            return new Outcome.Refused(RunbookError.FENCE_REFUSED, "in the part");
        });
        CountDownLatch seen = new CountDownLatch(1);
        engine.step("report").will(cluster, run -> {
            if (run.fence() == Run.Fence.STARVED) {
                seen.countDown();
            }
            engine.journal()
                    .runEnded(run.id().value(), "NOT_FENCED", run.refusal() + " " + run.detail(), Instant.EPOCH);
            return new Outcome.Done("");
        });

        RunId run = engine.started(Runbook.QUARANTINE, cluster);

        assertThat(engine.journal().ended(run.value()).report()).contains("Optional[FENCE_REFUSED] in the part");
        assertThat(seen.await(1, TimeUnit.SECONDS)).isTrue();
        assertThat(engine.journal().outcomes(run.value())).startsWith("act REFUSED");
    }

    @Test
    void aCalledPartHandsItsVariablesBack() throws Exception {
        engine.step("act").will(cluster, run -> {
            run.verdict("seen in the part");
            return new Outcome.Done("");
        });
        engine.step("finish").will(cluster, run -> {
            engine.journal().runEnded(run.id().value(), "DONE", run.verdict(), Instant.EPOCH);
            return new Outcome.Done("");
        });

        RunId run = engine.started(Runbook.QUARANTINE, cluster);

        assertThat(engine.journal().ended(run.value()).report()).contains("seen in the part");
    }
}
