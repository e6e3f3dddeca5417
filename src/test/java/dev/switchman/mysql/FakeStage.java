package dev.switchman.mysql;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Work;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.topology.Account;
import dev.switchman.topology.Action;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPosition;
import dev.switchman.topology.Node;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;

/** The fleet that steps and runbooks are tried on; the fleet itself is the door under test. One for each test. */
final class FakeStage implements Stage {

    private static final String USER = "app";
    private static final int FEW = 10;
    private static final Duration SOON = Duration.ofSeconds(1);

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");
    private final Instant began = fleet.clock().instant();
    private final boolean hasSemiSync;
    private final boolean persists;
    private final Set<Node> disturbed = new HashSet<>();
    private int toldBefore;

    private FakeStage(String version, boolean hasSemiSync, boolean persists) {
        this.hasSemiSync = hasSemiSync;
        this.persists = persists;
        for (Node node : fleet.cluster().nodes()) {
            fleet.version(host(node), version);
            fleet.boots(host(node), BootMode.UNKNOWN);
        }
        if (hasSemiSync) {
            fleet.semiSyncIdle();
        } else {
            fleet.withoutSemiSync();
        }
        fleet.withoutSchema();
        fleet.withoutEvents();
    }

    /** As 9.7 is. */
    static FakeStage modern() {
        return new FakeStage("9.7.4", true, true);
    }

    /** As 5.7 is, without the plugins. */
    static FakeStage old() {
        return new FakeStage("5.7.22", false, false);
    }

    private static String host(Node node) {
        return node.id().host().name();
    }

    @Override
    public void reset() {
        disturbed.forEach(this::thaw);
        disturbed.forEach(node -> fleet.restart(host(node)));
        disturbed.clear();
        fleet.openWrites(primary(), SOON);
        fleet.refuseWrites(replica(), SOON);
        fleet.refuseWrites(other(), SOON);
        toldBefore = fleet.actions().size();
    }

    @Override
    public Duration time() {
        return Duration.between(began, fleet.clock().instant());
    }

    @Override
    public NodeReader reader() {
        return fleet;
    }

    @Override
    public NodeOperator operator() {
        return fleet;
    }

    @Override
    public List<Action> told() {
        List<Action> told = fleet.actions();
        return told.subList(toldBefore, told.size());
    }

    @Override
    public Node primary() {
        return fleet.node("db1");
    }

    @Override
    public Node replica() {
        return fleet.node("db2");
    }

    @Override
    public Node other() {
        return fleet.node("db3");
    }

    @Override
    public Account replication() {
        return fleet.cluster().replication();
    }

    @Override
    public boolean hasSemiSync() {
        return hasSemiSync;
    }

    @Override
    public boolean persists() {
        return persists;
    }

    @Override
    public boolean commit(Node node) {
        return switch (fleet.write(host(node))) {
            case Written.Acknowledged(GtidSet gtid) -> true;
            case Written.Refused(String why) when why.contains("1290") -> false;
            case Written.Refused(String why) -> throw new IllegalStateException(why);
            case Written.Waiting(GtidSet gtid) -> throw new IllegalStateException(gtid + " waits");
        };
    }

    @Override
    public Held idleSessions(Node node, int count) {
        return fleet.sessions(host(node), USER, Work.NOTHING, count)::run;
    }

    @Override
    public Held longWrite(Node node) {
        return fleet.sessions(host(node), USER, Work.WRITE, 1)::run;
    }

    @Override
    public Held tableLock(Node node) {
        return fleet.sessions(host(node), USER, Work.TABLE_LOCK, 1)::run;
    }

    @Override
    public Held ownTableLock(Node node) {
        return fleet.sessions(host(node), node.mysql().user(), Work.TABLE_LOCK, 1)::run;
    }

    @Override
    public Held waitingCommit(Node node) {
        fleet.semiSyncOn(host(node));
        if (!(fleet.write(host(node)) instanceof Written.Waiting)) {
            throw new IllegalStateException("a commit at " + node + " did not wait");
        }
        return () -> fleet.semiSyncOff(host(node));
    }

    @Override
    public Held exhaustedConnections(Node node) {
        Held clients = exhaustedClientConnections(node);
        Runnable administrator = fleet.sessions(host(node), node.mysql().user(), Work.NOTHING, 1);
        return () -> {
            administrator.run();
            clients.close();
        };
    }

    @Override
    public Held exhaustedClientConnections(Node node) {
        fleet.maxConnections(host(node), FEW);
        return fleet.sessions(host(node), USER, Work.NOTHING, FEW)::run;
    }

    @Override
    public Held preparedXa(Node node) {
        fleet.preparedXa(host(node), 1);
        return () -> fleet.preparedXa(host(node), 0);
    }

    @Override
    public void createEvent(Node node, String name, boolean enabled) {
        fleet.event(host(node), name, enabled);
    }

    @Override
    public Account poorAccount() {
        return fleet.poorAccount();
    }

    @Override
    public void purge(Node node) {
        fleet.purge(host(node), executed(node));
    }

    @Override
    public void stopApplier(Node node) {
        fleet.applierStops(host(node));
    }

    @Override
    public void breakApplier(Node node) {
        fleet.breaksApplier(host(node), 1062);
        commit(primary());
    }

    @Override
    public void killSleepers(Node node) {
        fleet.killSleepers(host(node));
    }

    @Override
    public int sleepers(Node node) {
        return fleet.sleepers(host(node));
    }

    @Override
    public String globalVariables(Node node) {
        ServerState server = state(node);
        return server.writeMode() + " " + server.bootMode() + " " + server.offline() + " " + side(server.semiSync());
    }

    private static String side(SemiSync semiSync) {
        return switch (semiSync.source()) {
            case SemiSync.SourceSide.Absent() -> "no semi-sync";
            case SemiSync.SourceSide.Present source -> source.enabled() + " " + source.waitCount() + " "
                    + source.timeout() + " " + semiSync.replica();
        };
    }

    @Override
    public void delayReplication(Node node, int seconds) {
        fleet.delaysReplication(host(node), Duration.ofSeconds(seconds));
    }

    @Override
    public void letNobodyIn(Node node) {
        fleet.letsNobodyIn(host(node));
    }

    /** A fake has no positions: its replicas tell what they are told. */
    @Override
    public LogPosition logEnd(Node node) {
        LogPosition end = new LogPosition("binlog.000001", executed(node).count());
        fleet.cluster().others(node.id()).forEach(other -> fleet.logPoint(host(other), end, end));
        return end;
    }

    @Override
    public String placeLogs(Node from, Node to) {
        fleet.places(host(to), executed(from));
        return "relay-" + NodeOperator.SALVAGE_CHANNEL + ".000001";
    }

    @Override
    public GtidSet executed(Node node) {
        return state(node).executed();
    }

    @Override
    public boolean hearsItsSource(Node replica) {
        return state(replica).replication().orElseThrow().receiver() == Receiver.RUNNING;
    }

    private ServerState state(Node node) {
        return fleet.state(host(node));
    }

    @Override
    public void crash(Node node) {
        disturbed.add(node);
        fleet.crash(host(node));
    }

    @Override
    public void freeze(Node node) {
        disturbed.add(node);
        fleet.freeze(host(node));
    }

    @Override
    public void thaw(Node node) {
        fleet.thaw(host(node));
        fleet.mendToManager(host(node));
        fleet.cluster().others(node.id()).forEach(other -> fleet.mend(host(node), host(other)));
    }

    @Override
    public void cut(Node node) {
        disturbed.add(node);
        fleet.cutFromManager(host(node));
        fleet.cluster().others(node.id()).forEach(other -> fleet.cut(host(node), host(other)));
    }
}
