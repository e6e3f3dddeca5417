package dev.switchman.mysql;

/** On the fake that steps and runbooks are tried on, as 9.7 is. */
final class NodeReaderFakeTest extends NodeReaderContract {

    @Override
    Stage stage() {
        return FakeStage.modern();
    }
}
