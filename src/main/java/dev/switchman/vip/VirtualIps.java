package dev.switchman.vip;

import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;

/** Opens the room. */
public final class VirtualIps {

    private VirtualIps() {}

    /** @return a virtual IP that is moved by {@code ip addr} on the hosts, over SSH */
    public static VirtualIp over(RemoteShell shell, HostReader reader) {
        return new InterfaceAddress(shell, reader);
    }
}
