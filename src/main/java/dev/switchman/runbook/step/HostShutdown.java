package dev.switchman.runbook.step;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.hook.Shutdown;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * The shutdown hook of a run's cluster, run beside the run: it begins as soon as neither SQL nor SSH has closed the old
 * primary, and is waited for only where nothing else proves the fence. What it comes to stands in the journal and, as a
 * proof, in the memory, whoever waits for it.
 */
@Component
final class HostShutdown {

    /** For the end of a program that was killed at its deadline. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private final ShutdownHook hook;
    private final Journal journal;
    private final ClusterMemory memory;
    private final Executor aside;
    private final Map<Target, CompletableFuture<Shutdown>> begun = new ConcurrentHashMap<>();

    private record Target(RunId run, NodeId node) {}

    @Autowired
    HostShutdown(ShutdownHook hook, Journal journal, ClusterMemory memory) {
        this(hook, journal, memory, task -> Thread.ofVirtual().name("shutdown hook").start(task));
    }

    /** @param aside runs what is not waited for */
    HostShutdown(ShutdownHook hook, Journal journal, ClusterMemory memory, Executor aside) {
        this.hook = hook;
        this.journal = journal;
        this.memory = memory;
        this.aside = aside;
    }

    /** Begins, unless it is under way for this server. Does nothing where no program is configured. */
    void begin(Run run, Node node, ShutdownHook.Ssh ssh) {
        if (run.cluster().shutdownProgram().isEmpty()) {
            return;
        }
        begun.compute(new Target(run.id(), node.id()), (target, before) -> before != null && !before.isDone()
                ? before
                : begin(run.id(), run.cluster(), node, ssh));
    }

    private CompletableFuture<Shutdown> begin(RunId run, Cluster cluster, Node node, ShutdownHook.Ssh ssh) {
        journal.note(run.value(), Remark.HOOK, begins(node) + ", sshd " + ssh.name().toLowerCase(Locale.ROOT) + ": "
                + cluster.shutdownProgram().orElseThrow());
        CompletableFuture<Shutdown> answer = new CompletableFuture<>();
        aside.execute(() -> {
            try {
                Shutdown shutdown = hook.shutDown(cluster, node, ssh, cluster.shutdownDeadline());
                record(run, cluster, node, shutdown);
                answer.complete(shutdown);
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private static String begins(Node node) {
        return "begun for " + node;
    }

    private void record(RunId run, Cluster cluster, Node node, Shutdown shutdown) {
        journal.note(run.value(), Remark.HOOK, "the shutdown hook for " + node + " " + shutdown.sentence()
                + (shutdown.output().isEmpty() ? "" : "; it said:\n" + shutdown.output()));
        ClusterMemory.Quarantine before = memory.quarantined(cluster.name()).get(node.id());
        switch (shutdown) {
            case Shutdown.Proven proven -> {
                if (before != null && !before.fenceProven()) {
                    memory.quarantine(cluster.name(), node.id(), new ClusterMemory.Quarantine(before.since(),
                            "fenced by run " + run + ": the shutdown hook " + shutdown.sentence(), true));
                }
                journal.note(run.value(), Remark.FENCE,
                        "The fence of " + node + " is proven: the shutdown hook " + shutdown.sentence() + ".");
            }
            case Shutdown.NotProven no -> journal.note(run.value(), Remark.WARNING,
                    "The shutdown hook for " + node + " proves nothing: it " + shutdown.sentence() + ".");
        }
    }

    /**
     * Waits for its end. After a restart of the manager it is begun anew.
     *
     * @return empty when none was begun for this server in this run
     */
    Optional<Shutdown> await(Run run, Node node) {
        Target target = new Target(run.id(), node.id());
        if (!begun.containsKey(target)
                && Notebook.of(journal, run).all(Remark.HOOK).anyMatch(text -> text.startsWith(begins(node) + ","))) {
            begin(run, node, ShutdownHook.Ssh.UNKNOWN);
        }
        CompletableFuture<Shutdown> answer = begun.get(target);
        if (answer == null) {
            return Optional.empty();
        }
        Duration patience = run.cluster().shutdownDeadline().plus(SLACK);
        try {
            return Optional.of(answer.get(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional
                    .of(new Shutdown.NotProven("did not end within " + patience.toMillis() + " ms", patience, ""));
        } catch (ExecutionException e) {
            throw new IllegalStateException("the shutdown hook for " + node + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the shutdown hook for " + node, e);
        }
    }

    /** @return whether it has proven in this run that this server is closed; its host then need not answer any more */
    boolean proven(Run run, NodeId node) {
        CompletableFuture<Shutdown> answer = begun.get(new Target(run.id(), node));
        return answer != null && answer.isDone() && !answer.isCompletedExceptionally()
                && answer.join() instanceof Shutdown.Proven;
    }

    /** Waits for what this run has begun, and forgets it. */
    void settle(Run run) {
        for (Target target : begun.keySet()) {
            if (target.run().equals(run.id())) {
                run.cluster().find(target.node()).ifPresent(node -> await(run, node));
                begun.remove(target);
            }
        }
    }
}
