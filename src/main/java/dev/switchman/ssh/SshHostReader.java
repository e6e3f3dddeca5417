package dev.switchman.ssh;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Guard;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WitnessHost;

/** Looks by one script per question over the host's warm session. */
final class SshHostReader implements HostReader {

    private static final Script LOOK = Script.of("host.sh", "look.sh");
    private static final Script LOGIN = Script.of("login.sh");
    private static final Script PROBE = Script.of("probe.sh");
    /** Of a probe's deadline, for the way there and back: an answer that comes late is no vote. */
    private static final double WAY = 0.2;
    private static final Duration LONGEST_WAY = Duration.ofMillis(500);

    private final Ssh ssh;
    private final LastSeen lastSeen;
    private final Inspection inspection;

    SshHostReader(Ssh ssh, LastSeen lastSeen) {
        this.ssh = ssh;
        this.lastSeen = lastSeen;
        this.inspection = new Inspection(ssh);
    }

    @Override
    public boolean warm(Node node, Duration deadline) {
        return isOpen(ssh.link(node), deadline);
    }

    @Override
    public boolean warm(WitnessHost witness, Duration deadline) {
        return isOpen(ssh.link(witness.host(), witness.ssh()), deadline);
    }

    private static boolean isOpen(Link link, Duration deadline) {
        try {
            return link.isOpen(Deadline.in(deadline));
        } catch (SshFailure e) {
            return false;
        }
    }

    @Override
    public HostView look(Node node, Duration deadline) {
        LastSeen.Server known = lastSeen.of(node.id());
        String command = LOOK.with(List.of(
                Integer.toString(node.id().port()), node.unit().orElse(""), known.pid(), known.start(), known.life(),
                ssh.isRoot(node) ? "" : "sudo -n", known.pidFile(), known.data(), known.binaryLogs()));
        String output;
        String why;
        try {
            Link.Reply reply = ssh.link(node).run(command, Deadline.in(deadline));
            output = reply.output();
            why = "the host's shell ended with status " + reply.status() + ": " + firstLine(output);
        } catch (SshFailure e) {
            if (!Report.read(e.output()).complete()) {
                return e.kind().answered() ? new HostView.Closed(e.why()) : new HostView.Silent(e.why());
            }
            // Only the file system of the data directory did not answer.
            output = e.output();
            why = e.why();
        }
        Report report = Report.read(output);
        if (!report.complete()) {
            return new HostView.Closed(why);
        }
        if (report.has("pid")) {
            lastSeen.keep(node.id(), new LastSeen.Server(
                    report.text("pid"), report.text("start"), report.text("life"), report.text("pid_file"),
                    report.text("data"), report.text("binary_logs")));
        }
        return new HostView.Seen(
                report.mysqld(), report.listening(), report.unit(), report.ending(), Set.copyOf(report.addresses()),
                report.disk());
    }

    @Override
    public PortProbe probe(Node via, NodeId target, Duration deadline) {
        return probe(ssh.link(via), via.id().host(), target, deadline);
    }

    @Override
    public PortProbe probe(WitnessHost via, NodeId target, Duration deadline) {
        return probe(ssh.link(via.host(), via.ssh()), via.host(), target, deadline);
    }

    private static PortProbe probe(Link link, Host via, NodeId target, Duration deadline) {
        long way = Math.min((long) (deadline.toMillis() * WAY), LONGEST_WAY.toMillis());
        double seconds = Math.max(1, deadline.toMillis() - way) / 1000.0;
        String command = PROBE.with(List.of(
                target.host().name(), Integer.toString(target.port()), String.format(Locale.ROOT, "%.3f", seconds)));
        Report report;
        try {
            report = Report.read(link.run(command, Deadline.in(deadline)).output());
        } catch (SshFailure e) {
            return new PortProbe.Abstained(e.why());
        }
        if (report.text("open").matches("(.. ){4}(0a|ff).*")) {
            return new PortProbe.Greeted();
        }
        if (report.has("mute")) {
            return new PortProbe.Mute();
        }
        if (report.has("refused")) {
            return new PortProbe.Refused();
        }
        if (report.has("timeout")) {
            return new PortProbe.TimedOut();
        }
        if (report.has("unresolved")) {
            return new PortProbe.Abstained(via + " cannot resolve " + target.host());
        }
        if (report.has("unable")) {
            return new PortProbe.Abstained(via + " cannot ask: " + report.text("unable"));
        }
        return new PortProbe.Abstained(
                "the port opened, and what came is no MySQL greeting: \"" + report.text("open") + "\"");
    }

    @Override
    public Finding inspectGuard(Cluster cluster, Node node, Duration deadline) {
        Guard guard = cluster.guard()
                .orElseThrow(() -> new IllegalArgumentException("cluster " + cluster.name() + " has no guard"));
        return inspection.guard(cluster, node, guard, Deadline.in(deadline));
    }

    @Override
    public Finding inspectLogin(Node via, Node target, Duration deadline) {
        String subject = via.id().host() + " to " + target.id().host();
        String command = LOGIN.with(List.of(target.id().host().name(), Integer.toString(target.ssh().port()),
                target.ssh().user(), Long.toString(Math.max(1, deadline.toSeconds() / 2))));
        try {
            Report report = Report.read(ssh.link(via).run(command, Deadline.in(deadline)).output());
            return report.text("login").equals("ok")
                    ? new Finding("ssh-pair", subject, Finding.Grade.PASSED, "as " + target.ssh().user())
                    : new Finding("ssh-pair", subject, Finding.Grade.FAILED,
                            report.has("refused") ? report.text("refused") : "the host's shell gave no answer");
        } catch (SshFailure e) {
            return new Finding("ssh-pair", subject, Finding.Grade.FAILED, e.why());
        }
    }

    @Override
    public List<Finding> inspect(Node node, Optional<VirtualAddress> virtualIp, Duration deadline) {
        return inspection.of(node, virtualIp, Deadline.in(deadline));
    }

    static String firstLine(String output) {
        return output.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst().orElse("(no output)");
    }
}
