package dev.switchman.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import picocli.CommandLine;

/** Examples at the end of each verb's help, and in the man page: each a command line that may be typed as it stands. */
final class Examples {

    /** By the verb, with a blank between a verb and its own. */
    static final Map<String, List<String>> ALL = all();

    private Examples() {}

    private static Map<String, List<String>> all() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        all.put("serve", List.of("serve", "serve --config /etc/switchman/switchman.yaml --data /var/lib/switchman",
                "serve --mha-conf /etc/mha/orders.cnf --port 8081"));
        all.put("check", List.of("check", "check orders --json"));
        all.put("adopt", List.of("adopt orders", "adopt orders --yes"));
        all.put("import-mha", List.of("import-mha /etc/mha/orders.cnf",
                "import-mha /etc/mha/*.cnf --global /etc/masterha_default.cnf --write /etc/switchman/switchman.yaml"));
        all.put("lint", List.of("lint failover.bpmn approval-policy.dmn"));
        all.put("deploy", List.of("deploy --dry-run failover.bpmn",
                "deploy failover.bpmn failover-policy.dmn --reason \"ask at night\"",
                "deploy --rollback failover --to 2 --reason \"the new one asks too often\"",
                "deploy --shipped promote --reason \"upgrade\""));
        all.put("runbooks", List.of("runbooks", "runbooks --json"));
        all.put("check-ssh", List.of("check-ssh orders", "check-ssh orders --all-pairs"));
        all.put("check-repl", List.of("check-repl orders --seconds-behind-master 10"));
        all.put("secondary-check", List.of("secondary-check -s mon1 -s mon2 --master-host 10.1.0.11"));
        all.put("conf-host", List.of(
                "conf-host add /etc/switchman/switchman.yaml --cluster orders --hostname 10.1.0.14 --params \"role=never\"",
                "conf-host delete /etc/mha/orders.cnf --block server4"));
        all.put("status", List.of("status", "status orders", "status orders --json"));
        all.put("check-status", List.of("check-status orders"));
        all.put("failover", List.of("failover orders --reason \"db1 does not come back\"",
                "failover orders --primary 10.1.0.11 --to 10.1.0.12 --detach"));
        all.put("switchover", List.of("switchover orders --dry-run",
                "switchover orders --to 10.1.0.12 --reason \"kernel update\""));
        all.put("rejoin", List.of("rejoin orders 10.1.0.11 --reason \"its disk was replaced\""));
        all.put("repair-errant", List.of(
                "repair-errant orders 10.1.0.13 --choice inject-empty --reason \"a test table, dropped since\""));
        all.put("purge-relay-logs", List.of("purge-relay-logs orders"));
        all.put("stop", List.of("stop orders", "stop orders --abort --abort-timeout 10"));
        all.put("pause", List.of("pause orders --for 2h --reason \"network work\""));
        all.put("resume", List.of("resume orders"));
        all.put("runs", List.of("runs", "runs orders --limit 5"));
        all.put("run", List.of("run 3f0c1d2e", "run 3f0c1d2e --detach --json"));
        all.put("approve", List.of("approve 3f0c1d2e --comment \"agreed with the team\""));
        all.put("reject", List.of("reject 3f0c1d2e --comment \"not during the sale\""));
        all.put("notify-test", List.of("notify-test", "notify-test orders"));
        all.put("audit", List.of("audit verify"));
        all.put("audit verify", List.of("audit verify", "audit verify --head 35b4557b51fae859"));
        all.put("user", List.of("user list"));
        all.put("user add", List.of("user add anna --group operator --group approver --mail anna@example.org"));
        all.put("user list", List.of("user list"));
        all.put("user groups", List.of("user groups anna --group auditor"));
        all.put("user password", List.of("user password anna", "user password anna --password-file new.password"));
        all.put("user remove", List.of("user remove anna"));
        all.put("token", List.of("token list"));
        all.put("token create", List.of("token create prometheus --group auditor"));
        all.put("token list", List.of("token list"));
        all.put("token revoke", List.of("token revoke prometheus"));
        all.put("completion", List.of("completion bash >/etc/bash_completion.d/switchman",
                "completion zsh >~/.zsh/completions/_switchman"));
        all.put("man", List.of("man", "man >/usr/local/share/man/man1/switchman.1"));
        return all;
    }

    /** Puts them into the help of every verb that has some. */
    static void addTo(CommandLine line) {
        addTo(line, "");
    }

    private static void addTo(CommandLine line, String above) {
        line.getSubcommands().forEach((name, sub) -> {
            String path = (above + " " + name).strip();
            List<String> examples = ALL.getOrDefault(path, List.of());
            if (!examples.isEmpty()) {
                sub.getCommandSpec()
                        .usageMessage()
                        .footerHeading("%nExamples:%n")
                        .footer(examples.stream()
                                .map(example -> "  switchman " + example.replace("%", "%%"))
                                .toArray(String[]::new));
            }
            addTo(sub, path);
        });
    }
}
