package dev.switchman.mysql;

/** On MySQL 9.7. */
final class NodeLocks97IT extends NodeLocksContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V9_7);
    }
}
