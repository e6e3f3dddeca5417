package dev.switchman.runbook.step;

import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.topology.Node;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp;

/**
 * Announces the virtual IP from the primary's host, so that neighbours forget the other holder. Safe to repeat. An
 * announcement that fails is noted and does not stop the run.
 */
@Component
final class AnnounceAddress extends ChangingStep {

    private final VirtualIp virtualIp;
    private final ClusterMemory memory;

    AnnounceAddress(Hold hold, VirtualIp virtualIp, ClusterMemory memory) {
        super(hold);
        this.virtualIp = virtualIp;
        this.memory = memory;
    }

    @Override
    Outcome change(Run run) {
        Optional<Node> primary = memory.knownPrimary(run.cluster().name()).flatMap(run.cluster()::find);
        Optional<VirtualAddress> address = run.cluster().virtualIp();
        if (address.isEmpty() || primary.isEmpty()) {
            return new Outcome.Done(address.isEmpty() ? "no virtual IP is configured" : "no primary is known");
        }
        VirtualIp.Moved moved = virtualIp.announce(primary.get(), address.get(), run.limits().statement());
        if (!(moved instanceof VirtualIp.Moved.Done)) {
            run.note(Remark.WARNING,
                    address.get() + " was not announced from " + primary.get() + ": " + moved.sentence()
                            + ".");
        }
        return new Outcome.Done(primary.get() + ": " + moved.sentence());
    }
}
