package dev.switchman.mysql;

import dev.switchman.topology.ServerVersion;

/** 8.0.22 to 8.3: new words, except that CHANGE learned them in 8.0.23. */
final class BothWords extends Dialect {

    BothWords(ServerVersion version) {
        super(version);
    }

    @Override
    String replica() {
        return "REPLICA";
    }

    @Override
    String source() {
        return "SOURCE";
    }

    @Override
    String change() {
        return changesSource() ? "CHANGE REPLICATION SOURCE TO" : "CHANGE MASTER TO";
    }

    @Override
    String option() {
        return changesSource() ? "SOURCE" : "MASTER";
    }

    private boolean changesSource() {
        return version().atLeast(8, 0, 23);
    }

    @Override
    boolean asksForPublicKey() {
        return true;
    }

    @Override
    boolean persists() {
        return true;
    }
}
