package dev.switchman.runbook;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A runbook that can be started; its id is the diagram's process id and file name. */
public enum Runbook {
    /** Replaces a lost primary. Takes the cluster from any other run. */
    FAILOVER(100),
    /** Hands the writes of a healthy cluster from its primary to a replica, by plan. */
    SWITCHOVER(80),
    /** Fences a server that came back, or that accepts writes beside the primary. */
    QUARANTINE(50),
    /** Opens the known primary again after it restarted. */
    REOPEN(60),
    /** Makes a server in quarantine, or a replica that was lost, a healthy replica again. */
    REJOIN(40),
    /** Makes an end of transactions that a server holds and the primary does not, in the way that a person chose. */
    REPAIR_ERRANT(30),
    /** Lets replicas that keep their relay logs delete those that they have applied, one after the other. Gives way to all. */
    PURGE_RELAY_LOGS(20),
    /** Puts edited runbooks into force, once a second person has agreed. Holds no cluster, but {@link Deployments#PLACE}. */
    DEPLOY(10);

    private final int priority;

    Runbook(int priority) {
        this.priority = priority;
    }

    /** @return a run of higher priority may take the cluster from one of lower priority, between steps */
    public int priority() {
        return priority;
    }

    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Runbook> byId(String id) {
        return Arrays.stream(values()).filter(runbook -> runbook.id().equals(id)).findFirst();
    }
}
