package dev.switchman.ssh;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Finding;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.VirtualAddress;

/**
 * Looks at database hosts over SSH. Sessions are kept warm; a dead host costs its caller no more than the deadline and
 * nobody else anything.
 */
public interface HostReader {

    /** Opens the session if there is none, so that later calls are fast. @return whether one is open now */
    boolean warm(Node node, Duration deadline);

    /** Process, port, unit, addresses and disk, in one remote command. Changes nothing. */
    HostView look(Node node, Duration deadline);

    /** Asks {@code via}'s host to open {@code target}'s MySQL port and wait for the greeting. */
    PortProbe probe(Node via, NodeId target, Duration deadline);

    /** What would keep Switchman from its work on this host: host key, login, needed programs and rights, interface. */
    List<Finding> inspect(Node node, Optional<VirtualAddress> virtualIp, Duration deadline);
}
