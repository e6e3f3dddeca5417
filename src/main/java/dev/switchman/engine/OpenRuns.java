package dev.switchman.engine;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.topology.ClusterName;

/**
 * One row for each run that has not ended. {@code HOLDS_} is the cluster while the run holds it, and unique: of two runs
 * that start at once the store lets one through. A row is written and removed in the engine's own transaction.
 */
@Component
class OpenRuns {

    private final JdbcTemplate store;

    OpenRuns(JdbcTemplate store) {
        this.store = store;
        store.execute("""
                create table if not exists SM_OPEN_RUN (
                  RUN_ varchar(64) not null primary key,
                  CLUSTER_ varchar(63) not null,
                  RUNBOOK_ varchar(64) not null,
                  PRIORITY_ integer not null,
                  HOLDS_ varchar(63) unique,
                  STOPPED_BY_ varchar(255),
                  STOP_REASON_ varchar(1000))""");
    }

    /**
     * Takes the cluster for this run, from a run of lower priority if need be.
     *
     * @return the run that it was taken from
     * @throws ClusterHeld when a run of the same or higher priority holds it
     * @throws org.springframework.dao.ConcurrencyFailureException or {@code DuplicateKeyException} when another run was
     *         faster; the transaction is lost then
     */
    Optional<RunId> take(RunId run, Runbook runbook, ClusterName cluster) {
        Optional<Row> holder = holder(cluster);
        holder.ifPresent(held -> {
            if (held.priority() >= runbook.priority()) {
                throw new ClusterHeld(cluster, held.run(), held.runbook());
            }
            int freed = store.update(
                    "update SM_OPEN_RUN set HOLDS_ = null, STOPPED_BY_ = ?, STOP_REASON_ = ? where RUN_ = ? and HOLDS_ is not null",
                    runbook.id() + " " + run, "cluster taken by a run of higher priority", held.run().value());
            if (freed == 0) {
                throw new CannotAcquireLockException(
                        "run " + held.run() + " gave up cluster " + cluster + " meanwhile");
            }
        });
        store.update(
                "insert into SM_OPEN_RUN (RUN_, CLUSTER_, RUNBOOK_, PRIORITY_, HOLDS_) values (?, ?, ?, ?, ?)",
                run.value(), cluster.value(), runbook.id(), runbook.priority(), cluster.value());
        return holder.map(Row::run);
    }

    void release(RunId run) {
        store.update("delete from SM_OPEN_RUN where RUN_ = ?", run.value());
    }

    /** Asks the run to stop: {@link dev.switchman.runbook.Runbooks#cancel}; the first who asks is kept. @return whether there is such a run */
    boolean stop(RunId run, String by, String reason) {
        store.update(
                "update SM_OPEN_RUN set STOPPED_BY_ = ?, STOP_REASON_ = ? where RUN_ = ? and STOPPED_BY_ is null",
                Text.upTo(255, by), Text.upTo(1000, reason), run.value());
        return find(run).isPresent();
    }

    Optional<Row> holder(ClusterName cluster) {
        return rows("where HOLDS_ = ?", cluster.value()).stream().findFirst();
    }

    Optional<Row> find(RunId run) {
        return rows("where RUN_ = ?", run.value()).stream().findFirst();
    }

    List<Row> all() {
        return rows("order by RUN_");
    }

    private List<Row> rows(String where, Object... arguments) {
        return store.query(
                "select RUN_, CLUSTER_, RUNBOOK_, PRIORITY_, STOPPED_BY_, STOP_REASON_ from SM_OPEN_RUN " + where,
                (row, number) -> row(row), arguments);
    }

    private static Row row(ResultSet row) throws SQLException {
        String stoppedBy = row.getString("STOPPED_BY_");
        return new Row(new RunId(row.getString("RUN_")), new ClusterName(row.getString("CLUSTER_")),
                row.getString("RUNBOOK_"),
                row.getInt("PRIORITY_"),
                stoppedBy == null
                        ? Optional.empty()
                        : Optional.of("stopped by " + stoppedBy + ": " + row.getString("STOP_REASON_")));
    }

    /** @param stop why the run is to stop; empty while it may go on */
    record Row(RunId run, ClusterName cluster, String runbook, int priority, Optional<String> stop) {}
}
