package dev.switchman.vip;

import java.time.Duration;

import dev.switchman.topology.Node;
import dev.switchman.topology.VirtualAddress;

/** Holds, moves and announces a cluster's virtual IP. All of it may be repeated. Used by runbook steps alone. */
public interface VirtualIp {

    /**
     * {@code ip addr add}, read back, and announced from then on without waiting for it, since applications wait. Done also when
     * the host held it already, and when the announcement failed: {@link #announce} tells that.
     */
    Moved add(Node node, VirtualAddress address, Duration deadline);

    /** {@code ip addr del}, read back. Done also when the host did not hold it. */
    Moved remove(Node node, VirtualAddress address, Duration deadline);

    /** Gratuitous ARP from this node's host, so that neighbours forget the old holder. Fails when the host does not hold it. */
    Moved announce(Node node, VirtualAddress address, Duration deadline);

    /** Whether this node's host holds the address now. */
    Held look(Node node, VirtualAddress address, Duration deadline);

    /** What came of a change. */
    sealed interface Moved {

        record Done(String detail) implements Moved {}

        record Unreachable(String why) implements Moved {}

        record Failed(String why) implements Moved {}

        /** @return one line for people */
        default String sentence() {
            return switch (this) {
                case Done(String detail) -> detail;
                case Unreachable(String why) -> "not reached: " + why;
                case Failed(String why) -> "failed: " + why;
            };
        }
    }

    /** Where the address is. */
    sealed interface Held {

        record Here() implements Held {}

        record NotHere() implements Held {}

        record Unknown(String why) implements Held {}
    }
}
