package dev.switchman.topology;

import java.time.Instant;

/** One look at one server. */
public sealed interface Observation {

    NodeId node();

    Instant at();

    record Seen(NodeId node, Instant at, ServerState server) implements Observation {}

    record Unseen(NodeId node, Instant at, Failure failure) implements Observation {}
}
