package dev.switchman.monitor;

import dev.switchman.topology.ClusterName;

/**
 * Whether this manager may act on a cluster: it holds the manager's lock on a majority of the cluster's servers. Else
 * another manager may hold it, and this one only watches.
 */
public interface Claims extends AutoCloseable {

    /** Begins to take the locks, and to hold them. Returns at once. */
    void start();

    /** As of the last look: looks something up, asks no server. Not held before the first look, nor by an old one. */
    Claim of(ClusterName cluster);

    /** The same; if it is not held, the servers are asked again first, for two seconds and a little at most. */
    Claim renewed(ClusterName cluster);

    /** Gives the locks back. */
    @Override
    void close();

    /** The answer for one cluster. */
    sealed interface Claim {

        /** @return for people: how many servers, and who holds the others */
        String sentence();

        record Held(String sentence) implements Claim {}

        record NotHeld(String sentence) implements Claim {}
    }
}
