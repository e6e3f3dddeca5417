package dev.switchman.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.switchman.topology.SemiSync;
import dev.switchman.topology.SemiSync.ReplicaSide;
import dev.switchman.topology.SemiSync.SourceSide;

/**
 * The names that semi-sync goes by on one server. They belong to the plugin that is loaded, not to the version: from
 * 8.0.26 on either of two can be. A side whose plugin is not loaded has no variables at all.
 *
 * @param source prefix of the waiting side's variables; empty when it is not loaded
 * @param replica prefix of the acknowledging side's variables; empty when it is not loaded
 */
record SemiSyncWords(String source, String replica) {

    static SemiSyncWords of(Variables variables) {
        return having(variables, "enabled");
    }

    /** @param status of the server: each side has a variable there that says whether it works */
    static SemiSyncWords loaded(Variables status) {
        return having(status, "status");
    }

    private static SemiSyncWords having(Variables variables, String last) {
        return new SemiSyncWords(first(variables, last, "rpl_semi_sync_source_", "rpl_semi_sync_master_"),
                first(variables, last, "rpl_semi_sync_replica_", "rpl_semi_sync_slave_"));
    }

    private static String first(Variables variables, String last, String now, String before) {
        if (variables.has(now + last)) {
            return now;
        }
        return variables.has(before + last) ? before : "";
    }

    /** @return the variables that {@link #state} reads */
    List<String> variables() {
        List<String> names = new ArrayList<>();
        if (!source.isEmpty()) {
            names.addAll(List.of(sourceEnabled(), waitCount(), source + "timeout", source + "wait_point",
                    waitNoReplica()));
        }
        if (!replica.isEmpty()) {
            names.add(replicaEnabled());
        }
        return names;
    }

    String sourceEnabled() {
        return source + "enabled";
    }

    String waitCount() {
        return source + (source.endsWith("source_") ? "wait_for_replica_count" : "wait_for_slave_count");
    }

    String waitNoReplica() {
        return source + (source.endsWith("source_") ? "wait_no_replica" : "wait_no_slave");
    }

    String waitSessions() {
        return source + "wait_sessions";
    }

    String replicaEnabled() {
        return replica + "enabled";
    }

    int clients(Variables status) {
        return source.isEmpty() ? 0 : (int) status.number(source + "clients");
    }

    SemiSync state(Variables variables, Variables status) {
        SourceSide sourceSide = source.isEmpty()
                ? new SourceSide.Absent()
                : new SourceSide.Present(variables.on(sourceEnabled()), status.on(source + "status"),
                        (int) variables.number(waitCount()), clients(status),
                        Duration.ofMillis(variables.number(source + "timeout")),
                        variables.text(source + "wait_point").equals("AFTER_SYNC"), variables.on(waitNoReplica()),
                        (int) status.number(waitSessions()));
        ReplicaSide replicaSide = replica.isEmpty()
                ? new ReplicaSide.Absent()
                : new ReplicaSide.Present(variables.on(replicaEnabled()), status.on(replica + "status"));
        return new SemiSync(sourceSide, replicaSide);
    }
}
