package dev.switchman.monitor;

import java.time.Clock;
import java.util.Collection;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Cluster;

/** Makes the {@link Watch}. */
public final class Watches {

    private Watches() {}

    /** @return a watch over these clusters that has not started yet; it closes none of what it is given */
    public static Watch over(Collection<Cluster> clusters, NodeReader mysql, HostReader hosts, ClusterMemory memory,
            VerdictListener listener, Clock clock) {
        return new ThreadedWatch(clusters, new Eyes(mysql, hosts, clock), memory, listener, clock);
    }
}
