package dev.switchman.ssh;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.switchman.topology.NodeId;

/**
 * Each node's mysqld as it was last seen running. It tells this node's process from others on its host, and after its end where
 * its pid file was. Not kept over a restart: then less can be told, nothing false.
 */
final class LastSeen {

    /**
     * @param start start time in clock ticks since boot; with the pid it names a process for good
     * @param life of the host; after a reboot a missing pid file tells nothing
     * @param pidFile empty when none was found that holds the pid
     * @param data data directory
     * @param binaryLogs directory of the binary logs; empty when no other one is configured
     */
    record Server(String pid, String start, String life, String pidFile, String data, String binaryLogs) {

        static final Server NEVER = new Server("", "", "", "", "", "");
    }

    private final Map<NodeId, Server> servers = new ConcurrentHashMap<>();

    Server of(NodeId node) {
        return servers.getOrDefault(node, Server.NEVER);
    }

    void keep(NodeId node, Server server) {
        servers.put(node, server);
    }
}
