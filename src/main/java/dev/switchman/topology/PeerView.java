package dev.switchman.topology;

/**
 * What one replica, and its host, think of the primary.
 *
 * @param server the replica as seen now
 * @param progress whether it still hears the primary: heartbeat or received-set progress since the suspicion began
 * @param probe its host's own attempt to open the primary's port
 */
public record PeerView(NodeId replica, Observation server, Hearing progress, PortProbe probe) {

    /** Whether a replica still hears its source. */
    public enum Hearing {
        HEARS, LOST,
        /** Too little time has passed, or its heartbeat period is longer than the ping interval. */
        UNKNOWN
    }
}
