package dev.switchman.monitor;

import java.time.Clock;
import java.util.Collection;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeLocks;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;

/** Makes the {@link Watch}. */
public final class Watches {

    private Watches() {}

    /**
     * @param claims told of by cluster: a manager that only watches follows what another one does
     * @return a watch over these clusters that has not started yet; it closes none of what it is given
     */
    public static Watch over(Collection<Cluster> clusters, NodeReader mysql, HostReader hosts, ClusterMemory memory,
            Claims claims, VerdictListener listener, Clock clock) {
        return new ThreadedWatch(clusters, new Eyes(mysql, hosts, clock), memory, claims, listener, clock);
    }

    /** @return claims by locks on these clusters' servers, not asked for yet; closes the locks in its end */
    public static Claims claims(Collection<Cluster> clusters, NodeLocks locks, ClusterMemory memory, Clock clock) {
        return new LockedClaims(clusters, locks, memory, clock, Thread::sleep);
    }

    /** @return for clusters that no other manager can know of */
    public static Claims unrivalled() {
        return new Claims() {

            @Override
            public void start() {
                // nothing to take
            }

            @Override
            public Claim of(ClusterName cluster) {
                return new Claim.Held("has no rival");
            }

            @Override
            public Claim renewed(ClusterName cluster) {
                return of(cluster);
            }

            @Override
            public void close() {
                // nothing to give back
            }
        };
    }
}
