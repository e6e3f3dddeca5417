package dev.switchman.ssh;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.switchman.ssh.SshFailure.Kind;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Guard;
import dev.switchman.topology.Node;
import dev.switchman.topology.VirtualAddress;

/** What would keep Switchman from its work on a host, found before it hurts. */
final class Inspection {

    private static final Script INSPECT = Script.of("inspect.sh");
    private static final Script GUARD = Script.of("guard-look.sh");
    /** Seconds; a guard tells every second that it lives. */
    private static final long GUARD_BEATS = 5;
    private static final List<String> CONNECTING = List.of("ssh-connection", "ssh-host-key", "ssh-key", "ssh-login");

    private final Ssh ssh;

    Inspection(Ssh ssh) {
        this.ssh = ssh;
    }

    List<Finding> of(Node node, Optional<VirtualAddress> virtualIp, Deadline deadline) {
        String subject = node.id().toString();
        List<Finding> findings = new ArrayList<>();
        String command = INSPECT.with(List.of(
                node.unit().orElse(""), virtualIp.map(ip -> ip.address().name()).orElse(""),
                virtualIp.map(VirtualAddress::device).orElse(""), ssh.isRoot(node) ? "" : "sudo -n"));
        Report report;
        try {
            Link.Reply reply = ssh.link(node).run(command, deadline);
            report = Report.read(reply.output());
            if (!report.complete()) {
                findings.add(new Finding("host-shell", subject, Grade.FAILED,
                        "a script in sh ended with status " + reply.status() + ": "
                                + SshHostReader.firstLine(reply.output())));
                return findings;
            }
        } catch (SshFailure e) {
            connection(subject, e, findings);
            return findings;
        }
        findings.add(passed("ssh-connection", subject, node.id().host() + " port " + node.ssh().port()));
        findings.add(passed("ssh-host-key", subject, "stands in " + node.ssh().knownHosts()));
        findings.add(passed("ssh-key", subject, node.ssh().key().toString()));
        findings.add(passed("ssh-login", subject, "as " + report.text("user")));
        programs(subject, report, virtualIp.isPresent(), findings);
        rights(subject, node, report, findings);
        unit(subject, node, report, findings);
        virtualIp.ifPresent(ip -> virtualIp(subject, report, ip, findings));
        return findings;
    }

    Finding guard(Cluster cluster, Node node, Guard guard, Deadline deadline) {
        String subject = node.id().toString();
        List<GuardFiles.File> files = GuardFiles.open(cluster, node, guard);
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(node.id().port())));
        files.forEach(file -> arguments.add(file.path()));
        Report report;
        try {
            Link.Reply reply = ssh.link(node).run(GUARD.with(arguments), deadline);
            report = Report.read(reply.output());
            if (!report.complete()) {
                return guard(subject, "a script in sh ended with status " + reply.status() + ": "
                        + SshHostReader.firstLine(reply.output()));
            }
        } catch (SshFailure e) {
            return guard(subject, "cannot be looked at: " + e.why());
        }
        for (GuardFiles.File file : files) {
            String sum = report.text("sum_" + file.path());
            if (!sum.equals(file.digest())) {
                return guard(subject,
                        file.path() + (sum.isEmpty() ? " is missing" : " is not as it would be installed now")
                                + ": switchman adopt " + cluster.name() + " --yes");
            }
        }
        if (!report.has("age")) {
            return guard(subject, "is installed and does not run");
        }
        long age = Long.parseLong(report.text("age"));
        return age > GUARD_BEATS
                ? guard(subject, "is installed and has not looked at its server for " + age + " s")
                : passed("node-guard", subject, "guards it, lease " + guard.lease().toSeconds() + " s");
    }

    private static Finding guard(String subject, String trouble) {
        return new Finding("node-guard", subject, Grade.FAILED, trouble);
    }

    /** Checks before the one that failed have passed: a host key is shown by a host that answers. */
    private static void connection(String subject, SshFailure failure, List<Finding> findings) {
        String failed = switch (failure.kind()) {
            case CONNECTION_REFUSED, BROKEN, UNRESOLVED, UNREACHABLE, TIMED_OUT, CLOSED -> "ssh-connection";
            case UNKNOWN_HOST_KEY, CHANGED_HOST_KEY, KNOWN_HOSTS_UNREADABLE -> "ssh-host-key";
            case KEY_UNREADABLE -> "ssh-key";
            case LOGIN_REFUSED -> "ssh-login";
        };
        for (String check : CONNECTING) {
            if (check.equals(failed)) {
                findings.add(new Finding(check, subject, Grade.FAILED, failure.why()));
                return;
            }
            if (failure.kind() != Kind.KEY_UNREADABLE || !check.equals("ssh-host-key")) {
                findings.add(passed(check, subject, "answered"));
            }
        }
    }

    private static void programs(String subject, Report report, boolean withAddress, List<Finding> findings) {
        boolean prober = has(report, "timeout")
                && (has(report, "bash") || has(report, "python3") || has(report, "perl"));
        if (!prober) {
            findings.add(new Finding("host-prober", subject, Grade.WARNING,
                    "this host cannot bear witness: needs timeout, and one of bash, python3, perl"));
        } else {
            findings.add(passed("host-prober", subject, "can open other servers' ports"));
        }
        if (!withAddress) {
            return;
        }
        findings.add(has(report, "ip")
                ? passed("host-ip", subject, "ip")
                : new Finding("host-ip", subject, Grade.FAILED, "no program \"ip\": install iproute2"));
        if (has(report, "arping")) {
            findings.add(passed("host-arping", subject, "arping"));
        } else if (has(report, "python3") || has(report, "perl")) {
            findings.add(passed("host-arping", subject,
                    "no arping; announced by " + (has(report, "python3") ? "python3" : "perl")));
        } else {
            findings.add(new Finding("host-arping", subject, Grade.FAILED,
                    "nothing that can announce the virtual IP: install arping, python3 or perl"));
        }
    }

    private static boolean has(Report report, String program) {
        return report.has("has_" + program);
    }

    private static void rights(String subject, Node node, Report report, List<Finding> findings) {
        if (report.has("rights")) {
            findings.add(passed("host-rights", subject, report.text("user").equals("root") ? "root" : "sudo -n"));
        } else {
            findings.add(new Finding("host-rights", subject, Grade.FAILED,
                    "\"" + node.ssh().user() + "\" is not root, and sudo -n is refused: "
                            + report.text("rights_refused").strip()));
        }
    }

    private static void unit(String subject, Node node, Report report, List<Finding> findings) {
        if (node.unit().isEmpty()) {
            findings.add(new Finding("host-unit", subject, Grade.WARNING, report.has("systemd")
                    ? "systemd runs, and no unit is configured: a fence cannot be proven by masking it"
                    : "no service manager: a fence cannot be proven by masking a unit"));
            return;
        }
        String unit = node.unit().get();
        String load = report.text("unit_LoadState");
        String file = report.text("unit_FragmentPath");
        if (!report.has("systemd")) {
            findings.add(new Finding("host-unit", subject, Grade.FAILED,
                    "unit " + unit + " is configured, and no systemd runs"));
        } else if (load.equals("masked")) {
            findings.add(new Finding("host-unit", subject, Grade.WARNING,
                    unit + " is masked, by a fence or by hand: systemctl unmask " + unit));
        } else if (!load.equals("loaded")) {
            findings.add(new Finding("host-unit", subject, Grade.FAILED,
                    "unit " + unit + " is " + (load.isEmpty() ? "unknown" : load)));
        } else if (file.startsWith("/etc/systemd/system/")) {
            // systemctl mask puts a link of that name there, and refuses to replace a file.
            findings.add(new Finding("host-unit", subject, Grade.WARNING,
                    unit + " cannot be masked: its file is " + file + "; move it to /usr/local/lib/systemd/system"));
        } else {
            findings.add(passed("host-unit", subject, unit + ", " + file));
        }
    }

    private static void virtualIp(String subject, Report report, VirtualAddress ip, List<Finding> findings) {
        if (!report.has("has_ip")) {
            return;
        }
        if (!report.has("device")) {
            findings.add(new Finding("virtual-ip-device", subject, Grade.FAILED,
                    "no interface \"" + ip.device() + "\"; there are "
                            + String.join(", ", report.startingWith("device_").keySet())));
            return;
        }
        findings.add(passed("virtual-ip-device", subject, ip.device()));
        boolean inside = false;
        List<String> networks = new ArrayList<>();
        for (String key : report.startingWith("network_").keySet()) {
            String[] parts = key.split("/");
            if (parts.length == 3 && parts[0].equals(ip.device()) && !parts[1].equals(ip.address().name())) {
                networks.add(parts[1] + "/" + parts[2]);
                inside |= Ipv4.of(parts[1], Integer.parseInt(parts[2])).contains(ip.address().name());
            }
        }
        if (ip.address().name().equals(subject.substring(0, Math.max(0, subject.lastIndexOf(':'))))) {
            findings.add(new Finding("virtual-ip-address", subject, Grade.FAILED,
                    ip.address() + " is this node's own address: it would be taken from it"));
        } else if (inside) {
            findings.add(passed("virtual-ip-address", subject, ip.cidr() + " lies in a network of " + ip.device()));
        } else {
            findings.add(new Finding("virtual-ip-address", subject, Grade.WARNING,
                    ip.address() + " lies in no network of " + ip.device() + " " + networks
                            + ": neighbours will not ask for it there, unless a route says so"));
        }
    }

    private static Finding passed(String check, String subject, String detail) {
        return new Finding(check, subject, Grade.PASSED, detail);
    }
}
