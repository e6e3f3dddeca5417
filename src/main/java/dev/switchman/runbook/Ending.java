package dev.switchman.runbook;

/** How a run ended. */
public enum Ending {
    DONE(0),
    /** Done; some replicas do not follow the new primary. */
    REPLICAS_LOST(10),
    /** Done; acknowledged writes may be missing on the new primary. */
    WRITES_MAY_BE_LOST(11), PRIMARY_ALIVE(4),
    /** A check before a switchover forbade it; nothing was changed. */
    BLOCKED(4),
    /** A switchover did not work; the old primary accepts writes again. */
    ROLLED_BACK(1),
    /** The policy or a person decided against it, or this manager may not act (any more); nothing was opened. */
    STOOD_DOWN(4), NOT_FENCED(1), NO_ELIGIBLE_CANDIDATE(1), REPLICAS_DIVERGED(1),
    /** Stopped before opening, by the policy or by a person. */
    PROMOTION_DECLINED(4),
    /** The server cannot become a replica as it is, and was not rebuilt: it stays fenced. */
    KEPT_IN_QUARANTINE(4),
    /** Some replicas still keep relay logs that they have applied. */
    RELAY_LOGS_KEPT(1), CANCELLED(4), FAILED(1);

    private final int exitCode;

    Ending(int exitCode) {
        this.exitCode = exitCode;
    }

    /** @return exit code of a command that followed the run to this end */
    public int exitCode() {
        return exitCode;
    }
}
