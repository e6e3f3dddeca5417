package dev.switchman.mysql;

import org.junit.jupiter.api.Tag;

/** On MySQL 8.0.33. */
@Tag("matrix")
final class NodeReader8033IT extends NodeReaderContract {

    @Override
    Stage stage() {
        return RealStage.of(RealStage.Version.V8_0_33);
    }
}
