package dev.switchman.mysql;

import org.junit.jupiter.api.Tag;

/** On MySQL 8.0.12. */
@Tag("matrix")
final class NodeOperator8012IT extends NodeOperatorContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V8_0_12);
    }
}
