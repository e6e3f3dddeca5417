package dev.switchman.verdict;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.BootMode;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Snapshot;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.DB3;
import static dev.switchman.verdict.Specimens.NOON;
import static dev.switchman.verdict.Specimens.VIP;
import static dev.switchman.verdict.Specimens.channel;
import static dev.switchman.verdict.Specimens.healthy;
import static dev.switchman.verdict.Specimens.host;
import static dev.switchman.verdict.Specimens.knowing;
import static dev.switchman.verdict.Specimens.primary;
import static dev.switchman.verdict.Specimens.replica;
import static dev.switchman.verdict.Specimens.seen;
import static dev.switchman.verdict.Specimens.uuid;
import static dev.switchman.verdict.Specimens.with;
import static dev.switchman.verdict.Specimens.written;
import static org.assertj.core.api.Assertions.assertThat;

class PrecheckTest {

    private static List<String> wrong(Snapshot snapshot) {
        return Precheck.of(snapshot)
                .stream()
                .filter(finding -> finding.grade() != Grade.PASSED)
                .map(finding -> finding.grade() + " " + finding.check() + " " + finding.subject())
                .toList();
    }

    private static Optional<Finding> finding(Snapshot snapshot, String check, String subject) {
        return Precheck.of(snapshot)
                .stream()
                .filter(finding -> finding.check().equals(check) && finding.subject().equals(subject))
                .findFirst();
    }

    private static ServerState changed(ServerState s, ServerVersion version, BootMode boot, GtidSet executed,
            GtidSet purged, boolean logs, int syncBinlog, SemiSync semiSync, Optional<ReplicaState> channel) {
        return new ServerState(s.serverUuid(), version, s.writeMode(), boot, s.offline(), s.gtidMode(), executed,
                purged,
                s.logBin(), logs, syncBinlog, s.flushLogAtCommit(), s.relayLogRecovery(), s.relayLogPurge(),
                s.eventScheduler(),
                s.enabledEvents(), s.preparedXa(), s.uptime(), semiSync, channel, s.logs());
    }

    private static ServerState executing(ServerState s, GtidSet executed, GtidSet purged) {
        return changed(s, s.version(), s.bootMode(), executed, purged, true, 1, s.semiSync(), s.replication());
    }

    private static ServerState semiSync(ServerState s, SemiSync semiSync) {
        return changed(s, s.version(), s.bootMode(), s.executed(), s.purged(), true, 1, semiSync, s.replication());
    }

    private static ServerState following(ReplicaState channel) {
        return Specimens.server(DB2, dev.switchman.topology.WriteMode.SUPER_READ_ONLY, Optional.of(channel));
    }

    @Test
    void aSoundClusterIsOnlyWarnedOfAsynchronousReplication() {
        assertThat(wrong(healthy())).containsExactly("WARNING semi-sync db1:3306");
        assertThat(finding(healthy(), "one-primary", "orders"))
                .contains(new Finding("one-primary", "orders", Grade.PASSED, "db1:3306"));
    }

    @Test
    void theFirstStartFindsThePrimaryByItself() {
        assertThat(wrong(knowing(healthy(), Optional.empty()))).containsExactly("WARNING semi-sync db1:3306");
        assertThat(wrong(with(knowing(healthy(), Optional.empty()), seen(DB2, primary(DB2)))))
                .containsExactly("FAILED one-primary orders");
    }

    @Test
    void aServerThatDoesNotAnswerFails() {
        Snapshot snapshot = with(healthy(),
                new Observation.Unseen(DB3, NOON, new Failure.TimedOut(Duration.ofSeconds(1), "connect")));

        assertThat(wrong(snapshot)).contains("FAILED server-answers db3:3306");
    }

    @Test
    void aSecondWritableServerFails() {
        assertThat(wrong(with(healthy(), seen(DB2, primary(DB2))))).contains("FAILED one-primary orders",
                "FAILED replication-running db2:3306");
    }

    @Test
    void aServerThatBootsWritableFailsAndOneThatDoesNotTellIsWarnedOf() {
        ServerState s = replica(DB2, DB1);

        assertThat(wrong(with(healthy(), seen(DB2, changed(s, s.version(), BootMode.WRITABLE, s.executed(), s.purged(),
                true, 1, s.semiSync(), s.replication()))))).contains("FAILED super-read-only-at-boot db2:3306");
        assertThat(wrong(with(healthy(), seen(DB2, changed(s, s.version(), BootMode.UNKNOWN, s.executed(), s.purged(),
                true, 1, s.semiSync(), s.replication()))))).contains("WARNING super-read-only-at-boot db2:3306");
    }

    @Test
    void transactionsOfStrangersAreErrantAndProgressIsNot() {
        GtidSet stranger = GtidSet.of(uuid(DB3), 1, 2);
        Snapshot ahead = with(healthy(), seen(DB2, executing(replica(DB2, DB1), written(DB1, 105), GtidSet.empty())));
        Snapshot errant = with(healthy(),
                seen(DB2, executing(replica(DB2, DB1), written(DB1, 100).union(stranger), GtidSet.empty())));

        assertThat(wrong(ahead)).containsExactly("WARNING semi-sync db1:3306");
        assertThat(wrong(errant)).contains("FAILED no-errant-transactions db2:3306");
        assertThat(finding(errant, "no-errant-transactions", "db2:3306").orElseThrow().detail())
                .contains("2 transactions", stranger.toString());
    }

    @Test
    void whatACandidateHasPurgedMustNotBeMissingElsewhere() {
        Snapshot snapshot = with(
                with(healthy(), seen(DB2, executing(replica(DB2, DB1), written(DB1, 200), written(DB1, 150)))),
                seen(DB3, executing(replica(DB3, DB1), written(DB1, 100), GtidSet.empty())));

        assertThat(wrong(snapshot)).contains("WARNING nothing-purged-is-needed db2:3306")
                .doesNotContain("WARNING nothing-purged-is-needed db3:3306");
    }

    @Test
    void aNewerServerCannotBeFollowedByOlderOnes() {
        ServerState s = replica(DB2, DB1);
        Snapshot snapshot = with(healthy(), seen(DB2, changed(s, new ServerVersion(9, 8, 0), s.bootMode(), s.executed(),
                s.purged(), true, 1, s.semiSync(), s.replication())));

        assertThat(wrong(snapshot)).contains("WARNING version-order db2:3306");
        assertThat(finding(snapshot, "promotable-replica", "orders"))
                .contains(new Finding("promotable-replica", "orders", Grade.PASSED, "[db3:3306]"));
    }

    @Test
    void aNewerPatchOfTheSameSeriesIsNoNewerServer() {
        ServerState s = replica(DB2, DB1);
        ServerVersion patched = new ServerVersion(s.version().major(), s.version().minor(), s.version().patch() + 1);
        Snapshot snapshot = with(healthy(), seen(DB2, changed(s, patched, s.bootMode(), s.executed(), s.purged(), true,
                1, s.semiSync(), s.replication())));

        assertThat(wrong(snapshot)).doesNotContain("WARNING version-order db2:3306");
        assertThat(finding(snapshot, "promotable-replica", "orders"))
                .contains(new Finding("promotable-replica", "orders", Grade.PASSED, "[db2:3306, db3:3306]"));
    }

    @Test
    void aClusterWithNobodyToPromoteFails() {
        Snapshot snapshot = healthy();
        for (NodeId node : List.of(DB2, DB3)) {
            ServerState s = replica(node, DB1);
            snapshot = with(snapshot, seen(node, changed(s, s.version(), s.bootMode(), s.executed(), s.purged(), false,
                    1, s.semiSync(), s.replication())));
        }

        assertThat(wrong(snapshot)).contains("FAILED promotable-replica orders",
                "WARNING logs-replica-updates db2:3306");
    }

    @Test
    void aChannelIsCheckedForAllThatAFailoverNeeds() {
        ReplicaState bad = new ReplicaState(DB1, Optional.of(uuid(DB1)), Receiver.STOPPED, 1236, "purged", false, 1062,
                "duplicate", written(DB1, 1), false, Optional.of(Duration.ofSeconds(60)), Duration.ZERO,
                Duration.ofSeconds(30), 1, Optional.empty(), "db=shop", 2);

        assertThat(wrong(with(healthy(), seen(DB2, following(bad))))).contains("FAILED one-channel db2:3306",
                "FAILED replication-running db2:3306", "FAILED auto-position db2:3306",
                "FAILED replication-lag db2:3306", "WARNING heartbeat-period db2:3306",
                "FAILED no-replication-filters orders");
    }

    /** As MHA's check has it; one that is never promoted may be late on purpose. */
    @Test
    void aReplicaThatLagsFailsUnlessItIsNeverPromoted() {
        ReplicaState s = channel(DB1, Receiver.RUNNING, 0);
        ReplicaState late = new ReplicaState(s.source(), s.sourceUuid(), s.receiver(), 0, "", true, 0, "",
                s.retrieved(), true, Optional.of(Duration.ofMinutes(1)), Duration.ZERO, s.heartbeatPeriod(),
                s.heartbeats(), s.lastHeartbeat(), "", 1);
        Snapshot snapshot = with(healthy(), seen(DB2, following(late)));

        assertThat(wrong(snapshot)).containsExactly("FAILED replication-lag db2:3306", "WARNING semi-sync db1:3306");
        assertThat(wrong(neverPromoting(snapshot, DB2))).containsExactly("WARNING replication-lag db2:3306",
                "WARNING semi-sync db1:3306");
    }

    private static Snapshot neverPromoting(Snapshot base, NodeId never) {
        Cluster c = base.cluster();
        List<Node> nodes = c.nodes()
                .stream()
                .map(node -> node.id().equals(never)
                        ? new Node(node.id(), PromotionRole.NEVER, node.ignoreFailure(), node.mysql(), node.tls(),
                                node.ssh(), node.unit())
                        : node)
                .toList();
        return new Snapshot(new Cluster(c.name(), c.tier(), nodes, c.virtualIp(), c.replication(), c.pingSchema(),
                c.detection(), c.limits(), c.policies(), c.mail(), c.shutdownHook()), base.at(), base.since(),
                base.knownPrimary(), base.quarantined(), base.servers(), base.hosts(), base.suspicion());
    }

    @Test
    void semiSyncMustHoldAfterTheFailoverToo() {
        SemiSync source = new SemiSync(
                new SemiSync.SourceSide.Present(true, true, 2, 2, Duration.ofSeconds(10), true, true, 0),
                new SemiSync.ReplicaSide.Absent());
        SemiSync replica = new SemiSync(new SemiSync.SourceSide.Absent(), new SemiSync.ReplicaSide.Present(true, true));
        Snapshot snapshot = with(with(with(healthy(), seen(DB1, semiSync(primary(DB1), source))),
                seen(DB2, semiSync(replica(DB2, DB1), replica))), seen(DB3, semiSync(replica(DB3, DB1), replica)));

        assertThat(wrong(snapshot)).containsExactly("WARNING semi-sync-after-failover orders");
    }

    @Test
    void theVirtualIpMustBeOnThePrimarysHostAlone() {
        assertThat(wrong(with(healthy(), DB2, host(VIP)))).contains("FAILED virtual-ip 10.0.0.9/32");
        assertThat(wrong(with(healthy(), DB1, host()))).contains("FAILED virtual-ip 10.0.0.9/32");
    }

    @Test
    void aNearlyFullDiskIsWarnedOf() {
        assertThat(wrong(with(healthy(), DB3, new HostView.Seen(true, true, HostView.Unit.NONE,
                HostView.Ending.RUNNING, Set.of(), Disk.used(90))))).contains("WARNING disk-space db3:3306");
    }
}
