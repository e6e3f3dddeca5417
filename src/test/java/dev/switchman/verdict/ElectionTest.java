package dev.switchman.verdict;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ElectionTest {

    private static final NodeId DB1 = NodeId.of("db1", 3306);
    private static final NodeId DB2 = NodeId.of("db2", 3306);
    private static final NodeId DB3 = NodeId.of("db3", 3306);
    private static final NodeId DB4 = NodeId.of("db4", 3306);
    private static final UUID PRIMARY = new UUID(0, 1);

    private final Map<NodeId, ServerState> seen = new LinkedHashMap<>();
    private Set<NodeId> excluded = Set.of();
    private GtidSet primaryExecuted = GtidSet.empty();

    private static GtidSet gtids(String text) {
        StringBuilder set = new StringBuilder();
        for (String part : text.split(",")) {
            if (!part.isEmpty()) {
                set.append("00000000-0000-0000-0000-00000000000").append(part).append(',');
            }
        }
        return GtidSet.parse(set.toString());
    }

    /** Sets are written {@code 1:1-10,2:1}: number of the server, then its transactions. */
    private record Replica(int number, String executed, String received, String purged, String version,
            boolean logReplicaUpdates, boolean applier, int errno, String filters, long delay) {

        Replica(int number, String executed) {
            this(number, executed, executed, "", "9.7.4", true, true, 0, "", 0);
        }

        Replica received(String set) {
            return new Replica(number, executed, set, purged, version, logReplicaUpdates, applier, errno, filters,
                    delay);
        }

        Replica purged(String set) {
            return new Replica(number, executed, received, set, version, logReplicaUpdates, applier, errno, filters,
                    delay);
        }

        Replica version(String text) {
            return new Replica(number, executed, received, purged, text, logReplicaUpdates, applier, errno, filters,
                    delay);
        }

        Replica logsNothing() {
            return new Replica(number, executed, received, purged, version, false, applier, errno, filters, delay);
        }

        Replica applier(boolean running, int error) {
            return new Replica(number, executed, received, purged, version, logReplicaUpdates, running, error, filters,
                    delay);
        }

        Replica filters(String text, long seconds) {
            return new Replica(number, executed, received, purged, version, logReplicaUpdates, applier, errno, text,
                    seconds);
        }

        ServerState state() {
            return new ServerState(new UUID(0, number), ServerVersion.parse(version), WriteMode.SUPER_READ_ONLY,
                    BootMode.READ_ONLY, false, true, gtids(executed), gtids(purged), true, logReplicaUpdates, 1, 1,
                    false,
                    true, true, List.of(), 0, Duration.ofDays(1), SemiSync.absent(),
                    Optional.of(
                            new ReplicaState(DB1, Optional.of(PRIMARY), ReplicaState.Receiver.STOPPED, 0, "", applier,
                                    errno, "", gtids(received), true, Optional.empty(), Duration.ofSeconds(delay),
                                    Duration.ofSeconds(1), 0, Optional.empty(), filters, 1)),
                    LogPlaces.UNKNOWN);
        }
    }

    private Election election(Replica... replicas) {
        for (Replica replica : replicas) {
            seen.put(NodeId.of("db" + replica.number(), 3306), replica.state());
        }
        return Election.of(FakeFleet.of("db1", "db2", "db3", "db4").cluster(), DB1, seen, excluded, primaryExecuted);
    }

    private static Object fact(Election election, NodeId node, String name) {
        return java.util.Objects.requireNonNull(election.facts().getOrDefault(node, Map.of()).get(name), name);
    }

    private static Election.Choice choose(Election election) {
        Map<NodeId, Election.Ballot> ballots = new LinkedHashMap<>();
        election.facts().keySet().forEach(node -> ballots.put(node, new Election.Ballot(true, 30, "allowed")));
        return election.choose(ballots);
    }

    @Test
    void equalReplicasAreTakenInTheOrderOfTheConfiguration() {
        Election election = election(new Replica(3, "1:1-10"), new Replica(2, "1:1-10"));

        assertThat(election.facts().keySet()).containsExactly(DB2, DB3);
        assertThat(choose(election)).isEqualTo(new Election.Choice.Chosen(DB2, Optional.empty(), "allowed"));
    }

    @Test
    void whatIsReceivedCountsAsMuchAsWhatIsExecuted() {
        Election election = election(new Replica(2, "1:1-9"), new Replica(3, "1:1-3").received("1:4-10"));

        assertThat(fact(election, DB2, "missing")).isEqualTo(1L);
        assertThat(fact(election, DB3, "missing")).isEqualTo(0L);
        assertThat(choose(election)).isEqualTo(new Election.Choice.Chosen(DB3, Optional.empty(), "allowed"));
    }

    @Test
    void theLowerRankWinsAndFetchesFromTheMostAdvanced() {
        Election election = election(new Replica(2, "1:1-10"), new Replica(3, "1:1-8"));

        Election.Choice choice = election.choose(Map.of(DB2, new Election.Ballot(true, 30, "allowed"), DB3,
                new Election.Ballot(true, 20, "preferred")));

        assertThat(choice).isEqualTo(new Election.Choice.Chosen(DB3, Optional.of(DB2), "preferred"));
        assertThat(election.missing(DB3)).isEqualTo(gtids("1:9-10"));
    }

    @Test
    void whatNobodyCanPassOnMakesTheNextOneWin() {
        Election election = election(new Replica(2, "1:1-10").logsNothing(), new Replica(3, "1:1-8"));

        assertThat(election.choose(Map.of(DB2, new Election.Ballot(false, 99, "does not log"), DB3,
                new Election.Ballot(true, 20, "preferred"))))
                .isInstanceOfSatisfying(Election.Choice.Nobody.class,
                        nobody -> assertThat(nobody.sentence()).isEqualTo("db2:3306 does not log; db3:3306 lacks 2 "
                                + "transactions, and no server that has them can pass them on"));
    }

    @Test
    void aDonorThatPurgedWhatIsNeededIsNone() {
        Election election = election(new Replica(2, "1:1-10").purged("1:1-9"), new Replica(3, "1:1-8"));

        assertThat(election.donorFor(DB3)).isEmpty();
        assertThat(fact(election, DB2, "purgedGap")).isEqualTo(true);
        assertThat(fact(election, DB3, "purgedGap")).isEqualTo(false);
    }

    @Test
    void aTransactionOfItsOwnIsErrantAndDoesNotMakeADivergence() {
        Election election = election(new Replica(2, "1:1-10"), new Replica(3, "1:1-9,3:1"));

        assertThat(election.divergence()).isEmpty();
        assertThat(fact(election, DB3, "errant")).isEqualTo(1L);
        assertThat(fact(election, DB2, "errant")).isEqualTo(0L);
        assertThat(fact(election, DB2, "missing")).isEqualTo(0L);
    }

    @Test
    void transactionsOfAFormerPrimaryOnBothSidesAreADivergence() {
        Election election = election(new Replica(2, "1:1-10,3:1"), new Replica(3, "1:1-9,3:1-2"));

        assertThat(choose(election)).isEqualTo(new Election.Choice.Diverged(
                new Election.Divergence(DB2, gtids("1:10"), DB3, gtids("3:2"))));
    }

    @Test
    void transactionsThatThePrimaryHadAreNotErrantWhateverTheirSource() {
        primaryExecuted = gtids("1:1-10,9:1-5");

        Election election = election(new Replica(2, "1:1-10,9:1-5"), new Replica(3, "1:1-10,9:1-4"));

        assertThat(fact(election, DB2, "errant")).isEqualTo(0L);
        assertThat(fact(election, DB3, "missing")).isEqualTo(1L);
    }

    @Test
    void transactionsThatAllReplicasHaveAreNotErrant() {
        Election election = election(new Replica(2, "1:1-10,9:1-5"), new Replica(3, "1:1-10,9:1-5"),
                new Replica(4, "1:1-10,9:1-6"));

        assertThat(fact(election, DB2, "errant")).isEqualTo(0L);
        assertThat(fact(election, DB4, "errant")).isEqualTo(1L);
    }

    @Test
    void onlyReleaseSeriesCountAsVersions() {
        Election election = election(new Replica(2, "1:1").version("8.4.3"), new Replica(3, "1:1").version("8.4.9"),
                new Replica(4, "1:1").version("9.7.4"));

        assertThat(fact(election, DB2, "versionClass")).isEqualTo("lowest");
        assertThat(fact(election, DB3, "versionClass")).isEqualTo("lowest");
        assertThat(fact(election, DB4, "versionClass")).isEqualTo("higher");
        seen.clear();
        assertThat(fact(election(new Replica(2, "1:1")), DB2, "versionClass")).isEqualTo("same");
    }

    @Test
    void eachEarlyReleaseOf80IsASeriesOfItsOwn() {
        Election election = election(new Replica(2, "1:1").version("8.0.12"), new Replica(3, "1:1").version("8.0.33"));

        assertThat(fact(election, DB2, "versionClass")).isEqualTo("lowest");
        assertThat(fact(election, DB3, "versionClass")).isEqualTo("higher");
    }

    @Test
    void theOtherFactsAreWhatTheServerTells() {
        excluded = Set.of(DB4);

        Election election = election(new Replica(2, "1:1").applier(false, 1062),
                new Replica(3, "1:1").applier(false, 0),
                new Replica(4, "1:1").filters("Replicate_Do_DB: shop", 3600));

        assertThat(fact(election, DB2, "applier")).isEqualTo("failed");
        assertThat(fact(election, DB3, "applier")).isEqualTo("stopped");
        assertThat(fact(election, DB4, "applier")).isEqualTo("running");
        assertThat(fact(election, DB4, "filters")).isEqualTo("Replicate_Do_DB: shop");
        assertThat(fact(election, DB4, "delaySeconds")).isEqualTo(3600L);
        assertThat(fact(election, DB4, "excluded")).isEqualTo(true);
        assertThat(fact(election, DB2, "lagSeconds")).isEqualTo(-1L);
    }

    @Test
    void theSurplusOfAReplicaLeavesOutWhatTheNewPrimaryWroteItself() {
        Election election = election(new Replica(2, "1:1-10"), new Replica(3, "1:1-12,2:1-3"));

        assertThat(election.surplus(DB3, DB2)).isEqualTo(gtids("1:11-12"));
        assertThat(election.surplus(DB2, DB3)).isEqualTo(GtidSet.empty());
    }

    @Test
    void whatOnlyDelayedReplicasHaveReceivedIsPlannedToComeFromWhoeverHasMostOfIt() {
        Election election = election(new Replica(2, "1:1-10"),
                new Replica(3, "1:1-4").received("1:5-12").filters("", 3600),
                new Replica(4, "1:1-2").received("1:3-15").filters("", 7200));

        assertThat(election.missing(DB2)).as("what can be had without them").isEqualTo(GtidSet.empty());
        assertThat(election.withheldFrom(DB2)).isEqualTo(Map.of(DB4, gtids("1:11-15")));
        assertThat(election.withheldFrom(DB4)).as("its own is not to be fetched").isEqualTo(Map.of());
    }

    @Test
    void nothingIsPlannedWhereNobodyIsDelayed() {
        Election election = election(new Replica(2, "1:1-10"), new Replica(3, "1:1-4").received("1:5-12"));

        assertThat(election.withheldFrom(DB2)).isEqualTo(Map.of());
        assertThat(election.donorFor(DB2)).contains(DB3);
    }

    @Test
    void nobodySeenMeansNobodyChosen() {
        Election election = election();

        assertThat(choose(election)).isInstanceOfSatisfying(Election.Choice.Nobody.class,
                nobody -> assertThat(nobody.sentence()).isEqualTo("no replica could be reached"));
        assertThatThrownBy(() -> election.missing(DB2)).hasMessage(
                "db2:3306 was not seen and takes no part in this election");
    }
}
