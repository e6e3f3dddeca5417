package dev.switchman.mysql;

/** On MySQL 5.7. */
final class NodeLocks57IT extends NodeLocksContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V5_7);
    }
}
