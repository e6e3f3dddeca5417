package dev.switchman.mysql;

import org.junit.jupiter.api.Tag;

/** On MySQL 8.0.33. */
@Tag("matrix")
final class Access8033IT extends AccessContract {

    @Override
    RealStage.Version version() {
        return RealStage.Version.V8_0_33;
    }
}
