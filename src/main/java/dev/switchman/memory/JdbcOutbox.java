package dev.switchman.memory;

import java.util.List;

import dev.switchman.topology.ClusterName;

/** The outbox in the memory's tables; an object of its own, because whoever looks for the memory must find one. */
final class JdbcOutbox implements Outbox {

    private final JdbcMemory tables;

    JdbcOutbox(JdbcMemory tables) {
        this.tables = tables;
    }

    @Override
    public void keep(Kept notice) {
        tables.keep(notice);
    }

    @Override
    public void drop(String id, ClusterName cluster, String receiver) {
        tables.drop(id, cluster, receiver);
    }

    @Override
    public List<Kept> kept() {
        return tables.kept();
    }
}
