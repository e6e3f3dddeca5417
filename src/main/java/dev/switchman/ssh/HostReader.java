package dev.switchman.ssh;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WitnessHost;

/**
 * Looks at database hosts over SSH. Sessions are kept warm; a dead host costs its caller no more than the deadline and
 * nobody else anything.
 */
public interface HostReader {

    /** Opens the session if there is none, so that later calls are fast. @return whether one is open now */
    boolean warm(Node node, Duration deadline);

    /**
     * Process, port, unit, addresses and disk, in one remote command (16 ms over a warm session in the lab). Changes nothing.
     *
     * <p>
     * Where several mysqld run, the node's own is told by its unit, its port, or by having been seen before; one that may be the
     * node's counts as running. How it ended is told by the unit's result, or by the pid file where there is no unit; a reader
     * that never saw the server run believes a pid file that was left behind, and takes a missing one for
     * {@link HostView.Ending#UNKNOWN}. A file system that hangs costs the disk's use only. A host whose key is not known or whose
     * login fails is {@link HostView.Closed}: it is up.
     */
    HostView look(Node node, Duration deadline);

    /**
     * Asks {@code via}'s host to open {@code target}'s MySQL port and wait for the greeting; an error packet is one too. The name
     * is resolved there. Abstained when that host cannot be asked, cannot resolve the name, or does not answer in time itself.
     */
    PortProbe probe(Node via, NodeId target, Duration deadline);

    /** The same asked of a host that is no database node. Abstained from a reader that asks nodes alone. */
    default PortProbe probe(WitnessHost via, NodeId target, Duration deadline) {
        return new PortProbe.Abstained("this reader asks database hosts only");
    }

    /** Like {@link #warm(Node, Duration)}. */
    default boolean warm(WitnessHost witness, Duration deadline) {
        return false;
    }

    /** Whether the node guard of this cluster is there as it would be installed now, and alive. A failed one where it is not. */
    default Finding inspectGuard(Cluster cluster, Node node, Duration deadline) {
        return new Finding("node-guard", node.id().toString(), Finding.Grade.WARNING, "this reader looks at no guard");
    }

    /**
     * Logs in from {@code via}'s host to {@code target}'s, with the keys that {@code via} has there, as MHA does and Switchman never
     * needs to. Changes nothing: no host key is kept there.
     *
     * @return one finding, {@code ssh-pair}
     */
    default Finding inspectLogin(Node via, Node target, Duration deadline) {
        return new Finding("ssh-pair", via.id().host() + " to " + target.id().host(), Finding.Grade.WARNING,
                "not tried");
    }

    /** What would keep Switchman from its work on this host: host key, login, needed programs and rights, interface. */
    List<Finding> inspect(Node node, Optional<VirtualAddress> virtualIp, Duration deadline);
}
