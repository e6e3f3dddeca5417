package dev.switchman.runbook;

/** Names a run: the engine's process instance id. */
public record RunId(String value) {

    @Override
    public String toString() {
        return value;
    }
}
