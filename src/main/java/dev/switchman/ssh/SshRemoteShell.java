package dev.switchman.ssh;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.switchman.topology.Action;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Guard;
import dev.switchman.topology.HostView.Unit;
import dev.switchman.topology.LogPiece;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.Node;

/** Acts over the host's warm session, as root or through {@code sudo -n}; tells each action. */
final class SshRemoteShell implements RemoteShell {

    private static final Script STOP = Script.of("host.sh", "stop.sh");
    private static final Script LOGS = Script.of("host.sh", "logs.sh");
    private static final Script RELAY = Script.of("relay.sh");
    private static final Script PUT = Script.of("put.sh");
    private static final Script GUARD_START = Script.of("guard-start.sh");
    private static final int TOLD_CHARACTERS = 200;
    /** Of a long log, for its format and the list of what came before it. */
    private static final int LOG_HEAD = 256 * 1024;

    private final Ssh ssh;
    private final LastSeen lastSeen;
    private final Action.Listener listener;

    SshRemoteShell(Ssh ssh, LastSeen lastSeen, Action.Listener listener) {
        this.ssh = ssh;
        this.lastSeen = lastSeen;
        this.listener = listener;
    }

    @Override
    public Ran run(Node node, List<String> command, Duration deadline) {
        List<String> whole = new ArrayList<>(before(node));
        whole.addAll(command);
        return act(node, ShellText.line(whole) + " </dev/null", ShellText.readable(whole), deadline);
    }

    private Ran act(Node node, String line, String readable, Duration deadline) {
        long from = System.nanoTime();
        Ran ran;
        try {
            Link.Reply reply = ssh.link(node).run(line, Deadline.in(deadline));
            ran = new Ran.Ended(reply.status(), reply.output());
        } catch (SshFailure e) {
            ran = e.sent() ? new Ran.Unknown(e.why()) : new Ran.Unreachable(e.why());
        }
        listener.acted(new Action(node.id(), Action.Channel.SSH, shortened(readable),
                Duration.ofNanos(System.nanoTime() - from), answer(ran)));
        return ran;
    }

    @Override
    public Stopping stopServer(Node node, Duration deadline) {
        LastSeen.Server known = lastSeen.of(node.id());
        // Half of the time for the end of what is killed, the rest for the way and the looking.
        double seconds = deadline.toMillis() / 1000.0;
        String command = STOP.line(before(node), List.of(
                Integer.toString(node.id().port()), node.unit().orElse(""), known.pid(), known.start(), known.life(),
                "",
                String.format(Locale.ROOT, "%.2f", seconds / 2)));
        String readable = node.unit()
                .map(unit -> "systemctl kill -s KILL " + unit + "; systemctl stop " + unit + "; systemctl mask " + unit
                        + "; ")
                .orElse("")
                + "kill mysqld of port " + node.id().port();
        return switch (act(node, command, readable, deadline)) {
            case Ran.Unreachable(String why) -> new Stopping.Unreachable(why);
            case Ran.Unknown(String why) -> new Stopping.Unknown(why);
            case Ran.Ended(int status, String output) -> judge(node, status, output);
        };
    }

    private static Stopping judge(Node node, int status, String output) {
        Report report = Report.read(output);
        if (!report.complete()) {
            return new Stopping.Refused(
                    "the host's shell ended with status " + status + ": " + SshHostReader.firstLine(output));
        }
        if (report.has("mine")) {
            return new Stopping.Refused("mysqld, process " + report.text("mine") + ", still runs");
        }
        if (report.has("unsure")) {
            return new Stopping.Refused("several mysqld run, processes " + report.text("unsure")
                    + ", and none can be told to be the one of port " + node.id().port() + ": none was ended");
        }
        if (report.listening()) {
            return new Stopping.Refused(
                    "no mysqld of this node runs, and something still listens on port " + node.id().port());
        }
        String none = report.has("doomed")
                ? "mysqld, process " + report.text("doomed") + ", was killed and waits in the kernel for its disk:"
                        + " it runs nothing any more"
                : "no mysqld runs";
        String unit = node.unit().orElse("");
        if (!report.hasUnit()) {
            return new Stopping.Gone(unit.isEmpty()
                    ? none + "; no unit is configured"
                    : none + "; the host has no unit " + unit);
        }
        boolean still = List.of("inactive", "failed").contains(report.text("active"));
        if (report.unit() == Unit.MASKED && still) {
            return new Stopping.Masked(none + "; " + unit + " is stopped and masked");
        }
        return new Stopping.Gone(none + "; " + unit + " is " + report.text("load") + ", " + report.text("active")
                + (report.has("mask_refused")
                        ? ", and could not be masked: " + report.text("mask_refused").strip()
                        : ""));
    }

    @Override
    public LogCopy copyLogs(Node node, Wanted wanted, Path copy, Duration deadline) {
        return copyLogs(node, wanted, copy, deadline, (bytes, all) -> {});
    }

    @Override
    public LogCopy copyLogs(Node node, Wanted wanted, Path copy, Duration deadline, Coming coming) {
        LogPlaces places = wanted.places();
        Optional<LogPosition> from = wanted.from();
        LastSeen.Server known = lastSeen.of(node.id());
        String command = LOGS.line(before(node), List.of(
                Integer.toString(node.id().port()), node.unit().orElse(""), known.pid(), known.start(), known.life(),
                "", places.binaryIndex(), places.binary(), places.data().isEmpty() ? known.data() : places.data(),
                from.map(LogPosition::file).orElse(""), from.map(LogPosition::offset).orElse(0L).toString(),
                Integer.toString(wanted.back()), Integer.toString(LOG_HEAD), wanted.dead() ? "dead" : ""));
        String readable = "copy binary logs from "
                + from.map(start -> start.file() + ":" + start.offset()).orElse("the last " + wanted.back() + " on");
        long began = System.nanoTime();
        LogCopy came;
        try (LogReceiver receiver = new LogReceiver(copy, coming)) {
            Link.Reply reply = ssh.link(node)
                    .run(() -> new Exec(command, InputStream.nullInputStream(), receiver), Deadline.in(deadline));
            came = receiver.result(reply, known.life());
        } catch (SshFailure e) {
            came = e.sent() ? new LogCopy.Failed(e.why()) : new LogCopy.Unreachable(e.why());
        } catch (IOException e) {
            came = new LogCopy.Failed("the copy could not be written here: " + e);
        }
        listener.acted(new Action(node.id(), Action.Channel.SSH, readable, Duration.ofNanos(System.nanoTime() - began),
                shortened(switch (came) {
                    case LogCopy.Copied copied -> "ok: "
                            + copied.pieces().stream().mapToLong(LogPiece::length).sum() + " bytes";
                    case LogCopy.NotFound(String why) -> "not found: " + why;
                    case LogCopy.Unreachable(String why) -> "not reached: " + why;
                    case LogCopy.Failed(String why) -> "failed: " + why;
                })));
        return came;
    }

    @Override
    public Ran putRelayLogs(Node node, LogPlaces places, String channel, List<Path> files, Duration deadline) {
        String base = places.relay() + "-" + channel;
        Deadline until = Deadline.in(deadline);
        long began = System.nanoTime();
        Ran ran = new Ran.Ended(0, "");
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            try (InputStream in = Files.newInputStream(file)) {
                String command = RELAY.reading(before(node), List.of(base + "." + name, base + ".index", places.data(),
                        file.equals(files.getFirst()) ? "first" : "", places.relay() + ".index",
                        Long.toString(Files.size(file))));
                Link.Reply reply = ssh.link(node)
                        .run(() -> new Exec(command, in, OutputStream.nullOutputStream()), until);
                ran = new Ran.Ended(reply.status(), reply.output());
            } catch (SshFailure e) {
                ran = e.sent() ? new Ran.Unknown(e.why()) : new Ran.Unreachable(e.why());
            } catch (IOException e) {
                ran = new Ran.Unreachable("a relay log could not be read here: " + e);
            }
            if (!(ran instanceof Ran.Ended(int status, String output) && status == 0)) {
                break;
            }
        }
        listener.acted(new Action(node.id(), Action.Channel.SSH, "put " + files.size() + " relay logs, " + base,
                Duration.ofNanos(System.nanoTime() - began), answer(ran)));
        return ran;
    }

    @Override
    public Guarding installGuard(Cluster cluster, Node node, Duration deadline) {
        Guard guard = cluster.guard()
                .orElseThrow(() -> new IllegalArgumentException("cluster " + cluster.name() + " has no guard"));
        Deadline until = Deadline.in(deadline);
        long began = System.nanoTime();
        List<GuardFiles.File> files = new ArrayList<>(GuardFiles.open(cluster, node, guard));
        files.add(GuardFiles.login(node));
        Guarding came = install(node, files, until);
        listener.acted(new Action(node.id(), Action.Channel.SSH, "install the node guard: "
                + String.join(" ", files.stream().map(GuardFiles.File::path).toList()),
                Duration.ofNanos(System.nanoTime() - began), shortened(switch (came) {
                    case Guarding.Runs(String detail) -> "ok: " + detail;
                    case Guarding.NotStarted(String command) -> "not started: " + command;
                    case Guarding.Refused(String why) -> "refused: " + why;
                    case Guarding.Unreachable(String why) -> "not reached: " + why;
                })));
        return came;
    }

    private Guarding install(Node node, List<GuardFiles.File> files, Deadline until) {
        boolean sent = false;
        try {
            for (GuardFiles.File file : files) {
                String command = PUT.reading(before(node),
                        List.of(file.path(), file.mode(), Integer.toString(file.content().length)));
                Link.Reply put = ssh.link(node)
                        .run(() -> new Exec(command, new ByteArrayInputStream(file.content()),
                                OutputStream.nullOutputStream()), until);
                sent = true;
                if (put.status() != 0) {
                    return new Guarding.Refused(file.path() + " could not be written: " + oneLine(put.output()));
                }
            }
            String port = Integer.toString(node.id().port());
            Link.Reply reply = ssh.link(node).run(GUARD_START.line(before(node), List.of(port)), until);
            Report report = Report.read(reply.output());
            if (!report.complete()) {
                return new Guarding.Refused("the host's shell ended with status " + reply.status() + ": "
                        + SshHostReader.firstLine(reply.output()));
            }
            if (report.has("refused")) {
                return new Guarding.Refused(report.text("refused").strip());
            }
            return report.has("started")
                    ? new Guarding.Runs("switchman-guard@" + port + ".service is enabled and started")
                    : new Guarding.NotStarted(GuardFiles.PROGRAM + " " + port);
        } catch (SshFailure e) {
            return sent || e.sent() ? new Guarding.Refused(e.why()) : new Guarding.Unreachable(e.why());
        }
    }

    private List<String> before(Node node) {
        return ssh.isRoot(node) ? List.of() : List.of("sudo", "-n");
    }

    private static String answer(Ran ran) {
        return switch (ran) {
            case Ran.Ended(int status, String output) when status == 0 ->
                output.isBlank() ? "ok" : "ok: " + shortened(oneLine(output));
            case Ran.Ended(int status, String output) -> "status " + status + ": " + shortened(oneLine(output));
            case Ran.Unreachable(String why) -> "not reached: " + why;
            case Ran.Unknown(String why) -> "unknown: " + why;
        };
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    private static String shortened(String text) {
        return text.length() <= TOLD_CHARACTERS ? text : text.substring(0, TOLD_CHARACTERS) + " …";
    }
}
