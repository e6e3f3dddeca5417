package dev.switchman.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.runtime.Job;
import org.junit.jupiter.api.Test;

import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Runbooks.Request;
import dev.switchman.runbook.Runbooks.RunView;
import dev.switchman.runbook.Runbooks.Started;
import dev.switchman.topology.ClusterName;

import static org.assertj.core.api.Assertions.assertThat;

class CamundaRunbooksTest {

    private final ProbeEngine engine = ProbeEngine.shared();
    private final ClusterName cluster = ProbeEngine.freshCluster();

    @Test
    void ofManyStartsAtOnceOneRunHoldsTheCluster() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        engine.step("act").will(cluster, run -> awaited(end));
        List<Future<Started>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                Callable<Started> start = () -> {
                    go.await();
                    return engine.runbooks().start(new Request(Runbook.FAILOVER, cluster, "monitor", "race", Map.of()));
                };
                all.add(threads.submit(start));
            }

            go.countDown();

            List<Started> answers = new ArrayList<>();
            for (Future<Started> one : all) {
                answers.add(one.get(30, TimeUnit.SECONDS));
            }
            RunId run = engine.runbooks().holder(cluster).orElseThrow();
            assertThat(answers).filteredOn(new Started.Yes(run)::equals).hasSize(1);
            assertThat(answers).filteredOn(new Started.Held(run, "failover")::equals).hasSize(7);
            end.countDown();
            engine.journal().ended(run.value());
            engine.untilGone(run);
            assertThat(engine.runbooks().holder(cluster)).isEmpty();
        }
    }

    @Test
    void aFailoverTakesTheClusterOnceTheOtherRunsStepHasEnded() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        engine.step("act").will(cluster, run -> {
            order.add("begins " + run.id());
            if (inStep.getCount() > 0) {
                inStep.countDown();
                Outcome outcome = awaited(end);
                order.add("ends " + run.id());
                return outcome;
            }
            return new Outcome.Done("");
        });
        RunId quarantine = engine.started(Runbook.QUARANTINE, cluster);
        assertThat(inStep.await(10, TimeUnit.SECONDS)).isTrue();

        RunId failover = engine.started(Runbook.FAILOVER, cluster);

        assertThat(engine.runbooks().holder(cluster)).contains(failover);
        assertThat(order).containsExactly("begins " + quarantine);
        end.countDown();
        assertThat(engine.journal().ended(failover.value()).ending()).contains("DONE");
        assertThat(order).containsExactly("begins " + quarantine, "ends " + quarantine, "begins " + failover);
    }

    @Test
    void aRunOfLowerPriorityFindsTheClusterHeld() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        engine.step("act").will(cluster, run -> awaited(end));
        RunId failover = engine.started(Runbook.FAILOVER, cluster);

        Started quarantine = engine.runbooks().start(new Request(Runbook.QUARANTINE, cluster, "monitor", "", Map.of()));

        assertThat(quarantine).isEqualTo(new Started.Held(failover, "failover"));
        end.countDown();
        engine.journal().ended(failover.value());
    }

    @Test
    void aCancelledRunStopsBeforeItsNextStep() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        engine.step("act").will(cluster, run -> {
            inStep.countDown();
            return awaited(end);
        });
        RunId run = engine.started(Runbook.FAILOVER, cluster);
        assertThat(inStep.await(10, TimeUnit.SECONDS)).isTrue();

        boolean cancelled = engine.runbooks().cancel(run, "jane", "wrong cluster");

        assertThat(cancelled).isTrue();
        end.countDown();
        assertThat(engine.journal().ended(run.value()).report())
                .contains("RUN_SUPERSEDED: stopped by jane: wrong cluster");
        engine.untilGone(run);
        assertThat(engine.journal().outcomes(run.value())).containsExactly("act DONE", "report DONE");
        assertThat(engine.runbooks().cancel(run, "jane", "again")).isFalse();
    }

    @Test
    void aStepThatNoticesItselfThatItsRunIsStoppedIsFollowedByTheDrawnPath() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        engine.step("act").will(cluster, run -> {
            inStep.countDown();
            awaited(end);
            return new Outcome.Refused(RunbookError.RUN_SUPERSEDED, "the cluster is held by another run");
        });
        RunId run = engine.started(Runbook.FAILOVER, cluster);
        assertThat(inStep.await(10, TimeUnit.SECONDS)).isTrue();

        engine.runbooks().cancel(run, "jane", "wrong cluster");
        end.countDown();

        assertThat(engine.journal().ended(run.value()).report())
                .contains("RUN_SUPERSEDED: the cluster is held by another run");
        engine.untilGone(run);
        assertThat(engine.journal().outcomes(run.value())).containsExactly("act REFUSED", "report DONE");
    }

    @Test
    void aCancelledRunDoesNotWaitForItsQuestion() throws Exception {
        engine.step("act").will(cluster, run -> {
            run.policy("ask");
            return new Outcome.Done("");
        });
        RunId run = engine.started(Runbook.REOPEN, cluster);
        ProbeEngine.until("asked", () -> engine.runbooks().show(run).map(RunView::waiting).orElse(false));

        engine.runbooks().cancel(run, "jane", "no need");

        assertThat(engine.journal().ended(run.value()).report()).contains("RUN_SUPERSEDED: stopped by jane: no need");
    }

    @Test
    void aRunTellsWhereItStands() {
        CountDownLatch end = new CountDownLatch(1);
        engine.step("act").will(cluster, run -> awaited(end));

        RunId run = engine.started(Runbook.QUARANTINE, cluster);

        assertThat(engine.runbooks().show(run))
                .contains(new RunView(run, Runbook.QUARANTINE, cluster, List.of("Act on server"), false));
        end.countDown();
        engine.untilGone(run);
    }

    @Test
    void deletingAnInstanceInCockpitFreesTheClusterAndEndsTheRun() throws Exception {
        engine.step("act").will(cluster, run -> {
            run.policy("ask");
            return new Outcome.Done("");
        });
        RunId run = engine.started(Runbook.REOPEN, cluster);
        ProbeEngine.until("asked", () -> engine.runbooks().show(run).map(RunView::waiting).orElse(false));

        engine.get(RuntimeService.class).deleteProcessInstance(run.value(), "by hand", true);

        assertThat(engine.journal().ended(run.value()).ending()).contains("CANCELLED");
        assertThat(engine.journal().ended(run.value()).report())
                .contains("The run was deleted from the engine: by hand.");
        assertThat(engine.runbooks().holder(cluster)).isEmpty();
    }

    @Test
    void jobsOfAFailoverComeFirst() {
        CountDownLatch end = new CountDownLatch(1);
        engine.step("act").will(cluster, run -> awaited(end));

        RunId run = engine.started(Runbook.FAILOVER, cluster);

        Job job = engine.get(ManagementService.class).createJobQuery().processInstanceId(run.value()).singleResult();
        assertThat(job.getPriority()).isEqualTo(100);
        end.countDown();
        engine.untilGone(run);
    }

    @Test
    void aClusterThatIsNotConfiguredIsRefusedByName() {
        Started started = engine.runbooks()
                .start(
                        new Request(Runbook.FAILOVER, new ClusterName("unheard-of"), "jane", "", Map.of()));

        assertThat(started).isInstanceOfSatisfying(Started.Refused.class,
                refused -> assertThat(refused.why())
                        .startsWith("cluster unheard-of is not configured; configured are [c0, c1"));
    }

    private static Outcome awaited(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS)
                    ? new Outcome.Done("waited")
                    : new Outcome.Unknown("test did not go on");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
