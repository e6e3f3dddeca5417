package dev.switchman.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import dev.switchman.ssh.HostReader;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Node;

/** Whether each host can be logged in to: from here, and from each other one where asked. Changes nothing. */
final class SshCheck {

    private static final Duration EACH = Duration.ofSeconds(10);

    private final HostReader hosts;

    SshCheck(HostReader hosts) {
        this.hosts = hosts;
    }

    List<Finding> of(Cluster cluster, boolean allPairs) {
        List<Callable<List<Finding>>> questions = new ArrayList<>();
        for (Node node : cluster.nodes()) {
            questions.add(() -> hosts.inspect(node, Optional.empty(), EACH)
                    .stream()
                    .filter(finding -> finding.check().startsWith("ssh-"))
                    .toList());
        }
        if (allPairs) {
            for (Node from : cluster.nodes()) {
                cluster.others(from.id())
                        .forEach(to -> questions.add(() -> List.of(hosts.inspectLogin(from, to, EACH))));
            }
        }
        return InParallel.all(questions).stream().flatMap(List::stream).toList();
    }
}
