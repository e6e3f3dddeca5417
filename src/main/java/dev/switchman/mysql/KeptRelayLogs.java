package dev.switchman.mysql;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The relay logs of a server with {@code relay_log_purge=0}. Deletes no file itself: the server does, up to what its appliers
 * have done with, whenever an applier moves on to the next file while {@code relay_log_purge} is 1.
 */
final class KeptRelayLogs {

    static final String VARIABLE = "relay_log_purge";
    private static final Duration POLL = Duration.ofMillis(50);

    private final Session session;
    private final Dialect dialect;

    KeptRelayLogs(Session session) {
        this.session = session;
        this.dialect = session.dialect();
    }

    /** One channel. @param file that its applier reads @param space bytes of all its relay logs */
    private record Applier(boolean running, String file, long space) {}

    /**
     * Leaves {@code relay_log_purge} at 1.
     *
     * @param begun whether an earlier attempt may have set it to 1 already
     */
    RelayLogPurge purge(boolean begun, Duration patience) throws NodeFailure {
        Deadline until = Deadline.in(patience);
        if (!begun && session.look(link -> link.text("SELECT @@GLOBAL." + VARIABLE)).equals("1")) {
            return new RelayLogPurge.Unneeded(session.node() + " has relay_log_purge=1: it deletes them by itself");
        }
        Map<String, Applier> before = appliers();
        if (before.isEmpty()) {
            return new RelayLogPurge.Unneeded(session.node() + " has no source");
        }
        if (!allRun(before)) {
            return stopped();
        }
        session.change("SET GLOBAL relay_log_purge = 1");
        // Without the word it would be written to the binary log of a replica, as a transaction of its own.
        session.change("FLUSH NO_WRITE_TO_BINLOG RELAY LOGS");
        while (true) {
            Map<String, Applier> now = appliers();
            if (!allRun(now)) {
                return stopped();
            }
            if (movedOn(before, now)) {
                return new RelayLogPurge.Purged(space(before), space(now));
            }
            if (until.passed()) {
                return new RelayLogPurge.Behind(space(before), space(now));
            }
            session.pause(POLL);
        }
    }

    private RelayLogPurge stopped() {
        return new RelayLogPurge.Stopped("an applier of " + session.node() + " stands, and needs what is there");
    }

    private static boolean allRun(Map<String, Applier> appliers) {
        return appliers.values().stream().allMatch(Applier::running);
    }

    /** @return whether each channel's applier reads another file than before; a channel that is gone needs none */
    private static boolean movedOn(Map<String, Applier> before, Map<String, Applier> now) {
        return before.entrySet()
                .stream()
                .allMatch(was -> {
                    Applier is = now.get(was.getKey());
                    return is == null || !is.file().equals(was.getValue().file());
                });
    }

    private static long space(Map<String, Applier> appliers) {
        return appliers.values().stream().mapToLong(Applier::space).sum();
    }

    private Map<String, Applier> appliers() throws NodeFailure {
        return session.look(link -> link.query(dialect.showReplicaStatus(), rows -> {
            Map<String, Applier> all = new TreeMap<>();
            while (rows.next()) {
                String host = rows.getString(dialect.column("Source_Host"));
                if (host != null && !host.isEmpty()) {
                    all.put(rows.getString("Channel_Name"), new Applier(
                            "Yes".equals(rows.getString(dialect.column("Replica_SQL_Running"))),
                            rows.getString("Relay_Log_File"), rows.getLong("Relay_Log_Space")));
                }
            }
            return all;
        }));
    }
}
