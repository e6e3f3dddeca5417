package dev.switchman.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.runtime.ActivityInstance;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.engine.runtime.TransitionInstance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.ClusterName;

/** Runs as process instances: the run's id is the id of the outermost instance, its business key the cluster. */
@Component
class CamundaRunbooks implements Runbooks {

    private static final Logger LOG = LoggerFactory.getLogger(CamundaRunbooks.class);
    private static final int ATTEMPTS = 10;

    private final RuntimeService runtime;
    private final RepositoryService repository;
    private final TaskService tasks;
    private final OpenRuns openRuns;
    private final KnownClusters clusters;
    private final Journal journal;
    private final Waits waits;

    CamundaRunbooks(RuntimeService runtime, RepositoryService repository, TaskService tasks, OpenRuns openRuns,
            KnownClusters clusters, Journal journal, Waits waits) {
        this.runtime = runtime;
        this.repository = repository;
        this.tasks = tasks;
        this.openRuns = openRuns;
        this.clusters = clusters;
        this.journal = journal;
        this.waits = waits;
    }

    @Override
    public Started start(Request request) {
        if (clusters.find(request.cluster()).isEmpty()) {
            return new Started.Refused(clusters.notConfigured(request.cluster()));
        }
        if (repository.createProcessDefinitionQuery().processDefinitionKey(request.runbook().id()).count() == 0) {
            return new Started.Refused("runbook " + request.runbook().id() + " is not deployed");
        }
        Map<String, Object> inputs = new HashMap<>(request.inputs());
        inputs.put(Run.CLUSTER, request.cluster().value());
        inputs.put(Run.STARTED_BY, request.startedBy());
        inputs.put(RunLifecycle.CAUSE, Text.upTo(1_000, request.cause()));
        for (int attempt = 1;; attempt++) {
            Optional<OpenRuns.Row> holder = openRuns.holder(request.cluster());
            if (holder.isPresent() && holder.get().priority() >= request.runbook().priority()) {
                return new Started.Held(holder.get().run(), holder.get().runbook());
            }
            try {
                ProcessInstance instance = runtime.startProcessInstanceByKey(request.runbook().id(),
                        request.cluster().value(), inputs);
                holder.ifPresent(taken -> waits.leave(taken.run()));
                return new Started.Yes(new RunId(instance.getProcessInstanceId()));
            } catch (ClusterHeld held) {
                return new Started.Held(held.by(), held.runbook());
            } catch (DuplicateKeyException | ConcurrencyFailureException faster) {
                // Another run took the cluster in the same moment: look again who holds it.
                if (attempt == ATTEMPTS) {
                    throw faster;
                }
                LOG.debug("cluster {} was taken meanwhile, attempt {}", request.cluster(), attempt);
            }
        }
    }

    @Override
    public Optional<RunView> show(RunId run) {
        return openRuns.find(run).flatMap(this::view);
    }

    @Override
    public List<RunView> open() {
        return openRuns.all().stream().map(this::view).flatMap(Optional::stream).toList();
    }

    @Override
    public Optional<RunId> holder(ClusterName cluster) {
        return openRuns.holder(cluster).map(OpenRuns.Row::run);
    }

    @Override
    public boolean cancel(RunId run, String by, String reason) {
        if (!openRuns.stop(run, by, reason)) {
            return false;
        }
        journal.note(run.value(), "cancel asked", "by " + by + ": " + reason);
        waits.leave(run);
        return true;
    }

    private Optional<RunView> view(OpenRuns.Row row) {
        List<String> at = new ArrayList<>();
        List<String> parts = waits.parts(row.run());
        for (String part : parts) {
            @Nullable
            ActivityInstance tree = runtime.getActivityInstance(part);
            if (tree != null) {
                leaves(tree, at);
            }
        }
        boolean waiting = !parts.isEmpty()
                && tasks.createTaskQuery().processInstanceIdIn(parts.toArray(new String[0])).count() > 0;
        return Runbook.byId(row.runbook()).map(runbook -> new RunView(row.run(), runbook, row.cluster(), at, waiting));
    }

    /** Boxes that hold a token; of a called part its own boxes, not the calling one. */
    private static void leaves(ActivityInstance tree, List<String> at) {
        for (TransitionInstance before : tree.getChildTransitionInstances()) {
            at.add(label(before.getActivityName(), before.getActivityId()));
        }
        for (ActivityInstance child : tree.getChildActivityInstances()) {
            boolean leaf = child.getChildActivityInstances().length == 0
                    && child.getChildTransitionInstances().length == 0;
            if (leaf && !child.getActivityType().equals("callActivity")) {
                at.add(label(child.getActivityName(), child.getActivityId()));
            }
            leaves(child, at);
        }
    }

    private static String label(@Nullable String name, String id) {
        return name == null || name.isBlank() ? id : name;
    }
}
