package dev.switchman.engine;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.RunId;

/** Files that runs want to put into force, and who asked for and who agreed to what is in the store. Rows are only added. */
@Component
class Deployed {

    private final JdbcTemplate store;

    Deployed(JdbcTemplate store) {
        this.store = store;
        // Text: these are XML and JSON, and H2 and PostgreSQL name their types for bytes differently.
        store.execute("""
                create table if not exists SM_PROPOSED (
                  RUN_ varchar(64) not null,
                  FILE_ varchar(255) not null,
                  CONTENT_ text not null,
                  primary key (RUN_, FILE_))""");
        store.execute("""
                create table if not exists SM_DEPLOYED (
                  DEPLOYMENT_ varchar(64) not null primary key,
                  RUN_ varchar(64) not null,
                  BY_ varchar(255) not null,
                  APPROVED_BY_ varchar(255) not null)""");
    }

    void propose(RunId run, Map<String, byte[]> files) {
        files.forEach((name, content) -> store.update(
                "insert into SM_PROPOSED (RUN_, FILE_, CONTENT_) values (?, ?, ?)", run.value(), name,
                java.util.Base64.getEncoder().encodeToString(content)));
    }

    /** @return contents by file name */
    Map<String, byte[]> proposed(RunId run) {
        Map<String, byte[]> files = new TreeMap<>();
        store.query("select FILE_, CONTENT_ from SM_PROPOSED where RUN_ = ?", row -> {
            files.put(row.getString("FILE_"), java.util.Base64.getDecoder().decode(row.getString("CONTENT_")));
        }, run.value());
        return files;
    }

    /** @param deployment the engine's */
    record Record(String deployment, RunId run, String by, String approvedBy) {}

    void note(Record record) {
        store.update("insert into SM_DEPLOYED (DEPLOYMENT_, RUN_, BY_, APPROVED_BY_) values (?, ?, ?, ?)",
                record.deployment(), record.run().value(), Text.upTo(255, record.by()),
                Text.upTo(255, record.approvedBy()));
    }

    Optional<Record> of(RunId run) {
        return rows("where RUN_ = ?", run.value()).stream().findFirst();
    }

    /** @return by deployment */
    Map<String, Record> all() {
        Map<String, Record> all = new TreeMap<>();
        rows("").forEach(record -> all.put(record.deployment(), record));
        return all;
    }

    private List<Record> rows(String where, @Nullable Object... arguments) {
        return store.query("select DEPLOYMENT_, RUN_, BY_, APPROVED_BY_ from SM_DEPLOYED " + where,
                (row, number) -> record(row), arguments);
    }

    private static Record record(ResultSet row) throws SQLException {
        return new Record(row.getString("DEPLOYMENT_"), new RunId(row.getString("RUN_")), row.getString("BY_"),
                row.getString("APPROVED_BY_"));
    }
}
