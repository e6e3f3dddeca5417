package dev.switchman.mysql;

import org.junit.jupiter.api.Tag;

/** On MySQL 8.0.33. */
@Tag("matrix")
final class Channel8033IT extends ChannelContract {

    @Override
    RealStage.Version version() {
        return RealStage.Version.V8_0_33;
    }
}
