package dev.switchman.runbook;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.ClusterName;

/** Starts runs and tells of those that go on. The engine room implements it. */
public interface Runbooks {

    /** Starts a run, unless another of the same or higher priority holds the cluster. In the store when it returns. */
    Started start(Request request);

    /** @return a run that has not ended */
    Optional<RunView> show(RunId run);

    /** All runs that have not ended. */
    List<RunView> open();

    /** @return the run that holds this cluster now */
    Optional<RunId> holder(ClusterName cluster);

    /** Asks the run to stop before its next step, or in the middle of a catch-up. @return false when there is no such open run */
    boolean cancel(RunId run, String by, String reason);

    /** @param inputs first values of the run's variables, such as {@link Run#OLD_PRIMARY} */
    record Request(Runbook runbook, ClusterName cluster, String startedBy, String cause, Map<String, String> inputs) {

        public Request {
            inputs = Map.copyOf(inputs);
        }
    }

    /** What came of starting. */
    sealed interface Started {

        record Yes(RunId run) implements Started {}

        record Held(RunId by, String runbook) implements Started {}

        record Refused(String why) implements Started {}
    }

    /** An open run. @param at labels of the boxes it stands at @param waiting whether it waits for a person */
    record RunView(RunId run, Runbook runbook, ClusterName cluster, List<String> at, boolean waiting) {}
}
