package dev.switchman.runbook;

/** The error codes that steps raise and diagrams draw. */
public enum RunbookError {
    /** The primary answers after all: nothing may be done to it. */
    PRIMARY_ALIVE,
    /** The old primary answers and could not be closed for writes. */
    FENCE_REFUSED,
    /** No reachable replica may become the primary. */
    NO_ELIGIBLE_CANDIDATE,
    /** Two replicas each hold transactions of a former primary that the other lacks. */
    REPLICAS_DIVERGED,
    /** The candidate did not apply what it lacks in time. */
    CATCH_UP_TIMED_OUT,
    /** The candidate was lost before it was opened for writes. */
    CANDIDATE_LOST,
    /** The new primary was lost after it was opened for writes. */
    NEW_PRIMARY_LOST,
    /** The promotion was stopped, by the policy or by a person. */
    PROMOTION_DECLINED,
    /** Right before opening, the other side's fence no longer held. */
    FENCE_BROKEN,
    /** The server to be fenced cannot be reached now. */
    SERVER_UNREACHABLE,
    /** A check before a switchover forbids it. */
    PREFLIGHT_BLOCKED,
    /** The old primary of a switchover does not answer any more: a failover's matter. */
    PRIMARY_LOST,
    /** The manager died in the middle, and the candidate had not been opened. */
    INTERRUPTED,
    /** The candidate accepts writes already: from here it goes forward only. */
    CANDIDATE_OPEN,
    /** The server holds what the primary lacks, or lacks what the primary has no more: it cannot follow as it is. */
    NEEDS_REBUILD,
    /** No other server can be copied onto it: too old, or none is fit to be copied. */
    REBUILD_IMPOSSIBLE,
    /** Copying another server onto it did not begin, broke off, or the server did not come back. */
    REBUILD_FAILED,
    /** A command of the configuration ended badly on some host, or could not be run there. */
    COMMAND_FAILED,
    /** This run no longer holds its cluster. */
    RUN_SUPERSEDED,
    /** Whether a change took effect could not be told, not even by reading back. */
    OUTCOME_UNKNOWN,
    /** A step threw. */
    STEP_FAILED
}
