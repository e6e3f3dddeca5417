package dev.switchman.vip;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.ssh.RemoteShell.Ran;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.VirtualAddress;

/**
 * A virtual IP as one more address of a host's interface. Each change is one round trip: act and read back. The address does
 * not survive a reboot of its host.
 */
final class InterfaceAddress implements VirtualIp {

    private static final String REMOVE = script("remove.sh");
    private static final String ARP = script("arp.sh");
    private static final String ANNOUNCE = ARP + script("announce.sh");
    private static final String ADD = script("add.sh") + "set -- \"$address\" \"$device\"\n" + ARP
            + script("announce-aside.sh");

    private final RemoteShell shell;
    private final HostReader reader;

    InterfaceAddress(RemoteShell shell, HostReader reader) {
        this.shell = shell;
        this.reader = reader;
    }

    @Override
    public Moved add(Node node, VirtualAddress address, Duration deadline) {
        Ran ran = run(node, deadline, ADD, address.address().name(), Integer.toString(address.prefix()),
                address.device());
        return switch (ran) {
            case Ran.Unreachable(String why) -> new Moved.Unreachable(why);
            case Ran.Unknown(String why) -> new Moved.Failed("the end was not seen: " + why);
            case Ran.Ended(int status, String output) -> {
                List<String> held = values(output, "held");
                if (held.stream().anyMatch(place -> place.startsWith(address.device() + " "))) {
                    yield new Moved.Done(node.id().host() + " holds " + held.getFirst());
                }
                if (!held.isEmpty()) {
                    yield new Moved.Failed(
                            node.id().host() + " holds " + address.address() + " on another interface than "
                                    + address.device() + ": " + held.getFirst());
                }
                yield failed(node, "could not take " + address, status, output);
            }
        };
    }

    @Override
    public Moved remove(Node node, VirtualAddress address, Duration deadline) {
        Ran ran = run(node, deadline, REMOVE, address.address().name());
        return switch (ran) {
            case Ran.Unreachable(String why) -> new Moved.Unreachable(why);
            case Ran.Unknown(String why) -> new Moved.Failed("the end was not seen: " + why);
            case Ran.Ended(int status, String output) ->
                status == 0 && values(output, "held").isEmpty() && error(output).isEmpty()
                        ? new Moved.Done(node.id().host() + " does not hold " + address.address())
                        : failed(node, "still holds " + address, status, output);
        };
    }

    @Override
    public Moved announce(Node node, VirtualAddress address, Duration deadline) {
        Ran ran = run(node, deadline, ANNOUNCE, address.address().name(), address.device());
        return switch (ran) {
            case Ran.Unreachable(String why) -> new Moved.Unreachable(why);
            case Ran.Unknown(String why) -> new Moved.Failed("the end was not seen: " + why);
            case Ran.Ended(int status, String output) -> values(output, "sent").isEmpty()
                    ? failed(node, "did not announce " + address, status, output)
                    : new Moved.Done(node.id().host() + " announced " + address.address() + " on " + address.device()
                            + " by " + values(output, "sent").getFirst());
        };
    }

    @Override
    public Held look(Node node, VirtualAddress address, Duration deadline) {
        return switch (reader.look(node, deadline)) {
            case HostView.Seen seen ->
                seen.addresses().contains(address.address().name()) ? new Held.Here() : new Held.NotHere();
            case HostView.Closed(String why) -> new Held.Unknown(why);
            case HostView.Silent(String why) -> new Held.Unknown(why);
        };
    }

    private Ran run(Node node, Duration deadline, String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "switchman"));
        command.addAll(Arrays.asList(arguments));
        return shell.run(node, command, deadline);
    }

    private static Moved failed(Node node, String what, int status, String output) {
        return new Moved.Failed(node.id().host() + " " + what + ": "
                + error(output).orElse("status " + status + ", \"" + output.strip() + "\""));
    }

    private static Optional<String> error(String output) {
        return values(output, "error").stream().findFirst();
    }

    private static List<String> values(String output, String key) {
        return output.lines()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .toList();
    }

    private static String script(String file) {
        try (InputStream in = InterfaceAddress.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("not in the jar: " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
