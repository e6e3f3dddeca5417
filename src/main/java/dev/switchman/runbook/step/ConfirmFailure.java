package dev.switchman.runbook.step;

import java.util.Optional;
import java.util.function.Function;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.Suspicion;
import dev.switchman.verdict.Diagnosis;
import dev.switchman.verdict.Verdict;
import dev.switchman.verdict.Witnesses;

/**
 * Looks at the primary again, from here, from its host and from every replica, and goes on only if it is still lost; a silent
 * one only if the secondary check of MHA's kind, if there is one, says so too.
 * Changes nothing; may be repeated; takes as long as one confirmation.
 */
@Component
@LooksOnly
@Raises(RunbookError.PRIMARY_ALIVE)
final class ConfirmFailure extends Step {

    private final Watch watch;
    private final ClusterMemory memory;
    private final Resumption resumption;
    private final MasterScripts scripts;
    private final Function<Snapshot, Verdict> diagnosis;

    /** @param watch lazily: it tells its verdicts to what starts runs */
    @Autowired
    ConfirmFailure(@Lazy Watch watch, ClusterMemory memory, Resumption resumption, MasterScripts scripts) {
        this(watch, memory, resumption, scripts, Diagnosis::of);
    }

    ConfirmFailure(Watch watch, ClusterMemory memory, Resumption resumption, MasterScripts scripts,
            Function<Snapshot, Verdict> diagnosis) {
        this.watch = watch;
        this.memory = memory;
        this.resumption = resumption;
        this.scripts = scripts;
        this.diagnosis = diagnosis;
    }

    @Override
    public Outcome run(Run run) {
        Optional<NodeId> known = memory.knownPrimary(run.cluster().name());
        if (known.isEmpty()) {
            return refused("no primary is known of cluster " + run.cluster().name());
        }
        if (run.oldPrimaryIfKnown().filter(old -> !old.equals(known.get())).isPresent()) {
            return refused("the primary is " + known.get() + " by now, not " + run.oldPrimary());
        }
        run.oldPrimary(known.get());
        Snapshot snapshot = watch.confirm(run.cluster().name());
        Verdict verdict = diagnosis.apply(snapshot);
        run.verdict(verdict.word());
        run.unanimous(snapshot.suspicion().filter(Witnesses::unanimous).isPresent());
        snapshot.suspicion().ifPresent(suspicion -> run.note(Remark.FIRST_SIGN, suspicion.since().toString()));
        run.note(Remark.EVIDENCE, verdict.sentence() + snapshot.suspicion().map(ConfirmFailure::lines).orElse(""));
        if (!verdict.primaryLost()) {
            return refused(verdict.sentence());
        }
        if (Verdict.answersAndCannotCommit(verdict.word())) {
            leaveOutFullDisks(run, snapshot, known.get());
        } else if (!verdict.word().equals("crashed")) {
            Optional<String> objection = switch (scripts.secondaryCheck(run, run.oldPrimary())) {
                case MasterScripts.Seen.NotAsked no -> Optional.empty();
                case MasterScripts.Seen.Lost lost -> Optional.empty();
                case MasterScripts.Seen.Reached(String sentence) ->
                    Optional.of("others reach the primary: " + sentence);
                case MasterScripts.Seen.Unknown(String sentence) -> Optional.of(
                        "whether the primary is lost for others is not known: " + sentence);
            };
            if (objection.isPresent()) {
                return refused(objection.get());
            }
        }
        resumption.confirmed(run);
        return new Outcome.Done(verdict.sentence());
    }

    /** What filled the primary's disk is on its replicas too: one with room was seen, or there were no loss. */
    private static void leaveOutFullDisks(Run run, Snapshot snapshot, NodeId primary) {
        snapshot.hosts().forEach((node, view) -> {
            if (!node.equals(primary) && view instanceof HostView.Seen host && host.disk().refusesWrites()) {
                run.exclude(node);
                run.note(Remark.WARNING, node + " is not chosen: " + host.disk().detail() + ".");
            }
        });
    }

    private static String lines(Suspicion suspicion) {
        StringBuilder text = new StringBuilder("\n  first failure: ").append(suspicion.first().sentence())
                .append("\n  failures in a row: ")
                .append(suspicion.failures())
                .append("\n  new connection: ")
                .append(suspicion.reconnect())
                .append("\n  its host: ")
                .append(suspicion.host());
        suspicion.peers()
                .forEach(peer -> text.append("\n  seen from ")
                        .append(peer.replica())
                        .append(": replication ")
                        .append(peer.progress())
                        .append(", port ")
                        .append(peer.probe()));
        suspicion.witnesses()
                .forEach(witness -> text.append("\n  seen from the witness ")
                        .append(witness.host())
                        .append(": port ")
                        .append(witness.probe()));
        return text.toString();
    }

    private static Outcome refused(String why) {
        return new Outcome.Refused(RunbookError.PRIMARY_ALIVE, why);
    }
}
