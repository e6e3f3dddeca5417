package dev.switchman.topology;

/**
 * What one configured witness thinks of the primary.
 *
 * @param probe its own attempt to open the primary's port
 */
public record WitnessView(Host host, PortProbe probe) {}
