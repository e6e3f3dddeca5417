package dev.switchman.verdict;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.SemiSync;

import static org.assertj.core.api.Assertions.assertThat;

class LossTest {

    private static final NodeId DB1 = NodeId.of("db1", 3306);
    private static final NodeId DB2 = NodeId.of("db2", 3306);
    private static final NodeId DB3 = NodeId.of("db3", 3306);
    private static final Instant HEALTHY = Instant.parse("2026-01-02T03:04:05Z");
    private static final GtidSet TEN = GtidSet.of(new UUID(0, 1), 1, 10);
    private static final GtidSet ELEVEN = GtidSet.of(new UUID(0, 1), 1, 11);

    private boolean operating = true;
    private boolean afterSync = true;
    private boolean waitNoReplica = true;
    private int waitCount = 1;
    private Duration timeout = Duration.ofSeconds(10);
    private Map<NodeId, GtidSet> largest = Map.of(DB1, TEN);
    private Set<NodeId> reached = Set.of(DB2, DB3);
    private Duration later = Duration.ofSeconds(3);

    private Loss loss() {
        return Loss.of(DB1, Optional.of(new Loss.Before(HEALTHY, TEN, new SemiSync.SourceSide.Present(true, operating,
                waitCount, 2, timeout, afterSync, waitNoReplica, 0), Set.of(DB2, DB3))), largest, reached, TEN,
                HEALTHY.plus(later), Loss.Logged.NOT_READ);
    }

    @Test
    void whatOnlyADelayedReplicaHasReceivedIsLostUnlessNobodyWasToldOfIt() {
        GtidSet more = GtidSet.of(new UUID(0, 1), 11, 12);
        Map<NodeId, GtidSet> withheld = Map.of(DB2, more);

        assertThat(Loss.of(DB1, Optional.empty(), Map.of(), Set.of(DB2), TEN, HEALTHY, Loss.Logged.NOT_READ, withheld))
                .isEqualTo(new Loss.Withheld(withheld));
        assertThat(Loss.of(DB1, Optional.empty(), Map.of(), Set.of(DB2), TEN.union(more), HEALTHY,
                Loss.Logged.NOT_READ, withheld).word()).as("it was salvaged").isEqualTo("async");
    }

    @Test
    void nothingIsLostWhenEnoughOfThePossibleAcknowledgersWereReached() {
        assertThat(loss().word()).isEqualTo("none");

        waitCount = 2;
        reached = Set.of(DB2);
        assertThat(loss()).isEqualTo(
                new Loss.None("every write was acknowledged by a replica, and enough of them were reached"));
    }

    @Test
    void tooManyUnreachedAcknowledgersMayHoldWhatIsLost() {
        reached = Set.of(DB2);

        assertThat(loss()).isEqualTo(new Loss.Possible("1 of 2 replicas that could acknowledge were not reached, and 1"
                + " acknowledgement was enough"));
    }

    @Test
    void aTransactionOnceSeenOnThePrimaryAndNowNowhereIsLost() {
        largest = Map.of(DB1, ELEVEN);

        assertThat(loss()).isEqualTo(new Loss.Known(GtidSet.of(new UUID(0, 1), 11, 11)));
    }

    @Test
    void anAcknowledgerThatLostItsRelayLogMakesLossPossible() {
        largest = Map.of(DB1, TEN, DB3, ELEVEN);

        assertThat(loss().sentence()).contains("db3:3306 once held 00000000-0000-0000-0000-000000000001:11");
    }

    @Test
    void whatWeakensSemiSyncMakesLossPossible() {
        afterSync = false;
        assertThat(loss()).isEqualTo(new Loss.Possible("the wait point was not AFTER_SYNC"));

        afterSync = true;
        waitNoReplica = false;
        assertThat(loss().word()).isEqualTo("possible");

        waitNoReplica = true;
        later = Duration.ofSeconds(10);
        assertThat(loss().sentence()).contains("its timeout of 10000 ms is not longer than the 10000 ms");
    }

    @Test
    void withoutSemiSyncOrWithoutMemoryNobodyCanTell() {
        operating = false;
        assertThat(loss().word()).isEqualTo("async");

        assertThat(Loss.of(DB1, Optional.empty(), Map.of(), reached, TEN, HEALTHY, Loss.Logged.NOT_READ).word())
                .isEqualTo("async");
    }

    @Test
    void nothingIsLostOfALogThatWasReadToItsEndAndIsAllThere() {
        Loss loss = Loss.of(DB1, Optional.empty(), Map.of(), Set.of(DB2), TEN, HEALTHY, new Loss.Logged(TEN, true));

        assertThat(loss.sentence())
                .isEqualTo("No acknowledged write is lost: the old primary's binary logs were read to"
                        + " their end, and all that they hold is there.");
    }

    @Test
    void whatStandsInTheLogAndNowhereElseIsLost() {
        GtidSet more = GtidSet.parse(TEN.toString().replaceAll("-10$", "-12"));

        Loss loss = Loss.of(DB1, Optional.empty(), Map.of(), Set.of(DB2), TEN, HEALTHY, new Loss.Logged(more, true));

        assertThat(loss).isEqualTo(new Loss.Known(more.minus(TEN)));
    }

    @Test
    void whatIsKnownToStandInALogThatWasNotReadToItsEndIsLostOrProvesNothing() {
        GtidSet more = GtidSet.parse(TEN.toString().replaceAll("-10$", "-12"));

        assertThat(Loss.of(DB1, Optional.empty(), Map.of(), Set.of(DB2), TEN, HEALTHY, new Loss.Logged(more, false)))
                .isEqualTo(new Loss.Known(more.minus(TEN)));
        assertThat(Loss.of(DB1, Optional.empty(), Map.of(), Set.of(DB2), more, HEALTHY, new Loss.Logged(more, false))
                .word()).isEqualTo("async");
    }
}
