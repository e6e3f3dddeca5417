package dev.switchman.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Specimens;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.NOON;
import static org.assertj.core.api.Assertions.assertThat;

class ErrantWatchTest {

    private static final GtidSet MORE = GtidSet.of(new UUID(7, 7), 1, 3);

    private final ErrantWatch watch = new ErrantWatch();

    private static Observation seen(NodeId node, ServerState state, GtidSet executed, Instant at) {
        return new Observation.Seen(node, at, new ServerState(state.serverUuid(), state.version(), state.writeMode(),
                state.bootMode(), state.offline(), state.gtidMode(), executed, state.purged(), state.logBin(),
                state.logReplicaUpdates(), state.syncBinlog(), state.flushLogAtCommit(), state.relayLogRecovery(),
                state.relayLogPurge(),
                state.eventScheduler(), state.enabledEvents(), state.preparedXa(), state.uptime(), state.semiSync(),
                state.replication(), state.logs()));
    }

    /** db2 holds this beside the first hundred transactions of db1; both were looked at then. */
    private Map<NodeId, GtidSet> seen(GtidSet more, Instant primary, Instant replica) {
        Snapshot snapshot = Specimens.with(Specimens.with(Specimens.healthy(),
                seen(DB1, Specimens.primary(DB1), Specimens.written(DB1, 100), primary)),
                seen(DB2, Specimens.replica(DB2, DB1), Specimens.written(DB1, 100).union(more), replica));
        return watch.seen(snapshot);
    }

    private static Instant after(int seconds) {
        return NOON.plus(Duration.ofSeconds(seconds));
    }

    @Test
    void whatTwoLooksHaveMetIsErrant() {
        assertThat(seen(MORE, after(1), after(1))).isEmpty();
        assertThat(seen(MORE, after(4), after(4))).isEqualTo(Map.of(DB2, MORE));
    }

    @Test
    void theSameLookCountsOnce() {
        seen(MORE, after(1), after(1));

        assertThat(seen(MORE, after(1), after(1))).isEmpty();
        assertThat(seen(MORE, after(1), after(4))).isEmpty();
        assertThat(seen(MORE, after(4), after(7))).isEqualTo(Map.of(DB2, MORE));
        assertThat(seen(MORE, after(4), after(7))).isEqualTo(Map.of(DB2, MORE));
    }

    @Test
    void onlyWhatBothHaveMetIsBelieved() {
        seen(GtidSet.of(new UUID(7, 7), 1, 2), after(1), after(1));

        assertThat(seen(MORE, after(4), after(4))).isEqualTo(Map.of(DB2, GtidSet.of(new UUID(7, 7), 1, 2)));
        assertThat(seen(GtidSet.empty(), after(7), after(7))).isEmpty();
    }

    @Test
    void thePrimarysOwnTransactionsAreProgress() {
        seen(Specimens.written(DB1, 120), after(1), after(1));

        assertThat(seen(Specimens.written(DB1, 140), after(4), after(4))).isEmpty();
    }

    @Test
    void withoutAPrimaryNothingIsErrant() {
        assertThat(watch.seen(Specimens.knowing(Specimens.healthy(), Optional.empty()))).isEmpty();
    }
}
