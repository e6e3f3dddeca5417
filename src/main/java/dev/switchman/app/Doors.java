package dev.switchman.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import dev.switchman.cli.Ports;
import dev.switchman.config.Inventory;
import dev.switchman.config.Problem;
import dev.switchman.engine.RunbookLint;
import dev.switchman.hook.ShutdownHooks;
import dev.switchman.mysql.MySql;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.ssh.Ssh;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.WitnessHost;

/** What the command line is handed. Only {@code serve} starts the framework. */
final class Doors implements Ports {

    private final PrintWriter out;
    private final PrintWriter err;
    private final Clock clock = Clock.systemUTC();

    Doors(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public int serve(Path config, Path data, Optional<Integer> port) {
        try {
            Inventory.Loaded inventory = switch (Inventory.read(config)) {
                case Inventory.Loaded loaded -> port.map(other -> new Inventory.Loaded(loaded.clusters(),
                        loaded.settings().on(other), loaded.warnings())).orElse(loaded);
                case Inventory.Invalid(List<Problem> problems) -> throw new StartRefused(
                        problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
            };
            try (RunningServer server = RunningServer.start(inventory, data, out)) {
                server.awaitStop();
            }
            return 0;
        } catch (StartRefused refused) {
            err.println("switchman: " + refused.getMessage());
            return 2;
        }
    }

    @Override
    public List<Finding> check(Cluster cluster) {
        try (NodeReader mysql = MySql.reader(clock); Ssh ssh = Ssh.open(action -> {})) {
            return new ClusterCheck(mysql, ssh.reader(), ShutdownHooks.scripts(), clock).of(cluster);
        }
    }

    @Override
    public List<Finding> checkSsh(Cluster cluster, boolean allPairs) {
        try (Ssh ssh = Ssh.open(action -> {})) {
            return new SshCheck(ssh.reader()).of(cluster, allPairs);
        }
    }

    @Override
    public PortProbe probe(WitnessHost via, NodeId target, Duration deadline) {
        try (Ssh ssh = Ssh.open(action -> {})) {
            return ssh.reader().probe(via, target, deadline);
        }
    }

    @Override
    public List<Adjustment> adopt(Cluster cluster, boolean apply) {
        try (NodeReader mysql = MySql.reader(clock);
                NodeOperator operator = MySql.operator(clock, action -> {});
                Ssh ssh = Ssh.open(action -> {})) {
            return new Adoption(mysql, operator, ssh.shell()).of(cluster, apply);
        }
    }

    @Override
    public List<String> lint(Map<String, byte[]> files) {
        return RunbookLint.ofThisProgram().problems(Map.of(), files);
    }
}
