package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp;

/**
 * Moves the virtual IP to the new primary, or has a script of MHA's kind do it: added there and announced, removed everywhere else, announced again, since a
 * client that resolved the address in between would hang. Where no fence is proven, removal is tried first. Safe to
 * repeat. A dead host costs no more than the limit for silent servers.
 */
@Component
@Raises(RunbookError.NEW_PRIMARY_LOST)
@Follows(value = {OpenPrimary.class, OpenCandidate.class, ReopenPrimary.class}, orCaught = RunbookError.CANDIDATE_OPEN)
final class MoveVirtualIp extends ChangingStep {

    private final VirtualIp virtualIp;
    private final AddressAhead ahead;
    private final HostShutdown hook;
    private final MasterScripts scripts;
    private final Servers servers;

    MoveVirtualIp(Hold hold, VirtualIp virtualIp, AddressAhead ahead, HostShutdown hook, MasterScripts scripts,
            Servers servers) {
        super(hold);
        this.virtualIp = virtualIp;
        this.ahead = ahead;
        this.hook = hook;
        this.scripts = scripts;
        this.servers = servers;
    }

    @Override
    Outcome change(Run run) {
        Optional<VirtualAddress> configured = run.cluster().virtualIp();
        if (configured.isEmpty()) {
            return byScript(run);
        }
        VirtualAddress address = configured.get();
        Node primary = run.candidate();
        Optional<NodeId> old = run.oldPrimaryIfKnown();
        List<String> problems = new ArrayList<>();
        boolean removeFirst = old.isPresent() && run.fence() == Run.Fence.UNPROVEN;
        if (removeFirst) {
            problems.addAll(removeEverywhereElse(run, primary, address));
        }
        boolean there = ahead.taken(run, primary);
        VirtualIp.Moved added = there ? new VirtualIp.Moved.Done("added before") : add(run, primary, address);
        if (!(added instanceof VirtualIp.Moved.Done)) {
            return notAdded(run, primary, address, added);
        }
        if (!removeFirst) {
            problems.addAll(removeEverywhereElse(run, primary, address));
        }
        List<String> silent = announce(run, primary, address);
        if (there && !silent.isEmpty()) {
            // Nobody has looked since whether it is still there: an announcement fails where it is not.
            added = add(run, primary, address);
            if (!(added instanceof VirtualIp.Moved.Done)) {
                return notAdded(run, primary, address, added);
            }
            silent = announce(run, primary, address);
        }
        problems.addAll(silent);
        problems.stream().distinct().forEach(problem -> run.note(Remark.WARNING, problem));
        return new Outcome.Done(address + " is on " + primary
                + (problems.isEmpty() ? "" : "; " + String.join("; ", problems.stream().distinct().toList())));
    }

    private Outcome byScript(Run run) {
        Node primary = run.candidate();
        Node old = run.oldPrimaryIfKnown().flatMap(run.cluster()::find).orElse(primary);
        return switch (scripts.giveTo(run, old, primary)) {
            case MasterScripts.Called.NotNamed no -> new Outcome.Done("no virtual IP is configured");
            case MasterScripts.Called.Fine(String sentence) -> new Outcome.Done(sentence);
            case MasterScripts.Called.Failed(String why) -> {
                if (servers.observe(primary, Servers.look(run.limits())) instanceof Observation.Unseen unseen) {
                    yield Lost.newPrimary(run, unseen.failure().sentence() + "; " + why);
                }
                run.note(Remark.TO_DO, "Send the clients to " + primary + ": it is open, and its script could not.");
                throw new IllegalStateException(primary + " is open for writes, and " + why);
            }
        };
    }

    private VirtualIp.Moved add(Run run, Node primary, VirtualAddress address) {
        VirtualIp.Moved first = virtualIp.add(primary, address, run.limits().statement());
        return first instanceof VirtualIp.Moved.Done
                ? first
                : virtualIp.add(primary, address, run.limits().statement());
    }

    private Outcome notAdded(Run run, Node primary, VirtualAddress address, VirtualIp.Moved added) {
        if (servers.observe(primary, Servers.look(run.limits())) instanceof Observation.Unseen unseen) {
            return Lost.newPrimary(run, unseen.failure().sentence() + "; its host: " + added.sentence());
        }
        run.note(Remark.TO_DO, "Put " + address + " on the host of " + primary + ", and announce it.");
        throw new IllegalStateException(primary + " is open for writes, and " + address + " cannot be put on its host: "
                + added.sentence());
    }

    private List<String> announce(Run run, Node primary, VirtualAddress address) {
        VirtualIp.Moved announced = virtualIp.announce(primary, address, run.limits().statement());
        return announced instanceof VirtualIp.Moved.Done
                ? List.of()
                : List.of("it was not announced from " + primary + ": " + announced.sentence());
    }

    private List<String> removeEverywhereElse(Run run, Node primary, VirtualAddress address) {
        // The run's variables are the step's own thread's: the engine reads them nowhere else.
        Optional<NodeId> answers = run.oldPrimaryIfKnown()
                .filter(old -> run.fence() == Run.Fence.CLOSED && !hook.proven(run, old));
        Map<Node, VirtualIp.Moved> removed = PerNode.all(run.cluster().others(primary.id()),
                node -> virtualIp.remove(node, address, answers.equals(Optional.of(node.id()))
                        ? run.limits().statement()
                        : run.limits().fenceSilent()));
        List<String> problems = new ArrayList<>();
        removed.forEach((node, moved) -> {
            if (!(moved instanceof VirtualIp.Moved.Done)) {
                problems.add("whether " + node + " holds it is not known: " + moved.sentence());
            }
        });
        return problems;
    }
}
