package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.mysql.Change;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Diagnosis;
import dev.switchman.verdict.Lineage;
import dev.switchman.verdict.Verdict;
import dev.switchman.verdict.Witnesses;

/**
 * Whether a failover that this process did not begin may go on. What was seen before the manager died proves nothing: as
 * long as nothing is open the loss is confirmed again, and after more than the limit {@code resume} a person decides.
 */
@Component
final class Resumption {

    private final Watch watch;
    private final Servers servers;
    private final NodeOperator mysql;
    private final ClusterMemory memory;
    private final Journal journal;
    private final Clock clock;
    private final Set<RunId> confirmedHere = ConcurrentHashMap.newKeySet();

    /** @param watch lazily: it tells its verdicts to what starts runs */
    Resumption(@Lazy Watch watch, Servers servers, NodeOperator mysql, ClusterMemory memory, Journal journal,
            Clock clock) {
        this.watch = watch;
        this.servers = servers;
        this.mysql = mysql;
        this.memory = memory;
        this.journal = journal;
        this.clock = clock;
    }

    /** Notes that this process has seen the evidence itself. */
    void confirmed(Run run) {
        confirmedHere.add(run.id());
    }

    /** @return why the run may not go on; empty when it was not interrupted, or when what it began from still holds */
    Optional<Outcome> refusal(Run run) {
        if (confirmedHere.contains(run.id()) || pointOfNoReturn(run)) {
            return Optional.empty();
        }
        Optional<Outcome> unknown = perhapsOpen(run).or(() -> tooLong(run));
        return unknown.isPresent() ? unknown : confirm(run);
    }

    /** The candidate is the primary by now: turning back would leave two. */
    private boolean pointOfNoReturn(Run run) {
        Optional<NodeId> candidate = run.candidateIfChosen();
        if (candidate.isEmpty()) {
            return false;
        }
        return memory.knownPrimary(run.cluster().name()).equals(candidate)
                || servers.observe(run.candidate(), Servers.look(run.limits())) instanceof Observation.Seen seen
                        && Servers.writable(seen.server());
    }

    /** The statement that opens it may have been the last that the dead manager sent. */
    private Optional<Outcome> perhapsOpen(Run run) {
        Optional<NodeId> candidate = run.candidateIfChosen();
        boolean sent = candidate.isPresent()
                && (Notebook.of(journal, run).brokeOff(OpenPrimary.class)
                        || Notebook.of(journal, run).last(Remark.OPENING).equals(candidate.map(NodeId::toString)));
        if (!sent
                || !(servers.observe(run.candidate(), Servers.look(run.limits())) instanceof Observation.Unseen look)) {
            return Optional.empty();
        }
        run.note(Remark.TO_DO, "Find out whether " + candidate.get()
                + " accepts writes. Only then open any other server.");
        return Optional.of(new Outcome.Unknown("the run was interrupted while it opened " + candidate.get()
                + "; whether it is open is not known: " + look.failure().sentence()));
    }

    private Optional<Outcome> tooLong(Run run) {
        Optional<Instant> interrupted = Notebook.of(journal, run).beforeThisStep();
        Duration away = interrupted.map(at -> Duration.between(at, clock.instant())).orElse(Duration.ZERO);
        return away.compareTo(run.limits().resume()) <= 0
                ? Optional.empty()
                : Optional.of(new Outcome.Unknown("the run was interrupted for " + away.toSeconds()
                        + " s, longer than " + run.limits().resume().toSeconds()
                        + " s: what became of the servers meanwhile is for a person to judge"));
    }

    private Optional<Outcome> confirm(Run run) {
        Node old = run.oldPrimary();
        Snapshot snapshot = watch.confirm(run.cluster().name());
        Verdict verdict = Diagnosis.of(snapshot);
        boolean lost = verdict.primaryLost()
                && snapshot.knownPrimary().equals(Optional.of(old.id()));
        run.note(Remark.EVIDENCE, "This process did not begin the run, so it looked again: " + verdict.sentence());
        if (lost) {
            run.verdict(verdict.word());
            run.unanimous(snapshot.suspicion().filter(Witnesses::unanimous).isPresent());
            confirmed(run);
            return Optional.empty();
        }
        listenAgain(run, old, snapshot);
        return Optional.of(new Outcome.Refused(RunbookError.PRIMARY_ALIVE,
                "after an interruption: " + verdict.sentence()));
    }

    /**
     * Undoes what the run has done to the replicas: a living primary with semi-sync commits nothing while they do not
     * listen. What holds more than the primary has shown is left as it is, and named.
     */
    private void listenAgain(Run run, Node old, Snapshot snapshot) {
        GtidSet known = snapshot.server(old.id()).map(ServerState::executed).orElse(GtidSet.empty());
        boolean semiSync = PrepareSemiSync.wanted(run, memory).isPresent();
        Lineage lineage = Lineage.of(snapshot);
        Map<Node, ServerState> strayed = new LinkedHashMap<>();
        for (Node node : servers.others(run)) {
            snapshot.server(node.id())
                    .filter(server -> !Servers.writable(server)
                            && (moved(run, lineage, node) || !lineage.follows(node.id(), old.id())))
                    .ifPresent(server -> strayed.put(node, server));
        }
        Set<Node> moved = strayed.keySet()
                .stream()
                .filter(node -> moved(run, lineage, node))
                .collect(Collectors.toUnmodifiableSet());
        Map<Node, Change> changes = PerNode.all(strayed.keySet(),
                node -> lineage.chained(node.id(), old.id()) && !moved.contains(node)
                        ? mysql.startReplication(node, run.limits().repoint())
                        : listenAgain(run, old, node, Objects.requireNonNull(strayed.get(node)), known, semiSync));
        changes.forEach((node, change) -> {
            if (!(change instanceof Change.Done)) {
                run.note(Remark.TO_DO, "Let " + node + " follow " + old + " again: " + change.sentence() + ".");
            }
        });
    }

    /** This run has let it follow the candidate. */
    private static boolean moved(Run run, Lineage lineage, Node node) {
        return run.candidateIfChosen()
                .filter(candidate -> lineage.source(node.id()).equals(Optional.of(candidate)))
                .isPresent();
    }

    private Change listenAgain(Run run, Node old, Node node, ServerState server, GtidSet known, boolean semiSync) {
        boolean stopped = server.replication().filter(state -> state.source().equals(old.id())).isPresent();
        if (stopped) {
            return mysql.startReplication(node, run.limits().repoint());
        }
        GtidSet more = server.reachable().minus(known);
        if (!more.isEmpty()) {
            return new Change.Rejected("it holds " + more + ", which " + old + " was not seen to hold");
        }
        // A server that waits for acknowledgements itself would hang its own applier.
        Change off = semiSync
                ? mysql.semiSyncSource(node, false, Optional.empty(), run.limits().statement())
                : new Change.Done("not in use");
        if (!(off instanceof Change.Done)) {
            return off;
        }
        Change on = semiSync
                ? mysql.semiSyncReplica(node, true, run.limits().statement())
                : new Change.Done("not in use");
        return on instanceof Change.Done
                ? mysql.repoint(node, old, run.cluster().replication(), run.limits().repoint())
                : on;
    }
}
