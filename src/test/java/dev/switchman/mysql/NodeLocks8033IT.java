package dev.switchman.mysql;

import org.junit.jupiter.api.Tag;

/** On MySQL 8.0.33. */
@Tag("matrix")
final class NodeLocks8033IT extends NodeLocksContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V8_0_33);
    }
}
