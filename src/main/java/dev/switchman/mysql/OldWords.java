package dev.switchman.mysql;

import dev.switchman.topology.ServerVersion;

/** 5.7 to 8.0.21. */
final class OldWords extends Dialect {

    OldWords(ServerVersion version) {
        super(version);
    }

    @Override
    String replica() {
        return "SLAVE";
    }

    @Override
    String source() {
        return "MASTER";
    }

    @Override
    String change() {
        return "CHANGE MASTER TO";
    }

    @Override
    boolean asksForPublicKey() {
        return version().atLeast(8, 0, 4);
    }

    @Override
    boolean persists() {
        return version().atLeast(8, 0, 4);
    }
}
