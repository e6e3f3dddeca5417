package dev.switchman.monitor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.fleet.FakeMemory;
import dev.switchman.fleet.ManualClock;
import dev.switchman.monitor.Claims.Claim;
import dev.switchman.mysql.LockLook;
import dev.switchman.mysql.NodeLocks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies;
import dev.switchman.verdict.Specimens;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.DB3;
import static dev.switchman.verdict.Specimens.NOON;
import static org.assertj.core.api.Assertions.assertThat;

class ClusterClaimTest {

    private static final Failure REFUSED = new Failure.Refused("nobody listens");
    private static final Failure SILENT = new Failure.TimedOut(Duration.ofSeconds(1), "connect");

    /** The servers' locks: holder by server and name. */
    private final Map<NodeId, Map<String, String>> servers = new HashMap<>();
    private final ManualClock clock = new ManualClock(NOON);
    private final FakeMemory memory = new FakeMemory();
    private final Manager one = new Manager("one");
    private final Manager other = new Manager("other");

    /** A manager's own way to the servers, with cables to cut. */
    private final class Manager implements NodeLocks {

        private final String name;
        private final Map<NodeId, Failure> cut = new HashMap<>();
        private final List<String> calls = new ArrayList<>();
        /** Locks that somebody else takes between this manager's look and its own attempt. */
        private final Set<NodeId> raced = new HashSet<>();

        private Manager(String name) {
            this.name = name;
        }

        ClusterClaim in(Cluster cluster) {
            return new ClusterClaim(cluster, this, memory, clock, Runnable::run);
        }

        @Override
        public LockLook look(Node node, List<String> names, Duration deadline) {
            calls.add("look " + node.id().host());
            Optional<Failure> failure = Optional.ofNullable(cut.get(node.id()));
            if (failure.isPresent()) {
                // The connection is gone, and the server lets go of what it held.
                held(node.id()).values().removeIf(name::equals);
                return new LockLook.Unseen(failure.get());
            }
            Map<String, LockLook.State> states = new HashMap<>();
            for (String lock : names) {
                String holder = held(node.id()).get(lock);
                states.put(lock, holder == null
                        ? new LockLook.State.Free()
                        : holder.equals(name) ? new LockLook.State.Ours() : new LockLook.State.Theirs(holder));
            }
            return new LockLook.Seen(states);
        }

        @Override
        public boolean take(Node node, String lock, Duration deadline) {
            calls.add("take " + lock + " " + node.id().host());
            if (raced.remove(node.id())) {
                held(node.id()).put(lock, "other");
            }
            return name.equals(held(node.id()).computeIfAbsent(lock, free -> name));
        }

        @Override
        public void release(Node node, String lock, Duration deadline) {
            held(node.id()).remove(lock, name);
        }

        @Override
        public void close() {
            servers.values().forEach(locks -> locks.values().removeIf(name::equals));
        }
    }

    private Map<String, String> held(NodeId node) {
        return servers.computeIfAbsent(node, any -> new HashMap<>());
    }

    private static Cluster three(Policies.ManagerLocks policy) {
        Cluster plain = Specimens.cluster(2, 1);
        return with(plain, plain.nodes(), policy);
    }

    private static Cluster two() {
        Cluster plain = Specimens.cluster(2, 1);
        return with(plain, plain.nodes().subList(0, 2), Policies.ManagerLocks.MAJORITY);
    }

    private static Cluster with(Cluster plain, List<Node> nodes, Policies.ManagerLocks locks) {
        return new Cluster(plain.name(), plain.tier(), nodes, plain.virtualIp(), plain.replication(),
                plain.pingSchema(), plain.detection(), plain.limits(),
                new Policies(plain.policies().unprovenFence(), plain.policies().semiSyncDegraded(), locks,
                        plain.policies().rejoin(), plain.policies().unsalvaged()),
                plain.mail(),
                plain.shutdownHook());
    }

    private static Cluster three() {
        return three(Policies.ManagerLocks.MAJORITY);
    }

    private static boolean acts(Claim claim) {
        return claim instanceof Claim.Held;
    }

    @Test
    void aManagerAloneHoldsAllLocks() {
        ClusterClaim claim = one.in(three());
        assertThat(claim.now()).isInstanceOf(Claim.NotHeld.class);

        assertThat(claim.pass()).isEqualTo(new Claim.Held("holds the manager's lock on 3 of 3 servers"));
        assertThat(claim.now()).isInstanceOf(Claim.Held.class);
        assertThat(servers.values()).allSatisfy(
                locks -> assertThat(locks).containsEntry(ClusterClaim.LOCK, "one"));
    }

    @Test
    void theSecondOnlyWatchesAndNamesTheFirst() {
        ClusterClaim first = one.in(three());
        ClusterClaim second = other.in(three());
        first.pass();

        Claim claim = second.pass();

        assertThat(claim).isInstanceOf(Claim.NotHeld.class);
        assertThat(claim.sentence()).contains("0 of 3", "held by another manager on db1:3306: one");
        assertThat(acts(first.pass())).isTrue();
    }

    @Test
    void theSecondTakesOverOnceTheFirstIsGone() {
        ClusterClaim first = one.in(three());
        ClusterClaim second = other.in(three());
        first.pass();
        second.pass();

        one.close();

        assertThat(acts(second.pass())).isTrue();
        assertThat(acts(first.pass())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
            // what the manager gets from db1, db2 and db3: . an answer, r refused, s silence
            "..., true", "r.., true", "s.., true", ".s., true",
            // mysqld is down there: nobody can hold a lock of it
            "rr., true", "r.r, true",
            // of two that count, one is enough when the other is silent
            "rs., true", ".sr, true",
            // one of three is no majority
            "ss., false", ".ss, false", "sss, false", "rrr, false", "rss, false"})
    void aMajorityOfTheServersThatCanHoldALockIsNeeded(String seen, boolean acts) {
        List<NodeId> nodes = List.of(DB1, DB2, DB3);
        for (int i = 0; i < 3; i++) {
            if (seen.charAt(i) != '.') {
                one.cut.put(nodes.get(i), seen.charAt(i) == 'r' ? REFUSED : SILENT);
            }
        }

        assertThat(acts(one.in(three()).pass())).isEqualTo(acts);
    }

    @Test
    void neverDoBothActHoweverTheServersAreDivided() {
        List<Optional<Failure>> ways = List.of(Optional.empty(), Optional.of(SILENT));
        for (int division = 0; division < 64; division++) {
            servers.clear();
            one.cut.clear();
            other.cut.clear();
            List<NodeId> nodes = List.of(DB1, DB2, DB3);
            for (int i = 0; i < 6; i++) {
                Manager manager = i < 3 ? one : other;
                NodeId node = nodes.get(i % 3);
                ways.get(division >> i & 1).ifPresent(failure -> manager.cut.put(node, failure));
            }
            ClusterClaim first = one.in(three());
            ClusterClaim second = other.in(three());

            for (int passes = 0; passes < 3; passes++) {
                boolean both = acts(first.pass()) & acts(second.pass());

                assertThat(both).as("division " + division + ": " + servers).isFalse();
            }
        }
    }

    @Test
    void inAClusterOfTwoTheOtherServerIsEnoughWhenThePrimaryIsSilent() {
        ClusterClaim claim = one.in(two());
        claim.pass();
        one.cut.put(DB1, SILENT);

        assertThat(claim.pass().sentence()).contains("on 1 of 2 servers").contains("db1:3306 (no answer within");
        assertThat(acts(claim.now())).isTrue();
    }

    @Test
    void inAClusterOfTwoNobodyActsOnOneHalfWhileAnotherHoldsTheOther() {
        one.cut.put(DB1, SILENT);
        ClusterClaim first = one.in(two());
        first.pass();
        ClusterClaim second = other.in(two());
        second.pass();
        one.cut.clear();

        // Whoever holds what stands behind the other's gives it back, so that one of them acts in the end.
        assertThat(acts(first.pass())).isFalse();
        assertThat(acts(second.pass())).isTrue();
        assertThat(acts(first.pass())).isFalse();
    }

    @Test
    void aLockThatIsLostInARaceIsNotCounted() {
        one.raced.add(DB1);

        ClusterClaim claim = one.in(three());

        assertThat(acts(claim.pass())).isFalse();
        assertThat(one.calls).filteredOn(call -> call.startsWith("take"))
                .containsExactly("take " + ClusterClaim.LOCK + " db1");
    }

    @Test
    void anOldLookProvesNothing() {
        ClusterClaim claim = one.in(three());
        claim.pass();

        clock.advance(ClusterClaim.FRESH.plusMillis(1));

        assertThat(claim.now()).isInstanceOf(Claim.NotHeld.class);
        assertThat(claim.now().sentence()).isEqualTo("has not seen its locks for 10 s");
        assertThat(ClusterClaim.FRESH).isLessThan(NodeLocks.LEASE);
    }

    @Test
    void whereThereIsOneManagerOnlyOneLockIsEnough() {
        one.cut.put(DB1, SILENT);
        one.cut.put(DB2, SILENT);

        assertThat(acts(one.in(three(Policies.ManagerLocks.UNOPPOSED)).pass())).isTrue();

        one.cut.clear();
        held(DB1).put(ClusterClaim.LOCK, "other");
        assertThat(acts(one.in(three(Policies.ManagerLocks.UNOPPOSED)).pass())).isFalse();
    }

    @Test
    void nobodyActsBesideMhaWhichStaysKnownWhenThePrimaryIsLost() {
        memory.rememberPrimary(Specimens.cluster(2, 1).name(), DB1);
        held(DB1).put(ClusterClaim.MHA_MONITOR, "connection 7 of mha");
        ClusterClaim claim = one.in(three());

        assertThat(claim.pass().sentence()).startsWith("MHA's manager watches db1:3306 (connection 7 of mha)");
        one.cut.put(DB1, REFUSED);
        assertThat(acts(claim.pass())).as("MHA's own failover begins now").isFalse();
        one.cut.clear();
        held(DB1).clear();
        assertThat(acts(claim.pass())).isTrue();
        assertThat(held(DB1)).as("MHA cannot begin any more").containsEntry(ClusterClaim.MHA_MONITOR, "one");
    }

    @Test
    void mhasFailoverIsLeftToMha() {
        memory.rememberPrimary(Specimens.cluster(2, 1).name(), DB1);
        ClusterClaim claim = one.in(three());
        claim.pass();
        held(DB2).put(ClusterClaim.MHA_FAILOVER, "connection 8 of mha");

        assertThat(claim.pass().sentence())
                .startsWith("MHA holds its failover lock on db2:3306 (connection 8 of mha)");
        held(DB2).remove(ClusterClaim.MHA_FAILOVER);
        assertThat(acts(claim.pass())).isTrue();
    }

    @Test
    void mhasLockMovesWithThePrimary() {
        memory.rememberPrimary(Specimens.cluster(2, 1).name(), DB1);
        ClusterClaim claim = one.in(three());
        claim.pass();

        memory.rememberPrimary(Specimens.cluster(2, 1).name(), DB2);
        claim.pass();

        assertThat(held(DB1)).doesNotContainKey(ClusterClaim.MHA_MONITOR);
        assertThat(held(DB2)).containsEntry(ClusterClaim.MHA_MONITOR, "one");
    }
}
