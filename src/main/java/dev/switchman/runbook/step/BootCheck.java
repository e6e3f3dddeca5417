package dev.switchman.runbook.step;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Run;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;

/** Whether a server would boot read-only: what makes a stopped or closed server stay closed. */
@Component
final class BootCheck {

    private final NodeReader reader;
    private final ClusterMemory memory;

    BootCheck(NodeReader reader, ClusterMemory memory) {
        this.reader = reader;
        this.memory = memory;
    }

    /** @return whether it did at its last healthy moment or, if nothing is remembered of it, tells so itself now */
    boolean readOnly(Run run, Node node) {
        boolean remembered = memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(node.id()) && moment.bootsReadOnly())
                .isPresent();
        return remembered || reader.observe(node, run.limits().fenceSilent()) instanceof Observation.Seen seen
                && seen.server().bootMode() == BootMode.READ_ONLY;
    }
}
