package dev.switchman.runbook;

import dev.switchman.notify.Notice;
import dev.switchman.topology.Cluster;

/** Takes what people are to be told. */
@FunctionalInterface
public interface News {

    /**
     * Hands the notice to every receiver of this cluster that it reaches. Returns at once, whatever becomes of it; what is told first
     * arrives first at each receiver.
     */
    void tell(Cluster cluster, Notice notice);
}
