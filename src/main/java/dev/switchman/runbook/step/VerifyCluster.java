package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.verdict.Lineage;

/**
 * Proves that the new primary takes writes where clients write, and looks whether every other replica follows it. Safe
 * to repeat; keeps the limit {@code verify}. Says how the run ends.
 */
@Component
@Raises(RunbookError.NEW_PRIMARY_LOST)
final class VerifyCluster extends ChangingStep {

    private final Servers servers;
    private final NodeOperator mysql;
    private final Pace pace;

    VerifyCluster(Hold hold, Servers servers, NodeOperator mysql, Pace pace) {
        super(hold);
        this.servers = servers;
        this.mysql = mysql;
        this.pace = pace;
    }

    @Override
    Outcome change(Run run) {
        Node primary = run.candidate();
        Change[] written = {write(run, primary)};
        boolean proven = written[0] instanceof Change.Done || pace.until(() -> {
            written[0] = write(run, primary);
            return written[0] instanceof Change.Done || written[0] instanceof Change.Rejected;
        }, run.limits().verify()) && written[0] instanceof Change.Done;
        if (!proven) {
            Optional<Outcome> lost = notProven(run, primary, written[0]);
            if (lost.isPresent()) {
                return lost.get();
            }
        }
        List<Node> missing = missing(run, primary);
        semiSync(run, primary);
        List<Node> counted = missing.stream().filter(node -> !node.ignoreFailure()).toList();
        missing.forEach(node -> run.note(Remark.TO_DO, "Bring " + node + " back: it does not follow " + primary + "."));
        Ending ending = run.loss() != Run.Loss.NONE
                ? Ending.WRITES_MAY_BE_LOST
                : counted.isEmpty() ? Ending.DONE : Ending.REPLICAS_LOST;
        run.ending(ending);
        return new Outcome.Done((proven
                ? "a write arrived on " + primary
                : "no write was proven: "
                        + written[0].sentence())
                + "; not following: " + Servers.names(missing));
    }

    private Change write(Run run, Node primary) {
        return mysql.provesWritable(primary, run.cluster().virtualIp().map(VirtualAddress::address),
                run.cluster().pingSchema(), run.limits().verify());
    }

    /** @return the refusal, when the new primary is gone; empty when it is open and only the proof failed for want of a schema */
    private Optional<Outcome> notProven(Run run, Node primary, Change written) {
        Observation look = servers.observe(primary, Servers.look(run.limits()));
        if (look instanceof Observation.Unseen unseen) {
            return Optional.of(Lost.newPrimary(run, unseen.failure().sentence()));
        }
        Change direct = run.cluster().virtualIp().isEmpty()
                ? written
                : mysql.provesWritable(primary, Optional.empty(),
                        run.cluster().pingSchema(), run.limits().verify());
        if (direct instanceof Change.Done) {
            run.note(Remark.TO_DO,
                    "Clients may not reach " + primary + " through the virtual IP: check the address and the"
                            + " neighbours' tables.");
            throw new IllegalStateException(
                    primary + " takes writes at its own address, but not through the virtual IP: "
                            + written.sentence());
        }
        if (!Servers.writable(((Observation.Seen) look).server())) {
            throw new IllegalStateException(primary + " does not take writes: " + direct.sentence());
        }
        run.note(Remark.WARNING, "No write was proven on " + primary + ": " + direct.sentence() + ".");
        return Optional.empty();
    }

    private List<Node> missing(Run run, Node primary) {
        List<Node> others = servers.followers(run);
        List<Node> missing = new ArrayList<>();
        pace.until(() -> {
            Map<Node, ServerState> seen = Servers.seen(servers.observe(others, run.limits()));
            missing.clear();
            // A chained one below its source is where it belongs.
            Lineage lineage = Lineage.of(run.cluster(), Servers.byId(seen));
            others.stream()
                    .filter(node -> !lineage.follows(node.id(), primary.id()))
                    .forEach(missing::add);
            return seen.values().stream().noneMatch(VerifyCluster::connecting);
        }, run.limits().verify());
        return missing;
    }

    private static boolean connecting(ServerState server) {
        return server.replication().filter(state -> state.receiver() == ReplicaState.Receiver.CONNECTING).isPresent();
    }

    private void semiSync(Run run, Node primary) {
        if (servers.observe(primary, Servers.look(run.limits())) instanceof Observation.Seen seen) {
            if (seen.server().semiSync().source() instanceof SemiSync.SourceSide.Present source && source.enabled()
                    && !source.operating()) {
                run.note(Remark.WARNING, "Semi-sync is on at " + primary + " and has fallen back to asynchronous.");
            }
            if (seen.server().preparedXa() > 0) {
                run.note(Remark.TO_DO, seen.server().preparedXa() + " prepared XA transactions are on " + primary
                        + " and hold locks: commit them or roll them back (XA RECOVER).");
            }
        }
    }
}
