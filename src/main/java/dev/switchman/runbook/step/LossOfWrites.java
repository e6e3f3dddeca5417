package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Loss;

/** What would be lost with the old primary, by what was remembered of it, what its logs hold, and what the replicas are seen to hold. */
@Component
final class LossOfWrites {

    private final ClusterMemory memory;
    private final Journal journal;
    private final Clock clock;

    LossOfWrites(ClusterMemory memory, Journal journal, Clock clock) {
        this.memory = memory;
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * @param seen the servers that answered, and take part in the run
     * @param executed what the candidate has executed, or will have
     */
    Loss of(Run run, Map<Node, ServerState> seen, GtidSet executed) {
        NodeId old = run.oldPrimary().id();
        Optional<Loss.Before> before = memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(old))
                .map(moment -> new Loss.Before(moment.at(), moment.executed(), moment.semiSync(),
                        moment.possibleAckers()));
        Set<NodeId> reached = seen.entrySet()
                .stream()
                .filter(entry -> entry.getValue()
                        .replication()
                        .filter(state -> state.receiver() != ReplicaState.Receiver.STOPPED)
                        .isEmpty())
                .map(entry -> entry.getKey().id())
                .collect(Collectors.toSet());
        Notebook notes = Notebook.of(journal, run);
        Instant stopped = notes.last(Remark.RECEIVERS_STOPPED).map(Instant::parse).orElseGet(clock::instant);
        return Loss.of(old, before, memory.largestSets(run.cluster().name()), reached, executed, stopped,
                logged(notes, old), ChoosePrimary.election(run, memory, Servers.byId(seen)).withheld());
    }

    /** An end that was read before the last fence was put up may have been an earlier life's. */
    private static Loss.Logged logged(Notebook notes, NodeId old) {
        GtidSet held = sets(Stream.of(Remark.LOG_HELD, Remark.LOG_END).flatMap(notes::all), old)
                .reduce(GtidSet.empty(), GtidSet::union);
        return new Loss.Logged(held, sets(notes.since(Remark.FENCE, Remark.LOG_END), old).findAny().isPresent());
    }

    private static Stream<GtidSet> sets(Stream<String> notes, NodeId old) {
        String prefix = old + " ";
        return notes.filter(text -> text.startsWith(prefix))
                .map(text -> GtidSet.parse(text.substring(prefix.length())));
    }
}
