package dev.switchman.mysql;

/** On MySQL 9.7. */
final class NodeOperator97IT extends NodeOperatorContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V9_7);
    }
}
