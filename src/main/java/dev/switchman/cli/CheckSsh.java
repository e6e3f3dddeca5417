package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;

@Command(name = "check-ssh", description = "Check that every host can be logged in to. Changes nothing, needs no server running.")
final class CheckSsh implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER", arity = "0..1", description = "Default: every cluster of the configuration.")
    private Optional<String> cluster = Optional.empty();

    @Option(names = "--all-pairs", description = "From each host to each other one too, as MHA needs it; Switchman does"
            + " not.")
    private boolean allPairs;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    CheckSsh(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        List<Cluster> clusters = options.read(desk).wanted(cluster);
        List<Finding> findings = new ArrayList<>();
        clusters.forEach(each -> findings.addAll(desk.ports().checkSsh(each, allPairs)));
        boolean passed = findings.stream().noneMatch(finding -> finding.grade() == Grade.FAILED);
        if (options.json()) {
            desk.terminal().json(Findings.json(findings).put("passed", passed));
        } else {
            Findings.print(desk.terminal(), findings);
            desk.terminal().line(passed ? "All SSH connection tests passed." : "Not every SSH connection works.");
        }
        return passed ? Exit.OK : Exit.FAILED;
    }
}
