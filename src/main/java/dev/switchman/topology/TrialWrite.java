package dev.switchman.topology;

import java.time.Duration;

/** What became of a small write that is committed on the primary beside the pings: a full disk leaves {@code SELECT} healthy. */
public sealed interface TrialWrite {

    record Written(Duration took) implements TrialWrite {}

    /**
     * Sent and not committed.
     *
     * @param since when it was sent
     * @param state what the server itself says that it does, as in its process list
     * @param acknowledgements sessions that wait for a replica's acknowledgement: then it may be one of them, or stand
     *            behind one
     */
    record Hanging(Duration since, String state, long acknowledgements) implements TrialWrite {

        /** @return whether it waits for something else than the server's own disk: a lock, or a replica */
        public boolean waitsForOthers() {
            return acknowledgements > 0 || state.startsWith("Waiting for ");
        }
    }

    /**
     * Refused with one of the error numbers that stand for a write to disk that failed.
     *
     * @param since when such an error came first, without a write between that was committed
     */
    record Refused(Duration since, int errno, String message) implements TrialWrite {}

    /** Says nothing of the disk: not tried, or refused for another reason. */
    record Untold(String why) implements TrialWrite {}
}
