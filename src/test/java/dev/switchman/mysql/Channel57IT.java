package dev.switchman.mysql;

/** On MySQL 5.7. */
final class Channel57IT extends ChannelContract {

    @Override
    RealStage.Version version() {
        return RealStage.Version.V5_7;
    }
}
