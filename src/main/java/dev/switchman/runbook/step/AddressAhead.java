package dev.switchman.runbook.step;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.vip.VirtualIp;

/**
 * Adds the virtual IP on a candidate ahead of the box that moves it, and remembers where that has worked. Whether or not it
 * did, that box makes sure of it, and is the one that says so.
 */
@Component
final class AddressAhead {

    private final VirtualIp virtualIp;
    private final Set<Holder> added = ConcurrentHashMap.newKeySet();

    private record Holder(RunId run, NodeId node) {}

    AddressAhead(VirtualIp virtualIp) {
        this.virtualIp = virtualIp;
    }

    void add(Run run, Node candidate, Duration deadline) {
        run.cluster().virtualIp().ifPresent(address -> {
            if (virtualIp.add(candidate, address, deadline) instanceof VirtualIp.Moved.Done) {
                added.add(new Holder(run.id(), candidate.id()));
            }
        });
    }

    /** The candidate is not opened after all. One whose host does not answer any more loses it with the box that moves it to another. */
    void takeBack(Run run, Node candidate) {
        if (!taken(run, candidate)) {
            return;
        }
        run.cluster().virtualIp().ifPresent(address -> {
            VirtualIp.Moved removed = virtualIp.remove(candidate, address, run.limits().fenceSilent());
            if (!(removed instanceof VirtualIp.Moved.Done)) {
                run.note(Remark.WARNING, "whether " + candidate + " holds " + address + " is not known: "
                        + removed.sentence());
            }
        });
    }

    /** @return whether this process has added it there in this run; told once, so that a box that is repeated looks again */
    boolean taken(Run run, Node node) {
        return added.remove(new Holder(run.id(), node.id()));
    }
}
