package dev.switchman.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

import dev.switchman.mysql.LogPoint;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.BootMode;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.LogPlaces;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.WriteMode;

/** One server and the host it runs on. */
final class FakeServer {

    final NodeId id;
    final UUID uuid;
    ServerVersion version = new ServerVersion(9, 7, 4);
    boolean process = true;
    /** One more with each death of the process: a connection of an earlier life is broken. */
    int life;
    boolean serverFrozen;
    boolean host = true;
    boolean hostFrozen;
    boolean masked;
    boolean holdsAddress;
    boolean refusesFence;
    /** Reads go on, commits hang. */
    boolean diskFull;
    boolean refusesStop;
    /** How long what is killed takes to be gone. */
    Duration dying = Duration.ZERO;
    WriteMode mode = WriteMode.SUPER_READ_ONLY;
    BootMode boot = BootMode.READ_ONLY;
    GtidSet executed = GtidSet.empty();
    /** In the binary log; more than executed while commits wait for their acknowledgement. */
    GtidSet logged = GtidSet.empty();
    GtidSet relay = GtidSet.empty();
    GtidSet purged = GtidSet.empty();
    boolean logReplicaUpdates = true;
    int preparedXa;
    /** Whose copy it is, or is becoming. */
    Optional<NodeId> copyOf = Optional.empty();
    /** Looks that still find the copy under way. */
    int copyLooks;
    int copyErrno;
    /** Nobody starts it again after its copy. */
    boolean staysDownAfterCopy;
    /** offline_mode */
    boolean offline;
    /** sync_binlog and innodb_flush_log_at_trx_commit are both 1. */
    boolean durable = true;
    /** When mysqld was started, and when its host booted. */
    Instant started = Instant.EPOCH;
    Instant booted = Instant.EPOCH;
    Duration applyTime = Duration.ZERO;
    /** What the applier will stumble over, 0 for nothing. */
    int applyErrno;
    Optional<FakeChannel> channel = Optional.empty();
    boolean semiSyncPlugin = true;
    boolean waits;
    int waitCount = 1;
    Duration timeout = Duration.ofDays(365);
    boolean acknowledges;
    /** Whether each is enabled. */
    final Map<String, Boolean> events = new TreeMap<>();
    LogTrouble logTrouble = LogTrouble.NONE;
    /** What stood in the binary logs each time when a new one was begun. */
    final List<GtidSet> rotations = new ArrayList<>();
    LogPoint logPoint = new LogPoint.Seen(Optional.empty(), Optional.empty());
    boolean relayLogPurge = true;
    /** Bytes of relay logs that the applier has done with, and of those that it has not. */
    long keptRelayLogs;
    long neededRelayLogs = 200;
    /** In the relay logs that somebody has put there. */
    GtidSet placed = GtidSet.empty();
    /** There is a channel that applies them, until somebody removes it. */
    boolean salvages;
    /** What putting them there takes. */
    Duration putTime = Duration.ZERO;
    RemoteShell.LogCopy.Life hostLife = RemoteShell.LogCopy.Life.SAME;
    int maxConnections = 200;
    LogPlaces logs = new LogPlaces("/var/lib/mysql/binlog", "/var/lib/mysql/binlog.index", "/var/lib/mysql/relay",
            "/var/lib/mysql/");
    List<Sessions.Open> open = List.of();
    Sessions.GlobalLock globalLock = new Sessions.GlobalLock.Free();
    private final List<Session> sessions = new ArrayList<>();
    private long lastSession = 7;
    /** Tripwires that hang here. */
    int sleepers;

    /** A connection that somebody holds. */
    record Session(long id, String user, FakeFleet.Work work) {}

    FakeServer(NodeId id, int number) {
        this.id = id;
        this.uuid = new UUID(0, number);
    }

    /** Received united with executed. */
    GtidSet holds() {
        return executed.union(relay);
    }

    /** In the binary log and told to nobody: commits that wait for their acknowledgement. */
    GtidSet waiting() {
        return logged.minus(executed);
    }

    boolean serves() {
        return host && !hostFrozen && process && !serverFrozen;
    }

    /** mysqld ends; what it had in memory is gone. */
    void die() {
        process = false;
        life++;
        sessions.clear();
    }

    /** 5.7 tells neither its option file nor persisted values. */
    BootMode shownBoot() {
        return persists() ? boot : BootMode.UNKNOWN;
    }

    boolean persists() {
        return version.atLeast(8, 0, 0);
    }

    List<String> enabledEvents() {
        return events.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList();
    }

    // Sessions.

    Session connect(String user, FakeFleet.Work work) {
        Session session = new Session(++lastSession, user, work);
        sessions.add(session);
        return session;
    }

    /** One connection more than max_connections is the administrator's. */
    boolean full(boolean administrator) {
        return sessions.size() >= maxConnections + (administrator ? 1 : 0);
    }

    /** What keeps super_read_only waiting. */
    List<Session> blocking() {
        return sessions.stream().filter(session -> session.work != FakeFleet.Work.NOTHING).toList();
    }

    /** @return those that were ended */
    List<Session> end(Predicate<Session> which) {
        List<Session> ended = sessions.stream().filter(which).toList();
        sessions.removeAll(ended);
        return ended;
    }
}
