package dev.switchman.mysql;

import dev.switchman.topology.GtidSet;

/** What came of waiting for a replica to apply a set. */
public sealed interface CatchUp {

    /** All of the target is executed. */
    record Reached(GtidSet executed) implements CatchUp {}

    /** The deadline came first. */
    record Behind(GtidSet missing) implements CatchUp {}

    /** The applier stopped, or cannot be started. */
    record Stopped(int errno, String message) implements CatchUp {}

    record Unreachable(String why) implements CatchUp {}
}
