package dev.switchman.api;

import java.security.Principal;
import java.util.List;

import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.runbook.Receivers;
import dev.switchman.topology.Cluster;

/** Who is told of a cluster, and whether what is told arrives. */
@RestController
@RequestMapping("/api/clusters")
class NotifyController {

    private final ClusterViews views;
    private final Receivers receivers;

    NotifyController(ClusterViews views, Receivers receivers) {
        this.views = views;
        this.receivers = receivers;
    }

    /** @param tested mail first; empty: the cluster has nobody to tell */
    record TestAnswer(String cluster, List<TestedReceiver> tested) {}

    /** @param answer what it said, or why it did not arrive */
    record TestedReceiver(String receiver, String shape, boolean arrived, String answer, long tookMillis) {}

    /** Sends a test to everybody who is told of this cluster, and waits for all answers. */
    @PostMapping("/{name}/notify-test")
    TestAnswer test(@PathVariable String name, Principal user) {
        Cluster cluster = views.configured(name);
        return new TestAnswer(name, receivers.test(cluster, user.getName())
                .stream()
                .map(one -> new TestedReceiver(one.receiver(), one.shape(), one.arrived(), one.answer(),
                        one.took().toMillis()))
                .toList());
    }
}
