package dev.switchman.memory;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import dev.switchman.memory.ClusterMemory.LastHealthy;
import dev.switchman.memory.ClusterMemory.Pause;
import dev.switchman.memory.ClusterMemory.Quarantine;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.SemiSync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Each value is read through a store opened anew, from the file: H2 closes it with its last connection. */
class JdbcMemoryTest {

    private static final ClusterName ORDERS = new ClusterName("orders");
    private static final ClusterName STOCK = new ClusterName("stock");
    private static final NodeId DB1 = NodeId.of("db1", 3306);
    private static final NodeId DB2 = NodeId.parse("[fd00::2]:3307");
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456789Z");
    private static final UUID SOURCE = UUID.fromString("3e11fa47-71ca-11e1-9e33-c80aa9429562");

    @TempDir
    Path folder;

    private ClusterMemory memory;

    @BeforeEach
    void open() {
        memory = reopened();
    }

    DataSource store() {
        return new DriverManagerDataSource("jdbc:h2:file:" + folder.resolve("store") + ";WRITE_DELAY=0", "sa", "");
    }

    private ClusterMemory reopened() {
        return Memories.over(store());
    }

    private static LastHealthy moment(SemiSync.SourceSide semiSync, GtidSet executed) {
        return new LastHealthy(DB1, NOON, executed, semiSync, true, false, List.of("shop.purge", "shop.sum up"),
                Set.of(DB1, DB2));
    }

    @Test
    void aNewStoreRemembersNothing() {
        assertThat(memory.knownPrimary(ORDERS)).isEmpty();
        assertThat(memory.lastHealthy(ORDERS)).isEmpty();
        assertThat(memory.largestSets(ORDERS)).isEmpty();
        assertThat(memory.quarantined(ORDERS)).isEmpty();
        assertThat(memory.logPlaces(ORDERS)).isEmpty();
        assertThat(memory.lastFailover(ORDERS)).isEmpty();
        assertThat(memory.pause(ORDERS)).isEmpty();
    }

    @Test
    void acceptedErrantTransactionsAddUp() {
        memory.acceptErrant(ORDERS, DB1, GtidSet.of(SOURCE, 1, 3));
        memory.acceptErrant(ORDERS, DB1, GtidSet.of(SOURCE, 3, 5));

        assertThat(reopened().acceptedErrant(ORDERS)).isEqualTo(Map.of(DB1, GtidSet.of(SOURCE, 1, 5)));
        assertThat(reopened().acceptedErrant(STOCK)).isEmpty();
    }

    @Test
    void whereLogsAreIsRememberedForEachServerAndTheLastWordCounts() {
        LogPlaces first = new LogPlaces("/a/binlog", "/a/binlog.index", "/a/relay", "/a/");
        LogPlaces second = new LogPlaces("/b/binlog", "/b/binlog.index", "/b/relay", "/b/");

        memory.rememberLogPlaces(ORDERS, Map.of(DB1, first, DB2, first));
        memory.rememberLogPlaces(ORDERS, Map.of(DB2, second));

        assertThat(reopened().logPlaces(ORDERS)).isEqualTo(Map.of(DB1, first, DB2, second));
        assertThat(reopened().logPlaces(STOCK)).isEmpty();
    }

    @Test
    void aStoreOfTheReleaseBeforeGetsWhatItLacks() throws SQLException {
        memory.rememberPrimary(ORDERS, DB1);
        try (Connection connection = store().getConnection(); var statement = connection.createStatement()) {
            statement.execute("DROP TABLE SM_LOG_PLACES");
            statement.execute("DROP TABLE SM_ACCEPTED_ERRANT");
            statement.execute("DROP TABLE SM_OUTBOX");
            statement.execute("DELETE FROM SM_MEMORY_VERSION WHERE VERSION >= 2");
        }

        ClusterMemory newer = reopened();
        newer.rememberLogPlaces(ORDERS, Map.of(DB1, LogPlaces.UNKNOWN));

        assertThat(newer.knownPrimary(ORDERS)).contains(DB1);
        assertThat(reopened().logPlaces(ORDERS)).isEqualTo(Map.of(DB1, LogPlaces.UNKNOWN));
        assertThat(Memories.outbox(store()).kept()).isEmpty();
    }

    @Test
    void thePrimaryIsTheOneRememberedLastForEachCluster() {
        memory.rememberPrimary(ORDERS, DB1);
        memory.rememberPrimary(STOCK, DB1);
        memory.rememberPrimary(ORDERS, DB2);

        assertThat(reopened().knownPrimary(ORDERS)).contains(DB2);
        assertThat(reopened().knownPrimary(STOCK)).contains(DB1);
    }

    @Test
    void theLastHealthyMomentComesBackWhole() {
        LastHealthy plain = moment(new SemiSync.SourceSide.Absent(), GtidSet.empty());
        LastHealthy semiSync = moment(
                new SemiSync.SourceSide.Present(true, false, 2, 3, Duration.ofMillis(10_001), true,
                        false, 4),
                GtidSet.of(SOURCE, 1, 5));

        memory.rememberHealthy(ORDERS, plain);
        assertThat(reopened().lastHealthy(ORDERS)).contains(plain);

        memory.rememberHealthy(ORDERS, semiSync);
        assertThat(reopened().lastHealthy(ORDERS)).contains(semiSync);
    }

    @Test
    void aSetOfManyIntervalsFits() {
        GtidSet large = GtidSet.parse(SOURCE + ":" + IntStream.range(0, 50_000)
                .mapToObj(i -> Long.toString(3L * i + 1))
                .collect(Collectors.joining(":")));

        memory.rememberSets(ORDERS, Map.of(DB1, large));

        assertThat(reopened().largestSets(ORDERS)).isEqualTo(Map.of(DB1, large));
    }

    @Test
    void setsAreReplacedForTheNamedNodesAlone() {
        memory.rememberSets(ORDERS, Map.of(DB1, GtidSet.of(SOURCE, 1, 5), DB2, GtidSet.of(SOURCE, 1, 4)));
        memory.rememberSets(ORDERS, Map.of(DB2, GtidSet.of(SOURCE, 1, 9)));

        assertThat(reopened().largestSets(ORDERS))
                .isEqualTo(Map.of(DB1, GtidSet.of(SOURCE, 1, 5), DB2, GtidSet.of(SOURCE, 1, 9)));
    }

    @Test
    void quarantineLastsUntilItsRelease() {
        Quarantine unproven = new Quarantine(NOON, "silent while db2 was promoted", false);
        Quarantine proven = new Quarantine(NOON, "fenced at its return", true);
        memory.quarantine(ORDERS, DB1, unproven);
        assertThat(reopened().quarantined(ORDERS)).isEqualTo(Map.of(DB1, unproven));

        memory.quarantine(ORDERS, DB1, proven);
        assertThat(reopened().quarantined(ORDERS)).isEqualTo(Map.of(DB1, proven));

        memory.release(ORDERS, DB1);
        memory.release(ORDERS, DB2);
        assertThat(reopened().quarantined(ORDERS)).isEmpty();
    }

    @Test
    void aPauseEndsWithoutTouchingTheRest() {
        Pause pause = new Pause("ann", "disk swap", NOON, NOON.plusSeconds(7200));
        memory.pause(ORDERS, pause);
        memory.rememberPrimary(ORDERS, DB1);
        memory.rememberFailover(ORDERS, NOON);
        assertThat(reopened().pause(ORDERS)).contains(pause);

        memory.resume(ORDERS);

        assertThat(reopened().pause(ORDERS)).isEmpty();
        assertThat(reopened().knownPrimary(ORDERS)).contains(DB1);
        assertThat(reopened().lastFailover(ORDERS)).isEqualTo(Optional.of(NOON));
    }

    @Test
    void aStoreOfANewerReleaseIsRefused() throws SQLException {
        try (Connection connection = store().getConnection()) {
            connection.createStatement().execute("INSERT INTO SM_MEMORY_VERSION VALUES (99)");
        }

        assertThatThrownBy(this::reopened).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("version 99");
    }

    @Test
    void what_is_still_to_be_told_is_kept_in_the_order_of_what_happened() {
        Outbox outbox = Memories.outbox(store());
        Outbox.Kept later = new Outbox.Kept("1", ORDERS, "chat", Instant.parse("2026-01-01T12:00:00.500Z"), "{two}");
        Outbox.Kept first = new Outbox.Kept("2", ORDERS, "chat", Instant.parse("2026-01-01T12:00:00Z"), "{one}");
        Outbox.Kept other = new Outbox.Kept("2", STOCK, "chat", Instant.parse("2026-01-01T13:00:00Z"), "{other}");
        outbox.keep(later);
        outbox.keep(first);
        outbox.keep(other);
        outbox.keep(first);

        assertThat(Memories.outbox(store()).kept()).containsExactly(first, later, other);

        outbox.drop("2", ORDERS, "chat");
        outbox.drop("2", ORDERS, "chat");
        outbox.drop("1", ORDERS, "pager");

        assertThat(Memories.outbox(store()).kept()).containsExactly(later, other);
    }
}
