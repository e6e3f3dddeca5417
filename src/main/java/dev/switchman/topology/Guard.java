package dev.switchman.topology;

import java.time.Duration;

/**
 * What the node guard of a cluster's hosts is told.
 *
 * @param lease a server that hears nothing of the manager, nor of any replica, for so long is closed by its guard
 */
public record Guard(Duration lease) {}
