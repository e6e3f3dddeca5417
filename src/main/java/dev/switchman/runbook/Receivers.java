package dev.switchman.runbook;

import java.time.Duration;
import java.util.List;

import dev.switchman.topology.Cluster;

/** Those who are told, and how that goes. */
public interface Receivers {

    /**
     * Sends a test to every receiver of a cluster, and to its people by mail, past all queues and once each. Returns when all have
     * answered, or their deadlines are over: a minute and a little at most.
     *
     * @param by who wants to see it, for the text of the test
     * @return mail first; empty when the cluster has nobody to tell
     */
    List<Tested> test(Cluster cluster, String by);

    /** @return for each receiver of each cluster what became of its notices since the start */
    List<Tally> tallies();

    /** @param receiver its name, or {@code mail} @param shape {@code json}, {@code slack}, {@code teams} or {@code mail} */
    record Tested(String receiver, String shape, boolean arrived, String answer, Duration took) {}

    /**
     * @param failures attempts that failed
     * @param lost given up, refused, or pushed out by newer ones
     * @param waiting on their way now
     */
    record Tally(String cluster, String receiver, long delivered, long failures, long lost, int waiting) {}
}
