package dev.switchman.memory;

import java.time.Instant;
import java.util.List;

import dev.switchman.topology.ClusterName;

/** What is still to be told to somebody; outlives a restart of the manager. Each change is in the store when the call returns. */
public interface Outbox {

    /** May be repeated. */
    void keep(Kept notice);

    /** It has arrived, or is given up. May be repeated; nothing happens if it is not there. */
    void drop(String id, ClusterName cluster, String receiver);

    /** @return in the order of what happened */
    List<Kept> kept();

    /** @param id with the receiver and its cluster: what it is told apart by @param body as its owner has written it */
    record Kept(String id, ClusterName cluster, String receiver, Instant at, String body) {}
}
