package dev.switchman.mysql;

/** On MySQL 9.7. */
final class Access97IT extends AccessContract {

    @Override
    RealStage.Version version() {
        return RealStage.Version.V9_7;
    }
}
