package dev.switchman.fleet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.ClusterName;

/** Starts nothing: keeps the requests, and says that the run holds its cluster until it is ended. */
public final class FakeRunbooks implements Runbooks {

    private final List<Request> requests = new ArrayList<>();
    private final Map<ClusterName, RunView> holders = new LinkedHashMap<>();
    private int next = 1;

    @Override
    public synchronized Started start(Request request) {
        RunView holder = holders.get(request.cluster());
        if (holder != null && holder.runbook().priority() >= request.runbook().priority()) {
            return new Started.Held(holder.run(), holder.runbook().id());
        }
        requests.add(request);
        RunId run = new RunId("run-" + next++);
        holders.put(request.cluster(), new RunView(run, request.runbook(), request.cluster(), List.of(), false));
        return new Started.Yes(run);
    }

    /** All requests that were granted. */
    public synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Says that this run holds the cluster. */
    public synchronized void hold(RunView view) {
        holders.put(view.cluster(), view);
    }

    /** Ends whatever holds the cluster. */
    public synchronized void end(ClusterName cluster) {
        holders.remove(cluster);
    }

    @Override
    public synchronized Optional<RunView> show(RunId run) {
        return holders.values().stream().filter(view -> view.run().equals(run)).findFirst();
    }

    @Override
    public synchronized List<RunView> open() {
        return List.copyOf(holders.values());
    }

    @Override
    public synchronized Optional<RunId> holder(ClusterName cluster) {
        return Optional.ofNullable(holders.get(cluster)).map(RunView::run);
    }

    @Override
    public synchronized boolean cancel(RunId run, String by, String reason) {
        return holders.values().removeIf(view -> view.run().equals(run));
    }
}
