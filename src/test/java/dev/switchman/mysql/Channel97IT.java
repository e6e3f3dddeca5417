package dev.switchman.mysql;

/** On MySQL 9.7. */
final class Channel97IT extends ChannelContract {

    @Override
    RealStage.Version version() {
        return RealStage.Version.V9_7;
    }
}
