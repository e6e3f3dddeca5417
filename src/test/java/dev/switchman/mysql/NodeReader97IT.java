package dev.switchman.mysql;

/** On MySQL 9.7. */
final class NodeReader97IT extends NodeReaderContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V9_7);
    }
}
