package dev.switchman.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeMemory;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Specimens;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.NOON;
import static org.assertj.core.api.Assertions.assertThat;

class RecollectionTest {

    private static final GtidSet ERRANT = GtidSet.of(new UUID(7, 7), 1, 3);
    private static final Cluster CLUSTER = Specimens.cluster(2, 1);

    private final FakeMemory memory = new FakeMemory();
    private final Recollection recollection = new Recollection(CLUSTER, memory);

    private void seen(GtidSet executed, int seconds) {
        ServerState state = Specimens.replica(DB2, DB1);
        Snapshot seen = Specimens.with(Specimens.healthy(), new Observation.Seen(DB2, NOON, new ServerState(
                state.serverUuid(), state.version(), state.writeMode(), state.bootMode(), state.offline(),
                state.gtidMode(), executed, state.purged(), state.logBin(), state.logReplicaUpdates(),
                state.syncBinlog(), state.flushLogAtCommit(), state.relayLogRecovery(),
                state.relayLogPurge(), state.eventScheduler(),
                state.enabledEvents(), state.preparedXa(), state.uptime(), state.semiSync(), Optional.empty(),
                state.logs())));
        Instant at = NOON.plus(Duration.ofSeconds(seconds));
        recollection.healthy(new Snapshot(seen.cluster(), at, at, seen.knownPrimary(), seen.quarantined(),
                seen.servers(), seen.hosts(), seen.suspicion()), DB1);
    }

    @Test
    void whatAServerOnceHeldIsRemembered() {
        seen(Specimens.written(DB1, 100).union(ERRANT), 0);
        seen(Specimens.written(DB1, 120), 10);

        assertThat(memory.largestSets(CLUSTER.name()))
                .containsEntry(DB2, Specimens.written(DB1, 120).union(ERRANT));
    }

    @Test
    void aServerThatWasRebuiltBeginsAnew() {
        seen(Specimens.written(DB1, 100).union(ERRANT), 0);
        memory.rememberSets(CLUSTER.name(), Map.of(DB2, Specimens.written(DB1, 100)));
        seen(Specimens.written(DB1, 120), 10);

        assertThat(memory.largestSets(CLUSTER.name())).containsEntry(DB2, Specimens.written(DB1, 120));
    }
}
