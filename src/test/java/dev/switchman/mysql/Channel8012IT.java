package dev.switchman.mysql;

import org.junit.jupiter.api.Tag;

/** On MySQL 8.0.12. */
@Tag("matrix")
final class Channel8012IT extends ChannelContract {

    @Override
    RealStage.Version version() {
        return RealStage.Version.V8_0_12;
    }
}
