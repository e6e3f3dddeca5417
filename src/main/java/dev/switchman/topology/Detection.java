package dev.switchman.topology;

import java.time.Duration;
import java.util.List;

/**
 * How a cluster's primary is watched.
 *
 * @param interval time from ping to ping; {@link PingKind#SELECT} asks a primary under no suspicion once more halfway
 * @param timeout an answer later than this is a failed ping
 * @param failures failed pings in a row before silence may be declared a loss; the fresh connection that is tried when
 *            the first silent ping is a quarter of its timeout late counts as one
 * @param witnesses replicas, or witness hosts, that must have lost the primary too, besides ourselves; those that cannot
 *            answer abstain
 * @param restartGrace how long a primary that was stopped in good order may take to come back
 * @param writes how its disk is watched
 * @param witnessHosts asked for their vote beside the replicas
 */
public record Detection(
        PingKind ping,
        Duration interval,
        Duration timeout,
        int failures,
        int witnesses,
        Duration restartGrace,
        WriteWatch writes,
        List<WitnessHost> witnessHosts) {

    public Detection {
        witnessHosts = List.copyOf(witnessHosts);
    }

    /** @return the shortest silence of a primary that may be taken for its loss */
    public Duration shortestLoss() {
        // A ping that is a quarter of its timeout late brings a fresh connection beside it, which counts as well.
        return failures == 1
                ? timeout
                : timeout.plus(timeout.dividedBy(4)).plus(interval.multipliedBy(failures - 2L));
    }

    /** Without witness hosts. */
    public Detection(PingKind ping, Duration interval, Duration timeout, int failures, int witnesses,
            Duration restartGrace, WriteWatch writes) {
        this(ping, interval, timeout, failures, witnesses, restartGrace, writes, List.of());
    }

    /** Without trial writes, and without witness hosts. */
    public Detection(PingKind ping, Duration interval, Duration timeout, int failures, int witnesses,
            Duration restartGrace) {
        this(ping, interval, timeout, failures, witnesses, restartGrace, WriteWatch.OFF);
    }
}
