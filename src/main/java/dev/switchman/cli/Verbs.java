package dev.switchman.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The program itself: without a verb it shows its help. */
@Command(name = "switchman", mixinStandardHelpOptions = false, description = {
        "Keeps MySQL primary/replica clusters writable: failover and switchover by runbooks.",
        ""}, footerHeading = "%nOf the launcher:%n", footer = {
                "  demo       Three MySQL servers, a fault, a failover; --fault crash|salvage|silent|frozen,",
                "             or a switchover that a second person approves; --scenario switchover.",
                "  bench      Measures the write outage of each fault.",
                "",
                "Exit codes: 0 ok, 1 failed, 2 usage or configuration, 3 waiting for a person, 4 refused,",
                "10 done with replicas lost, 11 done and writes may be lost."})
final class Verbs implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = {"-h",
            "--help"}, usageHelp = true, scope = CommandLine.ScopeType.INHERIT, description = "Show this help.")
    private boolean help;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    static CommandLine commandLine(Desk desk) {
        CommandLine line = new CommandLine(new Verbs())
                .addSubcommand("serve", new Serve(desk))
                .addSubcommand("check", new Check(desk))
                .addSubcommand("adopt", new Adopt(desk))
                .addSubcommand("import-mha", new ImportMha(desk))
                .addSubcommand("lint", new Lint(desk))
                .addSubcommand("deploy", new Deploy(desk))
                .addSubcommand("runbooks", new ListRunbooks(desk))
                .addSubcommand("check-ssh", new CheckSsh(desk))
                .addSubcommand("check-repl", new CheckRepl(desk))
                .addSubcommand("secondary-check", new SecondaryCheck(desk))
                .addSubcommand("conf-host", new ConfHost(desk))
                .addSubcommand("status", new Status(desk))
                .addSubcommand("check-status", new CheckStatus(desk))
                .addSubcommand("failover", new Failover(desk))
                .addSubcommand("switchover", new Switchover(desk))
                .addSubcommand("rejoin", new Rejoin(desk))
                .addSubcommand("repair-errant", new RepairErrant(desk))
                .addSubcommand("purge-relay-logs", new PurgeRelayLogs(desk))
                .addSubcommand("stop", new Stop(desk))
                .addSubcommand("pause", new Pause(desk))
                .addSubcommand("resume", new Resume(desk))
                .addSubcommand("runs", new ListRuns(desk))
                .addSubcommand("run", new ShowRun(desk))
                .addSubcommand("approve", new Approve(desk))
                .addSubcommand("reject", new Reject(desk))
                .addSubcommand("notify-test", new NotifyTest(desk))
                .addSubcommand("audit", Audit.commandLine(desk))
                .addSubcommand("user", Users.commandLine(desk))
                .addSubcommand("token", Tokens.commandLine(desk))
                .addSubcommand("completion", new Completion(desk))
                .addSubcommand("man", new ManPage(desk));
        Examples.addTo(line);
        return line;
    }
}
