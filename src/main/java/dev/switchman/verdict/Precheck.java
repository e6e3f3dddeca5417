package dev.switchman.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Disk;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.WriteMode;

/** What of a cluster's state would keep a failover from working, or from being safe. */
public final class Precheck {

    private final Snapshot snapshot;
    private final Cluster cluster;
    private final List<Finding> findings = new ArrayList<>();

    private Precheck(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.cluster = snapshot.cluster();
    }

    /**
     * @return one finding per check and subject, in a fixed order. Errant transactions are those of one moment: under load a
     *         set that was read later holds more, so report only what two looks in a row both show
     */
    public static List<Finding> of(Snapshot snapshot) {
        Precheck precheck = new Precheck(snapshot);
        precheck.servers();
        precheck.primary().ifPresent(precheck::behind);
        precheck.hosts();
        return List.copyOf(precheck.findings);
    }

    // ---- each server by itself ----

    private void servers() {
        for (Node node : cluster.nodes()) {
            Observation look = snapshot.servers().get(node.id());
            switch (look) {
                case null -> failed("server-answers", node, "it has not been looked at");
                case Observation.Unseen unseen -> failed("server-answers", node,
                        unseen.failure().sentence() + ". Start it, or take it out of the configuration");
                case Observation.Seen seen -> server(node, seen.server());
            }
        }
    }

    private void server(Node node, ServerState server) {
        passed("server-answers", node, "MySQL " + server.version());
        check("gtid-mode", node, server.gtidMode(), Grade.FAILED, "ON",
                "gtid_mode is not ON: Switchman repoints by GTID only");
        switch (server.bootMode()) {
            case READ_ONLY -> passed("super-read-only-at-boot", node, "it accepts no write after a restart");
            case WRITABLE -> failed("super-read-only-at-boot", node,
                    "a restarted server would accept writes beside a new primary: set super_read_only=ON in its option"
                            + " file, or SET PERSIST_ONLY super_read_only=ON");
            case UNKNOWN -> warned("super-read-only-at-boot", node,
                    "the server does not tell: make sure that super_read_only=ON stands in its option file");
        }
        check("durable-commits", node, server.syncBinlog() == 1 && server.flushLogAtCommit() == 1, Grade.WARNING,
                "sync_binlog and innodb_flush_log_at_trx_commit are 1",
                "sync_binlog=" + server.syncBinlog() + ", innodb_flush_log_at_trx_commit=" + server.flushLogAtCommit()
                        + ": after a crash of its host it has to be rebuilt; set both to 1");
        check("no-prepared-xa", node, server.preparedXa() == 0, Grade.WARNING, "none",
                server.preparedXa() + " prepared XA transactions: they pass super_read_only and hold locks; commit or"
                        + " roll them back");
    }

    // ---- the primary ----

    private Optional<Node> primary() {
        Optional<NodeId> known = snapshot.knownPrimary().or(this::primaryOfAFirstStart);
        if (known.flatMap(cluster::find).isEmpty()) {
            failed("one-primary", cluster.name().value(), known.map(node -> "the remembered primary " + node
                    + " is not configured")
                    .orElseGet(() -> Diagnosis.of(snapshot).sentence()
                            + " Make exactly one server writable and let the others follow it"));
            return Optional.empty();
        }
        Node primary = cluster.node(known.get());
        Set<NodeId> others = cluster.others(primary.id())
                .stream()
                .map(Node::id)
                .filter(node -> snapshot.server(node).filter(s -> s.writeMode() == WriteMode.WRITABLE).isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
        boolean open = snapshot.server(primary.id())
                .filter(server -> server.writeMode() == WriteMode.WRITABLE && server.replication().isEmpty())
                .isPresent();
        check("one-primary", cluster.name().value(), open && others.isEmpty(), Grade.FAILED, primary.id().toString(),
                open
                        ? others + " accept writes beside " + primary.id() + ": set super_read_only=ON there"
                        : primary.id() + " is the known primary and is not seen as a writable server without a source");
        return Optional.of(primary);
    }

    private Optional<NodeId> primaryOfAFirstStart() {
        return Diagnosis.of(snapshot) instanceof Verdict.Healthy(NodeId node) ? Optional.of(node) : Optional.empty();
    }

    // ---- what follows it ----

    private void behind(Node primary) {
        Optional<ServerState> source = snapshot.server(primary.id());
        for (Node node : cluster.others(primary.id())) {
            snapshot.server(node.id()).ifPresent(server -> replica(primary.id(), source, node, server));
        }
        promotable(primary.id());
        filters(primary.id());
        source.ifPresent(server -> semiSync(primary, server));
        virtualIp(primary.id());
    }

    private void replica(NodeId primary, Optional<ServerState> source, Node node, ServerState server) {
        Optional<ReplicaState> channel = server.replication();
        if (channel.isEmpty()) {
            failed("replication-running", node, "it follows nobody: make it a replica of " + primary);
        } else {
            channel(primary, node, channel.get());
        }
        source.ifPresent(state -> errant(node, server, state));
        purged(primary, node, server);
    }

    private void channel(NodeId primary, Node node, ReplicaState state) {
        check("one-channel", node, state.channels() == 1, Grade.FAILED, "one",
                state.channels() + " channels: multi-source replication is not supported");
        Lineage lineage = Lineage.of(snapshot);
        Optional<String> above = lineage.broken(node.id(), primary);
        check("replication-running", node,
                above.isEmpty() && state.receiver() == ReplicaState.Receiver.RUNNING && state.applierRunning(),
                Grade.FAILED, "follows " + primary + (lineage.chained(node.id(), primary)
                        ? ", below " + state.source()
                        : ""),
                above.orElse("source " + state.source()) + ", receiver " + state.receiver() + " ("
                        + state.receiverErrno() + " "
                        + state.receiverError() + "), applier " + (state.applierRunning() ? "RUNNING" : "STOPPED")
                        + " ("
                        + state.applierErrno() + " " + state.applierError() + "): mend it, then START REPLICA");
        check("auto-position", node, state.autoPosition(), Grade.FAILED, "on",
                "the channel follows by file and position: CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION=1");
        check("replication-lag", node,
                state.lag().filter(lag -> lag.minus(state.delay()).compareTo(cluster.limits().lag()) <= 0).isPresent(),
                // One that is never promoted may be late on purpose.
                node.role() == PromotionRole.NEVER ? Grade.WARNING : Grade.FAILED,
                state.lag().map(lag -> lag.toSeconds() + " s").orElse("")
                        + (state.delay().isZero() ? "" : ", delayed on purpose by " + state.delay().toSeconds() + " s"),
                state.lag()
                        .map(lag -> lag.toSeconds() + " s behind, more than limits.lag ("
                                + cluster.limits().lag().toSeconds() + " s): it would not be promoted without a person")
                        .orElse("the server tells no lag"));
        check("heartbeat-period", node, state.heartbeatPeriod().isPositive()
                && state.heartbeatPeriod().compareTo(cluster.detection().interval()) <= 0, Grade.WARNING,
                state.heartbeatPeriod().toMillis() + " ms",
                state.heartbeatPeriod().toMillis() + " ms is longer than detection.interval ("
                        + cluster.detection().interval().toMillis()
                        + " ms): whether it still hears the primary does not"
                        + " count as a witness; set SOURCE_HEARTBEAT_PERIOD");
    }

    /** Transactions of the primary itself that its own, earlier read does not hold yet are progress, not errant. */
    private void errant(Node node, ServerState server, ServerState source) {
        GtidSet errant = Errant.foreign(server.executed().minus(source.executed()), source.serverUuid());
        check("no-errant-transactions", node, errant.isEmpty(), Grade.FAILED, "none",
                errant.count() + " transactions that the primary lacks (" + errant
                        + "): they would come back to life on a promotion; rebuild the server, or add them to the primary as"
                        + " empty transactions");
    }

    /** A replica that lacks what its next source has purged ends with error 1236. */
    private void purged(NodeId primary, Node node, ServerState server) {
        List<String> lacking = cluster.others(primary)
                .stream()
                .filter(other -> !other.id().equals(node.id()))
                .flatMap(other -> snapshot.server(other.id())
                        .filter(state -> !state.reachable().contains(server.purged()))
                        .map(state -> other.id().toString())
                        .stream())
                .toList();
        check("nothing-purged-is-needed", node, lacking.isEmpty(), Grade.WARNING, "its binary logs serve all others",
                lacking + " lack transactions that it has purged, and could not follow it: let them catch up, and keep"
                        + " binary logs for longer");
    }

    private void promotable(NodeId primary) {
        List<Node> able = new ArrayList<>();
        for (Node node : cluster.others(primary)) {
            if (node.role() == PromotionRole.NEVER) {
                continue;
            }
            snapshot.server(node.id()).ifPresent(server -> {
                boolean logs = server.logBin() && server.logReplicaUpdates();
                check("logs-replica-updates", node, logs, Grade.WARNING, "on",
                        "log_bin and log_replica_updates must be ON, or it cannot be promoted");
                List<String> older = cluster.others(primary)
                        .stream()
                        .filter(other -> snapshot.server(other.id())
                                .filter(state -> !state.version().mayFollow(server.version()))
                                .isPresent())
                        .map(other -> other.id().toString())
                        .toList();
                check("version-order", node, older.isEmpty(), Grade.WARNING, server.version().toString(),
                        server.version() + " is newer than that of " + older
                                + ", which could not follow it: upgrade those first");
                if (logs && older.isEmpty()
                        && server.replication().filter(state -> state.delay().isZero()).isPresent()) {
                    able.add(node);
                }
            });
        }
        check("promotable-replica", cluster.name().value(), !able.isEmpty(), Grade.FAILED, able.toString(),
                "no replica could be promoted: see the findings above, and the configured roles");
    }

    private void filters(NodeId primary) {
        Set<String> filters = cluster.others(primary)
                .stream()
                .flatMap(node -> snapshot.server(node.id()).flatMap(ServerState::replication).stream())
                .map(ReplicaState::filters)
                .collect(Collectors.toCollection(TreeSet::new));
        check("no-replication-filters", cluster.name().value(), filters.isEmpty() || filters.equals(Set.of("")),
                filters.size() > 1 ? Grade.FAILED : Grade.WARNING, "none",
                "replicas leave out part of the data (" + String.join(" | ", filters) + ")"
                        + (filters.size() > 1 ? ", and not the same part: a promotion would lose the rest" : ""));
    }

    private void semiSync(Node primary, ServerState source) {
        switch (source.semiSync().source()) {
            case SemiSync.SourceSide.Absent absent -> warned("semi-sync", primary,
                    "replication is asynchronous: a failover can lose acknowledged writes, and a silent primary cannot be"
                            + " proven closed");
            case SemiSync.SourceSide.Present side -> semiSync(primary, side);
        }
    }

    private void semiSync(Node primary, SemiSync.SourceSide.Present side) {
        check("semi-sync", primary, side.enabled() && side.operating() && side.afterSync() && side.waitNoReplica(),
                Grade.WARNING, "on, AFTER_SYNC, waits for " + side.waitCount() + " of " + side.clients(),
                "enabled=" + side.enabled() + ", operating=" + side.operating() + ", AFTER_SYNC=" + side.afterSync()
                        + ", wait_no_replica=" + side.waitNoReplica()
                        + ": unless all are true, acknowledged writes can be lost");
        long ackers = cluster.others(primary.id())
                .stream()
                .filter(node -> snapshot.server(node.id())
                        .filter(server -> server.semiSync().replica() instanceof SemiSync.ReplicaSide.Present replica
                                && replica.enabled())
                        .isPresent())
                .count();
        check("semi-sync-after-failover", cluster.name().value(), ackers - 1 >= side.waitCount(), Grade.WARNING,
                ackers + " replicas acknowledge",
                ackers + " replicas acknowledge and one becomes the primary, while each commit waits for "
                        + side.waitCount() + ": policies.semi-sync-degraded (" + cluster.policies().semiSyncDegraded()
                        + ") decides what follows");
    }

    // ---- hosts ----

    private void virtualIp(NodeId primary) {
        cluster.virtualIp().ifPresent(address -> {
            Set<NodeId> holders = snapshot.hosts()
                    .entrySet()
                    .stream()
                    .filter(entry -> entry.getValue() instanceof HostView.Seen host
                            && host.addresses().contains(address.address().name()))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toCollection(TreeSet::new));
            check("virtual-ip", address.cidr(), holders.equals(Set.of(primary)), Grade.FAILED, "on " + primary,
                    "it is on " + (holders.isEmpty() ? "no host that was seen" : holders) + " and belongs on " + primary
                            + " alone");
        });
    }

    private void hosts() {
        for (Node node : cluster.nodes()) {
            if (snapshot.hosts().get(node.id()) instanceof HostView.Seen host) {
                Disk disk = host.disk();
                boolean room = disk.usedPercent() >= 0 && !disk.refusesWrites()
                        && disk.usedPercent() < cluster.detection().writes().warningPercent();
                check("disk-space", node, room, Grade.WARNING, disk.usedPercent() + " % used",
                        disk.usedPercent() < 0
                                ? "the use of its data directory's disk could not be told"
                                : disk.detail() + ": make room");
            }
        }
    }

    // ---- findings ----

    private void check(String check, Node node, boolean holds, Grade otherwise, String good, String bad) {
        check(check, node.id().toString(), holds, otherwise, good, bad);
    }

    private void check(String check, String subject, boolean holds, Grade otherwise, String good, String bad) {
        findings.add(new Finding(check, subject, holds ? Grade.PASSED : otherwise, holds ? good : bad));
    }

    private void passed(String check, Node node, String detail) {
        findings.add(new Finding(check, node.id().toString(), Grade.PASSED, detail));
    }

    private void warned(String check, Node node, String detail) {
        findings.add(new Finding(check, node.id().toString(), Grade.WARNING, detail));
    }

    private void failed(String check, Node node, String detail) {
        failed(check, node.id().toString(), detail);
    }

    private void failed(String check, String subject, String detail) {
        findings.add(new Finding(check, subject, Grade.FAILED, detail));
    }
}
