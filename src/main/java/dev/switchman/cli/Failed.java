package dev.switchman.cli;

/** Ends a command with a message for the user and an exit code. */
final class Failed extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int exitCode;

    Failed(int exitCode, String what) {
        super(what, null, false, false);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }

    String what() {
        return String.valueOf(getMessage());
    }
}
