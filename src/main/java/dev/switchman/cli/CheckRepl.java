package dev.switchman.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;

@Command(name = "check-repl", description = {
        "Check a cluster as \"check\" does, and say in MHA's words whether replication is well:",
        "a replica that is behind is not. Changes nothing, needs no server running."})
final class CheckRepl implements Callable<Integer> {

    private static final String LAG = "replication-lag";

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    @Option(names = "--seconds-behind-master", paramLabel = "N", description = "How far a replica may be behind; default:"
            + " 30.")
    private int seconds = 30;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    CheckRepl(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        if (seconds < 0) {
            throw new Failed(Exit.USAGE, "--seconds-behind-master: must not be less than nothing: " + seconds);
        }
        Cluster configured = options.read(desk).cluster(cluster);
        List<Finding> findings = desk.ports()
                .check(configured.with(configured.limits().withLag(Duration.ofSeconds(seconds))));
        boolean healthy = findings.stream()
                .noneMatch(finding -> finding.grade() == Grade.FAILED
                        || finding.check().equals(LAG) && finding.grade() == Grade.WARNING);
        if (options.json()) {
            desk.terminal().json(Findings.json(findings).put("passed", healthy));
        } else {
            Findings.print(desk.terminal(), findings);
            desk.terminal().line("MySQL Replication Health is " + (healthy ? "OK." : "NOT OK!"));
        }
        return healthy ? Exit.OK : Exit.FAILED;
    }
}
