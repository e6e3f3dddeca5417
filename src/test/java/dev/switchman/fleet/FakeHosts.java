package dev.switchman.fleet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.switchman.fleet.FakeFleet.Fault;
import dev.switchman.hook.Program;
import dev.switchman.hook.ScriptCall;
import dev.switchman.hook.Scripts;
import dev.switchman.hook.Shutdown;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.mysql.BinaryLogs;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Finding;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.HostView;
import dev.switchman.topology.LogPiece;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp;

/** The doors to the hosts: processes, units and the virtual address. */
abstract class FakeHosts extends FakeMysql implements HostReader, RemoteShell, ShutdownHook, Scripts, VirtualIp {

    private final List<String> announcements = new ArrayList<>();
    private final List<String> commands = new ArrayList<>();
    private final List<ScriptCall> scriptCalls = new ArrayList<>();
    final Map<String, Integer> scriptStatus = new HashMap<>();
    int hookStatus;

    FakeHosts(Cluster cluster) {
        super(cluster);
    }

    /** mysqld is gone: connections to it break at once. */
    final void end(FakeServer server) {
        server.die();
        notifyAll();
        flow();
    }

    public final synchronized List<String> announcements() {
        return List.copyOf(announcements);
    }

    public final synchronized Set<String> holders() {
        return servers.values()
                .stream()
                .filter(server -> server.holdsAddress)
                .map(server -> server.id.host().name())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** @return what was run on hosts and ended well, as {@code host: words} */
    public final synchronized List<String> commands() {
        return List.copyOf(commands);
    }

    // HostReader and RemoteShell

    @Override
    public final synchronized boolean warm(Node node, Duration deadline) {
        return hostAnswers(server(node.id()));
    }

    @Override
    public final synchronized HostView look(Node node, Duration deadline) {
        begin("look", node);
        FakeServer server = server(node.id());
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new HostView.Silent("no answer");
        }
        return new HostView.Seen(server.process, server.process,
                node.unit().isEmpty()
                        ? HostView.Unit.NONE
                        : server.masked
                                ? HostView.Unit.MASKED
                                : server.process ? HostView.Unit.ACTIVE : HostView.Unit.FAILED,
                server.process ? HostView.Ending.RUNNING : HostView.Ending.KILLED,
                server.holdsAddress ? Set.of(ADDRESS.name()) : Set.of(),
                server.diskFull
                        ? new Disk(Disk.State.FULL, 100, "/var/lib/mysql has 0 KiB free")
                        : Disk.used(10));
    }

    @Override
    public final synchronized PortProbe probe(Node via, NodeId target, Duration deadline) {
        begin("probe", via);
        if (!hostAnswers(server(via.id()))) {
            return new PortProbe.Abstained("no answer");
        }
        FakeServer server = server(target);
        if (!server.host || server.hostFrozen || cut.contains(Set.of(via.id(), target))) {
            return new PortProbe.TimedOut();
        }
        return !server.process
                ? new PortProbe.Refused()
                : server.serverFrozen ? new PortProbe.Mute() : new PortProbe.Greeted();
    }

    @Override
    public final List<Finding> inspect(Node node, Optional<VirtualAddress> virtualIp, Duration deadline) {
        return List.of();
    }

    @Override
    public final synchronized Ran run(Node node, List<String> command, Duration deadline) {
        begin("run", node);
        if (!hostAnswers(server(node.id()))) {
            return new Ran.Unreachable("no answer");
        }
        Optional<Fault> fault = fault("run", node);
        if (fault.isPresent()) {
            return fault.get() == Fault.UNKNOWN
                    ? new Ran.Unknown("the answer is lost")
                    : new Ran.Ended(3, "no\nand no");
        }
        commands.add(node.id().host() + ": " + String.join(" ", command));
        if (command.equals(List.of("systemctl", "start", "mysql.service"))) {
            server(node.id()).process = true;
        }
        return new Ran.Ended(0, command.equals(List.of("cat", "/proc/uptime"))
                ? Duration.between(server(node.id()).booted, clock.instant()).toSeconds() + ".00 1.00\n"
                : "");
    }

    @Override
    public final synchronized LogCopy copyLogs(Node node, Wanted wanted, Path copy, Duration deadline,
            Coming listener) {
        LogCopy answer = copyLogs(node, wanted, copy, deadline);
        if (answer instanceof LogCopy.Copied copied) {
            long all = copied.pieces().stream().mapToLong(LogPiece::length).sum();
            listener.come(all, all);
            coming.run();
        }
        return answer;
    }

    @Override
    public final synchronized LogCopy copyLogs(Node node, Wanted wanted, Path copy, Duration deadline) {
        begin("copyLogs", node);
        FakeServer server = server(node.id());
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new LogCopy.Unreachable("no answer within " + deadline.toMillis() + " ms");
        }
        if (fault("copyLogs", node).isPresent()) {
            return new LogCopy.Failed("as told");
        }
        boolean relay = wanted.places().equals(server.logs.ofRelayLogs());
        if (server.logTrouble == LogTrouble.MISSING || !relay && !wanted.places().equals(server.logs)
                || wanted.dead() && server.process) {
            return new LogCopy.NotFound("no index of binary logs");
        }
        if (server.logTrouble == LogTrouble.LATE) {
            clock.advance(deadline);
            return new LogCopy.Failed("no end of the command within " + deadline.toMillis() + " ms");
        }
        List<LogPiece> pieces = new ArrayList<>();
        List<FakeLog> all = relay ? relayLogs(server) : logs(server);
        int first = Math.max(0, all.size() - wanted.back());
        long from = 0;
        if (wanted.from().isPresent() && Integer.parseInt(wanted.from().get().file().substring(7)) <= all.size()) {
            first = Integer.parseInt(wanted.from().get().file().substring(7)) - 1;
            from = wanted.from().get().offset();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = first; i < all.size(); i++) {
            String name = String.format(Locale.ROOT, "binlog.%06d", i + 1);
            byte[] log = i == all.size() - 1 ? troubled(server, all.get(i)) : all.get(i).bytes();
            if (i == first && from > 0) {
                int head = all.get(i).beginnings().isEmpty() ? log.length : all.get(i).beginnings().getFirst();
                pieces.add(new LogPiece(name, log.length, 0, head, bytes.size()));
                bytes.write(log, 0, head);
                pieces.add(new LogPiece(name, log.length, from, log.length - from, bytes.size()));
                bytes.write(log, (int) from, (int) (log.length - from));
            } else {
                pieces.add(new LogPiece(name, log.length, 0, log.length, bytes.size()));
                bytes.writeBytes(log);
            }
        }
        try {
            Files.write(copy, bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LogCopy.Copied(pieces, first == 0, server.hostLife);
    }

    /** What was received last stands in the last one but one: each time its receiver begins, a server begins a new one. */
    private static List<FakeLog> relayLogs(FakeServer server) {
        return List.of(FakeLog.begin(GtidSet.empty()).add(server.relay), FakeLog.begin(server.relay));
    }

    static List<FakeLog> logs(FakeServer server) {
        if (server.logTrouble == LogTrouble.FOREIGN) {
            return List.of(FakeLog.begin(GtidSet.empty()).add(GtidSet.of(new UUID(0, 99), 1, 5)));
        }
        GtidSet all = server.executed.union(server.logged);
        List<GtidSet> ends = new ArrayList<>(server.rotations);
        ends.add(all);
        List<FakeLog> logs = new ArrayList<>();
        GtidSet before = server.purged;
        for (GtidSet end : ends) {
            if (server.purged.contains(end) && !end.equals(all)) {
                continue;
            }
            FakeLog log = FakeLog.begin(before);
            GtidSet here = end.minus(before);
            logs.add(server.logTrouble == LogTrouble.COMPRESSED ? log.addCompressed(here) : log.add(here));
            before = end;
        }
        return logs;
    }

    private static byte[] troubled(FakeServer server, FakeLog log) {
        byte[] bytes = log.bytes();
        return switch (server.logTrouble) {
            case TORN -> Arrays.copyOf(bytes, bytes.length - 7);
            case DAMAGED -> {
                int last = log.beginnings().getLast();
                bytes[last + 30]++;
                yield bytes;
            }
            case ENCRYPTED -> {
                bytes[0] = (byte) 0xfd;
                yield bytes;
            }
            case NONE, COMPRESSED, MISSING, LATE, FOREIGN -> bytes;
        };
    }

    @Override
    public final Guarding installGuard(Cluster cluster, Node node, Duration deadline) {
        throw new UnsupportedOperationException("no step installs a guard");
    }

    @Override
    public final synchronized Ran putRelayLogs(Node node, LogPlaces places, String channel, List<Path> files,
            Duration deadline) {
        begin("putRelayLogs", node);
        FakeServer server = server(node.id());
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new Ran.Unreachable("no answer within " + deadline.toMillis() + " ms");
        }
        if (fault("putRelayLogs", node).isPresent()) {
            return new Ran.Ended(1, "No space left on device");
        }
        server.placed = GtidSet.empty();
        clock.advance(server.putTime);
        for (Path file : files) {
            try {
                long size = Files.size(file);
                if (!(BinaryLogs.read(file,
                        List.of(new LogPiece("relay", size, 0, size, 0))) instanceof BinaryLogs.Reading.Logs logs)) {
                    throw new AssertionError("this is no relay log: " + file);
                }
                server.placed = server.placed.union(logs.found());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Ran.Ended(0, "");
    }

    @Override
    public final synchronized Stopping stopServer(Node node, Duration deadline) {
        begin("stopServer", node);
        FakeServer server = server(node.id());
        Optional<Fault> fault = fault("stopServer", node);
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new Stopping.Unreachable("no answer within " + deadline.toMillis() + " ms");
        }
        if (fault.isPresent()) {
            return new Stopping.Unknown("the answer was lost");
        }
        if (server.refusesStop) {
            return new Stopping.Refused("mysqld is in uninterruptible sleep");
        }
        if (server.dying.compareTo(deadline.dividedBy(2)) > 0) {
            clock.advance(deadline.dividedBy(2));
            server.dying = server.dying.minus(deadline.dividedBy(2));
            return new Stopping.Refused("mysqld still runs");
        }
        clock.advance(server.dying);
        end(server);
        if (node.unit().isEmpty()) {
            return new Stopping.Gone("no mysqld runs");
        }
        server.masked = true;
        return new Stopping.Masked("no mysqld runs, mysql.service is masked");
    }

    // ShutdownHook

    @Override
    public final synchronized Shutdown shutDown(Cluster of, Node node, Ssh ssh, Duration deadline) {
        begin("shutDown", node);
        calls.add("hook told ssh=" + ssh);
        Duration took = Duration.ofMillis(800);
        if (hookStatus != 0) {
            return new Shutdown.NotProven("ended with status " + hookStatus + " after 800 ms", took, "no such outlet");
        }
        FakeServer server = server(node.id());
        server.host = false;
        server.holdsAddress = false;
        end(server);
        return new Shutdown.Proven(took, "outlet 3 is off");
    }

    // Scripts

    @Override
    public final synchronized Program.End run(ScriptCall call, Duration deadline) {
        scriptCalls.add(call);
        int status = scriptStatus.getOrDefault(call.name(), 0);
        if (status == 0) {
            boolean starts = call.command().equals("start");
            for (ScriptCall.Argument argument : call.arguments()) {
                boolean gives = argument.name().equals("new_master_host") && starts;
                boolean takes = argument.name().equals("orig_master_host") && !call.command().isEmpty();
                servers.values()
                        .stream()
                        .filter(server -> server.id.host().name().equals(argument.value()))
                        .filter(server -> gives || takes)
                        .forEach(server -> server.holdsAddress = gives);
            }
        }
        return new Program.Exited(status, Duration.ofMillis(20), "done what " + call.name() + " does");
    }

    /** @return the calls of scripts so far, as they are shown */
    public final synchronized List<ScriptCall> scriptCalls() {
        return List.copyOf(scriptCalls);
    }

    // VirtualIp

    @Override
    public final synchronized Moved add(Node node, VirtualAddress address, Duration deadline) {
        return moved("add", node, deadline, () -> {
            server(node.id()).holdsAddress = true;
            announcements.add(node.id().host().name());
            return new Moved.Done(address.cidr() + " added");
        });
    }

    @Override
    public final synchronized Moved remove(Node node, VirtualAddress address, Duration deadline) {
        return moved("remove", node, deadline, () -> {
            server(node.id()).holdsAddress = false;
            return new Moved.Done(address.cidr() + " removed");
        });
    }

    @Override
    public final synchronized Moved announce(Node node, VirtualAddress address, Duration deadline) {
        return moved("announce", node, deadline, () -> {
            if (!server(node.id()).holdsAddress) {
                return new Moved.Failed("it does not hold " + address.cidr());
            }
            announcements.add(node.id().host().name());
            return new Moved.Done(address.cidr() + " announced");
        });
    }

    private Moved moved(String method, Node node, Duration deadline, Supplier<Moved> act) {
        begin(method, node);
        Optional<Fault> fault = fault(method, node);
        if (!hostAnswers(server(node.id()))) {
            clock.advance(deadline);
            return new Moved.Unreachable("no answer within " + deadline.toMillis() + " ms");
        }
        return fault.isPresent() ? new Moved.Failed("as told") : act.get();
    }

    @Override
    public final synchronized Held look(Node node, VirtualAddress address, Duration deadline) {
        begin("look", node);
        FakeServer server = server(node.id());
        if (!hostAnswers(server)) {
            clock.advance(deadline);
            return new Held.Unknown("no answer");
        }
        return server.holdsAddress ? new Held.Here() : new Held.NotHere();
    }
}
