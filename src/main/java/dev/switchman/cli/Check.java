package dev.switchman.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;

@Command(name = "check", description = "Check all that a failover would need. Changes nothing, needs no server running.")
final class Check implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "CLUSTER", arity = "0..1", description = "Default: every cluster of the configuration.")
    private Optional<String> cluster = Optional.empty();

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    Check(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        List<Cluster> clusters = options.read(desk).wanted(cluster);
        ObjectNode object = Json.object();
        ArrayNode array = object.putArray("clusters");
        boolean passed = true;
        for (Cluster each : clusters) {
            List<Finding> findings = desk.ports().check(each);
            passed &= findings.stream().noneMatch(finding -> finding.grade() == Grade.FAILED);
            if (options.json()) {
                add(array.addObject(), each, findings);
            } else {
                print(each, findings);
            }
        }
        if (options.json()) {
            desk.terminal().json(object.put("passed", passed));
        }
        return passed ? Exit.OK : Exit.FAILED;
    }

    private void print(Cluster of, List<Finding> findings) {
        Findings.print(desk.terminal(), findings);
        desk.terminal()
                .line(of.name() + ": " + count(findings, Grade.FAILED) + " failed, "
                        + count(findings, Grade.WARNING) + " warnings, " + count(findings, Grade.PASSED) + " passed");
    }

    private static long count(List<Finding> findings, Grade grade) {
        return findings.stream().filter(finding -> finding.grade() == grade).count();
    }

    private static void add(ObjectNode object, Cluster of, List<Finding> findings) {
        object.put("cluster", of.name().value());
        Findings.add(object.putArray("findings"), findings);
    }
}
