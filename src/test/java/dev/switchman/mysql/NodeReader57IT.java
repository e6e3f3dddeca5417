package dev.switchman.mysql;

/** On MySQL 5.7. */
final class NodeReader57IT extends NodeReaderContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V5_7);
    }
}
