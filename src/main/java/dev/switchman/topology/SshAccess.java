package dev.switchman.topology;

import java.nio.file.Path;

/**
 * How a node's host is reached over SSH. The host's key must stand in {@code knownHosts}; there is no trust on first use.
 *
 * @param key private key file
 */
public record SshAccess(String user, int port, Path key, Path knownHosts) {}
