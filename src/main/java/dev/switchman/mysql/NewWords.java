package dev.switchman.mysql;

import dev.switchman.topology.ServerVersion;

/** 8.4 and 9.x: the old words are gone. */
final class NewWords extends Dialect {

    NewWords(ServerVersion version) {
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
        return "CHANGE REPLICATION SOURCE TO";
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
