package dev.switchman.mysql;

/** On MySQL 5.7. */
final class NodeOperator57IT extends NodeOperatorContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V5_7);
    }
}
