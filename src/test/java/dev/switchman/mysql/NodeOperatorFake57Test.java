package dev.switchman.mysql;

/** On the fake that steps and runbooks are tried on, as 5.7 is. */
final class NodeOperatorFake57Test extends NodeOperatorContract {

    @Override
    Stage stage() {
        return FakeStage.old();
    }
}
