package dev.switchman.mysql;

/** On MySQL 5.7. */
final class Access57IT extends AccessContract {

    @Override
    RealStage.Version version() {
        return RealStage.Version.V5_7;
    }
}
