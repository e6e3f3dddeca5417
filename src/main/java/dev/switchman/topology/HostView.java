package dev.switchman.topology;

import java.util.Set;

/** One look at one host over SSH. */
public sealed interface HostView {

    /**
     * @param mysqld whether a mysqld process runs
     * @param listening whether something listens on the node's port
     * @param unit state of the supervising unit
     * @param ending how the last mysqld ended, as far as the host can tell
     * @param addresses IP addresses that the host's interfaces carry
     * @param disk the file systems of the data directory and of the binary logs
     */
    record Seen(
            boolean mysqld,
            boolean listening,
            Unit unit,
            Ending ending,
            Set<String> addresses,
            Disk disk) implements HostView {

        public Seen {
            addresses = Set.copyOf(addresses);
        }
    }

    /** The host refused the SSH connection or the login: it is up, but says nothing. */
    record Closed(String why) implements HostView {}

    /** No answer in time. */
    record Silent(String why) implements HostView {}

    /** The service unit that supervises mysqld. */
    enum Unit {
        /** None is configured, or the host has no service manager. */
        NONE, ACTIVE,
        /** Starting, stopping or waiting to restart. */
        CHANGING, INACTIVE, FAILED, MASKED
    }

    /** How mysqld went down: a pid file left behind tells a kill from a clean stop. */
    enum Ending {
        RUNNING, CLEAN, KILLED, UNKNOWN
    }
}
