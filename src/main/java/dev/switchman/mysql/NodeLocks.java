package dev.switchman.mysql;

import java.time.Duration;
import java.util.List;

import dev.switchman.topology.Node;

/**
 * Named locks of servers ({@code GET_LOCK}), each server's on one connection that is used for nothing else. They change
 * no data, need no privilege, and are gone when their connection is: the server ends it when it hears nothing for
 * {@link #LEASE}. One connection holds several of them from 5.7.5 on.
 */
public interface NodeLocks extends AutoCloseable {

    /** How long a server keeps the locks of somebody who is silent. */
    Duration LEASE = Duration.ofSeconds(30);

    /**
     * Who holds these locks now: {@code IS_USED_LOCK}. Opens the connection when there is none, and then holds nothing.
     *
     * @param names at least one
     */
    LockLook look(Node node, List<String> names, Duration deadline);

    /** Takes one lock, if it is free: {@code GET_LOCK(name, 0)}. May be repeated. @return whether it is ours now */
    boolean take(Node node, String name, Duration deadline);

    /** Gives one lock back: {@code RELEASE_LOCK(name)}; nothing happens when it is not ours. A failure drops the connection, and the lock with it. */
    void release(Node node, String name, Duration deadline);

    /** Drops all connections, and with them all locks. */
    @Override
    void close();
}
