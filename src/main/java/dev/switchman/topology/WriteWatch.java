package dev.switchman.topology;

import java.time.Duration;

/**
 * How the primary's disk is watched.
 *
 * @param interval time from one trial write to the next; zero: none is made
 * @param timeout a trial write that hangs, or is refused by the disk, for so long counts, if the host says the same
 * @param warningPercent of a disk in use, from where on people are warned
 */
public record WriteWatch(Duration interval, Duration timeout, int warningPercent) {

    /** No trial writes. */
    public static final WriteWatch OFF = new WriteWatch(Duration.ZERO, Duration.ofSeconds(5), 90);
}
